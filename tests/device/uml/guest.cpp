// The first process of the guest that run.sh boots: builds a root of the host's files that can be
// written to without touching them, prepares the devices, runs the command, and switches off.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Where run.sh's orders lie once the root is built.
const std::string kOrders = "/run/viba";
constexpr int kTimedOut = 124;
constexpr int kNotPrepared = 125;

void must(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void mount_at(const char* type, const fs::path& where, const std::string& options = {}, unsigned long flags = 0) {
  fs::create_directories(where);
  must(mount("none", where.c_str(), type, flags, options.c_str()) == 0, std::string("mount ") + type + where.string());
}

void overlay(const fs::path& below, const std::string& name, const fs::path& where) {
  const fs::path upper = "/mnt/" + name;
  const fs::path work = "/mnt/" + name + ".work";
  fs::create_directories(upper);
  fs::create_directories(work);
  mount_at("overlay", where,
           "lowerdir=" + below.string() + ",upperdir=" + upper.string() + ",workdir=" + work.string());
}

/// All of the host is there to read; what is written lies in memory, but for the share.
void build_root(const fs::path& orders) {
  const fs::path root = "/mnt/root";
  mount_at("tmpfs", "/mnt", "mode=755,size=60%");
  overlay("/", "changes", root);
  mount_at("proc", root / "proc");
  mount_at("sysfs", root / "sys");
  mount_at("devtmpfs", root / "dev");
  mount_at("devpts", root / "dev/pts", "mode=620,ptmxmode=666");
  mount_at("tmpfs", root / "dev/shm", "mode=1777");
  mount_at("tmpfs", root / "run", "mode=755");
  overlay(text_of(orders / "modules"), "modules", root / "lib/modules");
  mount_at("hostfs", root.string() + kOrders, orders);
  const std::string share = text_of(orders / "share");
  mount_at("hostfs", root.string() + share, share);
  must(chdir(root.c_str()) == 0 && mount(".", "/", nullptr, MS_MOVE, nullptr) == 0 && chroot(".") == 0, "enter root");
  const std::array<std::pair<const char*, const char*>, 4> links{
      {{"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"}, {"fd/2", "/dev/stderr"}}};
  for (const auto& [to, link] : links) (void)symlink(to, link);
}

/// This kernel finds no entropy by itself, and getrandom() would wait for it for ever.
void seed_random() {
  const std::string seed = text_of(kOrders + "/seed");
  alignas(rand_pool_info) std::array<char, sizeof(rand_pool_info) + 256> bytes{};
  auto& pool = *reinterpret_cast<rand_pool_info*>(bytes.data());
  pool.buf_size = int(std::min<std::size_t>(seed.size(), 256));
  pool.entropy_count = 8 * pool.buf_size;
  std::memcpy(bytes.data() + sizeof(rand_pool_info), seed.data(), std::size_t(pool.buf_size));
  const int random = open("/dev/random", O_RDWR | O_CLOEXEC);
  must(random >= 0 && ioctl(random, RNDADDENTROPY, &pool) == 0, "seed /dev/random");
  close(random);
}

void raise_loopback_interface() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  must(ioctl(any, SIOCSIFFLAGS, &request) == 0, "raise the interface lo");
  close(any);
}

/// A pipe whose far end is a serial line to the host. What the command writes to is no terminal.
class Line {
 public:
  explicit Line(const char* device) : line_(open(device, O_WRONLY | O_NOCTTY | O_CLOEXEC)) {
    must(line_ >= 0 && pipe2(pipe_.data(), O_CLOEXEC) == 0, device);
    termios modes{};
    must(tcgetattr(line_, &modes) == 0, device);
    cfmakeraw(&modes);
    must(tcsetattr(line_, TCSANOW, &modes) == 0, device);
    pump_ = std::jthread([this] { pump(); });
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  /// After the last writer: waits until the host has it all.
  ~Line() {
    close(pipe_[1]);
    pump_.join();
    tcdrain(line_);
  }
  [[nodiscard]] int writer() const { return pipe_[1]; }

 private:
  void pump() const {
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = read(pipe_[0], bytes.data(), bytes.size())) > 0;)
      for (ssize_t at = 0, put = 0; at < got; at += put)
        if ((put = write(line_, bytes.data() + at, std::size_t(got - at))) < 0) return;
  }

  int line_;
  std::array<int, 2> pipe_{-1, -1};
  std::jthread pump_;
};

pid_t start(const std::string& script, const Line& out, const Line& err) {
  const pid_t child = fork();
  if (child != 0) return child;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setsid();
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(out.writer(), 1);
  dup2(err.writer(), 2);
  execl("/bin/bash", "bash", script.c_str(), nullptr);
  _exit(127);
}

/// Reaps whatever ends. The exit status of `child`, or nothing when its time is over first.
std::optional<int> wait_for(pid_t child, Clock::time_point until) {
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  while (Clock::now() < until) {
    int status = 0;
    for (pid_t one = 0; (one = waitpid(-1, &status, WNOHANG)) > 0;)
      if (one == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const timespec moment{1, 0};
    (void)sigtimedwait(&ended, nullptr, &moment);
  }
  return std::nullopt;
}

int run(const std::string& script, std::chrono::seconds limit, const Line& out, const Line& err) {
  const auto status = wait_for(start(script, out, err), Clock::now() + limit);
  if (!status) dprintf(err.writer(), "stopped: it ran for more than %ld s\n", long(limit.count()));
  return status.value_or(kTimedOut);
}

int prepare_and_run() {
  const Line out("/dev/ttyS0");
  const Line err("/dev/ttyS1");
  constexpr std::chrono::seconds kPreparation{60};
  int status = kNotPrepared;
  if (run(kOrders + "/prepare.sh", kPreparation, out, err) == 0)
    status = run(kOrders + "/command.sh", std::chrono::seconds{std::stol(text_of(kOrders + "/timeout"))}, out, err);
  kill(-1, SIGKILL);  // nothing outlives the command, or holds its output open
  return status;
}

void work() {
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  must(sigprocmask(SIG_BLOCK, &ended, nullptr) == 0, "block SIGCHLD");
  const char* orders = std::getenv("VIBA_ORDERS");
  must(orders != nullptr, "no VIBA_ORDERS on the kernel's command line");
  build_root(orders);
  seed_random();
  raise_loopback_interface();
  must(sethostname("viba", 4) == 0, "name the host");
  const int status = prepare_and_run();
  std::ofstream(kOrders + "/status") << status << std::endl;
}

}  // namespace

int main() {
  try {
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guest: %s\n", error.what());
  }
  sync();
  reboot(RB_POWER_OFF);
}
