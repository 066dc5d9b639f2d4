#include "segment/feed_toml.h"

#include <gtest/gtest.h>

#include "segment/known_feeds.h"
#include "segment/model_files.h"

namespace viba::test {
namespace {

TEST(FeedToml, WhatIsWrittenReadsTheSame) {
  Feed odd = rvm_feed();
  odd.input.tensor = "a \"quoted\\ name\"\n";
  odd.input.layout = Layout::kNhwc;
  odd.input.channels = ChannelOrder::kBgr;
  odd.input.mean = {0.485F, 0.456F, 0.406F};
  odd.input.std = {0.229F, 0.224F, 0.225F};
  odd.output.invert = true;
  odd.output.channel = 5;
  odd.output.activation = Activation::kSoftmax;
  odd.output.threshold = 0.25;
  for (const Feed& feed : {Feed{}, selfie_feed({256, 144}), bodypix_feed(BodyPixBackbone::kResNet50, 32), odd}) {
    Feed read;
    const auto stated = apply_toml(toml_of(feed, {}), "x.toml", read);
    ASSERT_TRUE(stated) << stated.error().message;
    EXPECT_EQ(read, feed) << toml_of(feed, {});
    EXPECT_TRUE(stated->contains("input.range"));
    EXPECT_TRUE(stated->contains("recurrent.states"));
  }
}

TEST(FeedToml, OnlyWhatIsStatedChanges) {
  Feed feed = bodypix_feed(BodyPixBackbone::kMobileNet, 16);
  Feed expected = feed;
  expected.input.range = {0, 255};
  const auto stated = apply_toml("[input]\nrange = [0, 255]\n", "x.toml", feed);
  ASSERT_TRUE(stated) << stated.error().message;
  EXPECT_EQ(*stated, std::set<std::string>{"input.range"});
  EXPECT_EQ(feed, expected);
}

TEST(FeedToml, GuessesAreMarked) {
  const std::string text = toml_of({}, {"input.range"});
  const auto mark = text.find("A guess");
  ASSERT_NE(mark, std::string::npos);
  EXPECT_EQ(text.find("range", mark), text.find("\nrange") + 1);
  EXPECT_EQ(text.find("A guess", mark + 1), std::string::npos);
}

TEST(FeedToml, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"[input]\nsise = [1, 2]", "input.sise"},
      {"size = [1, 2]", "size"},
      {"[input]\nsize = [0, 2]", "input.size"},
      {"[input]\nsize = [1, 2, 3]", "input.size"},
      {"[input]\nsize = \"large\"", "input.size"},
      {"[input]\nrange = [1, 1]", "input.range"},
      {"[input]\nrange = [0, nan]", "input.range"},
      {"[input]\nstd = [1, 0, 1]", "input.std"},
      {"[input]\nmultiple = 0", "input.multiple"},
      {"[input]\nmultiple = 1.5", "input.multiple"},
      {"[output]\nactivation = \"relu\"", "output.activation"},
      {"[output]\nthreshold = 1.1", "output.threshold"},
      {"[output]\ninvert = 1", "output.invert"},
      {"[recurrent]\nstates = [[\"a\"]]", "recurrent.states"},
      {"[recurrent]\nstates = [\"a\", \"b\"]", "recurrent.states"},
      {"[input", "line 1"},
  };
  for (const auto& [text, word] : cases) {
    Feed feed;
    const auto read = apply_toml(text, "own.onnx.toml", feed);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kBadData);
    for (const char* each : {word, "own.onnx.toml"})
      EXPECT_NE(read.error().message.find(each), std::string::npos) << read.error().message;
    expect_sentence(read.error());
  }
}

TEST(FeedToml, DeepNestingAndNoiseAreSurvived) {
  Feed feed;
  EXPECT_FALSE(apply_toml("a = " + std::string(20000, '['), "x.toml", feed));
  EXPECT_FALSE(apply_toml(std::string("\x00\xff\xfe[", 4), "x.toml", feed));
  EXPECT_TRUE(apply_toml("", "x.toml", feed));
}

}  // namespace
}  // namespace viba::test
