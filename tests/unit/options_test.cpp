#include <viba/options.h>

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace viba {
namespace {

Result<Options> parse(std::string_view name, std::vector<std::string> values) {
  const auto table = option_table();
  const auto spec = std::ranges::find(table, name, &OptionSpec::name);
  EXPECT_NE(spec, table.end()) << name;
  Options options;
  return spec->set(options, values).map([&] { return options; });
}

TEST(Options, NamesAreUniqueAndRowsComplete) {
  std::set<std::string_view> names;
  for (const auto& spec : option_table()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_NE(spec.set, nullptr) << spec.name;
    EXPECT_FALSE(spec.help.empty()) << spec.name;
    EXPECT_FALSE(spec.fallback.empty()) << spec.name;
  }
}

TEST(Options, TheOriginalsOptionsAreAllThere) {
  for (const auto* name : {"background", "use-gpu", "real-cam-resolution", "fake-cam-resolution", "real-cam-fps",
                           "real-cam-device", "fake-cam-device", "model-name", "segmentation-threshold", "debug"})
    EXPECT_NE(std::ranges::find(option_table(), name, &OptionSpec::name), option_table().end()) << name;
}

TEST(Options, ResolutionIsTakenInBothSpellings) {
  EXPECT_EQ(parse("real-cam-resolution", {"640", "480"})->real_cam_resolution, (Size{640, 480}));
  EXPECT_EQ(parse("fake-cam-resolution", {"640x480"})->fake_cam_resolution, (Size{640, 480}));
}

struct Bad {
  const char* option;
  std::vector<std::string> values;
  const char* names_the_range;
};

class BadValue : public testing::TestWithParam<Bad> {};

TEST_P(BadValue, IsRefusedWithTheRange) {
  const auto options = parse(GetParam().option, GetParam().values);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ErrorCode::kUsage);
  EXPECT_NE(options.error().message.find(GetParam().names_the_range), std::string::npos) << options.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadValue,
    testing::Values(
        Bad{"roi", {"on"}, "auto, off"}, Bad{"people", {"me"}, "all, main"}, Bad{"learn-room", {""}, "auto, off"},
        Bad{"edge-softness", {"-1"}, "0 to 20"}, Bad{"edge-shift", {"21"}, "-20 to 20"},
        Bad{"light-wrap", {"200"}, "0 to 100"}, Bad{"segmentation-threshold", {"1.5"}, "0 to 1"},
        Bad{"segmentation-threshold", {"nan"}, "0 to 1"}, Bad{"real-cam-fps", {"0"}, "1 to 240"},
        Bad{"real-cam-fps", {"30fps"}, "1 to 240"}, Bad{"real-cam-resolution", {"640"}, "16 to 7680"},
        Bad{"real-cam-resolution", {"640x"}, "16 to 7680"}, Bad{"real-cam-resolution", {"-640", "480"}, "16 to 7680"},
        Bad{"fake-cam-resolution", {"99999x2"}, "16 to 7680"}, Bad{"gpu", {"fast"}, "auto, cuda, webgpu, off"},
        Bad{"threads", {"0"}, "1 to 64"}, Bad{"threads", {"65"}, "1 to 64"}, Bad{"threads", {"2.5"}, "1 to 64"},
        Bad{"ort-library", {""}, "path"}, Bad{"mask-mode", {"fast"}, "every-frame, latest, auto"},
        Bad{"background-fit", {"fill"}, "cover, contain, stretch"}, Bad{"background", {"blur:0"}, "1 to 100"},
        Bad{"background", {"blur:x"}, "1 to 100"}, Bad{"background", {"color:red"}, "#RRGGBB"},
        Bad{"background", {"color:#12345"}, "#RRGGBB"}, Bad{"background", {"color:#-12345"}, "#RRGGBB"},
        Bad{"max-mask-age", {"9"}, "10 to 10000"}, Bad{"max-cpu", {"0"}, "5 to 10000 percent"},
        Bad{"max-cpu", {"20%"}, "5 to 10000 percent"}));

/// Of `--use-gpu` and `--gpu WORD`, which programs hand on in the order of the table.
Result<Gpu> forced_and(std::string_view word) {
  Options options;
  for (const auto& spec : option_table()) {
    Result<void> ok;
    if (spec.name == "use-gpu") ok = spec.set(options, {});
    if (const std::vector<std::string> values{std::string(word)}; spec.name == "gpu") ok = spec.set(options, values);
    if (!ok) return tl::unexpected(ok.error());
  }
  return options.gpu;
}

TEST(Options, TheGpuIsForcedOrChosen) {
  EXPECT_EQ(Options{}.gpu, Gpu::kOff);
  EXPECT_EQ(parse("use-gpu", {})->gpu, Gpu::kAny);
  EXPECT_EQ(parse("gpu", {"auto"})->gpu, Gpu::kAuto);
  EXPECT_EQ(parse("gpu", {"cuda"})->gpu, Gpu::kCuda);
  EXPECT_EQ(parse("gpu", {"webgpu"})->gpu, Gpu::kWebGpu);
  EXPECT_EQ(parse("gpu", {"off"})->gpu, Gpu::kOff);
}

TEST(Options, UseGpuForcesWhatGpuChooses) {
  EXPECT_EQ(forced_and("auto"), Gpu::kAny);
  EXPECT_EQ(forced_and("cuda"), Gpu::kCuda);
  EXPECT_EQ(forced_and("webgpu"), Gpu::kWebGpu);
  const auto off = forced_and("off");
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error().code, ErrorCode::kUsage);
  EXPECT_EQ(off.error().message, "--use-gpu and --gpu off contradict each other; leave one of them out.");
}

TEST(Options, ThreadsAndLibraryAreKept) {
  EXPECT_EQ(parse("threads", {"64"})->threads, 64);
  EXPECT_EQ(parse("ort-library", {"lib/libonnxruntime.so.1"})->ort_library, "lib/libonnxruntime.so.1");
}

TEST(Options, TheProcessorsUseIsUnlimitedUnlessAsked) {
  EXPECT_EQ(Options{}.max_cpu, 0);
  EXPECT_EQ(parse("max-cpu", {"12.5"})->max_cpu, 12.5);
}

TEST(Options, TheMatteIsSteered) {
  EXPECT_TRUE(Options{}.roi);
  EXPECT_FALSE(parse("roi", {"off"})->roi);
  EXPECT_TRUE(parse("roi", {"auto"})->roi);
  EXPECT_FALSE(parse("learn-room", {"off"})->learn_room);
  EXPECT_TRUE(parse("learn-now", {})->learn_now);
  EXPECT_EQ(parse("clean-plate", {"room.png"})->clean_plate, "room.png");
  EXPECT_EQ(parse("people", {"main"})->people, People::kMain);
  EXPECT_EQ(parse("edge-shift", {"-2.5"})->edge_shift, -2.5);
  EXPECT_EQ(parse("edge-softness", {"4"})->edge_softness, 4);
  EXPECT_EQ(parse("light-wrap", {"30"})->light_wrap, 30);
}

TEST(Options, BackgroundWordsAreRead) {
  EXPECT_EQ(*parse_blur("blur"), 50);
  EXPECT_EQ(*parse_blur("blur:7"), 7);
  EXPECT_EQ(*parse_blur("blurred.png"), std::nullopt);
  EXPECT_EQ(*parse_color("color:#00aA55"), 0x00aa55);
  EXPECT_EQ(*parse_color("picture.png"), std::nullopt);
}

}  // namespace
}  // namespace viba
