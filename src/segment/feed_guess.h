#pragma once

#include <string>
#include <vector>

#include <viba/result.h>

#include "segment/feed.h"
#include "segment/model_file.h"

namespace viba {

/// Something that a model file does not tell.
struct Doubt {
  std::string key;     ///< as in a description: "input.range"
  std::string choice;  ///< what there is to choose from, as in "one of a, b"; empty when anything goes
};

struct FeedGuess {
  Feed feed;
  std::vector<Doubt> doubts;
  std::string family;  ///< for people: "BodyPix MobileNet, stride 16"; empty when it is none that ViBa knows
};

/// How to feed the network, from its graph alone: whole for the families that ViBa knows (BodyPix,
/// RVM, MediaPipe's selfie models), with doubts for all others.
[[nodiscard]] FeedGuess guess_feed(const ModelFile& file);

/// The guess with what FILE.toml beside the model states; doubts that it states are gone.
/// Errors: those of the description, as `apply_toml`.
[[nodiscard]] Result<FeedGuess> described_feed(const ModelFile& file);

/// One sentence that says what FILE.toml must state, for a guess with doubts.
[[nodiscard]] Error doubtful(const std::string& file, const std::vector<Doubt>& doubts);

}  // namespace viba
