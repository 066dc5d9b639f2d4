#include "media/video_writer.h"

#include <sys/resource.h>

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/media_maker.h"
#include "files/test_pictures.h"
#include "media/video_reader.h"

namespace viba {
namespace {

using test::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void write_clip(const std::string& path, Size size, double rate, int frames) {
  auto writer = VideoWriter::create(path, size, rate, VideoContent::kFrames);
  ASSERT_TRUE(writer) << writer.error().message;
  for (int i = 0; i < frames; ++i) {
    const auto ok = writer->write(test::test_frame(size, i));
    ASSERT_TRUE(ok) << ok.error().message;
  }
  const auto ok = writer->finish();
  ASSERT_TRUE(ok) << ok.error().message;
}

/// Width of whole cache lines, not so, and high definition, where other readers guess BT.709.
class Y4mRoundTrip : public testing::TestWithParam<Size> {};

TEST_P(Y4mRoundTrip, IsExact) {
  const TempFolder folder;
  const std::string path = folder / "clip.y4m";
  write_clip(path, GetParam(), 30, 3);
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->info().frames_per_second, 30);
  for (int i = 0; i < 3; ++i) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame && *frame) << i;
    EXPECT_TRUE(test::same_pixels(**frame, test::test_frame(GetParam(), i))) << i;
  }
  EXPECT_FALSE(reader->next()->has_value());
}

INSTANTIATE_TEST_SUITE_P(Sizes, Y4mRoundTrip,
                         testing::Values(Size{128, 96}, Size{86, 50}, Size{2, 2}, Size{1280, 720}));

class CompressedRoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(CompressedRoundTrip, KeepsEveryFrameAndItsLooks) {
  const TempFolder folder;
  const std::string path = folder / GetParam();
  constexpr int kFrames = 40;
  constexpr Size kSize{320, 240};
  write_clip(path, kSize, 25, kFrames);
  EXPECT_THAT(folder.names(), ElementsAre(GetParam()));
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_NEAR(reader->info().frames_per_second, 25, 1e-6);
  int count = 0;
  for (auto frame = reader->next(); frame && *frame; frame = reader->next(), ++count) {
    EXPECT_EQ((*frame)->info().position, std::chrono::milliseconds(40) * count);
    EXPECT_GT(test::psnr(**frame, test::test_frame(kSize, count)), 35) << count;
  }
  EXPECT_EQ(count, kFrames);
}

INSTANTIATE_TEST_SUITE_P(Kinds, CompressedRoundTrip, testing::Values("clip.mp4", "clip.mkv", "CLIP.MP4"));

TEST(Writer, TagsColoursSoThatLargeVideosAreNotTakenForBt709) {
  const TempFolder folder;
  constexpr Size kSize{1280, 64};
  write_clip(folder / "wide.mp4", kSize, 30, 2);
  const auto frame = load_picture(folder / "wide.mp4");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_GT(test::psnr(*frame, test::test_frame(kSize)), 35);
}

TEST(Writer, KeepsUsualRatesExact) {
  const TempFolder folder;
  for (const double rate : {30.0, 25.0, 15.0, 30000 / 1001.0, 24000 / 1001.0, 60000 / 1001.0, 12.5, 7.5}) {
    write_clip(folder / "clip.mp4", {32, 32}, rate, 10);
    const auto reader = VideoReader::open(folder / "clip.mp4");
    ASSERT_TRUE(reader);
    EXPECT_NEAR(reader->info().frames_per_second, rate, 1e-9);
  }
  write_clip(folder / "clip.y4m", {32, 32}, 29.97, 2);
  EXPECT_THAT(test::read_bytes(folder / "clip.y4m"), testing::StartsWith("YUV4MPEG2 W32 H32 F30000:1001 "));
}

TEST(Writer, KeepsMattesExactly) {
  const TempFolder folder;
  const std::string path = folder / "matte.mkv";
  constexpr Size kSize{322, 178};
  auto writer = VideoWriter::create(path, kSize, 30, VideoContent::kMattes);
  ASSERT_TRUE(writer) << writer.error().message;
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(writer->write(test::test_matte(kSize, i)));
  ASSERT_TRUE(writer->finish());
  const auto planes = test::gray_planes(path);
  ASSERT_EQ(planes.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    const Matte matte = test::test_matte(kSize, i);
    std::string want;
    for (int y = 0; y < kSize.height; ++y)
      want.append(reinterpret_cast<const char*>(matte.alpha().row(y)), std::size_t(kSize.width));
    EXPECT_TRUE(planes[std::size_t(i)] == want) << i;
  }
}

TEST(Writer, KeepsGrayPngsExactly) {
  const TempFolder folder;
  constexpr Size kSize{98, 66};
  const Matte matte = test::test_matte(kSize);
  const auto ok = write_png(folder / "matte.png", matte);
  ASSERT_TRUE(ok) << ok.error().message;
  const auto planes = test::gray_planes(folder / "matte.png");
  ASSERT_EQ(planes.size(), 1u);
  std::string want;
  for (int y = 0; y < kSize.height; ++y)
    want.append(reinterpret_cast<const char*>(matte.alpha().row(y)), std::size_t(kSize.width));
  EXPECT_TRUE(planes[0] == want);
}

