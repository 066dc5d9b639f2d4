#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <viba/pipeline.h>
#include <viba/version.h>

#include "bench_command.h"
#include "command_line.h"
#include "devices_command.h"
#include "doctor_command.h"
#include "film_progress.h"
#include "man_page.h"
#include "models_command.h"
#include "stop_signals.h"
#include "terminal.h"
#include "user_folders.h"

namespace viba::app {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void say(LogLevel level, std::string_view text) {
  const std::string_view prefix = level == LogLevel::kWarning ? "warning: "
                                  : level == LogLevel::kError ? "error: "
                                                              : "";
  write_line(fmt::format("viba: {}{}", prefix, text));
}

int end_with(const Error& error) {
  say(LogLevel::kError, error.message);
  return error.code == ErrorCode::kUsage ? kWrongUsage : kFailed;
}

Result<Statistics> run(Stages stages, const Options& options, const Log& log, const std::stop_token& stop) {
  const SourceInfo source = stages.source->info();
  Pipeline pipeline(std::move(stages), options, log);
  std::optional<FilmProgress> progress;
  if (!source.live) progress.emplace(pipeline, source.frames);
  return pipeline.run(stop);
}

Result<void> run(const CommandLine& line, const Log& log) {
  const StopSignals signals;
  return bring_model(line.options, log, signals.token())
      .and_then([&] { return open_stages(line.options, log); })
      .and_then([&](Stages&& stages) { return run(std::move(stages), line.options, log, signals.token()); })
      .map([&](const Statistics& total) {
        log.info(fmt::format("{} {}, {:.1f} a second{}.", total.frames_out, total.frames_out == 1 ? "frame" : "frames",
                             total.frames_per_second,
                             total.placeholders > 0 ? fmt::format("; {} of them hidden", total.placeholders) : ""));
        log.debug(describe(total));
      });
}

Result<void> write_mattes(const CommandLine& line, const Log& log) {
  const StopSignals signals;
  return bring_model(line.options, log, signals.token())
      .and_then([&] { return extract_mattes(line.input, line.output, line.options, log, signals.token()); })
      .map([&](int count) {
        log.info(fmt::format("{} {} written to {}.", count, count == 1 ? "matte" : "mattes", line.output));
      });
}

int main_with(const std::vector<std::string>& arguments) {
  auto line = parse_command_line(arguments);
  if (!line) return end_with(line.error());
  line->options.model_dir = model_folder();
  const Log log(say, line->options.debug ? LogLevel::kDebug : LogLevel::kInfo);
  Result<void> ok;
  bool well = true;
  switch (line->command) {
    case Command::kHelp: fmt::print("{}", line->help); break;
    case Command::kVersion: fmt::print("viba {}\n{} PipeWire\n", kVersion, kWithPipewire ? "with" : "without"); break;
    case Command::kManPage: fmt::print("{}", man_page()); break;
    case Command::kRun: ok = run(*line, log); break;
    case Command::kModels: print_models(*line, log); break;
    case Command::kFetchModel: ok = fetch_model(*line, log); break;
    case Command::kDescribeModel: ok = print_description(*line, log); break;
    case Command::kRunModel: ok = run_model(*line, log); break;
    case Command::kBench: ok = run_bench(*line, log); break;
    case Command::kDevices: print_devices(*line); break;
    case Command::kDoctor: ok = run_doctor(*line, log).map([&](bool would_be_seen) { well = would_be_seen; }); break;
    case Command::kMatte: ok = write_mattes(*line, log); break;
  }
  // What goes to a file must not look whole when the disk was full.
  if (ok && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0))
    ok = fail(ErrorCode::kIo, "What was to be shown could not be written; is the disk full?");
  if (!ok) return end_with(ok.error());
  return well ? 0 : kFailed;
}

}  // namespace
}  // namespace viba::app

/// A file opened later must not become standard error because that was closed.
void fill_standard_files() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0 && fd <= STDERR_FILENO;) fd = open("/dev/null", O_RDWR);
}

int main(int count, char** words) {
  fill_standard_files();
  // The makers' builds of ONNX Runtime would else report its use to them, over the network. Before there are threads.
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  // Debian 13's ONNX Runtime registers its schemas twice and writes a line to std::cerr for each of a
  // thousand. What ViBa has to say goes another way.
  std::cerr.rdbuf(nullptr);
  // Its WebGPU part warns there of every Vulkan driver that it passes over, and goes by C's `stderr`.
  if (std::FILE* nowhere = std::fopen("/dev/null", "w")) stderr = nowhere;
  try {
    return viba::app::main_with({words + 1, words + count});
  } catch (const std::exception& e) {
    viba::app::say(viba::LogLevel::kError, e.what());
    return 1;
  }
}
