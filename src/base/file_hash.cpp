#include "base/file_hash.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <span>

extern "C" {
#include <libavutil/hash.h>
#include <libavutil/mem.h>
}

#include <fmt/format.h>

#include "base/file_error.h"

namespace viba {
namespace {

struct FreeHash {
  void operator()(AVHashContext* context) const { av_hash_freep(&context); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

Result<std::string> hash_of_file(const std::string& path, HashAlgorithm algorithm) {
  AVHashContext* made = nullptr;
  if (av_hash_alloc(&made, algorithm == HashAlgorithm::kMd5 ? "MD5" : "SHA256") < 0)
    return fail(ErrorCode::kInternal, fmt::format("The checksum of {} could not be computed.", path));
  const std::unique_ptr<AVHashContext, FreeHash> context(made);
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return tl::unexpected(cannot_read(path, errno));
  av_hash_init(context.get());
  std::array<std::uint8_t, 1 << 16> block{};
  while (const auto count = std::fread(block.data(), 1, block.size(), file.get()))
    av_hash_update(context.get(), block.data(), count);
  if (std::ferror(file.get()) != 0) return tl::unexpected(cannot_read(path, errno));
  std::array<std::uint8_t, AV_HASH_MAX_SIZE> sum{};
  av_hash_final(context.get(), sum.data());
  return hex_of(std::span(sum).first(static_cast<std::size_t>(av_hash_get_size(context.get()))));
}

}  // namespace viba
