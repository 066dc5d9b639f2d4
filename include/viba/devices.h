#pragma once

#include <optional>
#include <string>
#include <vector>

#include <viba/export.h>
#include <viba/frame.h>
#include <viba/result.h>

/// The cameras and fake cameras of this machine, as V4L2 and PipeWire show them.
namespace viba {

enum class DeviceKind {
  kCamera,
  kLoopback,  ///< a node of v4l2loopback, whether something feeds it or not
  kUnknown,   ///< a video node that could not be asked; see `Device::unreadable`
};

/// Sizes that a device offers in one format: a single one, or all from `least` to `most` in steps of `step`.
struct DeviceSizes {
  Size least, most;           ///< equal when it is a single size
  Size step;                  ///< of a range; 0 when it is a single size
  std::vector<double> rates;  ///< frames a second, highest first; empty when the device does not tell
  bool rate_range = false;    ///< `rates` are two, and all between them are offered, too
};

struct DeviceFormat {
  std::string code;         ///< four letters: "YUYV", "MJPG"
  std::string description;  ///< the driver's words: "Motion-JPEG"
  bool usable = false;      ///< whether ViBa reads it from a camera
  std::vector<DeviceSizes> sizes;
};

struct DeviceHolder {
  std::string name;  ///< of the process, as /proc tells it
  int pid = 0;
};

/// What pictures a loopback carries at the moment.
struct LoopbackFormat {
  std::string code;
  Size size;
  double rate = 0;  ///< frames a second; 0 when it is not known
};

struct LoopbackState {
  std::string module_version;            ///< "0.13.2"; empty for versions that do not tell (before 0.13)
  bool fed = false;                      ///< a program writes pictures into it; under keep_format, it has it open
  bool stuck = false;                    ///< its last producer left it useless to others (0.12); ViBa mends it
  std::optional<bool> exclusive_caps;    ///< unset when it cannot be told
  std::optional<LoopbackFormat> format;  ///< while something feeds it
};

struct Device {
  DeviceKind kind = DeviceKind::kUnknown;
  std::string path;                       ///< /dev/video0
  std::string name;                       ///< the card's name
  std::string id_link;                    ///< /dev/v4l/by-id/…, which stays the same; empty when there is none
  std::string driver;                     ///< "uvcvideo", "v4l2 loopback"
  std::string bus;                        ///< where it is plugged in
  std::vector<DeviceFormat> formats;      ///< of a loopback nobody feeds: what may be written into it
  std::vector<DeviceHolder> holders;      ///< other processes that have it open; those of other users hide that
  std::optional<LoopbackState> loopback;  ///< of loopbacks only
  std::string unreadable;                 ///< why it could not be opened, one sentence; then only names are known
};

/// All cameras and loopbacks by their numbers, and the video nodes that may not be opened. Each node is opened for
/// a moment and asked; nothing is set, no stream started, and no program that uses it disturbed.
/// Thread-safety: may be called from any thread.
[[nodiscard]] VIBA_EXPORT std::vector<Device> list_devices();

/// A camera of the user's PipeWire session.
struct SessionCamera {
  std::string serial;              ///< what `pipewire:SERIAL` takes, until the session ends
  std::string name;                ///< of its node, which stays the same
  std::string description;         ///< for people: "HD Webcam"
  std::string device;              ///< the V4L2 device behind it: /dev/video0; empty when there is none
  bool published_by_viba = false;  ///< by this process or another
};

/// Errors: kNotFound (PipeWire does not run for this user), kIo (it does not answer), kUnsupported (this ViBa was built
/// without it). Thread-safety: may be called from any thread.
[[nodiscard]] VIBA_EXPORT Result<std::vector<SessionCamera>> list_session_cameras();

}  // namespace viba
