#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "base/file_error.h"
#include "media/ffmpeg.h"
#include "media/frame_file.h"
#include "media/y4m_tag.h"

namespace viba {
namespace {

struct Close {
  void operator()(std::FILE* stream) const { (void)std::fclose(stream); }
};

class Y4mFile : public FrameFile {
 public:
  Y4mFile(PartFile file, std::FILE* stream) : file_(std::move(file)), stream_(stream) {}

  Result<void> write(const Frame& frame) override {
    if (put("FRAME\n") && put(frame.y()) && put(frame.u()) && put(frame.v())) return {};
    return tl::unexpected(cannot_write(file_.path(), errno));
  }

  Result<void> write(const Matte&) override {
    return fail(ErrorCode::kInternal,
                fmt::format("Mattes cannot go into {}; choose a name ending in .mkv.", file_.path()));
  }

  Result<void> finish() override {
    if (std::fclose(stream_.release()) != 0) return tl::unexpected(cannot_write(file_.path(), errno));
    return file_.commit();
  }

  [[nodiscard]] bool put(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stream_.get()) == text.size();
  }

 private:
  [[nodiscard]] bool put(ConstPlane plane) {
    const auto width = static_cast<std::size_t>(plane.size.width);
    const auto height = static_cast<std::size_t>(plane.size.height);
    if (plane.stride == plane.size.width) return std::fwrite(plane.data, width, height, stream_.get()) == height;
    for (int y = 0; y < plane.size.height; ++y)
      if (std::fwrite(plane.row(y), 1, width, stream_.get()) != width) return false;
    return true;
  }

  PartFile file_;
  std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace

Result<std::unique_ptr<FrameFile>> create_y4m_file(PartFile file, Size size, AVRational rate) {
  std::FILE* stream = std::fopen(file.part_path().c_str(), "wbe");
  if (!stream) return tl::unexpected(cannot_write(file.path(), errno));
  const std::string path = file.path();
  auto written = std::make_unique<Y4mFile>(std::move(file), stream);
  if (!written->put(fmt::format("YUV4MPEG2 W{} H{} F{}:{} Ip A1:1 C420jpeg XCOLORRANGE=LIMITED{}\n", size.width,
                                size.height, rate.num, rate.den, kY4mBt601Tag)))
    return tl::unexpected(cannot_write(path, errno));
  return written;
}

}  // namespace viba
