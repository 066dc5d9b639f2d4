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

bool in_bounds(Size size) {
  return size.width > 0 && size.height > 0 && size.width <= detail::kMaxSide && size.height <= detail::kMaxSide;
}

tl::unexpected<Error> no_such_size(Size size, const char* rule) {
  return fail(ErrorCode::kUsage, fmt::format("There can be no {}x{}: both sides must be {} to {} pixels.", size.width,
                                             size.height, rule, detail::kMaxSide));
}

}  // namespace

ConstPlane Frame::y() const { return y_plane(buffer_, size_); }
ConstPlane Frame::u() const { return u_plane(buffer_, size_); }
ConstPlane Frame::v() const { return v_plane(buffer_, size_); }
Plane MutableFrame::y() const { return y_plane(buffer_, size_); }
Plane MutableFrame::u() const { return u_plane(buffer_, size_); }
Plane MutableFrame::v() const { return v_plane(buffer_, size_); }
ConstPlane Matte::alpha() const { return y_plane(buffer_, size_); }
Plane MutableMatte::alpha() const { return y_plane(buffer_, size_); }

FramePool::FramePool() : pool_(std::make_shared<detail::BufferPool>()) {}
MattePool::MattePool() : pool_(std::make_shared<detail::BufferPool>()) {}

Result<MutableFrame> FramePool::acquire(Size size) {
  if (!in_bounds(size) || round_to_even(size) != size) return no_such_size(size, "even, from 2");
  const Layout layout(size);
  return pool_->acquire(layout.y_bytes + 2 * layout.c_bytes).map([&](detail::BufferRef&& buffer) {
    return MutableFrame(std::move(buffer), size);
  });
}

Result<MutableMatte> MattePool::acquire(Size size) {
  if (!in_bounds(size)) return no_such_size(size, "from 1");
  return pool_->acquire(Layout(size).y_bytes).map([&](detail::BufferRef&& buffer) {
    return MutableMatte(std::move(buffer), size);
  });
}

}  // namespace viba
