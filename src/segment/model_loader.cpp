#include "segment/model_loader.h"

#include <fmt/format.h>

#include <utility>

#include "segment/model_store.h"
#include "segment/model_table.h"

namespace viba {
namespace {

Result<LoadedModel> load_known(const ModelInfo& model, const Options& options, const Log& log) {
  auto path = model_file(model, options, log);
  if (!path) return tl::unexpected(std::move(path).error());
  log.debug(fmt::format("The model comes from {}.", *path));
  return open_model_file(*path).map([&](std::unique_ptr<ModelFile>&& file) {
    return LoadedModel{std::move(file), {.feed = model.feed}, model.description};
  });
}

Result<LoadedModel> load_file(const std::string& path, Description use) {
  auto file = model_file_in(path).and_then(open_model_file);
  if (!file) return tl::unexpected(std::move(file).error());
  auto feed = use == Description::kUsed ? described_feed(**file) : guess_feed(**file);
  return std::move(feed).map([&](FeedGuess&& guess) {
    std::string description = guess.family.empty() ? path : guess.family;
    return LoadedModel{std::move(*file), std::move(guess), std::move(description)};
  });
}

}  // namespace

Result<LoadedModel> load_model(const std::string& name, const Options& options, const Log& log,
                               Description description) {
  if (const ModelInfo* model = find_model(name)) return load_known(*model, options, log);
  if (is_model_file(name)) return load_file(name, description);
  return fail(ErrorCode::kUsage, fmt::format("There is no model called '{}': {}; or give the path of a .tflite, .onnx "
                                             "or .json file.",
                                             name, known_names(name)));
}

}  // namespace viba
