#include "media/jpeg_decoder.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <turbojpeg.h>

#include "media/scale.h"

namespace viba {

struct JpegDecoder::Header {
  Size size;
  int subsampling = TJSAMP_420;
  [[nodiscard]] int plane_count() const { return subsampling == TJSAMP_GRAY ? 1 : 3; }
  [[nodiscard]] Size plane_size(int plane) const {
    return {tjPlaneWidth(plane, size.width, subsampling), tjPlaneHeight(plane, size.height, subsampling)};
  }
};

/// Where one plane is decoded to, and what of it the frame takes.
struct JpegDecoder::Target {
  Plane coded;
  Plane wanted;
  Size used;  ///< the part of `coded` that shows what `wanted` shows
  [[nodiscard]] bool direct() const { return coded.data == wanted.data; }
};

namespace {

/// The frame's share of a plane: what is cut from an odd picture is cut from its chroma too.
Size used_part(Size coded_picture, Size coded_plane, Size frame) {
  const auto share = [](int picture, int plane, int wanted) {
    const int divisor = (picture + plane - 1) / plane;
    return std::min(plane, (wanted + divisor - 1) / divisor);
  };
  return {share(coded_picture.width, coded_plane.width, frame.width),
          share(coded_picture.height, coded_plane.height, frame.height)};
}

std::size_t bytes_of(Size size) { return std::size_t(size.width) * std::size_t(size.height); }

void fill_gray(Plane plane) {
  for (int y = 0; y < plane.size.height; ++y) std::memset(plane.row(y), 128, std::size_t(plane.size.width));
}

}  // namespace

void JpegDecoder::Destroy::operator()(void* handle) const noexcept { tjDestroy(handle); }

Result<JpegDecoder> JpegDecoder::create() {
  if (void* handle = tjInitDecompress()) return JpegDecoder(handle);
  return fail(ErrorCode::kInternal, "There is not enough memory to decode the camera's JPEG pictures.");
}

Result<JpegDecoder::Header> JpegDecoder::read_header(std::span<const std::uint8_t> jpeg, Size size) {
  Header header;
  int colorspace = -1;
  if (tjDecompressHeader3(handle_.get(), jpeg.data(), static_cast<unsigned long>(jpeg.size()), &header.size.width,
                          &header.size.height, &header.subsampling, &colorspace) != 0)
    return fail(ErrorCode::kBadData, "The picture is not a readable JPEG.");
  if (colorspace != TJCS_YCbCr && colorspace != TJCS_GRAY)
    return fail(ErrorCode::kBadData, "The JPEG picture is neither in YUV nor in gray.");
  if (round_to_even(header.size) != size)
    return fail(ErrorCode::kBadData, fmt::format("The JPEG picture has {}x{} pixels instead of {}x{}.",
                                                 header.size.width, header.size.height, size.width, size.height));
  for (int plane = 0; plane < header.plane_count(); ++plane)
    if (header.plane_size(plane).width <= 0 || header.plane_size(plane).height <= 0)
      return fail(ErrorCode::kBadData, "The JPEG picture samples its colours in an unknown way.");
  return header;
}

bool JpegDecoder::harmless_warning() const {
  // Many webcams pad the end of every picture with a few bytes. libjpeg tells that only in words,
  // and as the first warning is the one it keeps, nothing else was wrong with the picture.
  constexpr std::string_view kBefore = "Corrupt JPEG data: ";
  constexpr std::string_view kAfter = " extraneous bytes before marker 0xd9";
  constexpr int kMostPadding = 16;
  if (tjGetErrorCode(handle_.get()) != TJERR_WARNING) return false;
  const std::string_view text = tjGetErrorStr2(handle_.get());
  if (!text.starts_with(kBefore) || !text.ends_with(kAfter)) return false;
  int count = 0;
  const auto number = text.substr(kBefore.size());
  return std::from_chars(number.data(), number.data() + number.size(), count).ec == std::errc{} &&
         count <= kMostPadding;
}

Result<void> JpegDecoder::decode(std::span<const std::uint8_t> jpeg, const MutableFrame& frame) {
  auto decoded = decode_planes(jpeg, frame);
  // An error within the header leaves libjpeg-turbo inside of it, and the next picture would fail too.
  if (!decoded) handle_.reset(tjInitDecompress());
  return decoded;
}

Result<void> JpegDecoder::decode_planes(std::span<const std::uint8_t> jpeg, const MutableFrame& frame) {
  const auto header = read_header(jpeg, frame.size());
  if (!header) return tl::unexpected(header.error());
  const std::array wanted{frame.y(), frame.u(), frame.v()};
  std::array<Target, 3> targets;
  std::size_t scratch_bytes = 0;
  for (int i = 0; i < header->plane_count(); ++i) {
    const auto at = std::size_t(i);
    const Size coded = header->plane_size(i);
    targets[at] = {wanted[at], wanted[at], used_part(header->size, coded, frame.size())};
    if (coded == wanted[at].size) continue;
    targets[at].coded = {nullptr, coded.width, coded};
    scratch_bytes += bytes_of(coded);
  }
  if (scratch_.size() < scratch_bytes) scratch_.resize(scratch_bytes);

  std::array<std::uint8_t*, 3> planes{};
  std::array<int, 3> strides{};
  std::uint8_t* next = scratch_.data();
  for (std::size_t i = 0; i < std::size_t(header->plane_count()); ++i) {
    Target& target = targets[i];
    if (!target.coded.data) target.coded.data = std::exchange(next, next + bytes_of(target.coded.size));
    planes[i] = target.coded.data;
    strides[i] = target.coded.stride;
  }
  const int rc = tjDecompressToYUVPlanes(handle_.get(), jpeg.data(), static_cast<unsigned long>(jpeg.size()),
                                         planes.data(), header->size.width, strides.data(), header->size.height, 0);
  if (rc != 0 && !harmless_warning()) return fail(ErrorCode::kBadData, "The JPEG picture is damaged.");

  for (const Target& target : targets) {
    if (target.direct()) continue;
    scale({target.coded.data, target.coded.stride, target.used}, target.wanted);
  }
  if (header->plane_count() == 1) {
    fill_gray(frame.u());
    fill_gray(frame.v());
  }
  return {};
}

}  // namespace viba
