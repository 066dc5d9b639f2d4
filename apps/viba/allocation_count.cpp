#include "allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> allocations{0};

/// As the standard wants it of a replacement: whoever has set a handler may free some memory.
template <class Take>
void* counted(Take&& take) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  while (true) {
    if (void* memory = take()) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

// The forms for arrays, and those that do not throw, come down to these by themselves.
void* operator new(std::size_t size) {
  return counted([size] { return std::malloc(size == 0 ? 1 : size); });
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  const std::size_t whole = (size + step - 1) / step * step;
  return counted([=] { return std::aligned_alloc(step, whole == 0 ? step : whole); });
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

std::uint64_t (*viba::app::allocation_counter())() {
  return [] { return allocations.load(std::memory_order_relaxed); };
}
