#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// What a network says of a picture: for each cell of its own grid, stretched over the whole
/// picture, the confidence in 0..1 that a person is there. Row by row, without padding.
struct Confidence {
  Size size;
  std::vector<float> values;  ///< size.width * size.height of them
};

/// An alpha matte at the size of its frame: 0 is background, 255 is person.
/// Thread-safety: as `Frame`.
class VIBA_EXPORT Matte {
 public:
  Matte() = default;

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] ConstPlane alpha() const;
  /// Of the frame that the matte was made from.
  [[nodiscard]] const FrameInfo& info() const { return info_; }
  [[nodiscard]] bool empty() const { return !buffer_; }

 private:
  friend class MutableMatte;
  Matte(detail::BufferRef buffer, Size size, FrameInfo info) : buffer_(std::move(buffer)), size_(size), info_(info) {}

  detail::BufferRef buffer_;
  Size size_;
  FrameInfo info_;
};

/// A matte while it is being filled. Thread-safety: none.
class VIBA_EXPORT MutableMatte {
 public:
  MutableMatte(MutableMatte&&) noexcept = default;
  MutableMatte& operator=(MutableMatte&&) noexcept = default;
  MutableMatte(const MutableMatte&) = delete;
  MutableMatte& operator=(const MutableMatte&) = delete;

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] Plane alpha() const;
  [[nodiscard]] Matte freeze(FrameInfo info) && { return {std::move(buffer_), size_, info}; }

 private:
  friend class MattePool;
  MutableMatte(detail::BufferRef buffer, Size size) : buffer_(std::move(buffer)), size_(size) {}

  detail::BufferRef buffer_;
  Size size_;
};

/// Thread-safety: all members may be called from any thread.
class VIBA_EXPORT MattePool {
 public:
  MattePool();

  /// Contents are undefined; the size may be odd. Errors: as `FramePool::acquire`.
  [[nodiscard]] Result<MutableMatte> acquire(Size size);

 private:
  std::shared_ptr<detail::BufferPool> pool_;
};

}  // namespace viba
