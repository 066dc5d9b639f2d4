#include "segment/model_origin.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "base/download.h"
#include "base/file_error.h"
#include "base/resumable_file.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// Names come from a model's own list and may hold anything; a server must see them as one name.
std::string in_url(std::string_view name) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string result;
  for (const char c : name)
    result += kPlain.find(c) != std::string_view::npos ? std::string(1, c)
                                                       : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return result;
}

/// The path of a file:// URL.
std::string path_of(std::string_view url) {
  std::string result;
  for (url.remove_prefix(std::string_view("file://").size()); !url.empty();) {
    unsigned char byte = 0;
    const auto* digits = url.data() + 1;
    if (url.size() > 2 && url[0] == '%' && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      result += static_cast<char>(byte);
      url.remove_prefix(3);
    } else {
      result += url[0];
      url.remove_prefix(1);
    }
  }
  return result;
}

std::string with_slash(std::string text) {
  if (!text.ends_with('/')) text += '/';
  return text;
}

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

Result<void> copy(const std::string& from, const ModelOrigin::File& file,
                  const std::function<void(std::uint64_t)>& progress, const std::stop_token& stop) {
  const std::unique_ptr<std::FILE, CloseFile> source(std::fopen(from.c_str(), "rbe"));
  if (!source) return tl::unexpected(cannot_read(from, errno));
  auto target = ResumableFile::open(file.target);
  if (!target) return tl::unexpected(target.error());
  auto done = target->start_over();
  std::array<std::uint8_t, 1 << 16> block{};
  while (const auto count = done ? std::fread(block.data(), 1, block.size(), source.get()) : 0) {
    if (stop.stop_requested()) return fail(ErrorCode::kClosed, fmt::format("Copying {} was stopped.", from));
    if (target->size() + count > file.most_bytes)
      return fail(ErrorCode::kUnsupported, fmt::format("{} is larger than the {} bytes that it may have; it is not the "
                                                       "right file.",
                                                       from, file.most_bytes));
    done = target->append({block.data(), count});
    progress(target->size());
  }
  if (!done) return done;
  if (std::ferror(source.get()) != 0) return tl::unexpected(cannot_read(from, errno));
  return target->finish();
}

}  // namespace

Result<ModelOrigin> ModelOrigin::of(const ModelInfo& model, const std::string& from) {
  if (from.empty()) return ModelOrigin(with_slash(fs::path(model.source).parent_path().string()), true);
  if (is_web_url(from)) {
    if (from.find_first_of("?#") == std::string::npos) return ModelOrigin(with_slash(from), true);
    return fail(ErrorCode::kUsage, fmt::format("--from {} holds a ? or a #; give the address of a folder, to which the "
                                               "names of files can be added.",
                                               shown_url(from)));
  }
  const bool file_url = from.starts_with("file://");
  if (from.find("://") != std::string::npos && !file_url)
    return fail(ErrorCode::kUsage,
                fmt::format("--from {} is of no kind that ViBa fetches from; give a folder, or a URL that begins with "
                            "https:// or http://.",
                            shown_url(from)));
  std::error_code error;
  const auto folder = fs::absolute(file_url ? path_of(from) : from, error);
  if (!error && fs::is_directory(folder, error)) return ModelOrigin(with_slash(folder.string()), false);
  return fail(ErrorCode::kUsage, fmt::format("--from {} is no folder; give the one in which {} lies.", from,
                                             fs::path(model.file).filename().string()));
}

std::string ModelOrigin::shown() const { return web_ ? shown_url(base_) : base_; }

Result<std::string> ModelOrigin::bring(const File& file, const std::function<void(std::uint64_t)>& progress,
                                       const std::stop_token& stop) const {
  if (!web_) return copy(base_ + file.name, file, progress, stop).map([] { return std::string(); });
  return download({.url = base_ + in_url(file.name),
                   .path = file.target,
                   .most_bytes = file.most_bytes,
                   .progress = progress,
                   .stop = stop})
      .map([](const Downloaded& downloaded) { return downloaded.md5; });
}

}  // namespace viba
