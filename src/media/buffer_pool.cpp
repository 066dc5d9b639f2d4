#include "media/buffer_pool.h"

#include <algorithm>

namespace viba::detail {

BufferRef::BufferRef(const BufferRef& other) noexcept : buffer_(other.buffer_) {
  if (buffer_) buffer_->references.fetch_add(1, std::memory_order_relaxed);
}

BufferRef::~BufferRef() {
  if (!buffer_ || buffer_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const auto home = std::move(buffer_->home);
  home->give_back(std::unique_ptr<Buffer>(buffer_));
}

std::uint8_t* BufferRef::bytes() const { return buffer_->bytes.get(); }

Result<BufferRef> BufferPool::acquire(std::size_t byte_count) {
  std::unique_ptr<Buffer> buffer;
  try {
    const std::scoped_lock lock(mutex_);
    const auto fits = std::ranges::find_if(free_, [&](const auto& b) { return b->capacity >= byte_count; });
    if (fits != free_.end()) {
      buffer = std::move(*fits);
      free_.erase(fits);
    } else {
      buffer = std::make_unique<Buffer>();
      buffer->bytes.reset(static_cast<std::uint8_t*>(::operator new[](byte_count, std::align_val_t{kRowAlignment})));
      buffer->capacity = byte_count;
      free_.reserve(++made_);  // so that giving back never allocates
    }
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, "Not enough memory for one more frame; choose a smaller resolution.");
  }
  buffer->references.store(1, std::memory_order_relaxed);
  buffer->home = shared_from_this();
  return BufferRef(buffer.release());
}

void BufferPool::give_back(std::unique_ptr<Buffer> buffer) noexcept {
  const std::scoped_lock lock(mutex_);
  free_.push_back(std::move(buffer));
}

}  // namespace viba::detail
