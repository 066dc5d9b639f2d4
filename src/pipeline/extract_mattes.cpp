#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <viba/pipeline.h>

#include "media/video_reader.h"
#include "media/video_writer.h"
#include "pipeline/matte_maker.h"
#include "refine/matte_refiner.h"
#include "segment/make_segmenter.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// The size that the file's own pictures are shown at: frames are rounded down to even, mattes not.
Size shown_size(const VideoInfo& info) {
  const Size turned{info.coded_size.height, info.coded_size.width};
  return round_to_even(info.coded_size) == info.size ? info.coded_size : turned;
}

/// The matte of one frame after the other, as a pipeline of the same options makes it.
class Mattist {
 public:
  Mattist(std::unique_ptr<Segmenter> segmenter, std::unique_ptr<Refiner> refiner)
      : segmenter_(std::move(segmenter)), refiner_(std::move(refiner)), maker_(*segmenter_, *refiner_, meter_) {}

  /// The next frame is of another room.
  void start_anew() {
    maker_.reset();
    maker_.forget_room();
  }

  Result<Matte> make(const Frame& frame, Size size) {
    return maker_.make(frame).and_then([&](Matte&& matte) { return extended(std::move(matte), size); });
  }

  /// The same of a film's frames; while the room is learnt from those without anybody, nobody is what they show.
  Result<Matte> make_of_film(const Frame& frame, Size size) {
    auto matte = make(frame, size);
    if (matte || matte.error().code != ErrorCode::kAskedAway) return matte;
    return pool_.acquire(size).map([&](MutableMatte&& empty) {
      for (int y = 0; y < size.height; ++y) std::fill_n(empty.alpha().row(y), size.width, std::uint8_t{0});
      return std::move(empty).freeze(frame.info());
    });
  }

 private:
  /// Repeats the last column and row where the file has one more than the frame.
  Result<Matte> extended(Matte matte, Size size) {
    if (matte.size() == size) return matte;
    return pool_.acquire(size).map([&](MutableMatte&& larger) {
      const Size inner = matte.size();
      for (int y = 0; y < size.height; ++y) {
        const std::uint8_t* from = matte.alpha().row(std::min(y, inner.height - 1));
        for (int x = 0; x < size.width; ++x) larger.alpha().row(y)[x] = from[std::min(x, inner.width - 1)];
      }
      return std::move(larger).freeze(matte.info());
    });
  }

  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Refiner> refiner_;
  Meter meter_;
  MatteMaker maker_;
  MattePool pool_;
};

/// What was begun is not left behind as if it were whole.
tl::unexpected<Error> stopped(const std::string& output) {
  return fail(ErrorCode::kClosed, fmt::format("Stopped before {} was complete.", output));
}

Result<int> matte_of_picture(VideoReader reader, const std::string& input, const std::string& output,
                             Mattist& mattist) {
  if (!output.ends_with(".png"))
    return fail(ErrorCode::kUsage,
                fmt::format("The matte of a picture is a PNG; give {} a name that ends in .png.", output));
  mattist.start_anew();
  const auto frame = reader.next();
  if (!frame) return tl::unexpected(frame.error());
  if (!*frame) return fail(ErrorCode::kBadData, fmt::format("{} holds no picture; choose another file.", input));
  return mattist.make(**frame, shown_size(reader.info()))
      .and_then([&](const Matte& matte) { return write_png(output, matte); })
      .map([] { return 1; });
}

Result<int> mattes_of_video(VideoReader reader, const std::string& output, Mattist& mattist,
                            const std::stop_token& stop) {
  constexpr double kUnknownRate = 25;
  const Size size = shown_size(reader.info());
  const double rate = reader.info().frames_per_second > 0 ? reader.info().frames_per_second : kUnknownRate;
  auto writer = VideoWriter::create(output, size, rate, VideoContent::kMattes);
  if (!writer) return tl::unexpected(writer.error());
  int count = 0;
  while (!stop.stop_requested()) {
    const auto frame = reader.next();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) break;
    auto ok = mattist.make_of_film(**frame, size).and_then([&](const Matte& matte) { return writer->write(matte); });
    if (!ok) return tl::unexpected(ok.error());
    ++count;
  }
  if (stop.stop_requested()) return stopped(output);
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
  const auto same = std::ranges::adjacent_find(files, {}, [](const fs::path& file) { return file.stem(); });
  if (same != files.end())
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
    if (stop.stop_requested()) return stopped(output);
    auto reader = VideoReader::open(file.string());
    if (!reader || !reader->info().picture) {
      log.warning(reader ? fmt::format("{} is a video; it is left out.", file.string()) : reader.error().message);
      continue;
    }
    const auto target = (fs::path(output) / file.stem()).string() + ".png";
    if (auto one = matte_of_picture(std::move(*reader), file.string(), target, mattist); !one) return one;
    log.debug(target);
    ++count;
  }
  if (count == 0) return fail(ErrorCode::kNotFound, fmt::format("The folder {} holds no pictures.", input));
  return count;
}

}  // namespace

Result<int> extract_mattes(const std::string& input, const std::string& output, const Options& options, const Log& log,
                           std::stop_token stop) {
  auto segmenter = make_segmenter(options, log);
  if (!segmenter) return tl::unexpected(segmenter.error());
  auto refiner = make_refiner(options, (*segmenter)->threshold(), log);
  if (!refiner) return tl::unexpected(refiner.error());
  Mattist mattist(std::move(*segmenter), std::move(*refiner));
  std::error_code error;
  if (fs::weakly_canonical(input, error) == fs::weakly_canonical(output, error))
    return fail(ErrorCode::kUsage,
                fmt::format("{} would be overwritten by its own matte; name another output.", input));
  if (fs::is_directory(input, error)) return mattes_of_folder(input, output, mattist, log, stop);
  auto reader = VideoReader::open(input);
  if (!reader) return tl::unexpected(reader.error());
  if (reader->info().picture) return matte_of_picture(std::move(*reader), input, output, mattist);
  return mattes_of_video(std::move(*reader), output, mattist, stop);
}

}  // namespace viba
