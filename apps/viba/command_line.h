#pragma once

#include <span>
#include <string>

#include <viba/bench.h>
#include <viba/options.h>

namespace viba::app {

enum class Command {
  kRun,
  kMatte,
  kModels,
  kFetchModel,
  kDescribeModel,
  kRunModel,
  kBench,
  kDevices,
  kDoctor,
  kHelp,
  kVersion,
  kManPage
};

struct CommandLine {
  Command command = Command::kRun;
  Options options;
  std::string input, output;          ///< kMatte, kRunModel
  std::string model;                  ///< kFetchModel, kDescribeModel, kRunModel
  std::string from;                   ///< kFetchModel
  std::string tensor;                 ///< kRunModel
  bool measure = false, tsv = false;  ///< kModels
  bool json = false;                  ///< kBench, kDevices, kDoctor
  BenchSettings bench;                ///< kBench
  std::string compare;                ///< kBench: what an earlier run has written; may be empty
  bool fix = false, yes = false;      ///< kDoctor

  std::string help;  ///< kHelp: the text to print
};

/// Arguments without the program's name. Errors: kUsage, one sentence.
[[nodiscard]] Result<CommandLine> parse_command_line(std::span<const std::string> arguments);

}  // namespace viba::app
