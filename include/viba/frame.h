#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <viba/export.h>
#include <viba/result.h>

namespace viba {

struct Size {
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels
  friend bool operator==(const Size&, const Size&) = default;
};

/// Frames of ViBa are even in both directions, because chroma is halved in both.
[[nodiscard]] constexpr Size round_to_even(Size size) { return {size.width & ~1, size.height & ~1}; }

/// A part of a picture, in pixels from its upper left corner.
struct Rect {
  int x = 0;
  int y = 0;
  Size size;
  friend bool operator==(const Rect&, const Rect&) = default;
};

/// A borrowed 8-bit plane; `stride` is the distance between rows in bytes.
struct ConstPlane {
  const std::uint8_t* data = nullptr;
  int stride = 0;
  Size size;
  [[nodiscard]] const std::uint8_t* row(int y) const { return data + std::ptrdiff_t{y} * stride; }
};

struct Plane {
  std::uint8_t* data = nullptr;
  int stride = 0;
  Size size;
  [[nodiscard]] std::uint8_t* row(int y) const { return data + std::ptrdiff_t{y} * stride; }
  operator ConstPlane() const { return {data, stride, size}; }  // NOLINT: a view of less right
};

/// When a frame was taken and which one it is.
struct FrameInfo {
  std::uint64_t sequence = 0;                     ///< counts frames of one source from 0, without gaps for drops
  std::chrono::nanoseconds position{0};           ///< time since the source's first frame
  std::chrono::steady_clock::time_point taken{};  ///< when it reached us; the start of its latency
};

namespace detail {
class BufferPool;
struct Buffer;
/// Counted reference to a block of a pool. The last one hands the block back to the pool.
class VIBA_EXPORT BufferRef {
 public:
  BufferRef() = default;
  explicit BufferRef(Buffer* adopted) : buffer_(adopted) {}
  BufferRef(const BufferRef& other) noexcept;
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef();

  [[nodiscard]] std::uint8_t* bytes() const;
  [[nodiscard]] explicit operator bool() const { return buffer_ != nullptr; }

 private:
  Buffer* buffer_ = nullptr;
};
}  // namespace detail

/// A picture in planar YUV 4:2:0 (I420), BT.601 limited range, even width and height.
/// It cannot be written any more: that is what makes it safe to hand to several threads.
/// Thread-safety: copies of one frame may be used from different threads.
class VIBA_EXPORT Frame {
 public:
  Frame() = default;

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] ConstPlane y() const;
  [[nodiscard]] ConstPlane u() const;
  [[nodiscard]] ConstPlane v() const;
  [[nodiscard]] const FrameInfo& info() const { return info_; }
  [[nodiscard]] bool empty() const { return !buffer_; }
  /// The same picture, not copied, as another moment's: a loop or a still shows it again.
  [[nodiscard]] Frame with_info(FrameInfo info) const;
  /// A part of the same picture, not copied. `part` has to lie within it, and all its numbers are even.
  [[nodiscard]] Frame cropped(Rect part) const;

 private:
  friend class MutableFrame;
  Frame(detail::BufferRef buffer, Size size, FrameInfo info)
      : buffer_(std::move(buffer)), whole_(size), size_(size), info_(info) {}

  detail::BufferRef buffer_;
  Size whole_;         ///< of the picture in the buffer …
  int x_ = 0, y_ = 0;  ///< … where in it …
  Size size_;          ///< … this one lies
  FrameInfo info_;
};

/// A frame while it is being filled; exactly one owner. `freeze` ends that.
/// Thread-safety: none.
class VIBA_EXPORT MutableFrame {
 public:
  MutableFrame(MutableFrame&&) noexcept = default;
  MutableFrame& operator=(MutableFrame&&) noexcept = default;
  MutableFrame(const MutableFrame&) = delete;
  MutableFrame& operator=(const MutableFrame&) = delete;

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] Plane y() const;
  [[nodiscard]] Plane u() const;
  [[nodiscard]] Plane v() const;

  [[nodiscard]] Frame freeze(FrameInfo info) && { return {std::move(buffer_), size_, info}; }

 private:
  friend class FramePool;
  MutableFrame(detail::BufferRef buffer, Size size) : buffer_(std::move(buffer)), size_(size) {}

  detail::BufferRef buffer_;
  Size size_;
};

/// Hands out frames and takes their memory back when the last reference goes. Frames may outlive
/// the pool. After the first few frames of a size no memory is allocated any more.
/// Thread-safety: all members may be called from any thread.
class VIBA_EXPORT FramePool {
 public:
  FramePool();

  /// Contents are undefined. Errors: kUsage when the size is odd, not positive or over 16384.
  [[nodiscard]] Result<MutableFrame> acquire(Size size);

 private:
  std::shared_ptr<detail::BufferPool> pool_;
};

}  // namespace viba
