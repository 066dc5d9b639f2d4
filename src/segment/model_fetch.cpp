#include "segment/model_fetch.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/data_dirs.h"
#include "base/file_error.h"
#include "base/file_hash.h"
#include "base/file_lock.h"
#include "segment/file_bytes.h"
#include "segment/import_math.h"
#include "segment/model_install.h"
#include "segment/model_origin.h"
#include "segment/model_store.h"
#include "segment/tfjs_model.h"
#include "segment/tflite_model.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// Of a .json or .tflite file: some 20 times a real one.
constexpr std::uint64_t kMostMainBytes = std::uint64_t{1} << 24;
/// All shards of a group but the last, when TF.js's own converter made them.
constexpr std::uint64_t kFullShard = std::uint64_t{1} << 22;
/// A file beside the model's: where they are from.
constexpr const char* kNote = ".source";

/// One fetch, under the lock of its model.
class Fetch {
 public:
  Fetch(const ModelInfo& model, const FetchRequest& request, ModelOrigin origin, const Options& options, const Log& log)
      : model_(model),
        request_(request),
        origin_(std::move(origin)),
        folder_(options.model_dir),
        staging_(folder_ / fmt::format(".{}.part", model.name)),
        main_(fs::path(model.file).filename().string()),
        log_(log) {}

  Result<std::string> run() {
    auto result = prepare()
                      .and_then([this] { return fetch_main(); })
                      .and_then([this] { return fetch_shards(); })
                      .and_then([this] { return import(); })
                      .and_then([this] { return install_model(model_, staging_, folder_, names_); });
    if (!result) remove_if_empty();
    return result;
  }

  [[nodiscard]] std::string target() const { return (folder_ / model_.file).string(); }
  /// Whether another fetch has left the model and nothing to take up.
  [[nodiscard]] bool is_done() const {
    std::error_code error;
    return fs::exists(target(), error) && !fs::exists(staging_, error);
  }

 private:
  [[nodiscard]] bool is_tfjs() const { return main_.ends_with(".json"); }
  [[nodiscard]] std::string staged(const std::string& name) const { return (staging_ / name).string(); }
  /// For messages: the file where it comes from.
  [[nodiscard]] std::string original(const std::string& name) const { return origin_.shown() + printable(name); }

  /// Takes up what an earlier call has left, when it came from the same place.
  Result<void> prepare() {
    std::string source;
    std::getline(std::ifstream(staged(kNote)), source);
    std::error_code error;
    if (source != origin_.shown()) fs::remove_all(staging_, error);
    fs::create_directories(staging_, error);
    if (error) return tl::unexpected(cannot_write(staging_.string(), error.value()));
    errno = 0;
    std::ofstream note(staged(kNote));
    note << origin_.shown() << '\n' << std::flush;
    return note ? Result<void>{} : tl::unexpected(cannot_write(staged(kNote), errno == 0 ? EIO : errno));
  }

