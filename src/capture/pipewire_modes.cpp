#include "capture/pipewire_modes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/videodev2.h>
#include <pipewire/pipewire.h>
#include <spa/debug/types.h>
#include <spa/param/format-utils.h>
#include <spa/param/video/format-utils.h>
#include <spa/param/video/type-info.h>

#include "capture/pipewire_finder.h"
#include "media/pipewire_connection.h"

namespace viba {
namespace {

constexpr std::uint32_t kMostSide = 16384;  // pixels, as of all frames

/// Which of the table's formats PipeWire calls what.
struct Called {
  std::uint32_t fourcc;
  std::uint32_t format;
};
constexpr std::array kCalled{
    Called{V4L2_PIX_FMT_YUV420, SPA_VIDEO_FORMAT_I420},  Called{V4L2_PIX_FMT_YVU420, SPA_VIDEO_FORMAT_YV12},
    Called{V4L2_PIX_FMT_NV12, SPA_VIDEO_FORMAT_NV12},    Called{V4L2_PIX_FMT_NV21, SPA_VIDEO_FORMAT_NV21},
    Called{V4L2_PIX_FMT_YUYV, SPA_VIDEO_FORMAT_YUY2},    Called{V4L2_PIX_FMT_UYVY, SPA_VIDEO_FORMAT_UYVY},
    Called{V4L2_PIX_FMT_YVYU, SPA_VIDEO_FORMAT_YVYU},    Called{V4L2_PIX_FMT_VYUY, SPA_VIDEO_FORMAT_VYUY},
    Called{V4L2_PIX_FMT_YUV422P, SPA_VIDEO_FORMAT_Y42B}, Called{V4L2_PIX_FMT_NV16, SPA_VIDEO_FORMAT_NV16},
    Called{V4L2_PIX_FMT_NV61, SPA_VIDEO_FORMAT_NV61},    Called{V4L2_PIX_FMT_XBGR32, SPA_VIDEO_FORMAT_BGRx},
    Called{V4L2_PIX_FMT_ABGR32, SPA_VIDEO_FORMAT_BGRA},  Called{V4L2_PIX_FMT_XRGB32, SPA_VIDEO_FORMAT_xRGB},
    Called{V4L2_PIX_FMT_ARGB32, SPA_VIDEO_FORMAT_ARGB},  Called{V4L2_PIX_FMT_RGBX32, SPA_VIDEO_FORMAT_RGBx},
    Called{V4L2_PIX_FMT_RGBA32, SPA_VIDEO_FORMAT_RGBA},  Called{V4L2_PIX_FMT_BGRX32, SPA_VIDEO_FORMAT_xBGR},
    Called{V4L2_PIX_FMT_BGRA32, SPA_VIDEO_FORMAT_ABGR},  Called{V4L2_PIX_FMT_BGR24, SPA_VIDEO_FORMAT_BGR},
    Called{V4L2_PIX_FMT_RGB24, SPA_VIDEO_FORMAT_RGB},    Called{V4L2_PIX_FMT_GREY, SPA_VIDEO_FORMAT_GRAY8},
    Called{V4L2_PIX_FMT_Y16, SPA_VIDEO_FORMAT_GRAY16_LE}};

/// 0 when the table has it not.
std::uint32_t fourcc_of(std::uint32_t format) {
  const auto* called = std::ranges::find(kCalled, format, &Called::format);
  return called == kCalled.end() ? 0 : called->fourcc;
}

std::uint32_t format_of(std::uint32_t fourcc) {
  const auto* called = std::ranges::find(kCalled, fourcc, &Called::fourcc);
  return called == kCalled.end() ? std::uint32_t{SPA_VIDEO_FORMAT_UNKNOWN} : called->format;
}

/// "AYUV": what PipeWire calls a value, without the family's name before it.
std::string name_of(const spa_type_info* types, std::uint32_t value) {
  const char* name = spa_debug_type_find_short_name(types, value);
  return name == nullptr ? "unknown" : name;
}

/// A property's values, the default first; empty unless it is of that type.
template <class T>
struct Choice {
  std::uint32_t kind = SPA_CHOICE_None;
  std::span<const T> values;

