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
constexpr std::size_t kSmallest = 10'000;    ///< cells of a picture for which these margins and reaches make sense
constexpr std::size_t kDifferenceRows = 12;  ///< three and their sum, of three channels
constexpr double kMovedShare = 0.1;
constexpr double kAlikeShare = 0.15;  ///< of the person that looks like what is known of the room behind …
constexpr int kAlikeBeats = 12;       ///< … for so many 1/60 s: the person was learnt as the room

/// What the plate has of a row.
template <class Cells>
auto* row_of(Cells& cells, Size size, int y) {
  return cells.data() + std::ptrdiff_t(y) * size.width;
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
  known_.invert();
  taken_ = true;
}

void RoomPlate::learn_all(const CoarsePicture& empty, std::chrono::nanoseconds position) {
  nobody_there_.assign(cells_of(empty.size), 0);
  run(empty, nobody_there_, position);
}

void RoomPlate::reset() { last_.reset(); }

void RoomPlate::forget() {
  room_.clear(room_.size);
  known_.resize(room_.size);
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
  for (auto* mask : {&background_, &seen_, &inside_, &known_, &reliable_, &differs_, &disagrees_, &agrees_, &alike_,
                     &nobody_, &strange_, &lately_, &earlier_, &candidates_, &fits_, &reach_, &empty_})
    mask->resize(size);
  for (auto* plane : {&evidence_, &trust_}) plane->assign(cells_of(size), 0);
  ghosts_.resize(size);
  for (auto* row : {&learns_, &first_}) row->resize(known_.row(0).size());
  differences_.resize(kDifferenceRows * std::size_t(size.width + 2));
  room_.clear(size);
  forget();
}

void RoomPlate::look_at(const CoarseMatte& matte) {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y)
    levels_row({row_of(matte, size, y),
                3,
                {kSurelyNobody, kSomebody, kSurelySomebody},
                {nobody_.row(y).data(), seen_.row(y).data(), inside_.row(y).data()}},
               size.width);
  nobody_.invert();
  background_ = nobody_;
  nobody_.erode(1);
  background_.erode(kMargin);
  inside_.erode(kDeep);
}

void RoomPlate::compare(const CoarsePicture& picture) {
  const Size size = picture.size;
  // Three rows of each channel, which are written in turn, and their sum.
  const auto row = [&](int i) { return differences_.data() + std::ptrdiff_t(i) * (size.width + 2) + 1; };
  const auto differ = [&](int y) {
    const int i = y % 3 * 3;
    difference_row({row_of(picture.y, size, y), row_of(room_.y, size, y), light_.y.gain, light_.y.offset, row(i)},
                   size.width);
    difference_row({row_of(picture.u, size, y), row_of(room_.u, size, y), light_.u.gain, light_.u.offset, row(i + 1)},
                   size.width);
    difference_row({row_of(picture.v, size, y), row_of(room_.v, size, y), light_.v.gain, light_.v.offset, row(i + 2)},
                   size.width);
  };
  differ(0);
  for (int y = 0; y < size.height; ++y) {
    if (y + 1 < size.height) differ(y + 1);
    const int above = std::max(y - 1, 0) % 3 * 3, here = y % 3 * 3, below = std::min(y + 1, size.height - 1) % 3 * 3;
    for (int i = 0; i < 3; ++i) sum3_rows(row(above + i), row(here + i), row(below + i), row(9 + i), size.width);
    evidence_row({row(9), row(10), row(11), row_of(picture.y, size, y), row_of(picture.u, size, y),
                  row_of(picture.v, size, y), row_of(room_.noise_y, size, y), row_of(room_.noise_c, size, y),
                  known_.row(y).data(), row_of(evidence_, size, y), differs_.row(y).data(), candidates_.row(y).data(),
                  fits_.row(y).data(), agrees_.row(y).data()},
                 size.width);
  }
  intersect(differs_, reliable_, disagrees_);
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
  agreement_.fill(tellable(picture), trust_);
}

void RoomPlate::fuse(CoarseMatte& matte) {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y)
    fuse_row({row_of(evidence_, size, y), row_of(trust_, size, y), reach_.row(y).data(), inside_.row(y).data(),
              known_.row(y).data(), row_of(matte, size, y)},
             size.width);
}

void RoomPlate::find_empty(const CoarseMatte& matte) {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y)
    levels_row({row_of(matte, size, y), 1, {kSurelyNobody}, {empty_.row(y).data()}}, size.width);
  empty_.invert();
  empty_.erode(1);
}

void RoomPlate::learn(const CoarsePicture& picture, int beats) {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y) {
    decide_row({background_.row(y).data(), nobody_.row(y).data(), empty_.row(y).data(), inside_.row(y).data(),
                ghosts_.ghosts().row(y).data(), differs_.row(y).data(), fits_.row(y).data(), agrees_.row(y).data(),
                beats, row_of(room_.samples, size, y), row_of(room_.contrary, size, y), learns_.data(), first_.data(),
                known_.row(y).data()},
               size.width);
    learn_row({row_of(picture.y, size, y), row_of(picture.u, size, y), row_of(picture.v, size, y), learns_.data(),
               first_.data(), row_of(room_.samples, size, y), light_.y.gain, light_.y.offset, light_.u.offset,
               light_.v.offset, row_of(room_.y, size, y), row_of(room_.u, size, y), row_of(room_.v, size, y),
               row_of(room_.noise_y, size, y), row_of(room_.noise_c, size, y)},
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
  intersect(known_, background_, reliable_);
  in_use_ = known_.count() > kLeastKnown * room_.size.width * room_.size.height;
  light_ = in_use_ ? meter_.measure(picture, room_, reliable_) : Light{};
  compare(picture);
  if (in_use_) {
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
    find_empty(matte);
  } else {
    empty_ = background_;
  }
  learn(picture, beats);
}

void RoomPlate::show(const MutableRoomView& room) const {
  const Size size = room_.size;
  for (int y = 0; y < size.height; ++y) {
    show_row({row_of(room_.y, size, y), light_.y.gain, light_.y.offset, room.y.row(y)}, size.width);
    show_row({row_of(room_.u, size, y), 1, light_.u.offset, room.u.row(y)}, size.width);
    show_row({row_of(room_.v, size, y), 1, light_.v.offset, room.v.row(y)}, size.width);
    show_trust_row(row_of(trust_, size, y), known_.row(y).data(), room.known.row(y), size.width);
  }
}

}  // namespace viba
