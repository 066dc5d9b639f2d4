#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <viba/models.h>

#include "segment/tfjs_file_builder.h"
#include "support/clips.h"
#include "support/http_server.h"

namespace viba::test {

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The names of what lies in a folder, hidden ones as well.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

constexpr std::size_t kFirstShard = 100'000;  ///< bytes
constexpr std::size_t kSecondShard = 140'000;

/// A small model under the name of a large one whose checksums are not known, on a server and in a
/// folder of its own.
class Fetching : public testing::Test {
 protected:
  static constexpr const char* kName = "bodypix-mobilenet-100-stride16-quant4";
  static constexpr const char* kMain = "model-stride16.json";

  /// A proxy of the machine would not find our servers.
  Fetching() {
    for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  }

  void SetUp() override { serve_model(0.5F); }

  /// Weights that differ from place to place, and from `seed` to `seed`.
  void serve_model(float seed) {
    std::vector<float> values((kFirstShard + kSecondShard) / sizeof(float));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = seed + static_cast<float>(i);
    TfjsFileBuilder model;
    model.add_constant("weights", {static_cast<int>(values.size())}, values);
    model.paths() = {"a.bin", "b.bin"};
    serve(model.root);
    const std::string bytes(model.shard.begin(), model.shard.end());
    write_file(served / "a.bin", bytes.substr(0, kFirstShard));
    write_file(served / "b.bin", bytes.substr(kFirstShard));
  }
  void serve(const nlohmann::json& json) const { write_file(served / kMain, json.dump()); }

  Result<std::string> fetch() { return fetch(server.url()); }
  Result<std::string> fetch(const std::string& from, std::stop_token stop = {}) {
    return fetch_model(kName, from, options, progress, Log(), std::move(stop));
  }
  Error fetch_error(const std::string& from) {
    const auto fetched = fetch(from);
    EXPECT_FALSE(fetched);
    if (fetched) return {};
    expect_sentence(fetched.error());
    return fetched.error();
  }
  Error fetch_error() { return fetch_error(server.url()); }

  [[nodiscard]] std::filesystem::path models() const { return options.model_dir; }
  [[nodiscard]] std::filesystem::path installed() const { return models() / kName; }
  [[nodiscard]] std::filesystem::path staging() const { return models() / (std::string(".") + kName + ".part"); }

  /// Whether exactly what is served is installed, and nothing is left beside it.
  void expect_installed() const {
    EXPECT_EQ(names_in(models()), std::vector<std::string>{kName});
    EXPECT_EQ(names_in(installed()), (std::vector<std::string>{"a.bin", "b.bin", kMain}));
    for (const auto* name : {"a.bin", "b.bin", kMain})
      EXPECT_TRUE(content_of(installed() / name) == content_of(served / name)) << name;
  }

  TemporaryFolder folder;
  std::filesystem::path served = folder / "served";
  HttpServer server{served};
  Options options{.model_dir = folder / "data/models"};
  FetchProgress progress;
};

}  // namespace viba::test
