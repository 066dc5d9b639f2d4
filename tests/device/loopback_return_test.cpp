#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// The module cannot be unloaded while a program has one of its devices open. So the sink's own
/// descriptor is exchanged for that of a device that has really gone (vivid's, which can be told to
/// go), and then v4l2loopback is really unloaded and loaded again.
class LoopbackReturn : public LoopbackTest {
 protected:
  static void SetUpTestSuite() {
    gone_ = ::open(kVividOutput, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(gone_, 0);
    ASSERT_EQ(run({"v4l2-ctl", "-d", kVividOutput, "-c", "disconnect=1"}), 0);
  }
  static void TearDownTestSuite() { close(gone_); }

  /// What the sink has open becomes `instead`.
  static void exchange_descriptor(int instead) {
    std::vector<int> descriptors;
    for (const auto& link : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      if (std::filesystem::read_symlink(link, error) == kLoopback)
        descriptors.push_back(std::stoi(link.path().filename()));
    }
    ASSERT_THAT(descriptors, SizeIs(1));
    ASSERT_EQ(dup3(instead, descriptors.front(), O_CLOEXEC), descriptors.front());
  }

  void unload() {
    ASSERT_TRUE(wait_until([] { return run({"modprobe", "-r", "v4l2loopback"}) == 0; }));
    ASSERT_FALSE(std::filesystem::exists(kLoopback));
  }
  static void load() {
    ASSERT_EQ(run({"modprobe", "v4l2loopback", "devices=1", "video_nr=20", "card_label=anew", "exclusive_caps=1"}), 0);
  }

  bool feed_until_said(Sink& sink, const std::string& words) {
    return feed(sink, kLoopbackSize, [&] {
      const auto lines = lines_.lines();
      return std::ranges::any_of(lines, [&](const auto& line) { return line.find(words) != line.npos; });
    });
  }

  /// A sink that has worked, and whose module was unloaded under it.
  std::unique_ptr<Sink> sink_without_a_device() {
    auto sink = open(kLoopbackSize);
    if (!sink || !sink->write(picture(kLoopbackSize))) return nullptr;
    sink->watch(told_.listener());
    exchange_descriptor(gone_);
    EXPECT_TRUE(sink->write(picture(kLoopbackSize))) << "it is only away";
    unload();
    return sink;
  }

  static inline int gone_ = -1;
  Told told_;
};

TEST_F(LoopbackReturn, OfAReloadedModuleIsWaitedFor) {
  const auto sink = sink_without_a_device();
  ASSERT_TRUE(sink);
  ASSERT_TRUE(feed_until_said(*sink, "There is no fake camera /dev/video20"));
  EXPECT_THAT(lines_.lines(), ElementsAre(AllOf(HasSubstr("takes no more pictures (No such device)"),
                                                HasSubstr("opens it as soon as that works")),
                                          HasSubstr("There is no fake camera /dev/video20")))
      << "each is said once";
  load();
  ASSERT_TRUE(feed_until_said(*sink, "/dev/video20 (anew) is back."));

  Reader reader(folder_, "pictures", 3);
  ASSERT_TRUE(feed(*sink, kLoopbackSize, reader)) << file_text(reader.log);
  expect_chart(file_text(reader.pictures), kLoopbackSize, 3);

  const auto words = told_.words().size();
  EXPECT_EQ(words % 2, 1U);
  TurnedReader lasting(folder_, "stream");
  (void)lasting.turn();
  EXPECT_TRUE(told_.when(words)) << "its readers are seen again";
  EXPECT_TRUE(told_.words().back());
}

TEST_F(LoopbackReturn, MayBringAnotherFormat) {
  const auto sink = sink_without_a_device();
  ASSERT_TRUE(sink);
  load();
  constexpr Size kOther{320, 180};
  auto other = open(kOther);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->write(picture(kOther)));
  TurnedReader holder(folder_, "stream");
  (void)holder.turn();
  other.reset();

  ASSERT_TRUE(feed_until_said(*sink, "/dev/video20 (anew) is back."));
  EXPECT_THAT(lines_.lines(), Contains(HasSubstr("is held at 320x180 by loopback_reader (pid")));
  EXPECT_TRUE(told_.when(1)) << "who holds it reads it";
  (void)holder.turn();
  Reader reader(folder_, "pictures", 3);
  ASSERT_TRUE(feed(*sink, kLoopbackSize, reader)) << file_text(reader.log);
  expect_chart(file_text(reader.pictures), kOther, 3);
}

TEST_F(LoopbackReturn, IsWatchedByNobodyMeanwhile) {
  if (!std::filesystem::exists(kLoopback)) load();
  const auto sink = open(kLoopbackSize);
  ASSERT_TRUE(sink);
  ASSERT_TRUE(sink->write(picture(kLoopbackSize)));
  sink->watch(told_.listener());
  TurnedReader reader(folder_, "stream");
  (void)reader.turn();
  ASSERT_TRUE(told_.when(1));
  exchange_descriptor(gone_);
  EXPECT_TRUE(sink->write(picture(kLoopbackSize)));
  EXPECT_TRUE(told_.when(2)) << "it is away";
  ASSERT_TRUE(feed_until_said(*sink, " is back."));
  EXPECT_TRUE(told_.when(3)) << "and so is its reader, who never left";
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false, true));
}

TEST_F(LoopbackReturn, IsNotWaitedForWhereItNeverWorked) {
  if (!std::filesystem::exists(kLoopback)) load();
  const auto sink = open(kLoopbackSize);
  ASSERT_TRUE(sink);
  exchange_descriptor(gone_);
  const auto written = sink->write(picture(kLoopbackSize));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_THAT(written.error().message, HasSubstr("takes no more pictures"));
}

}  // namespace
}  // namespace viba::device_test
