#include "command_line.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace viba::app {
namespace {

using testing::HasSubstr;

Result<CommandLine> parse(std::vector<std::string> words) { return parse_command_line(words); }

TEST(CommandLine, Devices) {
  const auto plain = parse({"devices"});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->command, Command::kDevices);
  EXPECT_FALSE(plain->json);
  const auto json = parse({"devices", "--json"});
  ASSERT_TRUE(json);
  EXPECT_EQ(json->command, Command::kDevices);
  EXPECT_TRUE(json->json);
}

TEST(CommandLine, Doctor) {
  const auto plain = parse({"doctor"});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->command, Command::kDoctor);
  EXPECT_FALSE(plain->json || plain->fix || plain->yes);
  const auto all = parse({"doctor", "--fix", "--yes", "--json", "--model-name", "rvm", "--ort-library", "x.so"});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all->json && all->fix && all->yes);
  EXPECT_EQ(all->options.model_name, "rvm");
  EXPECT_EQ(all->options.ort_library, "x.so");
}

TEST(CommandLine, MattesAreMadeWithAllThatSteersThem) {
  const auto matte = parse({"matte", "a.png", "b.png", "--roi", "off", "--learn-room", "off", "--people", "main",
                            "--clean-plate", "room.png", "--edge-softness", "2", "--edge-shift", "-1"});
  ASSERT_TRUE(matte) << matte.error().message;
  EXPECT_FALSE(matte->options.roi);
  EXPECT_FALSE(matte->options.learn_room);
  EXPECT_EQ(matte->options.clean_plate, "room.png");
}

TEST(CommandLine, Bench) {
  const auto plain = parse({"bench"});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->command, Command::kBench);
  EXPECT_EQ(plain->options.mask_mode, MaskMode::kEveryFrame);
  EXPECT_EQ(plain->bench.size, (Size{1280, 720}));
  const auto all = parse({"bench",        "--input",  "a.mp4",       "--size",    "640x360",   "--format",
                          "mjpeg",        "--frames", "7",           "--warm-up", "0",         "--seconds",
                          "0.5",          "--fps",    "60",          "--json",    "--compare", "b.json",
                          "--background", "blur",     "--mask-mode", "latest",    "--threads", "2"});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->bench.input, "a.mp4");
  EXPECT_EQ(all->bench.size, (Size{640, 360}));
  EXPECT_EQ(all->bench.format, BenchFormat::kMjpeg);
  EXPECT_EQ(all->bench.frames, 7);
  EXPECT_EQ(all->bench.warm_up, 0);
  EXPECT_EQ(all->bench.seconds, 0.5);
  EXPECT_EQ(all->bench.frames_per_second, 60);
  EXPECT_EQ(all->compare, "b.json");
  EXPECT_EQ(all->options.mask_mode, MaskMode::kLatest);
}

TEST(CommandLine, WhatABenchCannotMeasureIsWrongUsage) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--size", "641x360"},
                                                                 {"--size", "640"},
                                                                 {"--size", "x360"},
                                                                 {"--size", "8x8"},
                                                                 {"--format", "h264"},
                                                                 {"--frames", "0"},
                                                                 {"--frames", "many"},
                                                                 {"--warm-up", "-1"},
                                                                 {"--seconds", "nan"},
                                                                 {"--fps", "0"},
                                                                 {"--fake-cam-device", "null"}}) {
    const auto line = parse({"bench", words[0], words[1]});
    ASSERT_FALSE(line) << words[1];
    EXPECT_EQ(line.error().code, ErrorCode::kUsage) << words[1];
    EXPECT_THAT(line.error().message, HasSubstr(words[0]));
  }
}

TEST(CommandLine, HelpOfEachCommandNamesIt) {
  for (const char* command : {"matte", "models", "bench", "devices", "doctor"}) {
    const auto line = parse({command, "--help"});
    ASSERT_TRUE(line) << command;
    EXPECT_EQ(line->command, Command::kHelp);
    EXPECT_THAT(line->help, HasSubstr("Usage: viba " + std::string(command)));
    EXPECT_THAT(parse({"--help"})->help, HasSubstr("viba " + std::string(command)));
  }
}

TEST(CommandLine, WhatACommandDoesNotKnowIsWrongUsage) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"devices", "--verbose"},
                                                                 {"devices", "video0"},
                                                                 {"devices", "--json=yes"},
                                                                 {"--json"},
                                                                 {"device"},
                                                                 {"doctor", "--yes"},
                                                                 {"doctor", "now"},
                                                                 {"doctor", "--preview"}}) {
    const auto line = parse(words);
    ASSERT_FALSE(line) << words.back();
    EXPECT_EQ(line.error().code, ErrorCode::kUsage) << words.back();
  }
}

}  // namespace
}  // namespace viba::app