  /// Nothing is kept where nothing has come.
  void remove_if_empty() const {
    std::error_code error;
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(staging_, error))
      if (entry.path().filename() != kNote) bytes += fs::file_size(entry, error);
    if (!error && bytes == 0) fs::remove_all(staging_, error);
  }

  Result<void> fetch_main() {
    auto done = fetch_file(main_, kMostMainBytes);
    if (!done) return done;
    const auto json = main_bytes();
    if (!json) return tl::unexpected(json.error());
    auto groups = is_tfjs() ? tfjs::list_shards(*json, original(main_)) : Result<std::vector<tfjs::ShardGroup>>();
    if (!groups) return refuse(groups.error());
    for (const auto& group : *groups)
      for (const auto& name : group.names)
        if (!is_fit_for_a_shard(name))
          return refuse({ErrorCode::kUnsupported,
                         fmt::format("The model file {} cannot be used: its weights are to come from \"{}\", which is "
                                     "no name for them.",
                                     original(main_), printable(name))});
    groups_ = std::move(*groups);
    total_ = std::accumulate(groups_.begin(), groups_.end(), received_,
                             [](std::uint64_t sum, const auto& group) { return sum + group.bytes; });
    log_.info(fmt::format("Fetching {} ({:.1f} MB) from {} into {}{}.", model_.name, static_cast<double>(total_) / 1e6,
                          origin_.shown(), folder_.string(), request_.first_use ? "; this is done once" : ""));
    return {};
  }

  /// Hidden names are our own, a second main file would take the place of the first, and names are shown.
  [[nodiscard]] bool is_fit_for_a_shard(const std::string& name) const {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
    return !name.starts_with('.') && name != main_ && std::ranges::none_of(name, is_control);
  }

  Result<void> fetch_shards() {
    for (const auto& group : groups_)
      if (auto done = fetch_group(group); !done) return done;
    return {};
  }

  Result<void> fetch_group(const tfjs::ShardGroup& group) {
    std::uint64_t left = group.bytes;
    for (const auto& name : group.names) {
      if (auto done = fetch_file(name, left); !done) return done;
      left -= std::min<std::uint64_t>(left, size_of(name));
    }
    return left == 0 ? Result<void>{} : refuse_size(group);
  }

  /// The list holds only the sum of the shards' sizes. Those that TF.js's converter made are all full but
  /// the last; of others, any may be wrong.
  Result<void> refuse_size(const tfjs::ShardGroup& group) {
    const auto full = (group.names.size() - 1) * kFullShard;
    const bool usual = group.bytes > full && group.bytes <= full + kFullShard;
    std::uint64_t left = group.bytes;
    for (const auto& name : group.names) {
      const auto size = size_of(name);
      const bool last = &name == &group.names.back();
      if (last || (usual && size != kFullShard))
        return refuse_file(name, fmt::format("it has {} bytes of {}", size, last ? left : kFullShard));
      left -= std::min(left, size);
      if (!usual) (void)refuse({}, name);
    }
    return refuse_file(main_, "its list of weight files is not complete");
  }

  [[nodiscard]] std::uint64_t size_of(const std::string& name) const {
    std::error_code error;
    const auto size = fs::file_size(staged(name), error);
    return error ? 0 : size;
  }

  /// A file that is whole stays from one call to the next.
  Result<void> fetch_file(const std::string& name, std::uint64_t most_bytes) {
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
    std::string md5;
    if (std::error_code error; !fs::exists(staged(name), error)) {
      const auto progress = [&](std::uint64_t bytes) { report(name, received_ + bytes); };
      auto brought =
          origin_.bring({.name = name, .target = staged(name), .most_bytes = most_bytes}, progress, request_.stop);
      if (!brought && brought.error().code == ErrorCode::kUnsupported) return refuse(brought.error(), name);
      if (!brought) return tl::unexpected(brought.error());
      md5 = *brought;
    }
    received_ += size_of(name);
    report(name, received_);
    return verify(name, md5);
  }

  void report(const std::string& name, std::uint64_t received) const {
    if (request_.progress) request_.progress({.file = name, .received = received, .total = total_});
  }

  Result<void> verify(const std::string& name, const std::string& md5) {
    const auto known = std::ranges::find(model_.sums, name, &KnownSum::file);
    if (known != model_.sums.end())
      if (auto ok = compare(name, HashAlgorithm::kSha256, known->sha256); !ok) return ok;
    return md5.empty() ? Result<void>{} : compare(name, HashAlgorithm::kMd5, md5);
  }

  Result<void> compare(const std::string& name, HashAlgorithm algorithm, const std::string& expected) {
    const auto sum = hash_of_file(staged(name), algorithm);
    if (!sum) return tl::unexpected(sum.error());
    return *sum == expected ? Result<void>{} : refuse_file(name, "its checksum is not the right one");
  }

  Result<void> refuse_file(const std::string& name, std::string_view why) {
    return refuse({ErrorCode::kBadData,
                   fmt::format("{} is damaged or not the right file ({}), so {} was not installed; try again, or name "
                               "another folder with --from.",
                               original(name), why, model_.name)},
                  name);
  }

  /// What is wrong must not be taken up by the next call; nor may the list, which may be what is wrong.
  Result<void> refuse(Error error, const std::string& name = "") {
    std::error_code ignored;
    for (const auto& wrong : {name, name + ".part", main_})
      if (!wrong.empty()) fs::remove(staged(wrong), ignored);
    return tl::unexpected(std::move(error));
  }

  Result<std::string> main_bytes() const {
    return file_bytes(staged(main_), kMostMainBytes).map([](const std::vector<std::uint8_t>& bytes) {
      return std::string(bytes.begin(), bytes.end());
    });
  }

  /// Only what can be used takes an old installation's place.
  Result<void> import() {
    const auto bytes = main_bytes();
    if (!bytes) return tl::unexpected(bytes.error());
    const auto error = is_tfjs() ? import_error(tfjs::parse_model(*bytes, original(main_), staging_.string()))
                                 : import_error(tflite::check_model({bytes->begin(), bytes->end()}, original(main_)));
    if (!error) return {};
    std::error_code ignored;
    if (error->code == ErrorCode::kBadData || error->code == ErrorCode::kUnsupported) fs::remove_all(staging_, ignored);
    return tl::unexpected(*error);
  }

  template <class T>
  static std::optional<Error> import_error(const Result<T>& model) {
    return model ? std::nullopt : std::optional(model.error());
  }

  const ModelInfo& model_;
  const FetchRequest& request_;
  const ModelOrigin origin_;
  const fs::path folder_, staging_;
  const std::string main_;
  const Log& log_;
  std::vector<tfjs::ShardGroup> groups_;
  std::vector<std::string> names_;  ///< of all files of the model
  std::uint64_t received_ = 0, total_ = 0;
};

