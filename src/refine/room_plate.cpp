#include "refine/room_plate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "refine/room_kernels.h"
#include "refine/room_numbers.h"

namespace viba {
namespace {

constexpr float kSurelyNobody = 0.1F;
constexpr float kSomebody = 0.5F;
constexpr float kSurelySomebody = 0.9F;
constexpr int kMargin = 5;  ///< cells around whatever the network sees that are not learnt
constexpr int kDeep = 6;    ///< cells from the edge from which the network is believed to see a person
constexpr int kReach = 40;  ///< cells that evidence carries from where the network sees a person
constexpr int kLimb = 18;   ///< cells: what is thicker and unseen by the network is no arm, but a screen or a chair
constexpr int kLatelyBeats = 30;      ///< 1/60 s for at least which it is remembered where the network saw a person
constexpr int kFewestReliable = 500;  ///< cells that tell whether the camera moved
constexpr double kLeastKnown = 0.02;  ///< share of the cells from which on they are of use
constexpr std::size_t kSmallest = 10'000;  ///< cells of a picture for which these margins and reaches make sense
constexpr double kMovedShare = 0.1;
constexpr double kAlikeShare = 0.15;  ///< of the person that looks like what is known of the room behind …
constexpr int kAlikeBeats = 12;       ///< … for so many 1/60 s: the person was learnt as the room

/// Sets `mask` where the values lie between the two.
void mark(const std::vector<float>& values, float low, float high, std::vector<std::uint8_t>& bytes, BitMask& mask) {
  const Size size = mask.size();
  for (int y = 0; y < size.height; ++y) {
    within_row(values.data() + std::ptrdiff_t(y) * size.width, low, high, bytes.data(), size.width);
    mask.set_row(y, bytes.data());
  }
}

/// How much a difference in colour can tell, 0..1: in the dark all things look alike.
float tellable(const CoarsePicture& picture) {
  constexpr std::size_t kEach = 7;
  constexpr float kNothing = 15, kAll = 30;  // levels of luma that most of the picture spans
  std::array<std::size_t, 256> histogram{};
  for (std::size_t i = 0; i < picture.y.size(); i += kEach) ++histogram[picture.y[i]];
  const std::size_t tail = picture.y.size() / kEach / 20;
  const auto end = [&](auto begin) {
    std::size_t seen = 0;
    return std::find_if(begin, begin + 256, [&](std::size_t count) { return (seen += count) > tail; }) - begin;
  };
  const auto span = static_cast<float>(255 - end(histogram.begin()) - end(histogram.rbegin()));
  return std::clamp((span - kNothing) / (kAll - kNothing), 0.0F, 1.0F);
}

}  // namespace

void RoomPlate::take(const CoarsePicture& empty) {
  prepare(empty.size);
  forget();
  const auto fixed = [](std::uint8_t value) { return static_cast<std::uint16_t>(value * 128); };
  std::ranges::transform(empty.y, room_.y.begin(), fixed);
  std::ranges::transform(empty.u, room_.u.begin(), fixed);
  std::ranges::transform(empty.v, room_.v.begin(), fixed);
  std::ranges::fill(room_.noise_y, kTakenNoise * 256);
  std::ranges::fill(room_.noise_c, kTakenNoise * 256);
  std::ranges::fill(room_.samples, std::uint8_t{kYoungSamples});
  taken_ = true;
}

void RoomPlate::learn_all(const CoarsePicture& empty, std::chrono::nanoseconds position) {
  nobody_there_.assign(cells_of(empty.size), 0);
  run(empty, nobody_there_, position);
}

void RoomPlate::reset() { last_.reset(); }

void RoomPlate::forget() {
  room_.clear(room_.size);
  agreement_.forget();
  ghosts_.forget();
  in_use_ = taken_ = false;
  alike_beats_ = 0;
  light_ = {};
  std::ranges::fill(trust_, 0.0F);
}

void RoomPlate::say(std::string_view what) {
  constexpr std::chrono::seconds kPause{10};
  if (said_ && *last_ >= *said_ && *last_ - *said_ < kPause) return;
  said_ = last_;
  log_.debug(what);
}

void RoomPlate::start_anew(std::string_view why, const CoarsePicture& picture) {
  if (taken_)
    log_.info("The clean plate does not show what the camera shows, so the room is learnt from what is seen.");
  else
    say(why);
  forget();
  compare(picture);
}

void RoomPlate::prepare(Size size) {
  if (size == room_.size) return;
  room_.clear(size);
  const std::size_t cells = cells_of(size);
  for (auto* mask : {&background_, &seen_, &inside_, &known_, &reliable_, &differs_, &disagrees_, &agrees_, &alike_,
                     &nobody_, &strange_, &lately_, &earlier_, &candidates_, &reach_, &empty_})
    mask->resize(size);
  for (auto* plane : {&difference_y_, &difference_u_, &difference_v_}) plane->assign(cells, 0);
  for (auto* plane : {&distance_, &evidence_, &trust_}) plane->assign(cells, 0);
  ghosts_.resize(size);
  bytes_.resize(5 * std::size_t(size.width));
  sums_.resize(4 * std::size_t(size.width + 2));
  forget();
}

void RoomPlate::look_at(const CoarseMatte& matte) {
  mark(matte, -1, kSurelyNobody, bytes_, background_);
  nobody_ = background_;
  nobody_.erode(1);
  background_.erode(kMargin);
  mark(matte, kSomebody, 2, bytes_, seen_);
  mark(matte, kSurelySomebody, 2, bytes_, inside_);
  inside_.erode(kDeep);
}

void RoomPlate::compare(const CoarsePicture& picture) {
  const Size size = picture.size;
  const auto at = [&](auto& plane, int y) {
    return plane.data() + std::ptrdiff_t(std::clamp(y, 0, size.height - 1)) * size.width;
  };
  const auto differ = [&](int y) {
    difference_row({at(picture.y, y), at(room_.y, y), light_.y.gain, light_.y.offset, at(difference_y_, y)},
                   size.width);
    difference_row({at(picture.u, y), at(room_.u, y), light_.u.gain, light_.u.offset, at(difference_u_, y)},
                   size.width);
    difference_row({at(picture.v, y), at(room_.v, y), light_.v.gain, light_.v.offset, at(difference_v_, y)},
                   size.width);
  };
  const int padded = size.width + 2;
  std::int16_t* sums[] = {sums_.data(), sums_.data() + padded, sums_.data() + 2 * padded};
  std::int16_t* scratch = sums_.data() + 3 * padded;
  differ(0);
  for (int y = 0; y < size.height; ++y) {
    if (y + 1 < size.height) differ(y + 1);
    int i = 0;
    for (auto* plane : {&difference_y_, &difference_u_, &difference_v_})
      box3_row(at(*plane, y - 1), at(*plane, y), at(*plane, y + 1), scratch, sums[i++], size.width);
    evidence_row({sums[0], sums[1], sums[2], at(picture.y, y), at(picture.u, y), at(picture.v, y), at(room_.noise_y, y),
                  at(room_.noise_c, y), at(room_.samples, y), at(distance_, y), at(evidence_, y)},
                 size.width);
  }
}

void RoomPlate::find_agreement() {
  mark(distance_, kDiffers, 1e9F, bytes_, differs_);
  mark(distance_, -1, kAgrees, bytes_, agrees_);
  agrees_ &= known_;
  intersect(differs_, reliable_, disagrees_);
}

void RoomPlate::find_known() {
  for (int y = 0; y < room_.size.height; ++y) {
    const auto* samples = room_.samples.data() + std::ptrdiff_t(y) * room_.size.width;
    std::ranges::transform(samples, samples + room_.size.width, bytes_.begin(),
                           [](std::uint8_t n) { return n >= kKnownSamples ? 1 : 0; });
    known_.set_row(y, bytes_.data());
  }
}

bool RoomPlate::has_moved() const {
  const int cells = reliable_.count();
  return cells > kFewestReliable && disagrees_.count() > kMovedShare * cells;
}

bool RoomPlate::shows_the_person(int beats) {
  intersect(inside_, known_, alike_);
  const int known = alike_.count();
  alike_ &= agrees_;
  const bool alike = known > kFewestReliable && alike_.count() > kAlikeShare * known;
  alike_beats_ = alike ? alike_beats_ + beats : 0;
  return alike_beats_ > kAlikeBeats;
}

void RoomPlate::find_reach() {
  mark(distance_, 2 * kEvenDistance, 1e9F, bytes_, candidates_);
  candidates_ |= seen_;
  reach_ = seen_;
  reach_.grow_within(candidates_, kReach);
  reach_.dilate(1);
}

void RoomPlate::remember(int beats) {
  lately_ |= seen_;
  lately_beats_ += beats;
  if (lately_beats_ < kLatelyBeats) return;
  earlier_ = lately_;
  lately_ = seen_;
  lately_beats_ = 0;
}

void RoomPlate::settle_trust(const CoarsePicture& picture, int beats) {
  strange_ = nobody_;
  strange_ &= known_;
  strange_ &= differs_;
  ghosts_.look(picture, room_, strange_, agrees_);
  reach_ -= ghosts_.ghosts();
  strange_ -= lately_;
  strange_ -= earlier_;
  strange_.erode(kLimb / 2);
  strange_.dilate(kLimb / 2 + 2);
  reach_ -= strange_;
  agreement_.look(reliable_, disagrees_, reach_, beats);
  agreement_.fill(trust_);
  if (const float share = tellable(picture); share < 1)
    for (float& trust : trust_) trust *= share;
}

void RoomPlate::fuse(CoarseMatte& matte) {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y) {
    const auto at = std::ptrdiff_t(y) * size.width;
    std::uint8_t *positive = bytes_.data(), *inside = positive + size.width;
    reach_.get_row(y, positive);
    inside_.get_row(y, inside);
    fuse_row(
        {evidence_.data() + at, trust_.data() + at, positive, inside, room_.samples.data() + at, matte.data() + at},
        size.width);
  }
}

