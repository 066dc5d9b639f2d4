#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// What a network says of a picture: for each cell of its own grid, the confidence in 0..1 that a
/// person is there. Row by row, without padding.
struct Confidence {
  Size size;
  std::vector<float> values;  ///< size.width * size.height of them
  /// The part of the picture that the grid is stretched over; outside of it there is nobody.
  /// Unset: the whole picture.
  std::optional<Rect> area;
};

/// What has been learnt of the room behind the person: a coarse picture, stretched over the whole
/// frame, in the frame's own light. All four planes are of one size; empty when nothing is known.
struct RoomView {
  ConstPlane y, u, v;  ///< BT.601 limited range, chroma not subsampled
  ConstPlane known;    ///< how far a cell can be trusted: 0 (not at all, its colour means nothing) to 255
  [[nodiscard]] bool empty() const { return known.data == nullptr; }
};

/// The same while it is being filled.
struct MutableRoomView {
  Plane y, u, v, known;
};

/// An alpha matte at the size of its frame: 0 is background, 255 is person.
/// Thread-safety: as `Frame`.
class VIBA_EXPORT Matte {
 public:
  Matte() = default;

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] ConstPlane alpha() const;
  [[nodiscard]] RoomView room() const;
  /// Of the frame that the matte was made from.
  [[nodiscard]] const FrameInfo& info() const { return info_; }
  [[nodiscard]] bool empty() const { return !buffer_; }

 private:
  friend class MutableMatte;
  Matte(detail::BufferRef buffer, Size size, Size room, FrameInfo info)
      : buffer_(std::move(buffer)), size_(size), room_(room), info_(info) {}

  detail::BufferRef buffer_;
  Size size_;
  Size room_;  ///< empty when there is none
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
  [[nodiscard]] MutableRoomView room() const;
  [[nodiscard]] Matte freeze(FrameInfo info) && { return {std::move(buffer_), size_, room_, info}; }

 private:
  friend class MattePool;
  friend class Matte;
  MutableMatte(detail::BufferRef buffer, Size size, Size room) : buffer_(std::move(buffer)), size_(size), room_(room) {}

  detail::BufferRef buffer_;
  Size size_;
  Size room_;
};

/// Thread-safety: all members may be called from any thread.
class VIBA_EXPORT MattePool {
 public:
  MattePool();

  /// Contents are undefined; the size may be odd. `room` is that of the room's coarse picture, if there is to be one.
  /// Errors: as `FramePool::acquire`.
  [[nodiscard]] Result<MutableMatte> acquire(Size size, Size room = {});

 private:
  std::shared_ptr<detail::BufferPool> pool_;
};

}  // namespace viba
