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

TEST(CommandLine, HelpOfEachCommandNamesIt) {
  for (const char* command : {"matte", "models", "devices", "doctor"}) {
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
