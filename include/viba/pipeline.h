#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// How long a stage took over its last thousand or so frames.
struct StageTimes {
  std::string_view name;
  double median_ms = 0;
  double p95_ms = 0;
};

struct Statistics {
  std::uint64_t frames_in = 0;     ///< frames that came from the source
  std::uint64_t frames_out = 0;    ///< frames that went to the sinks, placeholders included
  std::uint64_t masks = 0;         ///< runs of the network
  std::uint64_t dropped = 0;       ///< frames replaced by a newer one before they were processed, or left out to save
  std::uint64_t skipped = 0;       ///< pictures that came damaged from the source and were left out
  std::uint64_t placeholders = 0;  ///< frames shown without the person because no matte could be trusted
  double frames_per_second = 0;    ///< out, over the time the numbers cover
  double masks_per_second = 0;
  std::vector<StageTimes> stages;  ///< in the order of the pipeline
};

/// "29.9 frames/s, 29.9 masks/s; ms median/p95: capture 1.2/1.5, …; 0 dropped": one line for people.
[[nodiscard]] VIBA_EXPORT std::string describe(const Statistics& statistics);

/// What a pipeline is made of. A program may bring any of them itself.
struct Stages {
  std::unique_ptr<Source> source;
  std::unique_ptr<Segmenter> segmenter;
  std::unique_ptr<Refiner> refiner;
  std::unique_ptr<Compositor> compositor;
  std::vector<std::unique_ptr<Sink>> sinks;
  /// Opens a smaller network for when `max_cpu` is not kept with the usual one. Called once at most, on the thread that
  /// segments. Empty: there is none.
  std::function<Result<std::unique_ptr<Segmenter>>()> lighter;
};

/// Opens everything that `options` ask for, the way the `viba` program does. Says through `log` what
/// was chosen. Errors: of the stages, each one sentence.
[[nodiscard]] VIBA_EXPORT Result<Stages> open_stages(const Options& options, const Log& log);

/// source → segment → refine → composite → sinks, on a few threads of its own.
/// Whatever fails, no frame leaves in which the room could show: it is replaced by a placeholder,
/// and the reason is logged once. A live source rests while no sink is watched.
/// Thread-safety: `statistics`, `forget_room` and `learn_room` from any thread; everything else from one.
class VIBA_EXPORT Pipeline {
 public:
  /// Takes from `options`: mask_mode, max_mask_age, max_cpu, idle_timeout, always_on.
  Pipeline(Stages stages, const Options& options, Log log);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Runs until the source ends, a sink closes or a stop is asked for; all of these are success.
  /// Once only. Returns the numbers of the whole run.
  /// Errors: the source is lost and does not recover (files), a sink cannot be written.
  [[nodiscard]] Result<Statistics> run(std::stop_token stop);

  /// The numbers so far.
  [[nodiscard]] Statistics statistics() const;

  /// What was learnt of the room is forgotten; from any thread.
  void forget_room();
  /// Learns the room anew from an empty picture: a notice asks the person to step out of it; from any thread.
  void learn_room();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes the mattes alone: of a picture into an 8-bit gray .png, of a folder of pictures into a
/// folder of such under the same stems, of a video into a lossless gray .mkv (FFV1), frame for frame.
/// They are exactly what a pipeline of the same options would composite with.
/// Takes from `options`: model_name, segmentation_threshold, roi, people, learn_room, clean_plate, edge_softness,
/// edge_shift, gpu, threads, ort_library, data_dirs, model_dir.
/// Returns how many were written. Errors: those of the files, of the model, and kInference.
[[nodiscard]] VIBA_EXPORT Result<int> extract_mattes(const std::string& input, const std::string& output,
                                                     const Options& options, const Log& log, std::stop_token stop);

}  // namespace viba
