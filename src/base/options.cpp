#include <viba/options.h>

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace viba {
namespace {

using Values = std::span<const std::string>;

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<double> number_in(std::string_view option, std::string_view text, double least, double most,
                         std::string_view unit = "") {
  const auto value = number<double>(text);
  if (value && *value >= least && *value <= most) return *value;
  return fail(ErrorCode::kUsage,
              fmt::format("--{} takes a number from {} to {}{}, not '{}'.", option, least, most, unit, text));
}

Result<int> whole_number_in(std::string_view option, std::string_view text, int least, int most) {
  const auto value = number<int>(text);
  if (value && *value >= least && *value <= most) return *value;
  return fail(ErrorCode::kUsage,
              fmt::format("--{} takes a whole number from {} to {}, not '{}'.", option, least, most, text));
}

Result<Size> resolution(std::string_view option, Values values) {
  std::string_view width = values[0];
  std::string_view height = values.size() > 1 ? std::string_view(values[1]) : std::string_view{};
  if (const auto x = width.find('x'); values.size() == 1 && x != std::string_view::npos) {
    height = width.substr(x + 1);
    width = width.substr(0, x);
  }
  const auto w = number<int>(width);
  const auto h = number<int>(height);
  if (w && h && *w >= 16 && *h >= 16 && *w <= 7680 && *h <= 7680) return Size{*w, *h};
  return fail(ErrorCode::kUsage,
              fmt::format("--{} takes a width and a height from 16 to 7680, as in '1280 720' or '1280x720', not '{}'.",
                          option, fmt::join(values, " ")));
}

template <class T>
struct Choice {
  std::string_view word;
  T value;
};

template <class T, std::size_t N>
Result<T> choice(std::string_view option, std::string_view word, const std::array<Choice<T>, N>& choices) {
  std::string words;
  for (const auto& c : choices) {
    if (c.word == word) return c.value;
    words += (words.empty() ? "" : ", ") + std::string(c.word);
  }
  return fail(ErrorCode::kUsage, fmt::format("--{} takes one of {}, not '{}'.", option, words, word));
}

template <class T>
Result<void> store(Result<T> value, auto& target) {
  if (!value) return tl::unexpected(value.error());
  target = *value;
  return {};
}

Result<void> set_background(Options& o, Values v) {
  if (auto blur = parse_blur(v[0]); !blur) return tl::unexpected(blur.error());
  if (auto color = parse_color(v[0]); !color) return tl::unexpected(color.error());
  o.background = v[0];
  return {};
}

constexpr std::array<Choice<Fit>, 3> kFits{
    {{"cover", Fit::kCover}, {"contain", Fit::kContain}, {"stretch", Fit::kStretch}}};
constexpr std::array<Choice<MaskMode>, 3> kMaskModes{
    {{"every-frame", MaskMode::kEveryFrame}, {"latest", MaskMode::kLatest}, {"auto", MaskMode::kAuto}}};

constexpr std::array<Choice<Gpu>, 4> kGpus{
    {{"auto", Gpu::kAuto}, {"cuda", Gpu::kCuda}, {"webgpu", Gpu::kWebGpu}, {"off", Gpu::kOff}}};

constexpr std::array<Choice<bool>, 2> kAutoOrOff{{{"auto", true}, {"off", false}}};
constexpr std::array<Choice<People>, 2> kPeople{{{"all", People::kAll}, {"main", People::kMain}}};

/// What --use-gpu has set already stays forced.
Result<void> set_gpu(Options& o, std::string_view word) {
  const auto gpu = choice("gpu", word, kGpus);
  if (!gpu) return tl::unexpected(gpu.error());
  if (o.gpu == Gpu::kAny && *gpu == Gpu::kOff)
    return fail(ErrorCode::kUsage, "--use-gpu and --gpu off contradict each other; leave one of them out.");
  if (o.gpu != Gpu::kAny || *gpu != Gpu::kAuto) o.gpu = *gpu;
  return {};
}

constexpr std::string_view kCamera = "Camera";
constexpr std::string_view kBackground = "Background";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kMatte = "Matte";
constexpr std::string_view kGeneral = "General";

constexpr auto kTable = std::to_array<OptionSpec>({
    {.name = "real-cam-device",
     .group = kCamera,
     .value = "DEVICE|NAME|FILE|pipewire[:NAME]",
     .fallback = "the first camera, else the bundled sample",
     .help =
         "camera to read: its path, its name in /dev/v4l/by-id, or a part of the name that viba devices shows; or "
         "any video or picture file; 'sample' is the bundled clip; 'pipewire' a camera of the PipeWire session, by its "
         "serial number or a part of its name",
     .set = [](Options& o, Values v) -> Result<void> {
       o.real_cam_device = v[0];
       return {};
     }},
    {.name = "real-cam-resolution",
     .group = kCamera,
     .value = "W H",
     .fallback = "1280 720; files keep their own",
     .help = "size to ask the camera for, also written 1280x720",
     .most_values = 2,
     .set = [](Options& o, Values v) { return store(resolution("real-cam-resolution", v), o.real_cam_resolution); }},
    {.name = "real-cam-fps",
     .group = kCamera,
     .value = "FPS",
     .fallback = "30",
     .help = "frames a second to ask the camera for, 1 to 240",
     .set = [](Options& o, Values v) { return store(number_in("real-cam-fps", v[0], 1, 240), o.real_cam_fps); }},

    {.name = "idle-timeout",
     .group = kCamera,
     .value = "SECONDS",
     .fallback = "5",
     .help = "how long the camera stays open when nobody watches the fake one any more, 0 to 86400",
     .set =
         [](Options& o, Values v) {
           const auto seconds = number_in("idle-timeout", v[0], 0, 86400, " seconds");
           return store(seconds.map([](double x) { return std::chrono::milliseconds(std::lround(1000 * x)); }),
                        o.idle_timeout);
         }},
    {.name = "always-on",
     .group = kCamera,
     .value = "",
     .fallback = "off",
     .help = "keep the camera open also while nobody watches",
     .set = [](Options& o, Values) -> Result<void> {
       o.always_on = true;
       return {};
     }},

    {.name = "background",
     .group = kBackground,
     .value = "FILE|blur|color",
     .fallback = "a bundled picture",
     .help = "picture, video or GIF; a bundled one by name; 'blur' or 'blur:STRENGTH' (1 to 100); 'color:#RRGGBB'",
     .set = set_background},
    {.name = "background-fit",
     .group = kBackground,
     .value = "FIT",
     .fallback = "cover",
     .help = "cover (fill and cut), contain (bars) or stretch",
     .set = [](Options& o, Values v) { return store(choice("background-fit", v[0], kFits), o.background_fit); }},

    {.name = "light-wrap",
     .group = kBackground,
     .value = "STRENGTH",
     .fallback = "0",
     .help = "how much of the background's light falls on the person's edge, 0 to 100",
     .set = [](Options& o, Values v) { return store(number_in("light-wrap", v[0], 0, 100), o.light_wrap); }},

    {.name = "fake-cam-device",
     .group = kOutput,
     .value = "DEVICE|FILE|pipewire[:NAME]",
     .fallback = "a free v4l2loopback device, /dev/video20 preferred, and PipeWire; where neither is, viba-NAME.mp4",
     .help = "v4l2loopback device, 'pipewire' for a camera in the PipeWire session (as ViBa, or NAME), video file "
             "(.mp4, .mkv, .y4m), picture (.png, %05d numbers a sequence) or 'null'; may be repeated",
     .repeatable = true,
     .set = [](Options& o, Values v) -> Result<void> {
       o.fake_cam_devices.push_back(v[0]);
       return {};
     }},
    {.name = "fake-cam-resolution",
     .group = kOutput,
     .value = "W H",
     .fallback = "as the real one",
     .help = "size to publish",
     .most_values = 2,
     .set = [](Options& o, Values v) { return store(resolution("fake-cam-resolution", v), o.fake_cam_resolution); }},
    {.name = "preview",
     .group = kOutput,
     .value = "",
     .fallback = "off",
     .help = "show the result in a window",
     .set = [](Options& o, Values) -> Result<void> {
       o.preview = true;
       return {};
     }},

    {.name = "model-name",
     .group = kMatte,
     .value = "NAME|FILE",
     .fallback = "selfie",
     .help = "network that finds the person: selfie (256x256), selfie-landscape (256x144, faster), a name that viba "
             "models lists, or the path of a .tflite, .onnx or model.json (TF.js) file",
     .set = [](Options& o, Values v) -> Result<void> {
       o.model_name = v[0];
       return {};
     }},
    {.name = "segmentation-threshold",
     .group = kMatte,
     .value = "P",
     .fallback = "the model's own: 0.5, of BodyPix 0.7",
     .help = "confidence at which alpha is one half, 0 to 1; higher cuts closer",
     .set = [](Options& o,
               Values v) { return store(number_in("segmentation-threshold", v[0], 0, 1), o.segmentation_threshold); }},
    {.name = "mask-mode",
     .group = kMatte,
     .value = "MODE",
     .fallback = "auto",
     .help = "every-frame (a frame waits for its own mask), latest (frames never wait) or auto (the first while the "
             "machine can)",
     .set = [](Options& o, Values v) { return store(choice("mask-mode", v[0], kMaskModes), o.mask_mode); }},
    {.name = "max-mask-age",
     .group = kMatte,
     .value = "MS",
     .fallback = "500",
     .help = "oldest mask in ms that is still used, 10 to 10000; after that a placeholder is shown, never the room",
     .set =
         [](Options& o, Values v) {
           const auto ms = number_in("max-mask-age", v[0], 10, 10000, " ms");
           return store(ms.map([](double x) { return std::chrono::milliseconds(std::lround(x)); }), o.max_mask_age);
         }},
    {.name = "roi",
     .group = kMatte,
     .value = "auto|off",
     .fallback = "auto",
     .help = "whether the network looks closely at the part of the picture where people are",
     .set = [](Options& o, Values v) { return store(choice("roi", v[0], kAutoOrOff), o.roi); }},
    {.name = "people",
     .group = kMatte,
     .value = "all|main",
     .fallback = "all",
     .help = "all keeps every person, main only the one who is largest and nearest the centre",
     .set = [](Options& o, Values v) { return store(choice("people", v[0], kPeople), o.people); }},
    {.name = "learn-room",
     .group = kMatte,
     .value = "auto|off",
     .fallback = "auto",
     .help = "whether what is seen of the room makes the matte better; it is kept in memory only. In the preview the "
             "key f forgets it, and l learns it anew",
     .set = [](Options& o, Values v) { return store(choice("learn-room", v[0], kAutoOrOff), o.learn_room); }},
    {.name = "learn-now",
     .group = kMatte,
     .value = "",
     .fallback = "off",
     .help = "learn the room first: step out of the picture for three seconds",
     .set = [](Options& o, Values) -> Result<void> {
       o.learn_now = true;
       return {};
     }},
    {.name = "clean-plate",
     .group = kMatte,
     .value = "PICTURE",
     .fallback = "none",
     .help = "picture of the room without anybody, taken by the camera where it stands now",
     .set = [](Options& o, Values v) -> Result<void> {
       o.clean_plate = v[0];
       return {};
     }},
    {.name = "edge-softness",
     .group = kMatte,
     .value = "PIXELS",
     .fallback = "0",
     .help = "how far the person's edge is blurred, 0 to 20 pixels of a picture 720 high",
     .set = [](Options& o, Values v) { return store(number_in("edge-softness", v[0], 0, 20), o.edge_softness); }},
    {.name = "edge-shift",
     .group = kMatte,
     .value = "PIXELS",
     .fallback = "0",
     .help = "how far the person's edge is moved outwards, or inwards if negative; -20 to 20 pixels of a picture 720 "
             "high",
     .set = [](Options& o, Values v) { return store(number_in("edge-shift", v[0], -20, 20), o.edge_shift); }},
    {.name = "use-gpu",
     .group = kMatte,
     .value = "",
     .fallback = "off",
     .help = "run the network on a GPU, by CUDA or else WebGPU (Vulkan), or end with the reasons; --gpu says more "
             "precisely which",
     .set = [](Options& o, Values) -> Result<void> {
       if (o.gpu == Gpu::kOff || o.gpu == Gpu::kAuto) o.gpu = Gpu::kAny;
       return {};
     }},
    {.name = "gpu",
     .group = kMatte,
     .value = "WAY",
     .fallback = "off",
     .help = "auto (CUDA, else WebGPU, else the CPU), cuda, webgpu (that one or none; webgpu also on a software Vulkan "
             "driver) or off; --use-gpu makes auto end rather than take the CPU, and does not go with off",
     .set = [](Options& o, Values v) { return set_gpu(o, v[0]); }},
    {.name = "threads",
     .group = kMatte,
     .value = "N",
     .fallback = "chosen by the network's size",
     .help = "processor threads for the network, 1 to 64",
     .set = [](Options& o, Values v) { return store(whole_number_in("threads", v[0], 1, 64), o.threads); }},
    {.name = "ort-library",
     .group = kMatte,
     .value = "PATH",
     .fallback = "looked for",
     .help = "file of the ONNX Runtime to use, e.g. libonnxruntime.so.1",
     .set = [](Options& o, Values v) -> Result<void> {
       if (v[0].empty()) return fail(ErrorCode::kUsage, "--ort-library takes the path of a file, not nothing.");
       o.ort_library = v[0];
       return {};
     }},

    {.name = "max-cpu",
     .group = kGeneral,
     .value = "PERCENT",
     .fallback = "no limit",
     .help =
         "how much of one processor core ViBa may use in live use, 5 to 10000 percent: when it uses more, masks are "
         "made more rarely, then by a smaller network, then frames are left out; with --mask-mode every-frame "
         "masks are never rarer than frames",
     .set = [](Options& o, Values v) { return store(number_in("max-cpu", v[0], 5, 10000, " percent"), o.max_cpu); }},
    {.name = "debug",
     .group = kGeneral,
     .value = "",
     .fallback = "off",
     .help = "say more",
     .set = [](Options& o, Values) -> Result<void> {
       o.debug = true;
       return {};
     }},
});

}  // namespace

std::span<const OptionSpec> option_table() { return kTable; }

Result<std::optional<int>> parse_blur(std::string_view background) {
  constexpr int kDefaultStrength = 50;
  if (background == "blur") return kDefaultStrength;
  if (!background.starts_with("blur:")) return std::nullopt;
  const auto strength = number<int>(background.substr(5));
  if (strength && *strength >= 1 && *strength <= 100) return *strength;
  return fail(ErrorCode::kUsage, fmt::format("--background blur:STRENGTH takes a whole number from 1 to 100, not '{}'.",
                                             background.substr(5)));
}

Result<std::optional<int>> parse_color(std::string_view background) {
  if (!background.starts_with("color:")) return std::nullopt;
  const std::string_view text = background.substr(6);
  int rgb = 0;
  if (text.size() == 7 && text[0] == '#') {
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 7, rgb, 16);
    if (error == std::errc{} && end == text.data() + 7 && rgb >= 0) return rgb;
  }
  return fail(
      ErrorCode::kUsage,
      fmt::format("--background color:#RRGGBB takes six hexadecimal digits, as in color:#00aa55, not '{}'.", text));
}

}  // namespace viba