  [[nodiscard]] bool is_range() const {
    return (kind == SPA_CHOICE_Range || kind == SPA_CHOICE_Step) && values.size() >= 3;
  }
  /// Those that can be had one by one.
  [[nodiscard]] std::span<const T> each() const {
    if (values.empty()) return {};
    return kind == SPA_CHOICE_Enum && values.size() > 1 ? values.subspan(1) : values.first(1);
  }
};

template <class T>
Choice<T> choice_of(const spa_pod& object, std::uint32_t key, std::uint32_t type) {
  const spa_pod_prop* property = spa_pod_find_prop(&object, nullptr, key);
  if (property == nullptr) return {};
  std::uint32_t count = 0;
  Choice<T> choice;
  const bool chosen = property->value.type == SPA_TYPE_Choice;
  if (chosen && property->value.size < sizeof(spa_pod_choice_body)) return {};
  const spa_pod* value = spa_pod_get_values(&property->value, &count, &choice.kind);
  if (value->type != type || value->size != sizeof(T)) return {};
  choice.values = {static_cast<const T*>(SPA_POD_BODY_CONST(value)), count};
  return choice;
}

Size to_size(const spa_rectangle& size) {
  const auto side = [](std::uint32_t pixels) { return static_cast<int>(std::min(pixels, 1U << 24)); };
  return {side(size.width), side(size.height)};
}

std::vector<Size> sizes_of(const spa_pod& parameter, Size wish) {
  const auto choice = choice_of<spa_rectangle>(parameter, SPA_FORMAT_VIDEO_size, SPA_TYPE_Rectangle);
  if (choice.values.empty()) return {wish};  // it takes any
  if (choice.is_range()) {
    const Size step = choice.values.size() > 3 ? to_size(choice.values[3]) : Size{1, 1};
    return {nearest_in({to_size(choice.values[1]), to_size(choice.values[2]), step}, wish)};
  }
  std::vector<Size> sizes;
  for (const auto& size : choice.each()) sizes.push_back(to_size(size));
  return sizes;
}

double per_second(const PipewireRate& rate) { return rate.per == 0 ? 0 : double(rate.number) / rate.per; }
double per_second(const spa_fraction& rate) { return per_second(PipewireRate{rate.num, rate.denom}); }

struct Rates {
  double most = 0;
  PipewireRate nearest;
};

Rates rates_of(const spa_pod& parameter, double wish) {
  const auto choice = choice_of<spa_fraction>(parameter, SPA_FORMAT_VIDEO_framerate, SPA_TYPE_Fraction);
  if (choice.is_range()) {
    const auto least = per_second(choice.values[1]);
    const auto most = per_second(choice.values[2]);
    if (wish <= least) return {most, {choice.values[1].num, choice.values[1].denom}};
    if (wish >= most) return {most, {choice.values[2].num, choice.values[2].denom}};
    return {most, {static_cast<std::uint32_t>(std::lround(wish * 1000)), 1000}};
  }
  Rates rates;
  double best = -1;
  for (const auto& rate : choice.each()) {
    rates.most = std::max(rates.most, per_second(rate));
    const double missing = std::abs(per_second(rate) - wish);
    if (best >= 0 && missing >= best) continue;
    best = missing;
    rates.nearest = {rate.num, rate.denom};
  }
  return rates;
}

/// Pixel formats in one parameter, as the table knows them.
std::vector<std::uint32_t> fourccs_of(const spa_pod& parameter, PipewireOffer& offer) {
  std::uint32_t type = 0;
  std::uint32_t subtype = 0;
  if (spa_format_parse(&parameter, &type, &subtype) < 0 || type != SPA_MEDIA_TYPE_video) return {};
  if (subtype == SPA_MEDIA_SUBTYPE_mjpg) return {V4L2_PIX_FMT_MJPEG};
  if (subtype != SPA_MEDIA_SUBTYPE_raw) {
    offer.unknown_formats.insert(name_of(spa_type_media_subtype, subtype));
    return {};
  }
  // Where a modifier must be understood, pictures lie in the memory of a graphics card.
  const spa_pod_prop* modifier = spa_pod_find_prop(&parameter, nullptr, SPA_FORMAT_VIDEO_modifier);
  if (modifier != nullptr && (modifier->flags & SPA_POD_PROP_FLAG_MANDATORY) != 0) return {};
  std::vector<std::uint32_t> fourccs;
  const auto formats = choice_of<std::uint32_t>(parameter, SPA_FORMAT_VIDEO_format, SPA_TYPE_Id);
  for (const auto format : formats.each()) {
    if (const auto fourcc = fourcc_of(format))
      fourccs.push_back(fourcc);
    else
      offer.unknown_formats.insert(name_of(spa_type_video_format, format));
  }
  return fourccs;
}

struct Questioned {
  CameraRequest request;
  PipewireOffer offer;
};

void on_parameter(void* self, int, std::uint32_t, std::uint32_t, std::uint32_t, const spa_pod* parameter) {
  auto& questioned = *static_cast<Questioned*>(self);
  if (parameter != nullptr) add_modes(*parameter, questioned.request, questioned.offer);
}

const pw_node_events kNodeEvents = [] {
  pw_node_events events{};
  events.version = PW_VERSION_NODE_EVENTS;
  events.param = on_parameter;
  return events;
}();

std::optional<YuvMatrix> matrix_of(const spa_pod& parameter) {
  std::uint32_t matrix = SPA_VIDEO_COLOR_MATRIX_UNKNOWN;
  (void)spa_pod_parse_object(&parameter, SPA_TYPE_OBJECT_Format, nullptr, SPA_FORMAT_VIDEO_colorMatrix,
                             SPA_POD_OPT_Id(&matrix));
  switch (matrix) {
    case SPA_VIDEO_COLOR_MATRIX_BT601: return YuvMatrix::kBt601;
    case SPA_VIDEO_COLOR_MATRIX_BT709: return YuvMatrix::kBt709;
    case SPA_VIDEO_COLOR_MATRIX_BT2020: return YuvMatrix::kBt2020;
    default: return {};
  }
}

std::optional<YuvRange> range_of(const spa_pod& parameter) {
  std::uint32_t range = SPA_VIDEO_COLOR_RANGE_UNKNOWN;
  (void)spa_pod_parse_object(&parameter, SPA_TYPE_OBJECT_Format, nullptr, SPA_FORMAT_VIDEO_colorRange,
                             SPA_POD_OPT_Id(&range));
  switch (range) {
    case SPA_VIDEO_COLOR_RANGE_0_255: return YuvRange::kFull;
    case SPA_VIDEO_COLOR_RANGE_16_235: return YuvRange::kLimited;
    default: return {};
  }
}

/// A fixed format, or one of any size and rate. Its place in the builder's memory.
std::uint32_t add_format(spa_pod_builder& builder, std::uint32_t fourcc, const PipewireMode* fixed,
                         const CameraRequest& request) {
  const auto start = builder.state.offset;
  const bool jpeg = fourcc == V4L2_PIX_FMT_MJPEG;
  spa_pod_frame frame{};
  spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
  spa_pod_builder_add(&builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype,
                      SPA_POD_Id(jpeg ? SPA_MEDIA_SUBTYPE_mjpg : SPA_MEDIA_SUBTYPE_raw), 0);
  if (!jpeg) spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_format, SPA_POD_Id(format_of(fourcc)), 0);
  const Size wish = fixed ? fixed->mode.size : request.size;
  const spa_rectangle size{static_cast<std::uint32_t>(wish.width), static_cast<std::uint32_t>(wish.height)};
  const spa_fraction rate =
      fixed ? spa_fraction{fixed->rate.number, fixed->rate.per}
            : spa_fraction{static_cast<std::uint32_t>(std::lround(request.frames_per_second * 1000)), 1000};
  const spa_rectangle least{2, 2};
  const spa_rectangle most{kMostSide, kMostSide};
  const spa_fraction slowest{0, 1};
  const spa_fraction fastest{1000, 1};
  if (fixed)
    spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size), SPA_FORMAT_VIDEO_framerate,
                        SPA_POD_Fraction(&rate), 0);
  else
    spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_size, SPA_POD_CHOICE_RANGE_Rectangle(&size, &least, &most),
                        SPA_FORMAT_VIDEO_framerate, SPA_POD_CHOICE_RANGE_Fraction(&rate, &slowest, &fastest), 0);
  spa_pod_builder_pop(&builder, &frame);
  return start;
}