TEST(Writer, PngsOfFramesLookTheSame) {
  const TempFolder folder;
  const Frame frame = test::test_frame({320, 240});
  ASSERT_TRUE(write_png(folder / "frame.png", frame));
  EXPECT_THAT(folder.names(), ElementsAre("frame.png"));
  const auto back = load_picture(folder / "frame.png");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_GT(test::psnr(*back, frame), 35);
}

struct Refusal {
  const char* name;
  ErrorCode code;
  const char* words;
};

class WriterRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(WriterRefuses, InOneSentence) {
  const TempFolder folder;
  const auto writer = VideoWriter::create(folder / GetParam().name, {64, 48}, 30, VideoContent::kFrames);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, GetParam().code);
  EXPECT_THAT(writer.error().message, HasSubstr(GetParam().name));
  EXPECT_THAT(writer.error().message, HasSubstr(GetParam().words));
  EXPECT_THAT(folder.names(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, WriterRefuses,
                         testing::Values(Refusal{"clip.avi", ErrorCode::kUsage, ".mp4, .mkv or .y4m"},
                                         Refusal{"clip", ErrorCode::kUsage, ".mp4, .mkv or .y4m"},
                                         Refusal{"nowhere/clip.mp4", ErrorCode::kNotFound, "no folder"},
                                         Refusal{"nowhere/clip.y4m", ErrorCode::kNotFound, "no folder"}));

TEST(Writer, RefusesMattesWhereTheyWouldLose) {
  const TempFolder folder;
  for (const char* name : {"matte.mp4", "matte.y4m"}) {
    const auto writer = VideoWriter::create(folder / name, {64, 48}, 30, VideoContent::kMattes);
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, ErrorCode::kUsage);
    EXPECT_THAT(writer.error().message, HasSubstr(".mkv"));
  }
}

TEST(Writer, RefusesAFolderOfThatName) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "clip.mp4");
  const auto writer = VideoWriter::create(folder / "clip.mp4", {64, 48}, 30, VideoContent::kFrames);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::kUsage);
}

TEST(Writer, RefusesImpossibleRatesAndSizes) {
  const TempFolder folder;
  for (const double rate : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(VideoWriter::create(folder / "clip.mp4", {64, 48}, rate, VideoContent::kFrames)) << rate;
  for (const Size size : {Size{0, 0}, Size{63, 48}, Size{64, -2}})
    EXPECT_FALSE(VideoWriter::create(folder / "clip.mp4", size, 30, VideoContent::kFrames)) << size.width;
}

TEST(Writer, RefusesPicturesOfAnotherSizeOrKind) {
  const TempFolder folder;
  auto writer = VideoWriter::create(folder / "clip.mp4", {64, 48}, 30, VideoContent::kFrames);
  ASSERT_TRUE(writer);
  const auto larger = writer->write(test::test_frame({66, 48}));
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, ErrorCode::kUsage);
  const auto matte = writer->write(test::test_matte({64, 48}));
  ASSERT_FALSE(matte);
  EXPECT_EQ(matte.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(writer->write(test::test_frame({64, 48})));
}

TEST(Writer, ShowsNothingUnderTheNameUntilItIsComplete) {
  const TempFolder folder;
  test::write_bytes(folder / "clip.mp4", "what was there before");
  {
    auto writer = VideoWriter::create(folder / "clip.mp4", {64, 48}, 30, VideoContent::kFrames);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write(test::test_frame({64, 48})));
    EXPECT_THAT(folder.names(), ElementsAre(testing::StartsWith(".clip.part-"), "clip.mp4"));
  }
  EXPECT_THAT(folder.names(), ElementsAre("clip.mp4"));
  EXPECT_EQ(test::read_bytes(folder / "clip.mp4"), "what was there before");
}

TEST(Writer, OddCharactersInNamesMeanNothing) {
  const TempFolder folder;
  for (const char* name : {"a:b%d?#*.mp4", "-i.y4m", "http:x.mkv", "spå ce'.png"}) {
    const std::string path = folder / name;
    if (path.ends_with(".png"))
      ASSERT_TRUE(write_png(path, test::test_frame({64, 48})));
    else
      write_clip(path, {64, 48}, 30, 2);
    const auto frame = load_picture(path);
    EXPECT_TRUE(frame) << frame.error().message;
  }
}

/// Files of this process may not grow beyond `bytes` while it lives, which looks like a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class WriterOnFullDisk : public testing::TestWithParam<const char*> {};

TEST_P(WriterOnFullDisk, SaysSoAndLeavesNothing) {
  const TempFolder folder;
  const std::string path = folder / GetParam();
  constexpr Size kSize{320, 240};
  Result<void> ok;
  {
    const FullDisk full(20'000);
    if (path.ends_with(".png")) {
      ok = write_png(path, test::test_frame(kSize));
    } else {
      auto writer = VideoWriter::create(path, kSize, 30, VideoContent::kFrames);
      ASSERT_TRUE(writer) << writer.error().message;
      for (int i = 0; i < 60 && ok; ++i) ok = writer->write(test::test_frame(kSize, i * 5));
      if (ok) ok = writer->finish();
    }
  }
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code, ErrorCode::kIo);
  EXPECT_THAT(ok.error().message, HasSubstr(path));
  EXPECT_THAT(ok.error().message, HasSubstr("disk is full"));
  EXPECT_THAT(folder.names(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, WriterOnFullDisk, testing::Values("clip.mp4", "clip.mkv", "clip.y4m", "frame.png"));

}  // namespace
}  // namespace viba
