// The program as its users meet it: what comes out of clips, and what is said of bad input.

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/video_reader.h"
#include "support/clips.h"
#include "support/program.h"

namespace viba {
namespace {

using namespace test;
using testing::HasSubstr;

int frames_in(const std::string& path) {
  auto reader = VideoReader::open(path);
  EXPECT_TRUE(reader) << path;
  int count = 0;
  while (reader) {
    const auto frame = reader->next();
    if (!frame || !*frame) break;
    ++count;
  }
  return count;
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(VIBA_BINARY_DIR "/lib/viba/libonnxruntime.so.1") &&
        run_viba("--real-cam-device sample --fake-cam-device null").status != 0)
      GTEST_SKIP() << "there is no ONNX Runtime or model here";
  }

  TemporaryFolder folder;
};

TEST_F(Program, FromClipToClipNoFrameIsLost) {
  write_clip(folder / "clip.mp4", {320, 240}, 41);
  for (const auto* out : {"out.mp4", "out.y4m", "out.mkv"}) {
    const auto outcome = run_viba("--real-cam-device " + folder / "clip.mp4" + " --fake-cam-device " + folder / out);
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_EQ(frames_in(folder / out), 41) << out;
  }
}

TEST_F(Program, NobodyIsToldThatItRuns) {
  write_clip(folder / "clip.y4m", {320, 240}, 5);
  std::filesystem::create_directory(folder / "home");
  const auto outcome = run_shell("env -u ORT_DISABLE_TELEMETRY HOME=" + folder / "home" +
                                 " XDG_CACHE_HOME= " VIBA_BINARY_DIR "/viba --real-cam-device " + folder / "clip.y4m" +
                                 " --fake-cam-device null");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  // What ONNX Runtime would report to its makers goes through files there.
  EXPECT_TRUE(std::filesystem::is_empty(folder / "home"));
}

TEST_F(Program, ARoomWithoutAPersonIsReplacedEntirely) {
  write_clip(folder / "clip.y4m", {320, 240}, 5);
  const auto outcome = run_viba("run --real-cam-device " + folder / "clip.y4m" +
                                " --background color:#00ff00 --fake-cam-device " + folder / "out.y4m");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  auto reader = VideoReader::open(folder / "out.y4m");
  ASSERT_TRUE(reader);
  const auto frame = reader->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->y().row(0)[0], 145);
  EXPECT_EQ((*frame)->u().row(0)[0], 54);
  EXPECT_EQ((*frame)->v().row(0)[0], 34);
}

TEST_F(Program, TheBundledSampleShowsAPersonInFrontOfTheBackground) {
  const auto outcome =
      run_viba("--real-cam-device sample --background color:#00ff00 --fake-cam-device " + folder / "out.y4m");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  auto reader = VideoReader::open(folder / "out.y4m");
  ASSERT_TRUE(reader);
  const auto read = reader->next();
  ASSERT_TRUE(read && *read);
  const Frame& frame = **read;
  const auto green = [&](int x, int y) {
    return std::abs(frame.v().row(y / 2)[x / 2] - 34) < 12 && std::abs(frame.u().row(y / 2)[x / 2] - 54) < 12;
  };
  const Size size = frame.size();
  EXPECT_TRUE(green(10, 10));
  EXPECT_TRUE(green(size.width - 10, 10));
  EXPECT_FALSE(green(size.width / 2, size.height * 3 / 4)) << "the person stands in the middle";
}

TEST_F(Program, SeveralSinksGetTheSame) {
  write_clip(folder / "clip.y4m", {160, 120}, 9);
  const auto outcome = run_viba("--real-cam-device " + folder / "clip.y4m" + " --fake-cam-device " + folder / "a.y4m" +
                                " --fake-cam-device null --fake-cam-device " + folder / "b.y4m");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(run_shell("cmp " + folder / "a.y4m" + " " + folder / "b.y4m").status, 0);
}

