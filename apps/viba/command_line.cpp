#include "command_line.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench_options.h"
#include "wrapped_text.h"

namespace viba::app {
namespace {

constexpr std::string_view kRunSummary =
    "ViBa shows you before another background, as a fake webcam that any call program can pick.";
constexpr std::string_view kRunExamples = R"(Examples:
  viba                                    camera to v4l2loopback, a bundled background
  viba --background blur                  your own room, unsharp
  viba --background beach.jpg --preview   see it in a window, too
  viba --real-cam-device clip.mp4 --fake-cam-device out.mp4
                                          from file to file, as fast as it goes

Commands:
  viba [run]               what is described here
  viba matte INPUT OUTPUT  write the alpha matte alone; see viba matte --help
  viba models              show the networks, fetch them; see viba models --help
  viba bench               measure how fast it is here; see viba bench --help
  viba devices             show cameras and fake cameras; see viba devices --help
  viba doctor              say why call programs do not see the camera; see viba doctor --help)";

constexpr std::string_view kMatteSummary =
    "Writes the alpha matte alone: white is person. A picture becomes a gray .png, a folder of pictures a folder of\n"
    "such, a video a lossless gray .mkv (FFV1), frame for frame.";
constexpr std::string_view kMatteExamples = R"(Examples:
  viba matte me.jpg matte.png
  viba matte photos/ mattes/
  viba matte clip.mp4 matte.mkv --model-name selfie-landscape)";

constexpr std::string_view kModelsSummary = "Shows the networks that ViBa knows by name.";
constexpr std::string_view kModelsExamples = R"(Commands:
  viba models                           what is described here
  viba models fetch NAME                put one onto this machine; see viba models fetch --help
  viba models describe FILE             say how one is fed; see viba models describe --help
  viba models run MODEL PICTURE OUTPUT  write what one gives for a picture; see viba models run --help)";

constexpr std::string_view kDescribeSummary =
    "Says how a network is fed and how its answer is read, as it stands beside a model file in FILE.toml. What the\n"
    "file does not tell is marked as a guess, to be corrected.";
constexpr std::string_view kDescribeExamples = R"(Examples:
  viba models describe own.onnx > own.onnx.toml
  viba models describe selfie)";

constexpr std::string_view kRunModelSummary =
    "Writes what a network itself gives for a picture, before anything is made of it: 32-bit floats in the network's\n"
    "own shape. A picture of another size than the network's input is stretched to it.";
constexpr std::string_view kRunModelExamples = R"(Examples:
  viba models run selfie me.png out.npy
  viba models run posenet/model-stride16.json me.png out.npy --output heatmap)";

constexpr std::string_view kFetchSummary =
    "Puts a network onto this machine, into $XDG_DATA_HOME/viba/models (~/.local/share/viba/models). What was\n"
    "interrupted goes on where it ended. What is installed already stays until the new files are there and checked.\n"
    "Proxies are taken from http_proxy, https_proxy, all_proxy and no_proxy.";
constexpr std::string_view kFetchExamples = R"(Examples:
  viba models fetch mobilenet_quant4_100_stride16
  viba models fetch bodypix-resnet50-stride32-quant1 --from https://mirror.example/resnet50/quant1/
  viba models fetch rvm --from ~/Downloads/human-models/models)";

constexpr std::string_view kBenchSummary =
    "Measures how fast the pipeline is on this machine: a clip is fed as by a camera, frame for frame as fast as it\n"
    "goes and then at a camera's pace, and the result is packed as for a fake camera. Nothing is opened or published.";
constexpr std::string_view kBenchExamples = R"(Examples:
  viba bench
  viba bench --size 1920x1080 --format mjpeg --background blur
  viba bench --json > before.json
  viba bench --compare before.json)";

constexpr std::string_view kDevicesSummary =
    "Shows every camera and fake camera (v4l2loopback) with its formats, sizes, rates, and who uses it. Nothing is "
    "set\n"
    "on them, and no camera is switched on.";
constexpr std::string_view kDevicesExamples = R"(Examples:
  viba devices
  viba devices --json)";

