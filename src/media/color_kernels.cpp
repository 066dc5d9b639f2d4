#include "media/color_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/color_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::color::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kHalf = 1 << (kShift - 1);
constexpr int kGray = (128 << kShift) + kHalf;

#if HWY_TARGET != HWY_SCALAR
/// As many chroma samples as `Wide` has lanes, and the pixels above them.
struct Block {
  using Wide = hn::ScalableTag<std::int32_t>;
  using Bytes = hn::Rebind<std::uint8_t, Wide>;        ///< of chroma
  using Words = hn::Repartition<std::uint16_t, Wide>;  ///< of luma: twice as many
  using Numbers = hn::RebindToSigned<Words>;
  using Luma = hn::Rebind<std::uint8_t, Words>;

  static HWY_INLINE hn::Vec<Wide> chroma(const std::uint8_t* from) {
    return hn::Sub(hn::PromoteTo(Wide(), hn::LoadU(Bytes(), from)), hn::Set(Wide(), 128));
  }

  /// Each offset stands for two pixels beside each other.
  static HWY_INLINE void add(std::uint8_t* luma, int gain, hn::Vec<Numbers> offsets) {
    const Words words;
    const auto value = hn::ShiftLeft<8>(hn::PromoteTo(words, hn::LoadU(Luma(), luma)));
    const auto scaled = hn::MulHigh(value, hn::Set(words, static_cast<std::uint16_t>(gain)));
    const auto sum = hn::ShiftRight<kLumaShift>(hn::Add(hn::BitCast(Numbers(), scaled), offsets));
    hn::StoreU(hn::DemoteTo(Luma(), sum), Luma(), luma);
  }
};

HWY_INLINE void ConvertBlock(const Transform& t, const Rows& rows, int x) {
  const Block::Wide d;
  const auto u = Block::chroma(rows.u + x);
  const auto v = Block::chroma(rows.v + x);
  const auto sum = [&](int constant, int of_u, int of_v) HWY_ATTR {
    return hn::Add(hn::Set(d, constant), hn::Add(hn::Mul(u, hn::Set(d, of_u)), hn::Mul(v, hn::Set(d, of_v))));
  };
  const auto offset = hn::ShiftRight<kShift - kLumaShift>(sum(t.y0 + kHalf, t.yu, t.yv));
  const auto low = hn::And(offset, hn::Set(d, 0xFFFF));
  const auto twice = hn::BitCast(Block::Numbers(), hn::Or(low, hn::ShiftLeft<16>(offset)));
  Block::add(rows.upper + 2 * x, t.yy, twice);
  Block::add(rows.lower + 2 * x, t.yy, twice);
  const auto store = [&](auto value, std::uint8_t* to) HWY_ATTR {
    hn::StoreU(hn::DemoteTo(Block::Bytes(), hn::ShiftRight<kShift>(value)), Block::Bytes(), to);
  };
  store(sum(kGray, t.uu, t.uv), rows.u + x);
  store(sum(kGray, t.vu, t.vv), rows.v + x);
}
#endif

void ConvertPixels(const Transform& t, const Rows& rows, int x) {
  const auto level = [](int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); };
  const int u = rows.u[x] - 128;
  const int v = rows.v[x] - 128;
  const int offset = (t.y0 + kHalf + t.yu * u + t.yv * v) >> (kShift - kLumaShift);
  for (std::uint8_t* luma : {rows.upper + 2 * x, rows.lower + 2 * x})
    for (int i = 0; i < 2; ++i) luma[i] = level(((luma[i] * t.yy >> (kShift - kLumaShift)) + offset) >> kLumaShift);
  rows.u[x] = level((kGray + t.uu * u + t.uv * v) >> kShift);
  rows.v[x] = level((kGray + t.vu * u + t.vv * v) >> kShift);
}

void ConvertRows(const Transform& t, const Rows& rows, int chroma_width) {
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const int lanes = static_cast<int>(hn::Lanes(Block::Wide()));
  for (; x + lanes <= chroma_width; x += lanes) ConvertBlock(t, rows, x);
#endif
  for (; x < chroma_width; ++x) ConvertPixels(t, rows, x);
}

}  // namespace viba::color::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::color {

HWY_EXPORT(ConvertRows);

void convert_rows(const Transform& transform, const Rows& rows, int chroma_width) {
  HWY_DYNAMIC_DISPATCH(ConvertRows)(transform, rows, chroma_width);
}

}  // namespace viba::color
#endif
