#include "pipewire/browser/browser.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace viba::pipewire_test {
namespace {

namespace fs = std::filesystem;

constexpr auto kScripts = VIBA_SOURCE_DIR "/tests/pipewire/browser";
constexpr auto kPictures = VIBA_BINARY_DIR "/browsers";

/// Distributions call them differently; empty when it is not installed.
std::string find_browser(Browser::Kind kind) {
  const std::vector<std::string> names = kind == Browser::Kind::kFirefox
                                             ? std::vector<std::string>{"firefox-esr", "firefox"}
                                             : std::vector<std::string>{"chromium", "chromium-browser"};
  const auto found = std::find_if(names.begin(), names.end(), is_installed);
  return found == names.end() ? std::string() : *found;
}

std::vector<std::string> command_of(Browser::Kind kind, const std::string& picture_name,
                                    const std::vector<Point>& points) {
  fs::create_directories(kPictures);
  std::vector<std::string> command{"env",
                                   "VIBA_BROWSER=" + find_browser(kind),
                                   "VIBA_BROWSER_MODULES=" VIBA_BROWSER_MODULES,
                                   fmt::format("TMPDIR={}", std::getenv("XDG_RUNTIME_DIR")),
                                   "node",
                                   fmt::format("{}/watch.mjs", kScripts),
                                   kind == Browser::Kind::kFirefox ? "firefox" : "chrome",
                                   "ViBa",
                                   fmt::format("{}/{}.png", kPictures, picture_name)};
  for (const auto& point : points) command.push_back(fmt::format("{},{}", point.x, point.y));
  return command;
}

Seen parse(const std::string& line) {
  const auto json = nlohmann::json::parse(line);
  return {json.at("camera"),
          json.at("state"),
          json.at("error"),
          json.at("frames"),
          json.at("forbidden"),
          json.at("seconds"),
          {json.at("width"), json.at("height")},
          json.at("colors").get<std::vector<Color>>()};
}

}  // namespace

std::string Browser::missing() {
  if (find_browser(Kind::kChromium).empty()) return "Chromium is not installed";
  if (find_browser(Kind::kFirefox).empty()) return "Firefox is not installed";
  if (!is_installed("node")) return "Node.js is not installed";
  if (!fs::exists(VIBA_BROWSER_MODULES "/puppeteer-core")) return "Puppeteer was not fetched";
  return {};
}

Browser::Browser(Kind kind, const std::string& picture_name, const std::vector<Point>& points)
    : kind_(kind), process_(command_of(kind, picture_name, points)) {}

Browser::~Browser() { close(); }

std::optional<Seen> Browser::look() {
  while (process_.next_line("{", std::chrono::seconds(0))) continue;
  return wait_until([](const Seen&) { return true; });
}

std::optional<Seen> Browser::wait_until(const std::function<bool(const Seen&)>& condition,
                                        std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    const auto line = process_.next_line("{", std::chrono::seconds(10));
    if (!line && process_.ended_within(std::chrono::seconds(0))) break;
    if (!line) continue;
    if (auto seen = parse(*line); condition(seen)) return seen;
  }
  return std::nullopt;
}

void Browser::reload() { process_.signal(SIGUSR2); }

int Browser::close() {
  process_.signal(SIGTERM);
  if (!process_.ended_within(std::chrono::seconds(30))) return process_.kill();
  return process_.wait();
}

std::string Browser::log() const {
  std::string text;
  for (const auto& line : process_.lines()) text += line.substr(0, 300) + '\n';
  return text;
}

}  // namespace viba::pipewire_test