void RoomPlate::learn(const CoarsePicture& picture, const CoarseMatte& matte, int beats, bool fused) {
  if (fused) {
    mark(matte, -1, kSurelyNobody, bytes_, empty_);
    empty_.erode(1);
  } else {
    empty_ = background_;
  }
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y) {
    const auto at = std::ptrdiff_t(y) * size.width;
    std::uint8_t *background = bytes_.data(), *empty = background + size.width, *person = empty + size.width,
                 *ghost = person + size.width, *nobody = ghost + size.width;
    nobody_.get_row(y, nobody);
    ghosts_.ghosts().get_row(y, ghost);
    background_.get_row(y, background);
    empty_.get_row(y, empty);
    inside_.get_row(y, person);
    learn_row({picture.y.data() + at,
               picture.u.data() + at,
               picture.v.data() + at,
               difference_y_.data() + at,
               difference_u_.data() + at,
               difference_v_.data() + at,
               distance_.data() + at,
               background,
               nobody,
               empty,
               person,
               ghost,
               light_.y.gain,
               light_.y.offset,
               light_.u.offset,
               light_.v.offset,
               beats,
               room_.y.data() + at,
               room_.u.data() + at,
               room_.v.data() + at,
               room_.noise_y.data() + at,
               room_.noise_c.data() + at,
               room_.samples.data() + at,
               room_.contrary.data() + at},
              size.width);
  }
}

