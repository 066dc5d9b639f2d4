#include <benchmark/benchmark.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/data_dirs.h"
#include "onnx_subset.pb.h"
#include "segment/model_table.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_rewrites.h"
#include "segment/onnx_session.h"
#include "segment/tfjs_importer.h"
#include "segment/tflite_importer.h"

/// How long a network takes, with and without each rewrite of its graph.
namespace {

using namespace viba;
using Change = std::function<void(onnx::Graph&)>;

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

const Engine& engine() {
  static const Engine kEngine = need(make_engine({}, {}));
  return kEngine;
}

onnx::Graph tflite_graph(const std::string& path) {
  onnx::Graph graph;
  need(tflite::import_model(need(tflite::read_model(path)), graph));
  return graph;
}

onnx::Graph bodypix_graph(const std::string& path, Size size) {
  const auto model = need(tfjs::read_model(path));
  const std::string input = tfjs::signature_of(model).inputs.at(0).name;
  onnx::Graph graph;
  need(tfjs::import_model(model, {.inputs = {{input, {1, size.height, size.width, 3}}}, .outputs = {"float_segments"}},
                          graph));
  return graph;
}

/// Writes every HardSigmoid(x) out as Clip(x + 3, 0, 6) / 6, as TensorFlow does.
void use_clips(onnx::Graph& graph) {
  onnx::Graph result = graph;
  result.clear_node();
  onnx::GraphBuilder builder(result);
  for (const auto& [name, value] : {std::pair{"three", 3.0F}, {"zero", 0.0F}, {"six", 6.0F}, {"sixth", 1.0F / 6}})
    builder.add_constant(name, {}, std::vector{value});
  for (const onnx::Node& node : graph.node()) {
    if (node.op_type() != "HardSigmoid") {
      *result.add_node() = node;
      continue;
    }
    const std::string& output = node.output(0);
    const auto shape = [&] {
      for (const auto& info : graph.value_info())
        if (info.name() == output) {
          onnx::Shape sides;
          for (const auto& side : info.type().tensor_type().shape().dim()) sides.push_back(side.dim_value());
          return sides;
        }
      throw std::runtime_error("The shape of a hard sigmoid is not known.");
    }();
    builder.add_node("Add", {node.input(0), "three"}, output + ".sum", shape);
    builder.add_node("Clip", {output + ".sum", "zero", "six"}, output + ".clip", shape);
    builder.add_node("Mul", {output + ".clip", "sixth"}, output, shape);
  }
  graph.Swap(&result);
}

void measure(benchmark::State& state, const onnx::Graph& graph, const Change& change, int threads) {
  onnx::Graph changed = graph;
  change(changed);
  auto session =
      need(OnnxSession::create(engine(), onnx::serialize(std::move(changed)), "benchmark", {.threads = threads}));
  const auto input = session.input_values(0);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 2654435761U % 256) / 255;
  for (auto _ : state) need(session.run());
}

void add(const std::string& name, const onnx::Graph& graph, const Change& change, int threads) {
  benchmark::RegisterBenchmark(
      name.c_str(), [graph, change, threads](benchmark::State& state) { measure(state, graph, change, threads); })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void add_all() {
  for (const char* name : {"selfie", "selfie-landscape"}) {
    const auto file = find_data_file({}, std::string("models/").append(find_model(name)->file));
    if (!file) throw std::runtime_error("The selfie models are not installed; run scripts/setup.sh.");
    const onnx::Graph graph = tflite_graph(*file);
    const std::string row = std::string(name) + "/";
    add(
        row + "plain", graph, [](onnx::Graph&) {}, 1);
    add(row + "swap_resize_and_conv", graph, onnx::swap_resize_and_conv, 1);
    add(row + "expand_channel_scales", graph, onnx::expand_channel_scales, 1);
    add(row + "all", graph, onnx::rewrite, 1);
    add(
        row + "all_but_hard_sigmoid", graph,
        [](onnx::Graph& g) {
          use_clips(g);
          onnx::swap_resize_and_conv(g);
          onnx::expand_channel_scales(g);
        },
        1);
    add(
        row + "all_from_clips", graph,
        [](onnx::Graph& g) {
          use_clips(g);
          onnx::rewrite(g);
        },
        1);
  }
  const std::string bodypix = VIBA_SHARED_DIR "/data/bodypix/mobilenet-float-050/model-stride16.json";
  if (!std::filesystem::exists(bodypix)) return;
  const onnx::Graph graph = bodypix_graph(bodypix, {257, 257});
  for (const int threads : {1, 2})
    add("bodypix-mobilenet-050-stride16/257x257/threads:" + std::to_string(threads), graph, onnx::rewrite, threads);
}

}  // namespace

/// Rows take turns by default, so that their ratios hold on a machine whose speed drifts.
int main(int argc, char** argv) try {
  std::vector<std::string> texts{argv[0], "--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=10",
                                 "--benchmark_min_time=0.2", "--benchmark_report_aggregates_only=true"};
  texts.insert(texts.end(), argv + 1, argv + argc);
  std::vector<char*> arguments;
  for (auto& text : texts) arguments.push_back(text.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  add_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench: %s\n", error.what());
  return 1;
}
