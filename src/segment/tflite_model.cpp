#include "segment/tflite_model.h"

#include <fmt/format.h>

#include "segment/file_bytes.h"
#include "segment/import_math.h"
#include "tflite_generated.h"

namespace viba::tflite {
namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 30;
/// Of all tensors together, and of those that are weights: of these there are up to six copies at once
/// on their way to the runtime, which stay below 1 GiB together.
constexpr std::int64_t kMostElements = std::int64_t{1} << 27;
constexpr std::int64_t kMostWeights = std::int64_t{1} << 25;
constexpr unsigned kMostRank = 8;
/// Far beyond real networks. The format lets many operators share one list of inputs, so that a small
/// file can unfold into a very large one.
constexpr std::size_t kMostOperators = 4'000;
constexpr std::size_t kMostTensors = 20'000;
constexpr std::size_t kMostIndices = 1'000;  ///< what goes into or comes out of one operator
constexpr unsigned kFormatVersion = 3;

tl::unexpected<Error> damaged(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kBadData,
              fmt::format("The model file {} is damaged ({}); delete it and run ./scripts/run, which fetches it anew.",
                          file, what));
}

tl::unexpected<Error> unsupported(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file, what));
}

int bytes_of(TensorType type) {
  switch (type) {
    case TensorType::FLOAT32:
    case TensorType::INT32: return 4;
    case TensorType::FLOAT16: return 2;
  }
  return 0;
}

/// Elements of all tensors so far, so that a file cannot ask for much through many.
class Budget {
 public:
  /// Takes `shape`'s elements; negative when a side is not positive or the budget does not allow it.
  std::int64_t take(const std::vector<int>& shape) {
    std::int64_t count = 1;
    for (const int side : shape) {
      if (side < 1 || side > left_ / count) return -1;
      count *= side;
    }
    left_ -= count;
    return left_ < 0 ? -1 : count;
  }

 private:
  std::int64_t left_ = kMostElements;
};

class Checker {
 public:
  Checker(const Model& model, std::string file) : model_(model), file_(std::move(file)) {}

  Result<void> run(ModelView& view) {
    if (model_.version() != kFormatVersion)
      return unsupported(
          file_, fmt::format("its format has version {}, and only {} is known", model_.version(), kFormatVersion));
    if (model_.subgraphs() == nullptr || model_.subgraphs()->size() != 1 || model_.subgraphs()->Get(0) == nullptr)
      return unsupported(file_, "it does not consist of exactly one graph");
    const SubGraph& graph = *model_.subgraphs()->Get(0);
    auto done = tensors(graph, view);
    if (done) done = indices(graph.inputs(), view, view.inputs, false);
    if (done) done = indices(graph.outputs(), view, view.outputs, false);
    if (done) done = operators(graph, view);
    return done;
  }

 private:
  Result<void> tensors(const SubGraph& graph, ModelView& view) {
    if (graph.tensors() == nullptr) return damaged(file_, "it has no tensors");
    if (graph.tensors()->size() > kMostTensors)
      return unsupported(file_, fmt::format("it has more than {} tensors", kMostTensors));
    Budget budget;
    for (const Tensor* tensor : *graph.tensors()) {
      auto checked = this->tensor(*tensor, budget);
      if (!checked) return tl::unexpected(std::move(checked).error());
      view.tensors.push_back(std::move(*checked));
    }
    return {};
  }

