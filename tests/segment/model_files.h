#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/data_dirs.h"
#include "segment/model_file.h"
#include "segment/model_table.h"
#include "segment/onnx_session.h"
#include "segment/tflite_model.h"

namespace viba::test {

inline std::string model_path(std::string_view name) {
  return find_data_file({}, std::string("models/").append(find_model(name)->file)).value_or("");
}

inline std::vector<std::uint8_t> bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// One for the whole program: it is meant to be kept, and loading it takes most of a test's time.
inline Engine shared_engine() {
  static const auto engine = make_engine({}, {});
  EXPECT_TRUE(engine) << engine.error().message;
  return engine.value_or(Engine{});
}

/// A file of that name and content in a folder of its own, for the time of a test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::vector<std::uint8_t>& content) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("viba-segment-") + test->test_suite_name() + "-" + test->name());
    std::filesystem::create_directories((folder_ / name).parent_path());
    path_ = (folder_ / name).string();
    std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(content.data()), std::ssize(content));
  }
  ~TemporaryFile() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string folder() const { return folder_.string(); }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

/// What every message to a person must be: one line that ends as a sentence.
inline void expect_sentence(const Error& error) {
  EXPECT_FALSE(error.message.empty());
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  EXPECT_TRUE(error.message.ends_with('.')) << error.message;
  EXPECT_LT(error.message.size(), 600U) << error.message;
}

}  // namespace viba::test
