#pragma once

namespace viba {

/// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept;
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  [[nodiscard]] int get() const { return fd_; }
  /// Hands it over to somebody else, who closes it.
  [[nodiscard]] int release();

 private:
  int fd_;
};

}  // namespace viba
