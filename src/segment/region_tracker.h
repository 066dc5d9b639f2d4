#pragma once

#include <optional>

#include <viba/frame.h>
#include <viba/matte.h>

#include "media/components.h"

namespace viba {

/// A part of a picture, in pixels from its upper left corner.
struct Region {
  double left = 0, top = 0, right = 0, bottom = 0;
  friend bool operator==(const Region&, const Region&) = default;
};

/// What a look at a picture, or a part of it, found.
struct Sighting {
  std::optional<Region> people;  ///< what all of them lie in; unset: there is nobody
  double cover = 0;              ///< how much of the picture is covered by people, 0..1
  bool cut = false;              ///< somebody goes on beyond the part that was looked at
};

[[nodiscard]] Sighting united(const Sighting& one, const Sighting& other);

/// Finds where people are by what the network says. Specks of less than 0.2% of the picture are none.
/// Thread-safety: none.
class PeopleFinder {
 public:
  /// `threshold`: the confidence at which alpha is one half.
  explicit PeopleFinder(double threshold) : threshold_(threshold) {}

  /// `frame` is the size of the whole picture.
  [[nodiscard]] Sighting find(const Confidence& confidence, Size frame);

 private:
  double threshold_;
  Components components_;
};

/// Says which part of the picture the network should look at, by what it found in the pictures before:
/// people with some room around them. The part's sides go outwards at once, so that nobody is cut off,
/// and inwards slowly, so that it does not pump.
/// Thread-safety: none.
class RegionTracker {
 public:
  static constexpr double kMargin = 0.10;      ///< of the people's box, on each side
  static constexpr double kWideMargin = 0.20;  ///< around people of whom there was no more than a coarse look

  /// `input` is what the network takes a part as, stretched.
  explicit RegionTracker(Size input) : input_(input) {}

  /// Nothing is known of pictures of that size.
  void reset(Size frame);
  [[nodiscard]] Size frame() const { return frame_; }

  /// What to look at: even numbers, within the picture; unset: the whole picture, because people are
  /// lost, small, or nearly everywhere.
  [[nodiscard]] std::optional<Rect> part() const;

  /// Whether the whole picture has to be looked at as well, after a look at the part saw this: it is time
  /// to see whether somebody else has come, or somebody has moved out of the part.
  [[nodiscard]] bool wants_whole(const Sighting& seen) const;

  /// Goes on to the next picture. `whole`: all of this one was looked at.
  void follow(const Sighting& seen, bool whole, double margin = kMargin);

 private:
  Size input_, frame_;
  std::optional<Region> region_;
  int since_whole_ = 0;
};

}  // namespace viba