constexpr std::string_view kDoctorSummary =
    "Says whether a call program would see the camera, and for all that is in the way how to do away with it. Changes\n"
    "nothing without --fix. Ends with 0 when the camera would be seen, else with 1.";
constexpr std::string_view kDoctorExamples = R"(Examples:
  viba doctor
  sudo viba doctor --fix)";

/// CLI11 names the option first, and then says what it misses in its own terms.
std::string in_our_words(std::string_view complaint, std::string_view program) {
  if (complaint.ends_with("flag override"))
    return fmt::format("--{} is a switch and takes no value; see {} --help.", complaint.substr(0, complaint.find(' ')),
                       program);
  for (const auto& spec : option_table())
    if (const auto name = fmt::format("--{}", spec.name); complaint.find(name) != std::string_view::npos)
      return spec.value.empty() ? fmt::format("{} is a switch and takes no value; see {} --help.", name, program)
                                : fmt::format("{} takes {}, once; see {} --help.", name, spec.value, program);
  return fmt::format("{}; see {} --help.", complaint, program);
}

/// A CLI11 option for each row of the table that this command has.
class Parser {
 public:
  Parser(std::string_view program, std::string_view summary, std::string_view examples)
      : app_(std::string(summary), std::string(program)) {
    app_.footer("\n" + std::string(examples));
    app_.get_formatter()->column_width(34);
    app_.set_help_flag();
    app_.allow_extras();
  }

  void add(const OptionSpec& spec, Options& options) { add(spec, options, spec.fallback); }

  /// For a command whose default is another.
  void add(const OptionSpec& spec, Options& options, std::string_view fallback) {
    const std::string name = fmt::format("--{}", spec.name);
    const std::string help = wrapped(fmt::format("{} [{}]", spec.help, fallback), 78);
    const auto store = [this, &spec, &options](std::span<const std::string> values) {
      if (auto ok = spec.set(options, values); !ok && !error_) error_ = ok.error();
    };
    if (spec.value.empty()) {
      app_.add_flag_callback(
              name, [store] { store({}); }, help)
          ->disable_flag_override()
          ->group(std::string(spec.group));
      return;
    }
    const auto take = [store, &spec](const std::vector<std::string>& values) {
      if (!spec.repeatable) return store(values);
      for (const auto& value : values) store({&value, 1});
    };
    app_.add_option_function<std::vector<std::string>>(name, take, help)
        ->group(std::string(spec.group))
        ->type_name(std::string(spec.value))
        ->expected(1, spec.most_values)
        ->allow_extra_args(spec.most_values > 1)
        ->multi_option_policy(spec.repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
  }

  void add(const BenchOption& option, BenchSettings& settings) {
    const auto take = [this, &option, &settings](const std::string& value) {
      if (auto ok = option.set(settings, value); !ok && !error_) error_ = ok.error();
    };
    const std::string help = wrapped(fmt::format("{} [{}]", option.help, option.fallback), 78);
    app_.add_option_function<std::string>(fmt::format("--{}", option.name), take, help)
        ->group("Measuring")
        ->type_name(std::string(option.value));
  }

  void add_switch(const char* name, bool& wanted, const char* help) {
    app_.add_flag(name, wanted, help)->disable_flag_override()->group("General");
  }

  void add_text(const std::string& name, std::string& text, const std::string& value, const std::string& help) {
    app_.add_option(name, text, help)->type_name(value);
  }

  void add_file(const std::string& name, std::string& file, const std::string& help) {
    app_.add_option(name, file, help)->type_name(" ");
  }

  /// Whether help was asked for. Errors: kUsage.
  Result<bool> parse(std::span<const std::string> arguments) {
    app_.set_help_flag("-h,--help", "show this and end")->group("General");  // last, and so at the end of its group
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::CallForHelp&) {
      return true;
    } catch (const CLI::ParseError& e) {
      return fail(ErrorCode::kUsage, in_our_words(e.what(), app_.get_name()));
    }
    if (error_) return tl::unexpected(*error_);
    if (const auto extras = app_.remaining(); !extras.empty())
      return fail(ErrorCode::kUsage,
                  fmt::format("There is no option or command '{}'; see {} --help.", extras.front(), app_.get_name()));
    return false;
  }

  [[nodiscard]] std::string help() const { return app_.help(); }

