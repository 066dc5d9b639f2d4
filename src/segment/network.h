#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <viba/frame.h>
#include <viba/matte.h>
#include <viba/result.h>

#include "segment/feed.h"
#include "segment/model_file.h"
#include "segment/network_input.h"

namespace viba {

/// How the numbers of an output lie in memory.
struct MapShape {
  Size size;
  int channels = 1;
  bool channels_last = false;
};

/// The network of a model file, made ready for frames of one size and fed as a `Feed` says.
/// Thread-safety: none.
class Network {
 public:
  /// Errors: those of `ModelFile::network`; kUnsupported where file and feed contradict each other.
  [[nodiscard]] static Result<Network> create(const ModelFile& file, const Feed& feed, Size frame,
                                              const Engine& engine);

  [[nodiscard]] Size input_size() const { return input_size_; }
  [[nodiscard]] double million_multiply_adds() const { return million_multiply_adds_; }  ///< 0: unknown

  /// Stretches a picture to the input's size and turns it into the network's numbers. An 8-bit RGB
  /// picture comes as three planes of one size.
  void fill(const Frame& frame);
  void fill(const std::array<ConstPlane, 3>& rgb);

  /// What it remembers of one run goes into the next. Errors: kInference.
  [[nodiscard]] Result<void> run();
  /// Forgets what it remembers.
  void reset();

  /// The output as it is, of the last run.
  [[nodiscard]] std::span<const float> values() const { return session_.outputs()[0].values; }
  [[nodiscard]] const MapShape& map() const { return map_; }
  /// In the model file's own order of axes.
  [[nodiscard]] const std::vector<std::int64_t>& file_shape() const { return file_shape_; }

 private:
  Network(ReadyNetwork ready, const Feed& feed, Size input_size);
  void hand_over(std::span<float> planes);

  OnnxSession session_;
  double million_multiply_adds_;
  Size input_size_;
  bool channels_last_ = false;  ///< the input's
  bool blue_first_;
  NetworkInput input_;
  std::vector<float> planes_;  ///< what is interleaved where the input has its channels last
  MapShape map_;
  std::vector<std::int64_t> file_shape_;
};

}  // namespace viba
