#pragma once

namespace viba {

// What the plate's behaviour hangs on, measured on clips with a known matte. Distances are squared differences of
// colour in units of the noise.

constexpr float kFloorY = 16;  ///< variance that is always reckoned with, in squared levels …
constexpr float kFloorC = 6;   ///< … and of chroma

constexpr float kEvenDistance = 4;  ///< half the distance at which room and person are equally likely
constexpr float kMostNegative = 4;  ///< bounds of the evidence, as log odds
constexpr float kMostPositive = 8;
constexpr float kMatteWeight = 0.6F;  ///< of the network's own log odds where the room is known
constexpr float kLeastMatte = 0.002F;

constexpr float kShadowDarkest = 0.5F;  ///< of the light that a shadow leaves
constexpr float kShadowSure = 0.7F;
constexpr float kShadowTint = 2;  ///< distance in chroma from which something dark is no shadow

constexpr int kKnownSamples = 4;
constexpr int kYoungSamples = 8;  ///< up to here a cell takes any colour
constexpr int kTakenNoise = 16;   ///< variance that a picture of the user's is supposed to have
constexpr int kMostSamples = 200;
constexpr float kLeastRate = 0.03F;
constexpr float kFits = 16;         ///< distance below which a cell may learn on
constexpr float kDiffers = 9;       ///< distance from which the picture does not show the room
constexpr float kAgrees = 4;        ///< distance below which the picture shows the room
constexpr int kPatienceBeats = 90;  ///< 1/60 s that the network has to deny what is known before it is forgotten …
constexpr int kGhostHaste = 8;      ///< … and by how much faster that goes for ghosts

}  // namespace viba