  Result<TensorView> tensor(const Tensor& tensor, Budget& budget) {
    TensorView view{.name = printable(flatbuffers::GetStringView(tensor.name())), .type = tensor.type()};
    if (tensor.shape() != nullptr) {
      if (tensor.shape()->size() > kMostRank) return damaged(file_, "a tensor has too many dimensions");
      view.shape.assign(tensor.shape()->begin(), tensor.shape()->end());
    }
    const std::int64_t count = budget.take(view.shape);
    if (count < 0)
      return unsupported(file_,
                         fmt::format("its tensor \"{}\" has no fixed size, or it asks for too much memory", view.name));
    const auto* buffers = model_.buffers();
    if (buffers == nullptr || tensor.buffer() >= buffers->size())
      return damaged(file_, "a tensor's content is missing");
    if (const auto* data = buffers->Get(tensor.buffer())->data(); data != nullptr && data->size() > 0) {
      if (bytes_of(view.type) == 0 || data->size() != static_cast<std::uint64_t>(count) * bytes_of(view.type))
        return damaged(file_, fmt::format("the content of tensor \"{}\" does not fit its size", view.name));
      view.data = {data->data(), data->size()};
    }
    return view;
  }

  Result<void> operators(const SubGraph& graph, ModelView& view) {
    if (graph.operators() == nullptr) return damaged(file_, "it has no operators");
    if (graph.operators()->size() > kMostOperators)
      return unsupported(file_, fmt::format("it has more than {} operators", kMostOperators));
    for (const Operator* raw : *graph.operators()) {
      OperatorView op{.raw = raw};
      const auto* codes = model_.operator_codes();
      if (codes == nullptr || raw->opcode_index() >= codes->size()) return damaged(file_, "an operator has no kind");
      name(*codes->Get(raw->opcode_index()), op);
      auto done = indices(raw->inputs(), view, op.inputs, true);
      if (done) done = indices(raw->outputs(), view, op.outputs, false);
      if (!done) return done;
      view.operators.push_back(std::move(op));
    }
    return {};
  }

  static void name(const OperatorCode& code, OperatorView& op) {
    // Either field may be the one that counts: old files only have the first, and new ones put 127
    // into it when the number does not fit.
    const int number = std::max<int>(code.old_builtin_code(), static_cast<int>(code.builtin_code()));
    op.custom = number == static_cast<int>(BuiltinOperator::CUSTOM);
    if (op.custom) {
      op.name = printable(flatbuffers::GetStringView(code.custom_code()));
      return;
    }
    op.name = EnumNameBuiltinOperator(static_cast<BuiltinOperator>(number));
    if (op.name.empty()) op.name = fmt::format("number {}", number);
  }

  Result<void> indices(const flatbuffers::Vector<std::int32_t>* from, const ModelView& view, std::vector<int>& to,
                       bool optional) {
    if (from == nullptr) return {};
    if (from->size() > kMostIndices)
      return unsupported(file_, fmt::format("it joins more than {} tensors at one place", kMostIndices));
    for (const std::int32_t index : *from) {
      const bool left_out = optional && index == -1;
      if (!left_out && (index < 0 || static_cast<std::size_t>(index) >= view.tensors.size()))
        return damaged(file_, "it refers to a tensor that it does not have");
      to.push_back(index);
    }
    return {};
  }

  const Model& model_;
  std::string file_;
  std::int64_t weights_ = 0;
};

}  // namespace

Result<ModelView> check_model(std::vector<std::uint8_t> bytes, const std::string& file) {
  ModelView view{.file = file, .bytes = std::move(bytes)};
  constexpr std::size_t kHeader = 8;
  if (view.bytes.empty()) return damaged(file, "it is empty");
  if (view.bytes.size() < kHeader || !ModelBufferHasIdentifier(view.bytes.data()))
    return fail(ErrorCode::kBadData,
                fmt::format("{} is no TensorFlow Lite model; give a .tflite file, or leave --model-name out.", file));
  flatbuffers::Verifier verifier(view.bytes.data(), view.bytes.size());
  if (!VerifyModelBuffer(verifier)) return damaged(file, "it is cut off or overwritten");
  auto done = Checker(*GetModel(view.bytes.data()), file).run(view);
  if (!done) return tl::unexpected(std::move(done).error());
  return view;
}

Result<ModelView> read_model(const std::string& path) {
  auto bytes = file_bytes(path, kMostFileBytes);
  if (!bytes) return tl::unexpected(std::move(bytes).error());
  return check_model(std::move(*bytes), path);
}

}  // namespace viba::tflite
