#include "segment/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "onnx_subset.pb.h"
#include "segment/onnx_cost.h"
#include "segment/onnx_file.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"
#include "segment/tfjs_importer.h"
#include "segment/tfjs_model.h"
#include "segment/tflite_importer.h"
#include "segment/tflite_model.h"

namespace viba {
namespace {

tl::unexpected<Error> unsupported(const std::string& file, std::string_view why) {
  return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file, why));
}

/// What both importers do with the graph that they made.
Result<ReadyNetwork> ready(onnx::Graph graph, const std::string& file, const Engine& engine) {
  const double cost = onnx::million_multiply_adds(graph);
  onnx::rewrite(graph);
  return OnnxSession::create(engine, onnx::serialize(std::move(graph)), file, {.threads = engine.threads_for(cost)})
      .map([cost](OnnxSession&& session) {
        return ReadyNetwork{std::move(session), cost};
      });
}

class TfliteFile final : public ModelFile {
 public:
  static Result<std::unique_ptr<ModelFile>> open(const std::string& path) {
    auto view = tflite::read_model(path);
    if (!view) return tl::unexpected(std::move(view).error());
    auto file = std::make_unique<TfliteFile>();
    file->path_ = path;
    if (auto done = tflite::import_model(*view, file->graph_); !done) return tl::unexpected(std::move(done).error());
    const auto port = [&](int index) {
      const auto& tensor = view->tensors[static_cast<std::size_t>(index)];
      return Port{.name = tensor.name, .shape = {tensor.shape.begin(), tensor.shape.end()}};
    };
    for (const int index : view->inputs) file->signature_.inputs.push_back(port(index));
    for (const int index : view->outputs) file->signature_.outputs.push_back(port(index));
    for (const auto& op : view->operators) {
      file->operators_.push_back(op.name);
      for (const int index : op.outputs) file->makers_[view->tensors[static_cast<std::size_t>(index)].name] = op.name;
    }
    return file;
  }

  const std::string& path() const override { return path_; }
  const Signature& signature() const override { return signature_; }
  bool turned() const override { return true; }
  std::string maker_of(const std::string& output) const override {
    const auto found = makers_.find(output);
    return found == makers_.end() ? "" : found->second;
  }
  bool mentions(std::string_view prefix) const override {
    return std::ranges::any_of(operators_, [&](const std::string& name) { return name.starts_with(prefix); });
  }

  Result<ReadyNetwork> network(const NetworkPlan& plan, const Engine& engine) const override {
    onnx::Graph graph = graph_;
    if (plan.inputs.size() != signature_.inputs.size())
      return unsupported(
          path_, fmt::format("it takes {} inputs and is given {}", signature_.inputs.size(), plan.inputs.size()));
    graph.clear_input();
    graph.clear_output();
    for (const Port& input : plan.inputs) {
      const auto at = place(signature_.inputs, input.name);
      if (at < 0 || signature_.inputs[static_cast<std::size_t>(at)].shape != input.shape)
        return unsupported(path_, fmt::format("its input {} is of another size, which is fixed", input.name));
      *graph.add_input() = graph_.input(at);
    }
    for (const auto& output : plan.outputs) {
      const auto at = place(signature_.outputs, output);
      if (at < 0) return unsupported(path_, fmt::format("it has no output {}", output));
      *graph.add_output() = graph_.output(at);
    }
    return ready(std::move(graph), path_, engine);
  }

 private:
  static int place(const std::vector<Port>& ports, const std::string& name) {
    const auto found = std::ranges::find(ports, name, &Port::name);
    return found == ports.end() ? -1 : static_cast<int>(found - ports.begin());
  }

  std::string path_;
  Signature signature_;
  std::vector<std::string> operators_;
  std::map<std::string, std::string> makers_;
  onnx::Graph graph_;
};

class TfjsFile final : public ModelFile {
 public:
  static Result<std::unique_ptr<ModelFile>> open(const std::string& path) {
    auto model = tfjs::read_model(path);
    if (!model) return tl::unexpected(std::move(model).error());
    auto file = std::make_unique<TfjsFile>();
    file->model_ = std::move(*model);
    file->signature_ = tfjs::signature_of(file->model_);
    return file;
  }

  const std::string& path() const override { return model_.file; }
  const Signature& signature() const override { return signature_; }
  bool turned() const override { return true; }
  std::string maker_of(const std::string& output) const override {
    // An identity only gives another name to what another node makes.
    std::string name = tfjs::node_of_output(output);
    for (std::size_t step = 0; step < model_.nodes.size(); ++step) {
      const auto found = std::ranges::find(model_.nodes, name, &tfjs::Node::name);
      if (found == model_.nodes.end()) return "";
      if (found->op != "Identity" || found->inputs.empty()) return found->op;
      name = tfjs::node_of_output(found->inputs.front());
    }
    return "";
  }
  bool mentions(std::string_view prefix) const override {
    return std::ranges::any_of(model_.nodes, [&](const tfjs::Node& node) { return node.name.starts_with(prefix); });
  }

