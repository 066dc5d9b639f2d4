#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

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

Error refusal_of(const std::string& file) {
  const auto runtime = OnnxRuntime::load_file(file);
  EXPECT_FALSE(runtime) << file;
  if (runtime) return {};
  expect_sentence(runtime.error());
  EXPECT_TRUE(runtime.error().message.starts_with("--ort-library " + file + ": ")) << runtime.error().message;
  return runtime.error();
}

TEST(OrtLibrary, IsTakenByItsPath) {
  const std::string path = std::filesystem::canonical(private_library_dirs().front() + "/libonnxruntime.so.1");
  const auto runtime = OnnxRuntime::load_file(path);
  ASSERT_TRUE(runtime) << runtime.error().message;
  EXPECT_EQ((*runtime)->path(), path);
  EXPECT_FALSE((*runtime)->version().empty());
}

TEST(OrtLibrary, ThatIsNotThereIsNamed) {
  const Error error = refusal_of("/nonexistent/libonnxruntime.so.1");
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_NE(error.message.find("no such file"), std::string::npos) << error.message;
}

TEST(OrtLibrary, IsNotLookedForInTheSystemsFolders) { EXPECT_EQ(refusal_of("libm.so.6").code, ErrorCode::kNotFound); }

TEST(OrtLibrary, ThatIsAFolderIsNamed) {
  const Error error = refusal_of(testing::TempDir());
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("it is no file"), std::string::npos) << error.message;
}

TEST(OrtLibrary, ThatIsNoLibraryIsNamed) {
  const TemporaryFile file("libonnxruntime.so.1", std::vector<std::uint8_t>(1000, 'x'));
  const Error error = refusal_of(file.path());
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("no library that can be loaded"), std::string::npos) << error.message;
}

TEST(OrtLibrary, ThatIsAnotherLibraryIsNamed) {
  Dl_info libc{};
  ASSERT_NE(dladdr(reinterpret_cast<const void*>(&::getpid), &libc), 0);
  const Error error = refusal_of(libc.dli_fname);
  EXPECT_NE(error.message.find("another library than ONNX Runtime"), std::string::npos) << error.message;
}

TEST(OrtLibrary, ThatIsTooOldIsNamedWithItsRelease) {
  const Error error = refusal_of(VIBA_OLD_RUNTIME);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("it is ONNX Runtime 1.16.3, and ViBa needs 1.17"), std::string::npos) << error.message;
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
