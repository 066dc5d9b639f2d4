#include <gtest/gtest.h>

#include "segment/model_files.h"

namespace viba::test {
namespace {

TEST(OnnxRuntime, CandidatesBeginWithThePrivateOne) {
  const auto candidates = onnx_runtime_candidates();
  ASSERT_FALSE(private_library_dirs().empty());
  EXPECT_EQ(candidates.front(), private_library_dirs().front() + "/libonnxruntime.so.1");
  EXPECT_EQ(candidates.back(), "libonnxruntime.so");
}

TEST(OnnxRuntime, SaysWhereItLookedAndWhatToDo) {
  const auto runtime = OnnxRuntime::load({"/nonexistent/lib/libonnxruntime.so.1", "libno-such-onnxruntime.so.1"});
  ASSERT_FALSE(runtime);
  EXPECT_EQ(runtime.error().code, ErrorCode::kNotFound);
  for (const char* word : {"/nonexistent/lib", "./scripts/run", "libonnxruntime"})
    EXPECT_NE(runtime.error().message.find(word), std::string::npos) << runtime.error().message;
  expect_sentence(runtime.error());
}

TEST(OnnxRuntime, NamesAFileThatIsNoLibrary) {
  const std::string text = "no library";
  const TemporaryFile file("libonnxruntime.so.1", {text.begin(), text.end()});
  const auto runtime = OnnxRuntime::load({file.path()});
  ASSERT_FALSE(runtime);
  EXPECT_NE(runtime.error().message.find(file.path() + " is damaged"), std::string::npos) << runtime.error().message;
  expect_sentence(runtime.error());
}

TEST(OnnxRuntime, ALibraryThatIsAnotherIsPassedOver) {
  EXPECT_FALSE(OnnxRuntime::load({"libm.so.6"}));
  EXPECT_TRUE(OnnxRuntime::load({"libm.so.6", shared_engine().runtime->path()}));
}

TEST(OnnxSession, RefusesWhatIsNoModelWithoutPrinting) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const auto session = OnnxSession::create(shared_engine(), "no model", "odd.onnx");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kBadData);
  EXPECT_NE(session.error().message.find("odd.onnx"), std::string::npos);
}

}  // namespace
}  // namespace viba::test
