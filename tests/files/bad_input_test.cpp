#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/media_maker.h"
#include "files/test_pictures.h"
#include "media/video_reader.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using test::MediaSpec;
using test::TempFolder;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

void expect_refused(const std::string& path, ErrorCode code, const char* words) {
  const auto reader = VideoReader::open(path);
  ASSERT_FALSE(reader) << path;
  EXPECT_EQ(reader.error().code, code) << reader.error().message;
  EXPECT_THAT(reader.error().message, AllOf(HasSubstr(path), HasSubstr(words), EndsWith(".")));
}

TEST(BadInput, NoSuchFile) {
  const TempFolder folder;
  expect_refused(folder / "missing.mp4", ErrorCode::kNotFound, "no file");
  expect_refused(folder / "missing/clip.mp4", ErrorCode::kNotFound, "no file");
}

TEST(BadInput, Folder) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "pictures");
  expect_refused(folder / "pictures", ErrorCode::kUnsupported, "folder");
}

TEST(BadInput, PipeDoesNotBlock) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.mp4").c_str(), 0600), 0);
  expect_refused(folder / "pipe.mp4", ErrorCode::kUnsupported, "not a regular file");
}

/// Root may read everything, so root becomes somebody else for a moment.
class Nobody {
 public:
  Nobody() : was_(::geteuid()), became_(was_ != 0 || ::seteuid(65534) == 0) {}
  ~Nobody() {
    if (was_ == 0 && became_) (void)!::seteuid(0);
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  [[nodiscard]] bool became() const { return became_; }

 private:
  uid_t was_;
  bool became_;
};

TEST(BadInput, NoPermission) {
  const TempFolder folder;
  ASSERT_TRUE(write_png(folder / "mine.png", test::test_frame({32, 32})));
  ASSERT_EQ(::chmod((folder / "mine.png").c_str(), 0), 0);
  const Nobody nobody;
  if (!nobody.became()) GTEST_SKIP() << "cannot become another user";
  expect_refused(folder / "mine.png", ErrorCode::kPermission, "may not read");
}

TEST(BadInput, NoPermissionToWrite) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "locked");
  ASSERT_EQ(::chmod((folder / "locked").c_str(), 0555), 0);
  const Nobody nobody;
  if (!nobody.became()) GTEST_SKIP() << "cannot become another user";
  const auto writer = VideoWriter::create(folder / "locked/clip.mp4", {64, 48}, 30, VideoContent::kFrames);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::kPermission);
  EXPECT_THAT(writer.error().message, HasSubstr("may not write"));
}

TEST(BadInput, Empty) {
  const TempFolder folder;
  test::write_bytes(folder / "empty.png", "");
  expect_refused(folder / "empty.png", ErrorCode::kBadData, "0 bytes");
}

TEST(BadInput, TextUnderAnotherName) {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "Dear diary, this is not a picture at all.\n";
  for (const char* name : {"note.png", "note.mp4", "note.jpg", "note.gif", "note.y4m"}) {
    test::write_bytes(folder / name, text);
    expect_refused(folder / name, ErrorCode::kUnsupported, "not a picture or video");
    test::write_bytes(folder / name, "x");
    expect_refused(folder / name, ErrorCode::kUnsupported, "not a picture or video");
  }
}

/// Formats that name other files or addresses must not be followed, whatever they are called.
TEST(BadInput, ListsOfOtherFiles) {
  const TempFolder folder;
  ASSERT_TRUE(write_png(folder / "other.png", test::test_frame({32, 32})));
  const std::string other = folder / "other.png";
  const std::string hls =
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n" + other + "\n#EXT-X-ENDLIST\n";
  const std::string concat = "ffconcat version 1.0\nfile 'other.png'\n";
  const std::string sdp =
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
      "a=rtpmap:96 H264/90000\n";
  const std::string dash = "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>\n";
  for (const std::string& text : {hls, concat, sdp, dash}) {
    test::write_bytes(folder / "list.mp4", text);
    expect_refused(folder / "list.mp4", ErrorCode::kUnsupported, "not a picture or video");
  }
}

TEST(BadInput, NamesAreNeverAddresses) {
  for (const char* name : {"http://127.0.0.1:9/x.mp4", "concat:a|b", "data:image/png;base64,AAAA", "pipe:0"}) {
    const auto reader = VideoReader::open(name);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::kNotFound) << reader.error().message;
  }
}

TEST(BadInput, SoundOnly) {
  const TempFolder folder;
  // A WAV header and silence.
  std::string wav("RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x08\0\0",
                  44);
  wav.append(2048, '\0');
  test::write_bytes(folder / "sound.mp4", wav);
  expect_refused(folder / "sound.mp4", ErrorCode::kUnsupported, "not a picture or video");
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// Only the header of a PNG; what follows is never reached.
std::string png_header(std::uint32_t width, std::uint32_t height) {
  return std::string("\x89PNG\r\n\x1a\n", 8) + big_endian(13) + "IHDR" + big_endian(width) + big_endian(height) +
         std::string("\x08\x02\0\0\0", 5) + std::string(60, '\0');
}

TEST(BadInput, TooLarge) {
  const TempFolder folder;
  for (const auto& [width, height] :
       {std::pair{20000u, 20000u}, {0x7fffffffu, 0x7fffffffu}, {16385u, 2u}, {10001u, 10001u}}) {
    test::write_bytes(folder / "huge.png", png_header(width, height));
    expect_refused(folder / "huge.png", ErrorCode::kBadData, "scale it down");
  }
  test::write_bytes(
      folder / "huge.jpg",
      std::string("\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03", 18) + std::string(100, '\0'));
  expect_refused(folder / "huge.jpg", ErrorCode::kBadData, "65535x65535");
  test::write_bytes(folder / "huge.gif", std::string("GIF89a\xff\xff\xff\xff\0\0\0", 13) + std::string(100, '\0'));
  expect_refused(folder / "huge.gif", ErrorCode::kBadData, "65535x65535");
  test::write_bytes(folder / "huge.y4m", "YUV4MPEG2 W20000 H3000 F30:1 C420jpeg\nFRAME\n" + std::string(5000, 'x'));
  expect_refused(folder / "huge.y4m", ErrorCode::kBadData, "20000x3000");
}

TEST(BadInput, TooSmall) {
  const TempFolder folder;
  MediaSpec spec{"image2pipe", "png", AV_PIX_FMT_RGB24, {1, 1}};
  ASSERT_TRUE(test::make_media(folder / "dot.png", spec, test::bars(8)));
  expect_refused(folder / "dot.png", ErrorCode::kBadData, "smallest that ViBa reads is 2x2");
  spec.size = {40, 1};
  ASSERT_TRUE(test::make_media(folder / "line.png", spec, test::bars(8)));
  expect_refused(folder / "line.png", ErrorCode::kBadData, "40x1");
  MediaSpec video;
  video.size = {1, 1};
  ASSERT_TRUE(test::make_media(folder / "dot.mkv", video, test::bars(8)));
  expect_refused(folder / "dot.mkv", ErrorCode::kBadData, "smallest");
}

TEST(BadInput, HeaderWithoutAPicture) {
  const TempFolder folder;
  test::write_bytes(folder / "head.png", png_header(64, 64));
  expect_refused(folder / "head.png", ErrorCode::kBadData, "damaged");
}

}  // namespace
}  // namespace viba