TEST_F(Program, AnotherFakeResolutionIsMet) {
  write_clip(folder / "clip.y4m", {160, 120}, 2);
  const auto outcome = run_viba("--real-cam-device " + folder / "clip.y4m" +
                                " --fake-cam-resolution 321 181 --fake-cam-device " + folder / "out.y4m");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("321x181 is rounded to 320x180"));
  EXPECT_EQ(VideoReader::open(folder / "out.y4m")->info().size, (Size{320, 180}));
}

TEST_F(Program, APictureBecomesAPictureAndAClipASequence) {
  FramePool pool;
  ASSERT_TRUE(write_png(folder / "in.png", numbered_frame(pool, {200, 100}, 3)));
  auto outcome = run_viba("--real-cam-device " + folder / "in.png" + " --fake-cam-device " + folder / "out.png");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_TRUE(load_picture(folder / "out.png"));
  write_clip(folder / "clip.y4m", {160, 120}, 3);
  outcome = run_viba("--real-cam-device " + folder / "clip.y4m" + " --fake-cam-device " + folder / "f%03d.png");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_TRUE(load_picture(folder / "f003.png"));
  EXPECT_FALSE(std::filesystem::exists(folder / "f004.png"));
}

TEST_F(Program, LatestModeFromFileToFileLosesNothingEither) {
  write_clip(folder / "clip.y4m", {160, 120}, 30);
  const auto outcome = run_viba("--mask-mode latest --real-cam-device " + folder / "clip.y4m" + " --fake-cam-device " +
                                folder / "out.y4m");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(frames_in(folder / "out.y4m"), 30);
}

TEST_F(Program, MattesKeepTheSizeOfTheirPictureAlsoAnOddOne) {
  FramePool pool;
  ASSERT_TRUE(write_png(folder / "even.png", numbered_frame(pool, {200, 100}, 3)));
  std::ofstream(folder / "odd.pgm") << "P5\n33 21\n255\n" << std::string(33 * 21, 'x');
  for (const auto& [name, size] : {std::pair{"even.png", Size{200, 100}}, std::pair{"odd.pgm", Size{33, 21}}}) {
    const auto outcome = run_viba("matte " + folder / name + " " + folder / "matte.png");
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    auto reader = VideoReader::open(folder / "matte.png");
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->info().coded_size, size) << name;
  }
}

TEST_F(Program, AFolderOfPicturesBecomesAFolderOfMattes) {
  FramePool pool;
  std::filesystem::create_directory(folder / "in");
  for (const auto* name : {"in/a.png", "in/b.png"})
    ASSERT_TRUE(write_png(folder / name, numbered_frame(pool, {64, 48}, 1)));
  const auto outcome = run_viba("matte " + folder / "in" + " " + folder / "deep/out");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_TRUE(std::filesystem::exists(folder / "deep/out/a.png"));
  EXPECT_TRUE(std::filesystem::exists(folder / "deep/out/b.png"));
}

TEST_F(Program, AVideoBecomesAGrayVideoFrameForFrame) {
  write_clip(folder / "clip.mp4", {160, 120}, 12);
  const auto outcome = run_viba("matte " + folder / "clip.mp4" + " " + folder / "matte.mkv");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(frames_in(folder / "matte.mkv"), 12);
}

TEST_F(Program, TheMatteOfAnOddVideoHasItsSize) {
  {
    auto writer = VideoWriter::create(folder / "odd.mkv", {161, 91}, 30, VideoContent::kMattes);
    ASSERT_TRUE(writer);
    MattePool pool;
    auto gray = pool.acquire({161, 91});
    for (int y = 0; y < 91; ++y) std::fill_n(gray->alpha().row(y), 161, std::uint8_t{99});
    ASSERT_TRUE(writer->write(std::move(*gray).freeze({})));
    ASSERT_TRUE(writer->finish());
  }
  const auto outcome = run_viba("matte " + folder / "odd.mkv" + " " + folder / "matte.mkv");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(VideoReader::open(folder / "matte.mkv")->info().coded_size, (Size{161, 91}));
}

