#include "segment/make_segmenter.h"

#include <fmt/format.h>

#include <exception>

#include "segment/cropping_segmenter.h"
#include "segment/model_store.h"
#include "segment/network_segmenter.h"

namespace viba {
namespace {

constexpr Size kTrialFrame{64, 64};  ///< enough to see that the network runs

}  // namespace

Result<std::unique_ptr<NetworkSegmenter>> make_network_segmenter(const Options& options, const Log& log) try {
  auto model = load_model(options.model_name, options, log);
  if (!model) return tl::unexpected(std::move(model).error());
  if (!model->guess.doubts.empty()) return tl::unexpected(doubtful(model->file->path(), model->guess.doubts));
  auto engine = make_engine(options, log);
  if (!engine) return tl::unexpected(std::move(engine).error());
  auto segmenter = std::make_unique<NetworkSegmenter>(std::move(*model), std::move(*engine), log);
  auto done = segmenter->prepare(kTrialFrame);
  if (!done && options.gpu == Gpu::kAuto && segmenter->engine().provider != Provider::kCpu) {
    segmenter->move_to_cpu(done.error());
    done = segmenter->prepare(kTrialFrame);
  }
  if (!done) return tl::unexpected(std::move(done).error());
  return segmenter;
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be made ready ({}).", error.what()));
}

Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log) {
  return make_network_segmenter(options, log)
      .map([&](std::unique_ptr<NetworkSegmenter>&& network) -> std::unique_ptr<Segmenter> {
        const Feed& feed = network->feed();
        if (!options.roi || !feed.input.size || !feed.states.empty()) return std::move(network);
        const double threshold = options.segmentation_threshold.value_or(network->threshold());
        return std::make_unique<CroppingSegmenter>(std::move(network), *feed.input.size, threshold);
      });
}

std::function<Result<std::unique_ptr<Segmenter>>()> lighter_segmenter(const Options& options, const Log& log) {
  const ModelInfo* model = find_model(options.model_name);
  do model = model ? find_model(model->lighter) : nullptr;
  while (model && !installed_file(*model, options));
  if (!model) return {};
  Options lighter = options;
  lighter.model_name = model->name;
  return [lighter, log] { return make_segmenter(lighter, log); };
}

}  // namespace viba
