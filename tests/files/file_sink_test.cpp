#include "output/file_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/test_pictures.h"
#include "media/video_reader.h"

namespace viba {
namespace {

using test::TempFolder;
using test::Voucher;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Size kSize{64, 48};
const SourceInfo kFile{.name = "a file", .size = kSize, .frames_per_second = 30};

SafeFrame frame(int number) { return Voucher::safe(test::test_frame(kSize, number)); }

TEST(FileSink, WritesAVideo) {
  const TempFolder folder;
  auto sink = open_file_sink(folder / "out.y4m", kFile);
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_EQ((*sink)->name(), folder / "out.y4m");
  EXPECT_FALSE((*sink)->live());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE((*sink)->write(frame(i)));
  ASSERT_TRUE((*sink)->finish());
  auto reader = VideoReader::open(folder / "out.y4m");
  ASSERT_TRUE(reader);
  int count = 0;
  for (auto got = reader->next(); got && *got; got = reader->next())
    EXPECT_TRUE(test::same_pixels(**got, test::test_frame(kSize, count++)));
  EXPECT_EQ(count, 5);
}

TEST(FileSink, ARecordingOfALiveSourceKeepsTime) {
  const TempFolder folder;
  SourceInfo camera = kFile;
  camera.live = true;
  auto sink = open_file_sink(folder / "out.y4m", camera);
  ASSERT_TRUE(sink) << sink.error().message;
  // Frame 1 is taken 100 ms after frame 0, three ticks; frame 2 at once after it; frame 3 a day later.
  const std::chrono::steady_clock::time_point start{};
  using std::chrono::milliseconds;
  const milliseconds taken[] = {milliseconds(0), milliseconds(100), milliseconds(101), std::chrono::hours(24)};
  for (int i = 0; i < 4; ++i) {
    const Frame moment = test::test_frame(kSize, i).with_info({.taken = start + taken[i]});
    ASSERT_TRUE((*sink)->write(Voucher::safe(moment)));
  }
  ASSERT_TRUE((*sink)->finish());
  auto reader = VideoReader::open(folder / "out.y4m");
  std::vector<int> shown;
  for (auto got = reader->next(); got && *got; got = reader->next())
    for (int i = 0; i < 4; ++i)
      if (test::same_pixels(**got, test::test_frame(kSize, i))) shown.push_back(i);
  ASSERT_EQ(shown.size(), 4U + 150U) << "a gap is filled with five seconds at most";
  EXPECT_THAT(std::vector(shown.begin(), shown.begin() + 5), ElementsAre(0, 0, 0, 1, 2));
  EXPECT_EQ(shown.back(), 3);
}

TEST(FileSink, GivesAPictureARateInAVideo) {
  const TempFolder folder;
  auto sink = open_file_sink(folder / "out.mp4", {.name = "a picture", .size = kSize});
  ASSERT_TRUE(sink) << sink.error().message;
  ASSERT_TRUE((*sink)->write(frame(0)));
  ASSERT_TRUE((*sink)->finish());
  EXPECT_TRUE(load_picture(folder / "out.mp4"));
}

TEST(FileSink, ASecondFrameForOnePngShowsThePattern) {
  const TempFolder folder;
  auto sink = open_file_sink(folder / "out.png", kFile);
  ASSERT_TRUE(sink) << sink.error().message;
  ASSERT_TRUE((*sink)->write(frame(0)));
  const auto second = (*sink)->write(frame(1));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUsage);
  EXPECT_THAT(second.error().message, HasSubstr("out-%05d.png"));
  EXPECT_THAT(folder.names(), ElementsAre("out.png"));
}

TEST(FileSink, NumbersASequenceFromOne) {
  const TempFolder folder;
  auto padded = open_file_sink(folder / "out-%03d.png", kFile);
  auto plain = open_file_sink(folder / "p%d.png", kFile);
  ASSERT_TRUE(padded && plain);
  EXPECT_THAT(folder.names(), IsEmpty());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*padded)->write(frame(i)));
    ASSERT_TRUE((*plain)->write(frame(i)));
  }
  ASSERT_TRUE((*padded)->finish());
  EXPECT_THAT(folder.names(), ElementsAre("out-001.png", "out-002.png", "p1.png", "p2.png"));
}

TEST(FileSink, UnderstandsOnlyPlainNumbers) {
  const TempFolder folder;
  for (const char* name : {"%s.png", "%5d.png", "%n%d.png", "%d-%d.png", "%%.png", "%05x.png", "%.png", "%0d.png",
                           "%00d.png", "%0", "%05d%.png", "%010d.png"}) {
    const auto sink =
        open_file_sink(folder / (std::string(name) + (std::string(name).ends_with(".png") ? "" : ".png")), kFile);
    ASSERT_FALSE(sink) << name;
    EXPECT_EQ(sink.error().code, ErrorCode::kUsage);
    EXPECT_THAT(sink.error().message, HasSubstr("%05d"));
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(FileSink, PercentSignsInFoldersAreNothingSpecial) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "50%s");
  auto sink = open_file_sink(folder / "50%s/out-%02d.png", kFile);
  ASSERT_TRUE(sink) << sink.error().message;
  ASSERT_TRUE((*sink)->write(frame(0)));
  EXPECT_TRUE(load_picture(folder / "50%s/out-01.png"));
}

TEST(FileSink, RefusesAtOnceWhatCannotBeWritten) {
  const TempFolder folder;
  for (const char* name : {"nowhere/out.png", "nowhere/out-%d.png", "nowhere/out.mp4"}) {
    const auto sink = open_file_sink(folder / name, kFile);
    ASSERT_FALSE(sink) << name;
    EXPECT_EQ(sink.error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(open_file_sink(folder / "out.txt", kFile).error().code, ErrorCode::kUsage);
}

TEST(NullSink, TakesAnything) {
  const auto sink = make_null_sink();
  EXPECT_EQ(sink->name(), "null");
  EXPECT_FALSE(sink->live());
  EXPECT_TRUE(sink->write(frame(0)));
  EXPECT_TRUE(sink->finish());
}

}  // namespace
}  // namespace viba
