// Models on the command line: bringing one's own, looking into it, running it on a picture.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/data_dirs.h"
#include "support/clips.h"
#include "support/program.h"

namespace viba {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

class ModelsProgram : public testing::Test {
 protected:
  void SetUp() override {
    const auto selfie =
        find_data_file({.data_dirs = {VIBA_BINARY_DIR "/share/viba"}}, "models/selfie_segmentation.tflite");
    if (!selfie) GTEST_SKIP() << "there is no selfie model here";
    std::filesystem::copy_file(*selfie, folder / "own.tflite");
    FramePool pool;
    ASSERT_TRUE(write_png(folder / "in.png", numbered_frame(pool, {200, 100}, 3)));
  }

  [[nodiscard]] Outcome run(const std::string& arguments) const {
    return run_shell("XDG_DATA_HOME=" + folder / "data " + VIBA_BINARY_DIR "/viba " + arguments);
  }

  TemporaryFolder folder;
};

TEST_F(ModelsProgram, ListsWhatThereIs) {
  const auto list = run("models");
  EXPECT_EQ(list.status, 0) << list.output;
  for (const char* word : {"selfie-landscape", "256x144", "GPL-3.0", "bodypix-resnet50-stride32-quant1",
                           "mobilenet_quant4_075_stride16", "Apache-2.0"})
    EXPECT_THAT(list.output, HasSubstr(word));
  const auto table = run("models --tsv");
  EXPECT_EQ(table.status, 0);
  const auto end = table.output.find('\n');
  EXPECT_EQ(std::count(table.output.begin(), table.output.begin() + std::ptrdiff_t(end), '\t'), 10);
  EXPECT_EQ(std::ranges::count(table.output, '\t') % 10, 0);
}

TEST_F(ModelsProgram, WhatIsDescribedIsWhatIsRun) {
  const std::string model = folder / "own.tflite";
  const auto described = run("models describe " + model + " > " + model + ".toml");
  ASSERT_EQ(described.status, 0) << described.output;
  ASSERT_EQ(run("models run " + model + " " + folder / "in.png" + " " + folder / "own.npy").status, 0);
  ASSERT_EQ(run("models run selfie " + folder / "in.png" + " " + folder / "known.npy").status, 0);
  EXPECT_EQ(run_shell("cmp " + folder / "own.npy" + " " + folder / "known.npy").status, 0);
  ASSERT_EQ(run_shell("sed -i 's/^range = .*/range = [0, 255]/' " + model + ".toml").status, 0);
  ASSERT_EQ(run("models run " + model + " " + folder / "in.png" + " " + folder / "other.npy").status, 0);
  EXPECT_NE(run_shell("cmp " + folder / "other.npy" + " " + folder / "known.npy").status, 0);
  const auto matte = run("matte " + folder / "in.png" + " " + folder / "matte.png" + " --model-name " + model);
  EXPECT_EQ(matte.status, 0) << matte.output;
}

TEST_F(ModelsProgram, AWrongDescriptionIsOneSentence) {
  std::ofstream(folder / "own.tflite.toml") << "[input]\nrange = 7\n";
  const auto outcome = run("--model-name " + folder / "own.tflite" + " --fake-cam-device null");
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("own.tflite.toml"));
  EXPECT_THAT(outcome.output, HasSubstr("input.range"));
}

TEST_F(ModelsProgram, WrongUseEndsWithTwoAndBadFilesWithOne) {
  for (const char* arguments :
       {"models describe", "models run selfie", "models run selfie in.png", "models fetch", "models eat",
        "models --measure=3", "models run no-such-model in.png out.npy", "--model-name no-such-model"}) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments << ": " << outcome.output;
    EXPECT_THAT(outcome.output, Not(HasSubstr("CLI")));
  }
  std::ofstream(folder / "bad.onnx") << "no model";
  std::ofstream(folder / "bad.json") << "{";
  for (const char* file : {"bad.onnx", "bad.json", "none.tflite"}) {
    const auto outcome = run("models describe " + folder / file);
    EXPECT_EQ(outcome.status, 1) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(file));
  }
}

TEST_F(ModelsProgram, ADamagedModelDoesNotHideTheOthers) {
  std::filesystem::create_directories(folder / "data/viba/models/rvm");
  std::ofstream(folder / "data/viba/models/rvm/rvm.json") << "{";
  const auto list = run("models --measure");
  EXPECT_EQ(list.status, 0) << list.output;
  EXPECT_THAT(list.output, HasSubstr("selfie-landscape"));
  EXPECT_THAT(list.output, HasSubstr("rvm.json is damaged"));
}

TEST_F(ModelsProgram, AFullDiskIsSaid) {
  const auto outcome = run("models describe selfie > /dev/full");
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("disk"));
}

TEST_F(ModelsProgram, NothingIsWrittenWhereRunningFails) {
  const auto outcome = run("models run selfie " + folder / "none.png" + " " + folder / "out.npy");
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_FALSE(std::filesystem::exists(folder / "out.npy"));
  const auto tensor = run("models run selfie " + folder / "in.png" + " " + folder / "out.npy --output nowhere");
  EXPECT_EQ(tensor.status, 1) << tensor.output;
  EXPECT_THAT(tensor.output, HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out.npy"));
}

}  // namespace
}  // namespace viba