 private:
  CLI::App app_;
  std::optional<Error> error_;
};

Result<CommandLine> parse_run(std::span<const std::string> arguments) {
  CommandLine line;
  bool version = false;
  bool man_page = false;
  Parser parser("viba", kRunSummary, kRunExamples);
  for (const auto& spec : option_table()) parser.add(spec, line.options);
  parser.add_switch("--version", version, "show the version and end");
  parser.add_switch("--man-page", man_page, "write viba(1) to standard output and end");
  return parser.parse(arguments).map([&](bool help) {
    if (help) line.help = parser.help();
    line.command = help ? Command::kHelp : version ? Command::kVersion : man_page ? Command::kManPage : Command::kRun;
    return std::move(line);
  });
}

constexpr auto kEngineOptions = std::to_array<std::string_view>({"use-gpu", "gpu", "threads", "ort-library", "debug"});

void add_options(Parser& parser, CommandLine& line, std::span<const std::string_view> names) {
  for (const auto& spec : option_table())
    if (std::ranges::find(names, spec.name) != names.end()) parser.add(spec, line.options);
}

Result<CommandLine> finish(Parser& parser, std::span<const std::string> arguments, CommandLine& line) {
  return parser.parse(arguments).map([&](bool help) {
    if (help) line.command = Command::kHelp;
    if (help) line.help = parser.help();
    return std::move(line);
  });
}

/// For commands that need words beside their options; `last_word` is empty when they are not all there.
Result<CommandLine> finish(Parser& parser, std::span<const std::string> arguments, CommandLine& line,
                           const std::string& last_word, const char* complaint) {
  return parser.parse(arguments).and_then([&](bool help) -> Result<CommandLine> {
    if (help) {
      line.command = Command::kHelp;
      line.help = parser.help();
    } else if (last_word.empty()) {
      return fail(ErrorCode::kUsage, complaint);
    }
    return std::move(line);
  });
}

Result<CommandLine> parse_matte(std::span<const std::string> arguments) {
  constexpr auto kOptions =
      std::to_array<std::string_view>({"model-name", "segmentation-threshold", "roi", "people", "learn-room",
                                       "clean-plate", "edge-softness", "edge-shift"});
  CommandLine line;
  line.command = Command::kMatte;
  Parser parser("viba matte", kMatteSummary, kMatteExamples);
  add_options(parser, line, kOptions);
  add_options(parser, line, kEngineOptions);
  parser.add_file("INPUT", line.input, "a picture, a folder of pictures or a video");
  parser.add_file("OUTPUT", line.output, "a .png, a folder or an .mkv to write");
  return finish(parser, arguments, line, line.output,
                "viba matte takes two names, INPUT and OUTPUT; see viba matte --help.");
}

Result<CommandLine> parse_models_list(std::span<const std::string> arguments) {
  CommandLine line;
  line.command = Command::kModels;
  Parser parser("viba models", kModelsSummary, kModelsExamples);
  parser.add_switch("--measure", line.measure, "run those that are installed and show how long a mask takes");
  parser.add_switch("--tsv", line.tsv, "write a table for programs: tabs between columns, no words around");
  add_options(parser, line, kEngineOptions);

  return finish(parser, arguments, line);
}

Result<CommandLine> parse_models_fetch(std::span<const std::string> arguments) {
  CommandLine line;
  line.command = Command::kFetchModel;
  Parser parser("viba models fetch", kFetchSummary, kFetchExamples);
  parser.add_file("NAME", line.model, "a name that viba models shows, or one of its other names");
  parser.add_text("--from", line.from, "URL|FOLDER", "where the model's files lie [its source]");
  return finish(parser, arguments, line, line.model,
                "viba models fetch takes the NAME of a model; viba models shows all.");
}

Result<CommandLine> parse_models_describe(std::span<const std::string> arguments) {
  CommandLine line;
  line.command = Command::kDescribeModel;
  Parser parser("viba models describe", kDescribeSummary, kDescribeExamples);
  parser.add_file("MODEL", line.model, "the path of a .tflite, .onnx or model.json file, or a name");
  return finish(parser, arguments, line, line.model,
                "viba models describe takes the path of a model file; see viba models describe --help.");
}

