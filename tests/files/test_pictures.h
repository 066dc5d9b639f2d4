#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <viba/frame.h>
#include <viba/matte.h>
#include <viba/safe_frame.h>

namespace viba::test {

/// A folder of its own for each test, removed with it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// Names of what lies in it, hidden files included, in alphabetical order.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

/// A smooth coloured picture, another one for each number; all its colours exist in RGB.
[[nodiscard]] Frame test_frame(Size size, int number = 0);
/// A matte in which every value occurs.
[[nodiscard]] Matte test_matte(Size size, int number = 0);

[[nodiscard]] bool same_pixels(ConstPlane a, ConstPlane b);
[[nodiscard]] bool same_pixels(const Frame& a, const Frame& b);
/// In dB, over all three planes; 100 for equal pictures.
[[nodiscard]] double psnr(const Frame& a, const Frame& b);

struct Yuv {
  int y, u, v;
};
[[nodiscard]] Yuv pixel(const Frame& frame, int x, int y);

/// Lets tests send any frame to a sink.
class Voucher : private SafeFrameMaker {
 public:
  [[nodiscard]] static SafeFrame safe(Frame frame) { return vouch_for(std::move(frame)); }
};

void write_bytes(const std::string& path, std::string_view bytes);
[[nodiscard]] std::string read_bytes(const std::string& path);

}  // namespace viba::test
