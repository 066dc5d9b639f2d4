#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <viba/pipeline.h>

#include "media/video_reader.h"
#include "media/video_writer.h"
#include "pipeline/matte_maker.h"
#include "refine/matte_refiner.h"
#include "segment/onnx_segmenter.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// The matte of one frame after the other, as a pipeline of the same options makes it.
class Mattist {
 public:
  Mattist(std::unique_ptr<Segmenter> segmenter, std::unique_ptr<Refiner> refiner)
      : segmenter_(std::move(segmenter)), refiner_(std::move(refiner)), maker_(*segmenter_, *refiner_, meter_) {}
  Result<Matte> make(const Frame& frame) { return maker_.make(frame); }

 private:
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Refiner> refiner_;
  Meter meter_;
  MatteMaker maker_;
};

Result<int> matte_of_picture(const std::string& input, const std::string& output, Mattist& mattist) {
  return load_picture(input)
      .and_then([&](const Frame& frame) { return mattist.make(frame); })
      .and_then([&](const Matte& matte) { return write_png(output, matte); })
      .map([] { return 1; });
}

Result<int> mattes_of_video(VideoReader reader, const std::string& output, Mattist& mattist,
                            const std::stop_token& stop) {
  constexpr double kUnknownRate = 25;
  const VideoInfo& info = reader.info();
  auto writer = VideoWriter::create(
      output, info.size, info.frames_per_second > 0 ? info.frames_per_second : kUnknownRate, VideoContent::kMattes);
  if (!writer) return tl::unexpected(writer.error());
  int count = 0;
  while (!stop.stop_requested()) {
    const auto frame = reader.next();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) break;
    auto ok = mattist.make(**frame).and_then([&](const Matte& matte) { return writer->write(matte); });
    if (!ok) return tl::unexpected(ok.error());
    ++count;
  }
  return writer->finish().map([&] { return count; });
}

Result<std::vector<fs::path>> files_of(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && !entry.path().filename().string().starts_with('.'))
      files.push_back(entry.path());
  if (error)
    return fail(ErrorCode::kPermission, fmt::format("The folder {} cannot be read: {}.", folder, error.message()));
  if (files.empty()) return fail(ErrorCode::kNotFound, fmt::format("The folder {} holds no pictures.", folder));
  std::ranges::sort(files);
  for (auto same = files.begin(); (same = std::adjacent_find(same, files.end(), [](const auto&a, const auto&b) {
                                     return a.stem() == b.stem();
                                   })) != files.end();)
    return fail(ErrorCode::kUsage,
                fmt::format("{} and {} would both become {}.png; keep one of them in the folder.",
                            same[0].filename().string(), same[1].filename().string(), same->stem().string()));
  return files;
}

Result<int> mattes_of_folder(const std::string& input, const std::string& output, Mattist& mattist, const Log& log,
                             const std::stop_token& stop) {
  const auto files = files_of(input);
  if (!files) return tl::unexpected(files.error());
  std::error_code error;
  fs::create_directories(output, error);
  if (!fs::is_directory(output, error))
    return fail(ErrorCode::kIo, fmt::format("The folder {} cannot be made; choose another place.", output));
  int count = 0;
  for (const auto& file : *files) {
    if (stop.stop_requested()) break;
    const auto target = (fs::path(output) / file.stem()).string() + ".png";
    if (auto one = matte_of_picture(file.string(), target, mattist); !one) return one;
    log.debug(target);
    ++count;
  }
  return count;
}

}  // namespace

Result<int> extract_mattes(const std::string& input, const std::string& output, const Options& options, const Log& log,
                           std::stop_token stop) {
  auto segmenter = make_segmenter(options, log);
  if (!segmenter) return tl::unexpected(segmenter.error());
  Mattist mattist(std::move(*segmenter), make_refiner(options.segmentation_threshold));
  std::error_code error;
  if (fs::is_directory(input, error)) return mattes_of_folder(input, output, mattist, log, stop);
  auto reader = VideoReader::open(input);
  if (!reader) return tl::unexpected(reader.error());
  if (reader->info().picture) return matte_of_picture(input, output, mattist);
  return mattes_of_video(std::move(*reader), output, mattist, stop);
}

}  // namespace viba
