#include "segment/vulkan_devices.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace viba {
namespace {

// The little of Vulkan's interface that is needed here, which is not worth a dependency on its headers.
using Instance = void*;
using PhysicalDevice = void*;
struct InstanceCreateInfo {
  std::int32_t structure_type = 1;
  const void* next = nullptr;
  std::uint32_t flags = 0;
  const void* application = nullptr;
  std::uint32_t layer_count = 0;
  const char* const* layers = nullptr;
  std::uint32_t extension_count = 0;
  const char* const* extensions = nullptr;
};
struct Properties {
  std::uint32_t api_version = 0, driver_version = 0, vendor = 0, device = 0, type = 0;
  std::array<char, 256> name{};
  std::array<std::byte, 4096> rest{};  ///< larger than the limits that follow
};
enum Type : std::uint32_t { kOther, kIntegrated, kDiscrete, kVirtual, kProcessor };

/// A function of the library, cast to the type of `function`; false when it has none.
template <class F>
bool find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  return function != nullptr;
}

struct Functions {
  std::int32_t (*create)(const InstanceCreateInfo*, const void*, Instance*) = nullptr;
  void (*destroy)(Instance, const void*) = nullptr;
  std::int32_t (*enumerate)(Instance, std::uint32_t*, PhysicalDevice*) = nullptr;
  void (*describe)(PhysicalDevice, Properties*) = nullptr;

  bool load(void* library) {
    return find(library, "vkCreateInstance", create) && find(library, "vkDestroyInstance", destroy) &&
           find(library, "vkEnumeratePhysicalDevices", enumerate) &&
           find(library, "vkGetPhysicalDeviceProperties", describe);
  }
};

/// The order in which WebGPU takes them.
int rank(std::uint32_t type) {
  switch (type) {
    case kDiscrete: return 0;
    case kIntegrated: return 1;
    case kVirtual: return 2;
    case kProcessor: return 4;
    default: return 3;
  }
}

std::vector<Properties> properties_of_all(const Functions& vulkan, Instance instance) {
  std::uint32_t count = 0;
  if (vulkan.enumerate(instance, &count, nullptr) < 0) return {};
  std::vector<PhysicalDevice> devices(count);
  if (vulkan.enumerate(instance, &count, devices.data()) < 0) return {};
  std::vector<Properties> all(count);
  for (std::size_t i = 0; i < count; ++i) vulkan.describe(devices[i], &all[i]);
  std::ranges::stable_sort(all, {}, [](const Properties& p) { return rank(p.type); });
  return all;
}

}  // namespace

VulkanDevices vulkan_devices() {
  VulkanDevices devices;
  Functions vulkan;
  // Kept: WebGPU opens it next, and drivers do not like to be unloaded.
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  devices.loader = library != nullptr && vulkan.load(library);
  const InstanceCreateInfo info;
  Instance instance = nullptr;
  if (!devices.loader || vulkan.create(&info, nullptr, &instance) != 0) return devices;
  for (auto& properties : properties_of_all(vulkan, instance)) {
    properties.name.back() = '\0';
    devices.found.push_back({.name = properties.name.data(), .software = properties.type == kProcessor});
  }
  vulkan.destroy(instance, nullptr);
  return devices;
}

}  // namespace viba