TEST_F(Program, CtrlCFinishesTheFile) {
  write_clip(folder / "clip.y4m", {320, 240}, 600);
  // Sent as soon as there is something in the hidden file.
  const auto outcome = run_shell("cd " + folder / "." +
                                 "; " VIBA_BINARY_DIR
                                 "/viba --real-cam-device clip.y4m --fake-cam-device out.y4m & viba=$!; "
                                 "while kill -0 $viba && [ -z \"$(find . -name '.*' -size +500k)\" ]; do :; done; "
                                 "kill -INT $viba; wait $viba");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  const int frames = frames_in(folder / "out.y4m");
  EXPECT_GT(frames, 0);
  EXPECT_LT(frames, 600) << "the signal came too late to show anything";
}

TEST_F(Program, AVariableRateKeepsItsTimes) {
  {
    auto writer = VideoWriter::create(folder / "clip.mkv", {160, 120}, 10, VideoContent::kFrames);
    ASSERT_TRUE(writer);
    FramePool pool;
    for (const int ms : {0, 100, 1500, 1600, 4000})
      ASSERT_TRUE(writer->write(
          numbered_frame(pool, {160, 120}, ms / 100).with_info({.position = std::chrono::milliseconds(ms)})));
    ASSERT_TRUE(writer->finish());
  }
  for (const auto* out : {"out.mp4", "out.mkv"}) {
    const auto outcome = run_viba("--real-cam-device " + folder / "clip.mkv" + " --fake-cam-device " + folder / out);
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    auto reader = VideoReader::open(folder / out);
    ASSERT_TRUE(reader);
    for (const int ms : {0, 100, 1500, 1600, 4000}) {
      const auto frame = reader->next();
      ASSERT_TRUE(frame && *frame) << out << " at " << ms;
      EXPECT_NEAR(std::chrono::duration<double>((*frame)->info().position).count(), ms / 1000.0, 0.002) << out;
    }
  }
}

TEST_F(Program, NobodyReadingWhatItSaysIsNoReasonToStop) {
  write_clip(folder / "clip.y4m", {160, 120}, 9);
  for (const auto* silence : {"2>/dev/full", "2>&-", "1>&- 2>&-"}) {
    const auto outcome = run_viba("--real-cam-device " + folder / "clip.y4m" + " --fake-cam-device " +
                                  folder / "out.y4m" + " " + silence);
    EXPECT_EQ(outcome.status, 0) << silence;
    EXPECT_EQ(frames_in(folder / "out.y4m"), 9) << silence;
    std::filesystem::remove(folder / "out.y4m");
  }
}