/// A node may send as many as it likes.
constexpr std::size_t kMostModes = 4096;

}  // namespace

void add_modes(const spa_pod& parameter, const CameraRequest& request, PipewireOffer& offer) {
  for (const auto fourcc : fourccs_of(parameter, offer)) {
    const Rates rates = rates_of(parameter, request.frames_per_second);
    for (const Size size : sizes_of(parameter, request.size))
      if (offer.modes.size() < kMostModes) offer.modes.push_back({{fourcc, size, rates.most}, rates.nearest});
  }
}

Result<PipewireOffer> offer_of(PipewireConnection& connection, const PipewireGraph& graph, const PipewireNode& node,
                               const CameraRequest& request) {
  Questioned questioned{request, {}};
  spa_hook listener{};
  pw_proxy* proxy = nullptr;
  {
    const PipewireConnection::Lock lock(connection);
    if (graph.registry() != nullptr)
      proxy = static_cast<pw_proxy*>(
          pw_registry_bind(graph.registry(), node.id, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, 0));
    if (proxy == nullptr)
      return fail(ErrorCode::kNotFound, fmt::format("{} has gone: plug it in again.", name_of(node)));
    auto* bound = reinterpret_cast<pw_node*>(proxy);
    pw_node_add_listener(bound, &listener, &kNodeEvents, &questioned);
    pw_node_enum_params(bound, 0, SPA_PARAM_EnumFormat, 0, UINT32_MAX, nullptr);
  }
  const auto answered = connection.sync();
  const PipewireConnection::Lock lock(connection);
  spa_hook_remove(&listener);
  pw_proxy_destroy(proxy);
  return answered.map([&] { return std::move(questioned.offer); });
}

