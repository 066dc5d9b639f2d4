#include "segment/model_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/file_hash.h"

namespace viba {
namespace {

using testing::HasSubstr;

TEST(ModelTable, NamesTheWholeFamily) {
  EXPECT_EQ(model_table().size(), 2U + 3 * 2 * 3 + 2 * 3 + 1);
  EXPECT_EQ(model_table().front().name, "selfie");
  std::set<std::string> names, files;
  for (const auto& model : model_table()) {
    names.insert(model.name);
    names.insert(model.aliases.begin(), model.aliases.end());
    files.insert(model.file);
    EXPECT_EQ(find_model(model.name), &model);
    EXPECT_EQ(model.how_to_get.empty(), model.source.starts_with("https://")) << model.name;
    EXPECT_TRUE(model.how_to_get.empty() || model.how_to_get.ends_with('.')) << model.name;
  }
  EXPECT_EQ(names.size(), model_table().size() + 2);
  EXPECT_EQ(files.size(), model_table().size());
}

TEST(ModelTable, ALighterNetworkIsOfTheSameFamilyAndTheLastHasNone) {
  const auto lighter = [](std::string_view name) { return find_model(name)->lighter; };
  EXPECT_EQ(lighter("selfie"), "selfie-landscape");
  EXPECT_EQ(lighter("selfie-landscape"), "");
  EXPECT_EQ(lighter("bodypix-mobilenet-100-stride8-quant2"), "bodypix-mobilenet-100-stride16-quant2");
  EXPECT_EQ(lighter("bodypix-mobilenet-100-stride16-quant2"), "bodypix-mobilenet-075-stride16-quant2");
  EXPECT_EQ(lighter("bodypix-resnet50-stride32-quant4"), "bodypix-mobilenet-100-stride16-quant4");
  EXPECT_EQ(lighter("bodypix-mobilenet-050-stride16-quant4"), "");
  EXPECT_EQ(lighter("rvm"), "");
  for (const auto& model : model_table()) {
    if (model.lighter.empty()) continue;
    const ModelInfo* next = find_model(model.lighter);
    ASSERT_NE(next, nullptr) << model.lighter;
    EXPECT_EQ(next->feed.output.threshold, model.feed.output.threshold) << model.name;
  }
}

TEST(ModelTable, SourcesAreWhereTheAuthorsPublish) {
  const std::string base = "https://storage.googleapis.com/tfjs-models/savedmodel/bodypix/";
  EXPECT_EQ(find_model("bodypix-mobilenet-050-stride8-quant2")->source,
            base + "mobilenet/quant2/050/model-stride8.json");
  EXPECT_EQ(find_model("bodypix-resnet50-stride32-quant4")->source, base + "resnet50/float/model-stride32.json");
  EXPECT_EQ(find_model("bodypix-resnet50-stride32-quant4")->file,
            "bodypix-resnet50-stride32-quant4/model-stride32.json");
}

TEST(ModelTable, TheOriginalsNamesAreAliases) {
  EXPECT_EQ(find_model("mobilenet_quant4_100_stride16")->name, "bodypix-mobilenet-100-stride16-quant4");
  EXPECT_EQ(find_model("mobilenet_quant4_075_stride16")->name, "bodypix-mobilenet-075-stride16-quant4");
  EXPECT_EQ(find_model("mobilenet_quant4_050_stride16"), nullptr);
}

TEST(ModelTable, UnknownNamesAreToldWhatIsLikeThem) {
  EXPECT_THAT(known_names("selfi"), HasSubstr("do you mean selfie?"));
  EXPECT_THAT(known_names("bodypix-mobilenet-100-stride16-quant3"), HasSubstr("bodypix-mobilenet-100-stride16-quant"));
  EXPECT_THAT(known_names("x"), HasSubstr("bodypix-resnet50"));
  EXPECT_LT(known_names("x").size(), 400U);
}

TEST(ModelTable, TheSumsOfTheSelfieModelsAreThoseOfTheSetup) {
  std::ifstream sums(VIBA_SOURCE_DIR "/scripts/deps/models/SHA256SUMS");
  int lines = 0;
  for (std::string sum, file; sums >> sum >> file; ++lines)
    EXPECT_TRUE(std::ranges::any_of(model_table(), [&](const ModelInfo& model) {
      return model.file == file && model.sums.size() == 1 && model.sums[0].file == file && model.sums[0].sha256 == sum;
    })) << file;
  EXPECT_EQ(lines, 2);
}

TEST(ModelTable, KnownSumsAreThoseOfTheOriginalFiles) {
  const std::string folder = VIBA_SHARED_DIR "/data/bodypix/mobilenet-float-050/";
  if (!std::ifstream(folder + "model-stride8.json")) GTEST_SKIP() << "there is no " << folder;
  for (const auto* name : {"bodypix-mobilenet-050-stride8-quant4", "bodypix-mobilenet-050-stride16-quant4"}) {
    EXPECT_EQ(find_model(name)->sums.size(), 2U);
    for (const auto& sum : find_model(name)->sums)
      EXPECT_EQ(hash_of_file(folder + sum.file, HashAlgorithm::kSha256), sum.sha256) << sum.file;
  }
}

TEST(FileHash, IsThatOfTheStandards) {
  const std::string path = testing::TempDir() + "/viba_hash_test";
  std::ofstream(path) << "abc";  // FIPS 180-2, appendix B.1, and RFC 1321, appendix A.5
  EXPECT_EQ(hash_of_file(path, HashAlgorithm::kSha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of_file(path, HashAlgorithm::kMd5), "900150983cd24fb0d6963f7d28e17f72");
  std::remove(path.c_str());
  EXPECT_EQ(hash_of_file(path, HashAlgorithm::kMd5).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace viba
