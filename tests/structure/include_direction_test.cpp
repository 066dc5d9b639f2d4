// Includes point one way: base ← media ← stages ← pipeline, doctor ← apps, and stages never at one another.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// Rooms of the same height may not include one another.
std::optional<int> height_of(const std::string& room) {
  static const std::vector<std::vector<std::string>> kFloors{
      {"base"}, {"media"}, {"capture", "segment", "refine", "composite", "output"}, {"pipeline", "doctor"}, {"apps"}};
  for (std::size_t floor = 0; floor < kFloors.size(); ++floor)
    if (std::ranges::find(kFloors[floor], room) != kFloors[floor].end()) return static_cast<int>(floor);
  return std::nullopt;
}

bool allowed(const std::string& from, const std::string& to) {
  const auto target = height_of(to);
  return from == to || !target || *height_of(from) > *target;
}

/// Each include that points up or sideways, as "file: include".
std::vector<std::string> wrong_includes(const fs::path& file, const std::string& room) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*"(?:\.\./)*(?:src/)?([a-z_0-9]+)/.*")re");
  std::vector<std::string> wrong;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (std::smatch match; std::regex_match(line, match, kInclude) && !allowed(room, match[1]))
      wrong.push_back(file.filename().string() + ": " + line);
  return wrong;
}

std::vector<std::string> wrong_includes_below(const fs::path& folder, const std::string& room) {
  std::vector<std::string> wrong;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp")
      for (auto& line : wrong_includes(entry.path(), room)) wrong.push_back(std::move(line));
  return wrong;
}

const fs::path kSource = VIBA_SOURCE_DIR;

TEST(IncludeDirection, HoldsInEveryRoom) {
  int rooms = 0;
  for (const auto& room : fs::directory_iterator(kSource / "src")) {
    const auto name = room.path().filename().string();
    ASSERT_TRUE(height_of(name)) << "src/" << name << " has no place in the order of rooms";
    EXPECT_EQ(wrong_includes_below(room.path(), name), std::vector<std::string>{});
    ++rooms;
  }
  EXPECT_EQ(rooms, 9);
}

TEST(IncludeDirection, AppsUseOnlyThePublicHeaders) {
  for (const auto& entry : fs::recursive_directory_iterator(kSource / "apps")) {
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);)
      EXPECT_FALSE(std::regex_search(
          line, std::regex(R"(#include "(base|media|capture|segment|refine|composite|output|pipeline|doctor)/)")))
          << entry.path() << ": " << line;
  }
}

TEST(IncludeDirection, TheTestSeesAWrongOne) {
  const fs::path file = fs::path(testing::TempDir()) / "viba_wrong_include.cpp";
  std::ofstream(file)
      << "#include \"pipeline/mattes.h\"\n#include \"segment/make_segmenter.h\"\n#include \"media/scale.h\"\n";
  EXPECT_EQ(wrong_includes(file, "refine").size(), 2U);
  EXPECT_EQ(wrong_includes(file, "base").size(), 3U);
  EXPECT_EQ(wrong_includes(file, "pipeline").size(), 0U);
  fs::remove(file);
}

TEST(PublicHeaders, NameNoDependency) {
  const std::regex kForeign(
      R"(#include\s*[<"](onnx|libav|libsw|SDL|spa/|pipewire|Q|libyuv|turbojpeg|fmt/|google/|flatbuffers))");
  for (const auto& entry : fs::directory_iterator(kSource / "include/viba")) {
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);)
      EXPECT_FALSE(std::regex_search(line, kForeign)) << entry.path() << ": " << line;
  }
}

}  // namespace