TEST_F(Program, FoldersNamedLikeBundledThingsAreInNobodysWay) {
  std::filesystem::create_directory(folder / "office");
  std::filesystem::create_directory(folder / "sample");
  const auto outcome =
      run_shell("cd " + folder / "." + "; " VIBA_BINARY_DIR "/viba --real-cam-device sample --fake-cam-device null");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST_F(Program, WhatIsNoPictureInAFolderIsLeftOutAndSaid) {
  FramePool pool;
  std::filesystem::create_directory(folder / "in");
  ASSERT_TRUE(write_png(folder / "in/a.png", numbered_frame(pool, {64, 48}, 1)));
  std::ofstream(folder / "in/notes.txt") << "not a picture\n";
  const auto outcome = run_viba("matte " + folder / "in" + " " + folder / "out");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("notes.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "out/a.png"));
}

TEST_F(Program, ThePreviewShowsFramesOrSaysThatThereIsNoScreen) {
  write_clip(folder / "clip.y4m", {64, 48}, 3);
  const std::string show = "--preview --real-cam-device " + folder / "clip.y4m";
  // Where SDL finds a way to draw without a display server, the interrupt ends it in good order.
  const auto none =
      run_shell("unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER; timeout -s INT 10 " VIBA_BINARY_DIR "/viba " + show);
  EXPECT_TRUE(none.status == 124 || none.output.find("no screen was found") != std::string::npos) << none.output;
  // A driver that draws into memory; the signal comes when the window is about to open.
  const auto shown = run_shell("export SDL_VIDEODRIVER=dummy; " VIBA_BINARY_DIR "/viba " + show + " 2>" +
                               folder / "log" + " & viba=$!; while kill -0 $viba && ! grep -q preview " +
                               folder / "log" + "; do :; done; kill -INT $viba; wait $viba");
  EXPECT_EQ(shown.status, 0) << shown.output;
}

struct Bad {
  const char* name;
  std::string arguments;  ///< DIR stands for the folder of prepared files
  int status;
  const char* says;
};

class BadInput : public testing::TestWithParam<Bad> {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    FramePool pool;
    ASSERT_TRUE(write_png(*folder / "good.png", numbered_frame(pool, {64, 48}, 1)));
    write_clip(*folder / "good.y4m", {64, 48}, 2);
    std::ofstream(*folder / "empty.png");
    std::ofstream(*folder / "text.png") << "this is no picture, whatever its name says\n";
    std::ofstream(*folder / "text.mp4") << "this is no video, whatever its name says\n";
    std::filesystem::copy(*folder / "good.png", *folder / "cut.png");
    std::filesystem::resize_file(*folder / "cut.png", std::filesystem::file_size(*folder / "good.png") / 2);
    std::ofstream(*folder / "dot.pgm") << "P5\n1 1\n255\nx";
    // 20000 is 0x4e20; what follows the header does not matter, because nothing may be read of it.
    std::ofstream(*folder / "huge.png") << std::string(
                                               "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0",
                                               29)
                                        << std::string(1000, 'x');
    std::filesystem::create_directory(*folder / "empty");
    std::filesystem::create_directory(*folder / "twins");
    for (const auto* name : {"twins/a.png", "twins/a.jpg"}) std::filesystem::copy(*folder / "good.png", *folder / name);
  }
  static void TearDownTestSuite() { delete folder; }
  static inline TemporaryFolder* folder = nullptr;
};

TEST_P(BadInput, GetsOneClearSentence) {
  std::string arguments = GetParam().arguments;
  for (auto at = arguments.find("DIR"); at != std::string::npos; at = arguments.find("DIR"))
    arguments.replace(at, 3, *folder / "");
  const auto outcome = run_viba(arguments);
  EXPECT_EQ(outcome.status, GetParam().status) << outcome.output;
  const auto error = outcome.output.find("viba: error: ");
  ASSERT_NE(error, std::string::npos) << outcome.output;
  const auto sentence = outcome.output.substr(error);
  EXPECT_EQ(std::ranges::count(sentence, '\n'), 1) << sentence;
  EXPECT_TRUE(sentence.ends_with(".\n")) << sentence;
  EXPECT_THAT(sentence, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInput,
    testing::Values(
        Bad{"no_file", "--real-cam-device DIRno.mp4 --fake-cam-device null", 1, "no.mp4"},
        Bad{"no_device", "--real-cam-device /dev/video99 --fake-cam-device null", 1, "/dev/video99"},
        Bad{"no_camera", "--real-cam-device /dev/null --fake-cam-device null", 1, "/dev/null"},
        Bad{"no_loopback", "--real-cam-device DIRgood.y4m --fake-cam-device /dev/null", 1, "/dev/null"},
        Bad{"folder_as_clip", "--real-cam-device DIRempty --fake-cam-device null", 1, "empty"},
        Bad{"empty_file", "--real-cam-device DIRempty.png --fake-cam-device null", 1, "empty"},
        Bad{"text_as_picture", "--real-cam-device DIRtext.png --fake-cam-device null", 1, "text.png"},
        Bad{"text_as_video", "--real-cam-device DIRtext.mp4 --fake-cam-device null", 1, "text.mp4"},
        Bad{"cut_off_picture", "--background DIRcut.png --real-cam-device DIRgood.y4m --fake-cam-device null", 1,
            "cut.png"},
        Bad{"one_pixel", "--background DIRdot.pgm --real-cam-device DIRgood.y4m --fake-cam-device null", 1, "dot.pgm"},
        Bad{"huge", "--background DIRhuge.png --real-cam-device DIRgood.y4m --fake-cam-device null", 1, "20000x20000"},
        Bad{"no_background", "--background DIRno.png --real-cam-device DIRgood.y4m --fake-cam-device null", 1,
            "no.png"},
        Bad{"unknown_option", "--bakground x", 2, "--bakground"}, Bad{"unknown_command", "frobnicate", 2, "frobnicate"},
        Bad{"missing_value", "--background", 2, "--background"},
        Bad{"range", "--segmentation-threshold 2", 2, "0 to 1"},

        Bad{"unknown_model", "--model-name nonsense --real-cam-device DIRgood.y4m", 2, "selfie-landscape"},
        Bad{"gpu", "--gpu off --use-gpu --real-cam-device DIRgood.y4m", 2, "--use-gpu and --gpu off"},
        Bad{"unknown_ending", "--real-cam-device DIRgood.y4m --fake-cam-device DIRout.xyz", 2, ".mp4"},
        Bad{"no_such_folder", "--real-cam-device DIRgood.y4m --fake-cam-device DIRno/out.mp4", 1, "out.mp4"},
        Bad{"clip_into_one_picture", "--real-cam-device DIRgood.y4m --fake-cam-device DIRout.png", 2, "%05d"},
        Bad{"output_is_input", "--real-cam-device DIRgood.y4m --fake-cam-device DIR./good.y4m", 2, "good.y4m"},
        Bad{"output_named_twice",
            "--real-cam-device DIRgood.y4m --fake-cam-device DIRo.mp4 --fake-cam-device DIR./o.mp4", 2, "twice"},
        Bad{"live_source_into_one_png", "--preview --real-cam-device DIRgood.png --fake-cam-device DIRo.png", 2,
            "%05d"},
        Bad{"matte_onto_itself", "matte DIRgood.png DIR./good.png", 2, "overwritten"},
        Bad{"matte_folder_onto_itself", "matte DIRtwins DIRtwins/", 2, "overwritten"},
        Bad{"matte_of_picture_as_jpeg", "matte DIRgood.png DIRout.jpg", 2, ".png"},
        Bad{"option_twice", "--background blur --background blur", 2, "once"},
        Bad{"switch_with_value", "--debug=maybe", 2, "--debug"},
        Bad{"matte_without_output", "matte DIRgood.png", 2, "INPUT and OUTPUT"},
        Bad{"matte_of_nothing", "matte DIRno.png DIRout.png", 1, "no.png"},
        Bad{"matte_of_empty_folder", "matte DIRempty DIRout", 1, "empty"},
        Bad{"matte_of_twins", "matte DIRtwins DIRout", 2, "a.png"},
        Bad{"matte_video_into_mp4", "matte DIRgood.y4m DIRout.mp4", 2, ".mkv"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Usage, HelpNamesEveryOptionWithItsDefault) {
  const auto outcome = run_viba("--help");
  EXPECT_EQ(outcome.status, 0);
  for (const auto& spec : option_table()) EXPECT_THAT(outcome.output, HasSubstr("--" + std::string(spec.name)));
  EXPECT_THAT(outcome.output, HasSubstr("Examples:"));
  EXPECT_EQ(run_viba("run --help").output, outcome.output);
}

TEST(Usage, TheManPageNamesEveryOption) {
  const auto outcome = run_viba("--man-page");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, testing::StartsWith(".TH VIBA 1"));
  for (const auto& spec : option_table()) {
    std::string name = "\\fB\\-\\-" + std::string(spec.name);
    for (auto at = name.find('-', 8); at != std::string::npos; at = name.find('-', at + 2)) name.insert(at, "\\");
    EXPECT_THAT(outcome.output, HasSubstr(name));
  }
}

TEST(Usage, VersionIsTold) { EXPECT_THAT(run_viba("--version").output, testing::StartsWith("viba 0.")); }

}  // namespace
}  // namespace viba