Result<std::string> fetch_locked(const ModelInfo& model, const FetchRequest& request, ModelOrigin origin,
                                 const Options& options, const Log& log) {
  bool waited = false;
  const auto on_wait = [&] {
    waited = true;
    log.info(fmt::format("{} is being fetched already; waiting for that to end.", model.name));
  };
  const auto path = fs::path(options.model_dir) / fmt::format(".{}.lock", model.name);
  const auto lock = FileLock::acquire(path.string(), on_wait, request.stop);
  if (!lock) return tl::unexpected(lock.error());
  Fetch fetch(model, request, std::move(origin), options, log);
  return waited && fetch.is_done() ? fetch.target() : fetch.run();
}

Error stopped(const ModelInfo& model) {
  return {
      ErrorCode::kClosed,
      fmt::format("Fetching {} was stopped; what has come is kept, and the next call goes on from there.", model.name)};
}

}  // namespace

Error not_installed(const ModelInfo& model, const Options& options) {
  std::vector<std::string> places;
  if (!options.model_dir.empty()) places.push_back(options.model_dir);
  for (const auto& dir : data_dirs(options)) places.push_back(dir + "/models");
  const auto how = !model.how_to_get.empty() ? model.how_to_get
                                             : fmt::format("run viba models fetch {}, which brings it.", model.name);
  return {ErrorCode::kNotFound,
          fmt::format("The model {} is not installed (looked for {} in {}); {}", model.name, model.file,
                      places.empty() ? "no folder" : fmt::format("{}", fmt::join(places, ", ")), how)};
}

Result<std::string> fetch_model(const ModelInfo& model, const FetchRequest& request, const Options& options,
                                const Log& log) {
  if (request.from.empty() && !model.how_to_get.empty()) {
    if (auto file = installed_file(model, options)) return *file;
    return tl::unexpected(not_installed(model, options));
  }
  if (options.model_dir.empty())
    return fail(ErrorCode::kUsage,
                fmt::format("There is no folder to put {} into; say where with the variable XDG_DATA_HOME or HOME.",
                            model.name));
  auto origin = ModelOrigin::of(model, request.from);
  if (!origin) return tl::unexpected(origin.error());
  std::error_code error;
  fs::create_directories(options.model_dir, error);
  if (error) return tl::unexpected(cannot_write(options.model_dir, error.value()));

  auto result = fetch_locked(model, request, std::move(*origin), options, log);
  return !result && result.error().code == ErrorCode::kClosed ? tl::unexpected(stopped(model)) : result;
}

}  // namespace viba
