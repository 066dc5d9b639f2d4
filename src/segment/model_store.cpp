#include "segment/model_store.h"

#include <exception>
#include <filesystem>

#include <fmt/format.h>

#include "base/data_dirs.h"
#include "segment/model_fetch.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

ModelListing listing_of(const ModelInfo& model, const Options& options) {
  ModelListing listing{.name = model.name,
                       .aliases = model.aliases,
                       .description = model.description,
                       .licence = model.licence,
                       .source = model.source,
                       .input = input_in_words(model),
                       .bytes = model.bytes};
  if (const auto file = installed_file(model, options)) {
    listing.installed = *file;
    listing.bytes = bytes_of_model(model, *file);
  }
  return listing;
}

/// Tells of each further quarter: the one who waits has no progress bar.
FetchProgress quarters_to(const Log& log, const std::string& name) {
  return [log, name, said = std::uint64_t{0}](const FetchState& state) mutable {
    const auto quarter = state.total == 0 ? 0 : state.received * 4 / state.total;
    if (quarter > said && quarter < 4) log.info(fmt::format("{}: {} % have come.", name, quarter * 25));
    said = std::max(said, quarter);
  };
}

}  // namespace

std::optional<std::string> installed_file(const ModelInfo& model, const Options& options) {
  std::error_code error;
  if (const auto file = fs::path(options.model_dir) / model.file; !options.model_dir.empty() && fs::exists(file, error))
    return file.string();
  return find_data_file(options, fmt::format("models/{}", model.file));
}

std::uint64_t bytes_of_model(const ModelInfo& model, const std::string& main_file) {
  std::error_code error;
  const auto size_of = [&error](const fs::path& file) {
    const auto size = fs::file_size(file, error);
    return error ? 0 : size;
  };
  if (!fs::path(model.file).has_parent_path()) return size_of(main_file);
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(main_file).parent_path(), error))
    bytes += size_of(entry.path());
  return bytes;
}

Result<std::string> model_file(const ModelInfo& model, const Options& options, const Log& log,
                               const std::stop_token& stop) {
  if (auto file = installed_file(model, options)) return *file;
  if (!model.how_to_get.empty() || options.model_dir.empty()) return tl::unexpected(not_installed(model, options));
  return fetch_model(model, {.progress = quarters_to(log, model.name), .stop = stop, .first_use = true}, options, log);
}

std::vector<ModelListing> list_models(const Options& options) {
  std::vector<ModelListing> listings;
  for (const auto& model : model_table()) listings.push_back(listing_of(model, options));
  return listings;
}

Result<std::string> fetch_model(std::string_view name, const std::string& from, const Options& options,
                                const FetchProgress& progress, const Log& log, std::stop_token stop) try {
  if (const ModelInfo* model = find_model(name))
    return fetch_model(*model, {.from = from, .progress = progress, .stop = std::move(stop)}, options, log);
  return fail(ErrorCode::kUsage, fmt::format("There is no model {}; {}.", name, known_names(name)));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The model {} could not be fetched ({}).", name, error.what()));
}

}  // namespace viba
