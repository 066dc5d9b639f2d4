// loopback_reader HOW DEVICE: a reader of a video device that tests turn on and off with SIGUSR1, and
// that says when, in nanoseconds of CLOCK_MONOTONIC, a line each: "on 123", "off 456".
//   stream   opens the device and starts to stream, as call programs do
//   read     opens it and calls read() until it is turned off
//   hold     opens it and does nothing
//   daemon   opens it and does nothing, under the name of a session daemon; turned on again, it maps it
//   ask      opens it, asks what it is and closes it again, 20 times, as programs do that list cameras

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

void say(const char* what) {
  std::printf("%s %lld\n", what, static_cast<long long>(std::chrono::steady_clock::now().time_since_epoch().count()));
  std::fflush(stdout);
}

void complain(const char* what) {
  std::printf("%s: %s\n", what, std::strerror(errno));
  std::fflush(stdout);
}

void stream(int fd) {
  v4l2_requestbuffers buffers{};
  buffers.count = 2;
  buffers.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffers.memory = V4L2_MEMORY_MMAP;
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (ioctl(fd, VIDIOC_REQBUFS, &buffers) != 0 || ioctl(fd, VIDIOC_STREAMON, &type) != 0) complain("stream");
}

/// Its first buffer. Nothing where that fails.
std::span<std::byte> map(int fd) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (ioctl(fd, VIDIOC_QUERYBUF, &buffer) != 0) complain("query");
  void* begin = mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, fd, buffer.m.offset);
  if (begin != MAP_FAILED) return {static_cast<std::byte*>(begin), buffer.length};
  complain("map");
  return {};
}

void read_all(int fd, std::vector<char>& picture, const std::stop_token& stop) {
  while (!stop.stop_requested())
    if (read(fd, picture.data(), picture.size()) < 0) usleep(5000);
}

void ask(const char* device) {
  constexpr int kTimes = 20;
  for (int i = 0; i < kTimes; ++i) {
    const int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    v4l2_capability capability{};
    v4l2_fmtdesc format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    (void)ioctl(fd, VIDIOC_QUERYCAP, &capability);
    (void)ioctl(fd, VIDIOC_ENUM_FMT, &format);
    close(fd);
  }
}

}  // namespace

int main(int, char** arguments) {
  const std::string_view how = arguments[1];
  sigset_t turns;
  sigemptyset(&turns);
  sigaddset(&turns, SIGUSR1);
  sigprocmask(SIG_BLOCK, &turns, nullptr);
  std::vector<char> picture(1 << 20);  // here, because a guest takes its time for so much fresh memory
  say("ready");
  int fd = -1;
  std::jthread reads;
  std::span<std::byte> mapped;
  if (how == "daemon") prctl(PR_SET_NAME, "wireplumber");
  for (int signal = 0; sigwait(&turns, &signal) == 0;) {
    if (fd >= 0 && how == "daemon" && mapped.empty()) {
      stream(fd);
      mapped = map(fd);
      say("on");
    } else if (fd >= 0) {
      reads = {};
      if (!mapped.empty()) munmap(mapped.data(), mapped.size());
      mapped = {};
      close(std::exchange(fd, -1));
      say("off");
    } else if (how == "ask") {
      ask(arguments[2]);
      say("on");
    } else {
      fd = open(arguments[2], O_RDWR | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0) complain(arguments[2]);
      if (how == "stream") stream(fd);
      if (how == "read") reads = std::jthread([&, fd](const std::stop_token& stop) { read_all(fd, picture, stop); });
      say("on");
    }
  }
}
