#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <viba/log.h>
#include <viba/matte.h>

#include "refine/bit_mask.h"
#include "refine/coarse.h"
#include "refine/room_agreement.h"
#include "refine/room_cells.h"
#include "refine/room_ghosts.h"
#include "refine/room_light.h"
#include "refine/room_matting.h"

namespace viba {

/// What is learnt of the room behind the person, and what that says of a matte.
///
/// The camera stands still, so each cell of the room can be learnt while it can be seen: a mean colour and how much it
/// varies, where the network is sure that nobody is. From then on the difference to that colour is evidence for or
/// against a person, added to the network's own log odds, and the person's edge is matted against it. It lives in
/// memory only.
/// Thread-safety: none.
class RoomPlate {
 public:
  explicit RoomPlate(const Log& log) : log_(log) {}

  /// Makes `matte`, which comes as the network sees it, agree with what is known of the room, then learns from
  /// `picture` what it can. `position` is the frame's own time. Pictures of a few thousand cells are left
  /// alone.
  void run(const CoarsePicture& picture, CoarseMatte& matte, std::chrono::nanoseconds position);
  /// Whether enough of the room is known to be of use.
  [[nodiscard]] bool in_use() const { return in_use_; }
  /// What is known of the room, in the light of the picture that `run` saw last. `room` has the grid's size.
  void show(const MutableRoomView& room) const;
  /// How far each cell's matte was made with the room's help in the last run, 0..1. Row by row.
  [[nodiscard]] const std::vector<float>& trust() const { return trust_; }
  /// Takes a picture without anybody for what is known of the room; it need not be of the same light.
  void take(const CoarsePicture& empty);
  /// Learns from a picture without anybody, whatever the network thinks.
  void learn_all(const CoarsePicture& empty, std::chrono::nanoseconds position);
  /// The next picture has nothing to do with the last one. What is known stays, as long as that picture agrees.
  void reset();
  /// Everything learnt is forgotten.
  void forget();

 private:
  void prepare(Size size);
  void look_at(const CoarseMatte& matte);
  void compare(const CoarsePicture& picture);
  [[nodiscard]] bool has_moved() const;
  [[nodiscard]] bool shows_the_person(int beats);
  void start_anew(std::string_view why, const CoarsePicture& picture);
  void say(std::string_view what);
  void find_reach();
  void remember(int beats);
  void settle_trust(const CoarsePicture& picture, int beats);
  void fuse(CoarseMatte& matte);
  void find_empty(const CoarseMatte& matte);
  void learn(const CoarsePicture& picture, int beats);
  int beats_since_last(std::chrono::nanoseconds position);

  Log log_;
  std::optional<std::chrono::nanoseconds> last_, said_;
  bool taken_ = false;  ///< what is known began with a picture of the user's
  RoomCells room_;
  Light light_;
  LightMeter meter_;
  RoomAgreement agreement_;
  RoomGhosts ghosts_;
  RoomMatting matting_;
  int alike_beats_ = 0;  ///< for how long the person has looked like what is known of the room
  CoarseMatte nobody_there_;
  bool in_use_ = false;                           ///< whether enough is known
  BitMask background_;                            ///< the network is sure that nobody is there
  BitMask seen_;                                  ///< the network sees a person
  BitMask inside_;                                ///< deep within what it sees
  BitMask lately_, earlier_;                      ///< where it saw one in the last moments, in two parts
  int lately_beats_ = 0;                          ///< 1/60 s that the first of them covers
  BitMask known_;                                 ///< has enough samples
  BitMask differs_, candidates_, fits_, agrees_;  ///< how far the picture is from the room, as `EvidenceRow` says
  BitMask reliable_, disagrees_, alike_, nobody_, strange_, reach_, empty_;
  std::vector<std::uint64_t> learns_, first_;  ///< a row
  std::vector<std::int16_t> differences_;      ///< rows of three channels, and their sums
  std::vector<float> evidence_, trust_;
};

}  // namespace viba
