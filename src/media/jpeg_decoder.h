#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <viba/frame.h>
#include <viba/result.h>

namespace viba {

/// Decodes the JPEG pictures of cameras straight to planes, without a way over RGB.
/// Thread-safety: none.
class JpegDecoder {
 public:
  /// Errors: kInternal when libjpeg-turbo has no memory.
  [[nodiscard]] static Result<JpegDecoder> create();

  /// Fills `frame` with the numbers that stand in the JPEG, which are full range as a rule. The
  /// picture must be as large as the frame, or one pixel larger where it is odd; that pixel is cut.
  /// Huffman tables may be missing, as webcams leave them out: the standard's are taken then.
  /// After an error the frame's contents are undefined. Errors: kBadData (not a JPEG, damaged, cut
  /// short, of another size, or not in YUV or gray).
  [[nodiscard]] Result<void> decode(std::span<const std::uint8_t> jpeg, const MutableFrame& frame);

 private:
  struct Destroy {
    void operator()(void* handle) const noexcept;
  };
  struct Header;
  struct Target;

  explicit JpegDecoder(void* handle) : handle_(handle) {}
  [[nodiscard]] Result<void> decode_planes(std::span<const std::uint8_t> jpeg, const MutableFrame& frame);
  [[nodiscard]] Result<Header> read_header(std::span<const std::uint8_t> jpeg, Size size);
  [[nodiscard]] bool harmless_warning() const;

  std::unique_ptr<void, Destroy> handle_;
  std::vector<std::uint8_t> scratch_;  ///< planes that do not have the frame's size as they are coded
};

}  // namespace viba
