#pragma once

#include <string>
#include <vector>

namespace viba {

struct VulkanDevice {
  std::string name;       ///< "NVIDIA GeForce RTX 3060"
  bool software = false;  ///< the processor plays a GPU
};

struct VulkanDevices {
  bool loader = false;              ///< whether libvulkan.so.1 is there
  std::vector<VulkanDevice> found;  ///< the most powerful kind first
};

/// What the Vulkan drivers of this machine offer.
[[nodiscard]] VulkanDevices vulkan_devices();

}  // namespace viba
