#include "doctor_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "wrapped_text.h"

namespace viba::app {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 96;
constexpr std::size_t kIndent = 9;

struct Mark {
  CheckState state;
  const char* word;   ///< for people
  const char* name;   ///< for programs
  const char* color;  ///< ECMA-48
};
constexpr std::array kMarks{Mark{CheckState::kGood, "ok", "ok", "\033[32m"},
                            Mark{CheckState::kInformation, "info", "information", ""},
                            Mark{CheckState::kWarning, "warning", "warning", "\033[33m"},
                            Mark{CheckState::kFailed, "FAILED", "failed", "\033[1;31m"},
                            Mark{CheckState::kNotApplicable, "-", "not applicable", ""}};

const Mark& mark_of(CheckState state) { return *std::ranges::find(kMarks, state, &Mark::state); }

std::string check_for_people(const Check& check, bool in_color) {
  const Mark& mark = mark_of(check.state);
  const std::string word = fmt::format("{:<{}}", mark.word, kIndent);
  const bool colored = in_color && *mark.color != '\0';
  std::string out = colored ? mark.color + word + "\033[0m" : word;
  out += wrapped(fmt::format("{}: {}", check.title, check.finding), kWidth, kIndent, kIndent) + '\n';
  const std::string indent(kIndent, ' ');
  if (!check.advice.empty()) out += fmt::format("{}{}\n", indent, wrapped(check.advice, kWidth, kIndent, kIndent));
  // Commands are not wrapped: they are to be copied.
  for (const auto& command : check.commands) out += fmt::format("{}  {}\n", indent, command);
  return out;
}

std::string summary(std::span<const Check> checks) {
  const auto failed = std::ranges::count(checks, CheckState::kFailed, &Check::state);
  const auto warnings = std::ranges::count(checks, CheckState::kWarning, &Check::state);
  if (failed > 0)
    return fmt::format("Call programs will not see you yet: {} thing{} to put right{}.", failed, failed == 1 ? "" : "s",
                       failed == 1 ? "" : ", the first one first");
  return fmt::format("Call programs will see the camera while viba runs{}.",
                     warnings == 0 ? "" : fmt::format("; {} warning{}", warnings, warnings == 1 ? "" : "s"));
}

/// Where the program lies when a plain `viba` would not find it as root.
std::string own_name() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  const bool found_by_all = error || path.parent_path() == "/usr/bin" || path.parent_path() == "/usr/local/bin";
  return found_by_all ? "viba" : quoted_for_shell(path.string());
}

/// In a command of ours, so that it works as it is copied.
std::string with_own_name(std::string text, std::string_view before) {
  const std::string plain = fmt::format("{}viba ", before);
  if (const auto at = text.find(plain); at != std::string::npos)
    text.replace(at, plain.size(), fmt::format("{}{} ", before, own_name()));
  return text;
}

Result<void> ask(const Log& log) {
  if (isatty(STDIN_FILENO) == 0)
    return fail(ErrorCode::kPermission, "Nothing was done, because nobody can be asked here: give --yes to do it.");
  log.info("Do that? Type yes and press Enter.");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "yes" || answer == "y" || answer == "Yes" || answer == "Y") return {};
  return fail(ErrorCode::kPermission, "Nothing was done.");
}

Result<void> fix(const CommandLine& line, const Log& log) {
  const auto steps = plan_fix(log);
  if (!steps) return fail(steps.error().code, with_own_name(steps.error().message, "`sudo "));
  if (steps->empty()) return {};
  log.info("This will be done:");
  for (const auto& step : *steps) log.info("  " + step.what);
  if (!line.yes)
    if (auto agreed = ask(log); !agreed) return agreed;
  for (const auto& step : *steps)
    if (auto done = step.apply(); !done) return done;
  log.info("Done.");
  return {};
}

}  // namespace

std::string quoted_for_shell(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string checks_for_people(std::span<const Check> checks, bool in_color) {
  std::string out;
  for (const auto& check : checks) out += check_for_people(check, in_color);
  return out + '\n' + summary(checks) + '\n';
}

std::string checks_as_json(std::span<const Check> checks) {
  json all = json::array();
  for (const auto& check : checks)
    all.push_back({{"id", check.id},
                   {"title", check.title},
                   {"state", mark_of(check.state).name},
                   {"finding", check.finding},
                   {"advice", check.advice},
                   {"commands", check.commands}});
  const json out{{"camera_would_be_seen", camera_would_be_seen(checks)}, {"checks", std::move(all)}};
  // Names come from drivers and processes, which may hold any bytes.
  return out.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

Result<bool> run_doctor(const CommandLine& line, const Log& log) {
  const auto fixed = line.fix ? fix(line, log) : Result<void>{};
  if (!fixed) return tl::unexpected(fixed.error());
  auto checks = examine(line.options);
  for (auto& check : checks) {
    check.advice = with_own_name(std::move(check.advice), "`sudo ");
    for (auto& command : check.commands) {
      const bool as_root = command.starts_with("sudo ");
      command = with_own_name(std::move(command), as_root ? "sudo " : "");
    }
  }
  fmt::print("{}", line.json ? checks_as_json(checks) : checks_for_people(checks, isatty(STDOUT_FILENO) != 0));
  return camera_would_be_seen(checks);
}

}  // namespace viba::app
