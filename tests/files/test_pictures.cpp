#include "files/test_pictures.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace viba::test {

TempFolder::TempFolder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = fmt::format("viba-files-{}-{}-{}", ::getpid(), info->test_suite_name(), info->name());
  std::ranges::replace(name, '/', '-');
  path_ = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TempFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

namespace {

template <class Value>
void paint(Plane plane, Value value) {
  for (int y = 0; y < plane.size.height; ++y)
    for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = static_cast<std::uint8_t>(value(x, y));
}

double squared_error(ConstPlane a, ConstPlane b) {
  double sum = 0;
  for (int y = 0; y < a.size.height; ++y)
    for (int x = 0; x < a.size.width; ++x) sum += std::pow(a.row(y)[x] - b.row(y)[x], 2);
  return sum;
}

}  // namespace

Frame test_frame(Size size, int number) {
  FramePool pool;
  auto frame = pool.acquire(size);
  const double phase = number * 0.3;
  paint(frame->y(), [&](int x, int y) { return 125 + 70 * std::sin(x * 0.06 + phase) * std::cos(y * 0.05 - phase); });
  paint(frame->u(), [&](int x, int y) { return 128 + 14 * std::sin(x * 0.04 - phase) + 6 * std::cos(y * 0.05); });
  paint(frame->v(), [&](int x, int y) { return 128 + 14 * std::cos(y * 0.04 + phase) + 6 * std::sin(x * 0.05); });
  return std::move(*frame).freeze({static_cast<std::uint64_t>(number), {}, {}});
}

Matte test_matte(Size size, int number) {
  MattePool pool;
  auto matte = pool.acquire(size);
  paint(matte->alpha(), [&](int x, int y) { return (x * 7 + y * 13 + number * 31) & 255; });
  return std::move(*matte).freeze({static_cast<std::uint64_t>(number), {}, {}});
}

bool same_pixels(ConstPlane a, ConstPlane b) {
  if (a.size != b.size) return false;
  for (int y = 0; y < a.size.height; ++y)
    if (!std::equal(a.row(y), a.row(y) + a.size.width, b.row(y))) return false;
  return true;
}

bool same_pixels(const Frame& a, const Frame& b) {
  return same_pixels(a.y(), b.y()) && same_pixels(a.u(), b.u()) && same_pixels(a.v(), b.v());
}

double psnr(const Frame& a, const Frame& b) {
  if (a.size() != b.size()) return 0;
  const double error = squared_error(a.y(), b.y()) + squared_error(a.u(), b.u()) + squared_error(a.v(), b.v());
  const double mean = error / (1.5 * a.size().width * a.size().height);
  return mean == 0 ? 100 : 10 * std::log10(255 * 255 / mean);
}

Yuv pixel(const Frame& frame, int x, int y) {
  return {frame.y().row(y)[x], frame.u().row(y / 2)[x / 2], frame.v().row(y / 2)[x / 2]};
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace viba::test