int RoomPlate::beats_since_last(std::chrono::nanoseconds position) {
  constexpr std::chrono::nanoseconds kBeat{1'000'000'000 / 60};
  constexpr int kMost = 12;
  const auto passed = last_ ? position - *last_ : kBeat;
  last_ = position;
  return static_cast<int>(std::clamp<std::int64_t>((passed + kBeat / 2) / kBeat, 1, kMost));
}

void RoomPlate::run(const CoarsePicture& picture, CoarseMatte& matte, std::chrono::nanoseconds position) {
  if (cells_of(picture.size) < kSmallest) return forget();
  prepare(picture.size);
  const int beats = beats_since_last(position);
  look_at(matte);
  remember(beats);
  find_known();
  intersect(known_, background_, reliable_);
  in_use_ = known_.count() > kLeastKnown * room_.size.width * room_.size.height;
  light_ = in_use_ ? meter_.measure(picture, room_, reliable_) : Light{};
  compare(picture);
  if (in_use_) {
    find_agreement();
    if (has_moved())
      start_anew("The camera or the room moved: the room is learnt anew.", picture);
    else if (shows_the_person(beats))
      start_anew("The room was learnt with somebody in it: it is learnt anew.", picture);
  }
  if (in_use_) {
    find_reach();
    settle_trust(picture, beats);
    fuse(matte);
    matting_.run(picture, room_, light_, trust_, matte);
  }
  learn(picture, matte, beats, in_use_);
}

void RoomPlate::show(const MutableRoomView& room) const {
  const int width = room_.size.width;
  for (int y = 0; y < room_.size.height; ++y) {
    const auto at = std::ptrdiff_t(y) * width;
    show_row({room_.y.data() + at, light_.y.gain, light_.y.offset, room.y.row(y)}, width);
    show_row({room_.u.data() + at, 1, light_.u.offset, room.u.row(y)}, width);
    show_row({room_.v.data() + at, 1, light_.v.offset, room.v.row(y)}, width);
    show_trust_row(trust_.data() + at, room_.samples.data() + at, room.known.row(y), width);
  }
}

}  // namespace viba