Result<CommandLine> parse_models_run(std::span<const std::string> arguments) {
  CommandLine line;
  line.command = Command::kRunModel;
  Parser parser("viba models run", kRunModelSummary, kRunModelExamples);
  parser.add_file("MODEL", line.model, "a name that viba models shows, or the path of a model file");
  parser.add_file("PICTURE", line.input, "a picture file");
  parser.add_file("OUTPUT", line.output, "a file to write, as NumPy reads it (.npy)");
  parser.add_text("--output", line.tensor, "TENSOR", "which output to write [the one that tells of the person]");
  add_options(parser, line, kEngineOptions);
  return finish(parser, arguments, line, line.output,
                "viba models run takes MODEL, PICTURE and OUTPUT; see viba models run --help.");
}

Result<CommandLine> parse_models(std::span<const std::string> arguments) {
  const std::string_view first = arguments.empty() ? std::string_view{} : std::string_view(arguments.front());
  if (first == "fetch") return parse_models_fetch(arguments.subspan(1));
  if (first == "describe") return parse_models_describe(arguments.subspan(1));
  if (first == "run") return parse_models_run(arguments.subspan(1));
  return parse_models_list(arguments);
}

Result<CommandLine> parse_bench(std::span<const std::string> arguments) {
  constexpr auto kOptions = std::to_array<std::string_view>(
      {"background", "background-fit", "light-wrap", "model-name", "segmentation-threshold", "max-mask-age", "max-cpu",
       "roi", "people", "learn-room", "clean-plate", "edge-softness", "edge-shift"});
  CommandLine line;
  line.command = Command::kBench;
  line.options.mask_mode = MaskMode::kEveryFrame;  // so that runs on busy machines can be compared
  Parser parser("viba bench", kBenchSummary, kBenchExamples);
  for (const auto& option : bench_options()) parser.add(option, line.bench);
  parser.add_text("--compare", line.compare, "FILE", "show ratios to an earlier run's --json [none]");
  parser.add_switch("--json", line.json, "write JSON for programs");
  for (const auto& spec : option_table())
    if (spec.name == "mask-mode") parser.add(spec, line.options, "every-frame; of the part at a camera's pace");
  add_options(parser, line, kOptions);
  add_options(parser, line, kEngineOptions);
  return finish(parser, arguments, line);
}

Result<CommandLine> parse_devices(std::span<const std::string> arguments) {
  CommandLine line;
  line.command = Command::kDevices;
  Parser parser("viba devices", kDevicesSummary, kDevicesExamples);
  parser.add_switch("--json", line.json, "write JSON for programs");
  return finish(parser, arguments, line);
}

Result<CommandLine> parse_doctor(std::span<const std::string> arguments) {
  constexpr auto kOptions = std::to_array<std::string_view>({"real-cam-device", "model-name"});
  CommandLine line;
  line.command = Command::kDoctor;
  Parser parser("viba doctor", kDoctorSummary, kDoctorExamples);
  parser.add_switch("--json", line.json, "write JSON for programs");
  parser.add_switch("--fix", line.fix, "make a fake camera for now and every start (as root; asks before)");
  parser.add_switch("--yes", line.yes, "do not ask before --fix");
  add_options(parser, line, kOptions);
  add_options(parser, line, kEngineOptions);
  return finish(parser, arguments, line).and_then([](CommandLine&& done) -> Result<CommandLine> {
    if (done.command == Command::kDoctor && done.yes && !done.fix)
      return fail(ErrorCode::kUsage, "--yes goes with --fix; see viba doctor --help.");
    return std::move(done);
  });
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  const std::string_view first = arguments.empty() ? std::string_view{} : std::string_view(arguments.front());
  if (first == "models") return parse_models(arguments.subspan(1));
  if (first == "bench") return parse_bench(arguments.subspan(1));
  if (first == "devices") return parse_devices(arguments.subspan(1));
  if (first == "doctor") return parse_doctor(arguments.subspan(1));
  if (first == "matte") return parse_matte(arguments.subspan(1));
  return parse_run(first == "run" ? arguments.subspan(1) : arguments);
}

}  // namespace viba::app