  std::vector<std::int64_t> output_shape(const NetworkPlan& plan) const override {
    const auto graph = graph_for(plan);
    if (!graph || graph->output_size() == 0) return {};
    auto planar = onnx::GraphIndex(*graph).shape_of(graph->output(0).name());
    if (planar.size() != 4) return planar;
    return {planar[0], planar[2], planar[3], planar[1]};
  }

  Result<ReadyNetwork> network(const NetworkPlan& plan, const Engine& engine) const override {
    return graph_for(plan).and_then([&](onnx::Graph&& graph) { return ready(std::move(graph), model_.file, engine); });
  }

 private:
  Result<onnx::Graph> graph_for(const NetworkPlan& plan) const {
    tfjs::ImportSettings settings{.constants = plan.numbers, .outputs = plan.outputs};
    for (const Port& input : plan.inputs) settings.inputs.push_back({input.name, input.shape});
    onnx::Graph graph;
    if (auto done = tfjs::import_model(model_, settings, graph); !done) return tl::unexpected(std::move(done).error());
    return graph;
  }

  tfjs::Model model_;
  Signature signature_;
};

class OnnxFile final : public ModelFile {
 public:
  static Result<std::unique_ptr<ModelFile>> open(const std::string& path) {
    auto read = onnx::read_file(path);
    if (!read) return tl::unexpected(std::move(read).error());
    auto file = std::make_unique<OnnxFile>();
    file->file_ = std::move(*read);
    return file;
  }

  const std::string& path() const override { return file_.path; }
  const Signature& signature() const override { return file_.signature; }
  bool turned() const override { return false; }
  std::string maker_of(const std::string& output) const override {
    // These only arrange anew what another node makes.
    constexpr std::array kArrangements{"Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze"};
    auto found = file_.makers.find(output);
    for (std::size_t step = 0; step < file_.makers.size() && found != file_.makers.end(); ++step) {
      if (std::ranges::find(kArrangements, found->second.op) == kArrangements.end()) return found->second.op;
      found = file_.makers.find(found->second.first_input);
    }
    return "";
  }
  bool mentions(std::string_view prefix) const override {
    return std::ranges::any_of(file_.makers, [&](const auto& maker) { return maker.first.starts_with(prefix); });
  }

  Result<ReadyNetwork> network(const NetworkPlan& plan, const Engine& engine) const override {
    const double cost = file_.million_multiply_adds;
    OnnxSessionSettings settings{.threads = engine.threads_for(cost > 0 ? cost : kUnknownCost),
                                 .outputs = plan.outputs};
    for (const Port& input : plan.inputs) settings.inputs.emplace_back(input.name, input.shape);
    for (const auto& [name, number] : plan.numbers) {
      const auto port = std::ranges::find(file_.signature.inputs, name, &Port::name);
      const std::size_t rank = port == file_.signature.inputs.end() ? 1 : port->shape.size();
      settings.inputs.emplace_back(name, std::vector<std::int64_t>(rank, 1));
    }
    const std::string_view bytes(reinterpret_cast<const char*>(file_.bytes.data()), file_.bytes.size());
    auto session = OnnxSession::create(engine, bytes, file_.path, settings);
    if (!session) return tl::unexpected(std::move(session).error());
    std::size_t place = plan.inputs.size();
    for (const auto& [name, number] : plan.numbers) session->input_values(place++)[0] = number;
    return ReadyNetwork{std::move(*session), cost};
  }

 private:
  static constexpr double kUnknownCost = 1000;  ///< whoever brings a model mostly brings a large one

  onnx::File file_;
};

struct Format {
  std::string_view ending;
  Result<std::unique_ptr<ModelFile>> (*open)(const std::string& path);
};

constexpr Format kFormats[] = {{".tflite", TfliteFile::open}, {".json", TfjsFile::open}, {".onnx", OnnxFile::open}};

bool has_known_ending(std::string_view name) {
  return std::ranges::any_of(kFormats, [&](const Format& format) { return name.ends_with(format.ending); });
}

}  // namespace

bool is_model_file(std::string_view name) {
  std::error_code error;
  return name.find('/') != std::string_view::npos || has_known_ending(name) ||
         std::filesystem::is_directory(name, error);
}

Result<std::string> model_file_in(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (has_known_ending(entry.path().string())) files.push_back(entry.path().string());
  std::ranges::sort(files);
  if (files.size() == 1) return files.front();
  if (files.empty())
    return fail(ErrorCode::kUsage, fmt::format("The folder {} holds no .tflite, .onnx or .json file.", path));
  return fail(ErrorCode::kUsage,
              fmt::format("The folder {} holds several models; give one of {}.", path, fmt::join(files, ", ")));
}

Result<std::unique_ptr<ModelFile>> open_model_file(const std::string& path) {
  for (const Format& format : kFormats)
    if (path.ends_with(format.ending)) return format.open(path);
  return fail(
      ErrorCode::kUsage,
      fmt::format("{} is no model file that ViBa knows: its name must end in .tflite, .onnx or .json (TF.js).", path));
}

}  // namespace viba