Result<PipewireMode> choose_mode(const PipewireOffer& offer, const CameraRequest& request, const std::string& name) {
  std::vector<CameraMode> modes;
  for (const auto& offered : offer.modes) modes.push_back(offered.mode);
  const auto best = choose_mode(modes, request.size, request.frames_per_second);
  if (best) return *std::ranges::find(offer.modes, *best, &PipewireMode::mode);
  return tl::unexpected(no_known_format(name, fmt::format("{}", fmt::join(offer.unknown_formats, ", "))));
}

CameraSetup setup_of(const PipewireMode& mode) {
  return {find_camera_format(mode.mode.fourcc), mode.mode.size, 0, {}, per_second(mode.rate)};
}

std::vector<const spa_pod*> wanted_formats(const PipewireMode& mode, const CameraRequest& request,
                                           std::vector<std::uint8_t>& memory) {
  constexpr std::size_t kEnoughEach = 512;
  memory.resize(kEnoughEach * (kCalled.size() + 2));
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
  std::vector<std::uint32_t> places{add_format(builder, mode.mode.fourcc, &mode, request)};
  for (const auto& format : camera_formats())
    if (format.fourcc == V4L2_PIX_FMT_MJPEG || format_of(format.fourcc) != SPA_VIDEO_FORMAT_UNKNOWN)
      places.push_back(add_format(builder, format.fourcc, nullptr, request));
  std::vector<const spa_pod*> pods;
  pods.reserve(places.size());
  for (const auto place : places)
    pods.push_back(static_cast<const spa_pod*>(static_cast<const void*>(memory.data() + place)));
  return pods;
}

std::optional<CameraSetup> read_format(const spa_pod& parameter) {
  PipewireOffer offer;
  add_modes(parameter, {}, offer);
  if (offer.modes.size() != 1) return {};
  const auto& [mode, rate] = offer.modes.front();
  const int most = static_cast<int>(kMostSide);
  if (mode.size.width < 2 || mode.size.height < 2 || mode.size.width > most || mode.size.height > most) return {};
  CameraSetup setup = setup_of({mode, rate});
  setup.color = camera_color_space(setup.format->kind, matrix_of(parameter), range_of(parameter));
  return setup;
}

}  // namespace viba
