#include "segment/model_loader.h"

#include <fmt/format.h>

#include <utility>

#include "base/data_dirs.h"
#include "segment/model_table.h"

namespace viba {
namespace {

std::string known_names(std::string_view /*name*/) {
  std::string names;
  for (const auto& model : model_table()) names += fmt::format("{}{}", names.empty() ? "use " : ", ", model.name);
  return names;
}

Result<std::string> model_file(const ModelInfo& model, const Options& options, const Log& /*log*/) {
  const std::string relative = fmt::format("models/{}", model.file);
  if (auto found = find_data_file(options, relative)) return *found;
  const auto dirs = data_dirs(options);
  return fail(ErrorCode::kNotFound,
              fmt::format("The model {} was not found (looked for {} in {}); run ./scripts/run, which fetches it.",
                          model.name, relative, dirs.empty() ? "no folder" : fmt::format("{}", fmt::join(dirs, ", "))));
}

Result<LoadedModel> load_known(const ModelInfo& model, const Options& options, const Log& log) {
  auto path = model_file(model, options, log);
  if (!path) return tl::unexpected(std::move(path).error());
  log.debug(fmt::format("The model comes from {}.", *path));
  return open_model_file(*path).map([&](std::unique_ptr<ModelFile>&& file) {
    return LoadedModel{std::move(file), {.feed = model.feed}, std::string(model.description)};
  });
}

Result<LoadedModel> load_file(const std::string& path, Description use) {
  auto file = open_model_file(path);
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
