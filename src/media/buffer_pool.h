#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include <viba/frame.h>

namespace viba::detail {

inline constexpr int kMaxSide = 16384;            ///< pixels; beyond this a size is a mistake or an attack
inline constexpr std::size_t kRowAlignment = 64;  ///< a cache line, and the widest vector in use

[[nodiscard]] constexpr int aligned_stride(int width) {
  constexpr int kMask = static_cast<int>(kRowAlignment) - 1;
  return (width + kMask) & ~kMask;
}

struct AlignedDelete {
  void operator()(std::uint8_t* bytes) const noexcept { ::operator delete[](bytes, std::align_val_t{kRowAlignment}); }
};

struct Buffer {
  std::atomic<int> references{0};
  std::unique_ptr<std::uint8_t[], AlignedDelete> bytes;
  std::size_t capacity = 0;
  /// Set only while the buffer is out, so that frames may outlive their pool without a cycle.
  std::shared_ptr<BufferPool> home;
};

/// Free blocks of memory, reused when they are large enough. Thread-safe.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  [[nodiscard]] Result<BufferRef> acquire(std::size_t byte_count);
  void give_back(std::unique_ptr<Buffer> buffer) noexcept;

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Buffer>> free_;
  std::size_t made_ = 0;
};

}  // namespace viba::detail
