#include "models_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include <viba/models.h>

#include "stop_signals.h"

namespace viba::app {
namespace {

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6); }

/// Of a URL the host only: the rest would be longer than a line.
std::string short_source(const std::string& source) {
  const auto host = source.find("://");
  if (host == std::string::npos) return source;
  return source.substr(host + 3, source.find('/', host + 3) - host - 3);
}

class Progress {
 public:
  explicit Progress(const Log& log) : log_(log), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (begun_ && terminal_) write("\n");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const FetchState& state) {
    if (state.total == 0) return;
    if (terminal_)
      show_bar(state);
    else if (state.file != file_)
      log_.info(fmt::format("{}, {} of {} MB", state.file, megabytes(state.received), megabytes(state.total)));
    file_ = state.file;
  }

 private:
  static void write(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

  void show_bar(const FetchState& state) {
    constexpr int kWidth = 30;
    const auto percent = static_cast<int>(std::min<std::uint64_t>(100, state.received * 100 / state.total));
    if (begun_ && percent == percent_ && state.file == file_) return;
    begun_ = true;
    percent_ = percent;
    // Back to the start of the line, which is cleared first.
    write(fmt::format("\r\033[K[{:<{}}] {:>3} %  {} of {} MB  {}", std::string(percent * kWidth / 100, '#'), kWidth,
                      percent, megabytes(state.received), megabytes(state.total), state.file.substr(0, 26)));
  }

  const Log& log_;
  const bool terminal_;
  bool begun_ = false;
  int percent_ = 0;
  std::string file_;
};

}  // namespace

void print_models(const Options& options) {
  const auto models = list_models(options);
  const auto longest = std::ranges::max(models, {}, [](const auto& m) { return m.name.size(); }).name.size();
  const auto row = [longest](std::string_view name, std::string_view licence, std::string_view size,
                             std::string_view input, std::string_view installed, std::string_view source) {
    fmt::print("{:<{}}  {:<10}  {:>6}  {:<13}  {:<9}  {}\n", name, longest, licence, size, input, installed, source);
  };
  row("name", "licence", "MB", "input", "installed", "source");
  for (const auto& model : models) {
    const bool installed = !model.installed.empty();
    row(model.name, model.licence, (installed ? "" : "~") + megabytes(model.bytes), model.input,
        installed ? "yes" : "no", short_source(model.source));
    for (const auto& alias : model.aliases) fmt::print("  also: {}\n", alias);
  }
  fmt::print("~ about, until it is installed\n");
}

Result<void> fetch_model(const CommandLine& line, const Log& log) {
  const StopSignals signals;
  auto installed = [&] {
    Progress progress(log);
    return viba::fetch_model(
        line.model, line.from, line.options, [&](const FetchState& state) { progress.show(state); }, log,
        signals.token());
  }();
  return installed.map(
      [&](const std::string& file) { log.info(fmt::format("{} is installed: {}", line.model, file)); });
}

}  // namespace viba::app
