#include "capture/v4l2_stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <linux/videodev2.h>
#include <sys/mman.h>

#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

/// One is shown, one is filled, and two are between them when we come late.
constexpr unsigned kBuffers = 4;

template <class Struct>
Struct capture_request() {
  Struct request{};
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  return request;
}

}  // namespace

V4l2Stream::V4l2Stream(V4l2Stream&& other) noexcept
    : fd_(std::exchange(other.fd_, nullptr)), buffers_(std::move(other.buffers_)) {}

V4l2Stream::~V4l2Stream() {
  if (!fd_) return;
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  (void)retrying_ioctl(*fd_, VIDIOC_STREAMOFF, &type);
  for (const auto buffer : buffers_) munmap(buffer.data(), buffer.size());
}

V4l2Stream::Outcome<V4l2Stream> V4l2Stream::start(const Fd& fd) {
  V4l2Stream stream(fd);
  if (const auto mapped = stream.map_buffers(); !mapped) return tl::unexpected(mapped.error());
  for (unsigned i = 0; i < stream.buffers_.size(); ++i)
    if (const auto queued = stream.give_back(i); !queued) return tl::unexpected(queued.error());
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (retrying_ioctl(fd, VIDIOC_STREAMON, &type) != 0) return tl::unexpected(errno);
  return stream;
}

V4l2Stream::Outcome<void> V4l2Stream::map_buffers() {
  auto request = capture_request<v4l2_requestbuffers>();
  request.count = kBuffers;
  if (retrying_ioctl(*fd_, VIDIOC_REQBUFS, &request) != 0) return tl::unexpected(errno);
  if (request.count == 0) return tl::unexpected(ENOMEM);
  for (unsigned i = 0; i < request.count; ++i) {
    auto buffer = capture_request<v4l2_buffer>();
    buffer.index = i;
    if (retrying_ioctl(*fd_, VIDIOC_QUERYBUF, &buffer) != 0) return tl::unexpected(errno);
    void* memory = mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd_->get(),
                        static_cast<off_t>(buffer.m.offset));
    if (memory == MAP_FAILED) return tl::unexpected(errno);
    buffers_.emplace_back(static_cast<std::uint8_t*>(memory), buffer.length);
  }
  return {};
}

V4l2Stream::Outcome<std::optional<V4l2Stream::Filled>> V4l2Stream::take() {
  auto buffer = capture_request<v4l2_buffer>();
  if (retrying_ioctl(*fd_, VIDIOC_DQBUF, &buffer) != 0) {
    if (errno == EAGAIN) return std::optional<Filled>{};
    return tl::unexpected(errno);
  }
  if (buffer.index >= buffers_.size()) return tl::unexpected(EIO);
  const auto memory = buffers_[buffer.index];
  return Filled{buffer.index, memory.first(std::min<std::size_t>(buffer.bytesused, memory.size())),
                (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0};
}

V4l2Stream::Outcome<void> V4l2Stream::give_back(unsigned index) {
  auto buffer = capture_request<v4l2_buffer>();
  buffer.index = index;
  if (retrying_ioctl(*fd_, VIDIOC_QBUF, &buffer) != 0) return tl::unexpected(errno);
  return {};
}

}  // namespace viba
