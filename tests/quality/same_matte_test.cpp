#include <vector>

#include <gtest/gtest.h>

#include <viba/pipeline.h>

#include "gray_file.h"
#include "support/clips.h"

namespace viba::test {
namespace {

/// Keeps what each frame would be composited with.
class KeepsMattes final : public Compositor, private SafeFrameMaker {
 public:
  explicit KeepsMattes(std::vector<Matte>& kept) : kept_(kept) {}
  Result<SafeFrame> composite(const Frame& frame, const Matte& matte) override {
    kept_.push_back(matte);
    return vouch_for(frame);
  }
  Result<SafeFrame> placeholder(const Frame*, FrameInfo, Why) override {
    return fail(ErrorCode::kInternal, "There was no matte.");
  }

 private:
  std::vector<Matte>& kept_;
};

TEST(Mattes, AreThoseThatThePipelineCompositesWith) {
  const TemporaryFolder folder;
  const std::string clip = VIBA_SOURCE_DIR "/assets/sample/sample.mp4";
  Options options;
  options.data_dirs = {VIBA_BINARY_DIR "/share/viba"};
  options.real_cam_device = clip;
  options.fake_cam_devices = {"null"};
  auto stages = open_stages(options, {});
  ASSERT_TRUE(stages) << stages.error().message;
  std::vector<Matte> composited;
  stages->compositor = std::make_unique<KeepsMattes>(composited);
  ASSERT_TRUE(Pipeline(std::move(*stages), options, {}).run({}));

  const auto count = extract_mattes(clip, folder / "mattes.mkv", options, {}, {});
  ASSERT_TRUE(count) << count.error().message;
  ASSERT_EQ(static_cast<std::size_t>(*count), composited.size());
  GrayFile written(folder / "mattes.mkv");
  for (const Matte& matte : composited) {
    const auto gray = written.next();
    ASSERT_TRUE(gray && gray->size == matte.size());
    ASSERT_EQ(gray->values, shrunk(matte.alpha(), matte.size()).values) << "frame " << matte.info().sequence;
  }
}

}  // namespace
}  // namespace viba::test
