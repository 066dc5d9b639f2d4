#include <viba/frame.h>

#include <fmt/format.h>

#include <viba/matte.h>

#include "media/buffer_pool.h"

namespace viba {
namespace {

/// Where the planes of an I420 picture lie in its buffer: Y, U, V, rows padded to cache lines.
struct Layout {
  explicit Layout(Size size)
      : y_stride(detail::aligned_stride(size.width)),
        c_stride(detail::aligned_stride(size.width / 2)),
        y_bytes(std::size_t(y_stride) * std::size_t(size.height)),
        c_bytes(std::size_t(c_stride) * std::size_t(size.height / 2)) {}
  int y_stride;
  int c_stride;
  std::size_t y_bytes;
  std::size_t c_bytes;
};

/// Of one plane, its rows padded.
std::ptrdiff_t byte_count(Size size) { return std::ptrdiff_t{detail::aligned_stride(size.width)} * size.height; }

constexpr Size half(Size size) { return {size.width / 2, size.height / 2}; }

Plane y_plane(const detail::BufferRef& buffer, Size size) { return {buffer.bytes(), Layout(size).y_stride, size}; }

Plane u_plane(const detail::BufferRef& buffer, Size size) {
  const Layout layout(size);
  return {buffer.bytes() + layout.y_bytes, layout.c_stride, half(size)};
}

Plane v_plane(const detail::BufferRef& buffer, Size size) {
  const Layout layout(size);
  return {buffer.bytes() + layout.y_bytes + layout.c_bytes, layout.c_stride, half(size)};
}

ConstPlane part_of(ConstPlane plane, int x, int y, Size size) { return {plane.row(y) + x, plane.stride, size}; }

bool in_bounds(Size size) {
  return size.width > 0 && size.height > 0 && size.width <= detail::kMaxSide && size.height <= detail::kMaxSide;
}

tl::unexpected<Error> no_such_size(Size size, const char* rule) {
  return fail(ErrorCode::kUsage, fmt::format("There can be no {}x{}: both sides must be {} to {} pixels.", size.width,
                                             size.height, rule, detail::kMaxSide));
}

}  // namespace

ConstPlane Frame::y() const { return part_of(y_plane(buffer_, whole_), x_, y_, size_); }
ConstPlane Frame::u() const { return part_of(u_plane(buffer_, whole_), x_ / 2, y_ / 2, half(size_)); }
ConstPlane Frame::v() const { return part_of(v_plane(buffer_, whole_), x_ / 2, y_ / 2, half(size_)); }

Frame Frame::with_info(FrameInfo info) const {
  Frame other = *this;
  other.info_ = info;
  return other;
}

Frame Frame::cropped(Rect part) const {
  Frame other = *this;
  other.x_ += part.x;
  other.y_ += part.y;
  other.size_ = part.size;
  return other;
}

Plane MutableFrame::y() const { return y_plane(buffer_, size_); }
Plane MutableFrame::u() const { return u_plane(buffer_, size_); }
Plane MutableFrame::v() const { return v_plane(buffer_, size_); }
ConstPlane Matte::alpha() const { return y_plane(buffer_, size_); }
Plane MutableMatte::alpha() const { return y_plane(buffer_, size_); }

MutableRoomView MutableMatte::room() const {
  if (room_ == Size{}) return {};
  const auto plane = [&](int i) {
    const std::ptrdiff_t bytes = byte_count(size_) + i * byte_count(room_);
    return Plane{buffer_.bytes() + bytes, detail::aligned_stride(room_.width), room_};
  };
  return {plane(0), plane(1), plane(2), plane(3)};
}

RoomView Matte::room() const {
  const auto [y, u, v, known] = MutableMatte(buffer_, size_, room_).room();
  return {y, u, v, known};
}

FramePool::FramePool() : pool_(std::make_shared<detail::BufferPool>()) {}
MattePool::MattePool() : pool_(std::make_shared<detail::BufferPool>()) {}

Result<MutableFrame> FramePool::acquire(Size size) {
  if (!in_bounds(size) || round_to_even(size) != size) return no_such_size(size, "even, from 2");
  const Layout layout(size);
  return pool_->acquire(layout.y_bytes + 2 * layout.c_bytes).map([&](detail::BufferRef&& buffer) {
    return MutableFrame(std::move(buffer), size);
  });
}

Result<MutableMatte> MattePool::acquire(Size size, Size room) {
  if (!in_bounds(size)) return no_such_size(size, "from 1");
  if (room != Size{} && !in_bounds(room)) return no_such_size(room, "from 1");
  constexpr std::size_t kRoomPlanes = 4;
  const auto bytes = std::size_t(byte_count(size)) + kRoomPlanes * std::size_t(byte_count(room));
  return pool_->acquire(bytes).map(
      [&](detail::BufferRef&& buffer) { return MutableMatte(std::move(buffer), size, room); });
}

}  // namespace viba
