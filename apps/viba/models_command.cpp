#include "models_command.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <viba/model_tools.h>
#include <viba/models.h>

#include "stop_signals.h"
#include "terminal.h"

namespace viba::app {
namespace {

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6); }

/// Of a URL the host only: the rest would be longer than a line.
std::string short_source(const std::string& source) {
  const auto host = source.find("://");
  if (host == std::string::npos) return source;
  return source.substr(host + 3, source.find('/', host + 3) - host - 3);
}

struct Row {
  std::string name, licence, size, input, installed, ms, source;
};

struct Columns {
  std::size_t name = 0;  ///< width
  bool ms = false;       ///< whether there is one for that
};

void print_row(const Columns& columns, const Row& row) {
  fmt::print("{:<{}}  {:<10}  {:>6}  {:<13}  {:<9}  {}{}\n", row.name, columns.name, row.licence, row.size, row.input,
             row.installed, columns.ms ? fmt::format("{:>6}  ", row.ms) : "", row.source);
}

void print_for_people(const Columns& columns, const ModelListing& model, const std::optional<ModelMeasure>& measure) {
  const bool installed = !model.installed.empty();
  print_row(columns, {model.name, model.licence, (installed ? "" : "~") + megabytes(model.bytes), model.input,
                      installed ? "yes" : "no", measure ? fmt::format("{:.1f}", measure->ms_per_mask) : "",
                      short_source(model.source)});
  for (const auto& alias : model.aliases) fmt::print("  also: {}\n", alias);
}

void print_for_programs(const ModelListing& model, const std::optional<ModelMeasure>& measure) {
  fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}", model.name, fmt::join(model.aliases, " "), model.licence, model.bytes,
             model.input, model.installed, model.source);
  if (measure)
    fmt::print("\t{:.2f}\t{:.0f}\t{}x{}\t{}", measure->ms_per_mask, measure->million_multiply_adds,
               measure->input.width, measure->input.height, measure->device);
  else
    fmt::print("\t\t\t\t");
  fmt::print("\n");
}

class Progress {
 public:
  explicit Progress(const Log& log) : log_(log), terminal_(has_terminal()) {}
  ~Progress() {
    if (terminal_) show_status("");
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
  void show_bar(const FetchState& state) {
    const auto percent = static_cast<int>(std::min<std::uint64_t>(100, state.received * 100 / state.total));
    if (begun_ && percent == percent_ && state.file == file_) return;
    begun_ = true;
    percent_ = percent;
    show_status(fmt::format("{}  {} of {} MB  {}", progress_bar(percent), megabytes(state.received),
                            megabytes(state.total), state.file.substr(0, 26)));
  }

  const Log& log_;
  const bool terminal_;
  bool begun_ = false;
  int percent_ = 0;
  std::string file_;
};

}  // namespace

void print_models(const CommandLine& line, const Log& log) {
  if (line.tsv)
    fmt::print("name\taliases\tlicence\tbytes\tinput\tinstalled\tsource\tms\tmmac\tmeasured input\tdevice\n");
  const auto models = list_models(line.options);
  const auto longest = std::ranges::max(models, {}, [](const auto& m) { return m.name.size(); }).name.size();
  const Columns columns{longest, line.measure};
  if (!line.tsv) print_row(columns, {"name", "licence", "MB", "input", "installed", "ms", "source"});
  for (const auto& model : models) {
    std::optional<ModelMeasure> measure;
    if (line.measure && !model.installed.empty()) {
      Options options = line.options;
      options.model_name = model.name;
      auto measured = measure_model(options, log);
      if (measured)
        measure = std::move(*measured);
      else
        log.warning(measured.error().message);  // the others are to be seen all the same
    }
    line.tsv ? print_for_programs(model, measure) : print_for_people(columns, model, measure);
    (void)std::fflush(stdout);  // measuring takes a while
  }
  if (!line.tsv) fmt::print("~ about, until it is installed\n");
  if (!line.tsv && line.measure) fmt::print("ms: for a mask of a frame of 1280x720, on this machine\n");
}

Result<void> bring_model(const Options& options, const Log& log, const std::stop_token& stop) {
  for (const auto& model : list_models(options)) {
    const bool wanted =
        model.name == options.model_name || std::ranges::find(model.aliases, options.model_name) != model.aliases.end();
    if (!wanted || !model.installed.empty() || model.source.find("://") == std::string::npos) continue;
    log.info(fmt::format("Fetching {} (about {} MB) from {}, once.", model.name, megabytes(model.bytes),
                         short_source(model.source)));
    Progress progress(log);
    const auto fetched = viba::fetch_model(
        model.name, "", options, [&](const FetchState& state) { progress.show(state); }, log, stop);
    if (!fetched) return tl::unexpected(fetched.error());
  }
  return {};
}

Result<void> print_description(const CommandLine& line, const Log& log) {
  return describe_model(line.model, line.options, log).map([](const std::string& text) { fmt::print("{}", text); });
}

Result<void> run_model(const CommandLine& line, const Log& log) {
  return viba::run_model(line.model, line.input, line.output, line.tensor, line.options, log);
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
