#include "segment/onnx_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "segment/onnx_options.h"

namespace viba {
namespace {

/// Of all inputs and outputs together: 256 MiB of floats, some three times what a network needs that
/// takes and gives pictures of 3840x2160. What asks for more is a damaged or hostile file.
constexpr std::int64_t kMostElements = std::int64_t{1} << 26;

tl::unexpected<Error> refused(const std::string& name, const std::string& reason) {
  return fail(ErrorCode::kBadData,
              fmt::format("The model {} cannot be run, because ONNX Runtime refuses it ({}).", name, reason));
}

Result<std::size_t> element_count(const std::vector<std::int64_t>& shape, std::int64_t most, const std::string& what) {
  std::int64_t count = 1;
  for (const auto side : shape) {
    if (side < 1 || side > most / count)
      return fail(ErrorCode::kUnsupported, fmt::format("{} has no fixed size, or too large a one.", what));
    count *= side;
  }
  return static_cast<std::size_t>(count);
}

}  // namespace

struct OnnxSession::Impl {
  Engine engine;
  OrtSession* session = nullptr;
  std::vector<OnnxTensor> inputs, outputs;
  std::int64_t elements_left = kMostElements;
  std::vector<const char*> input_names, output_names;
  std::vector<OrtValue*> input_values, output_values;

  ~Impl() {
    for (auto* values : {&input_values, &output_values})
      for (OrtValue* value : *values) engine.runtime->api().ReleaseValue(value);
    if (session != nullptr) engine.runtime->api().ReleaseSession(session);
  }

  Result<void> open(std::string_view model, const std::string& name, const OnnxSessionSettings& settings);
  Result<OnnxTensor> describe(const std::string& name, std::size_t index, bool input) const;
  Result<OnnxTensor> describe(const std::string& name, const OrtTensorTypeAndShapeInfo* info, std::string tensor) const;
  Result<void> add_inputs(const std::string& name, const OnnxSessionSettings& settings);
  Result<void> arrange(const std::string& name, const OnnxSessionSettings& settings);
  Result<void> add_outputs(const std::string& name, const OnnxSessionSettings& settings);
  Result<void> learn_output_shapes(const std::string& name);
  Result<OrtValue*> allocate(const std::string& name, OnnxTensor& tensor);
  Result<void> run(std::span<OrtValue*> results) const;
};

Result<void> OnnxSession::Impl::open(std::string_view model, const std::string& name,
                                     const OnnxSessionSettings& settings) {
  const OrtApi& api = engine.runtime->api();
  const auto options = session_options(engine, settings.threads);
  if (!options) return refused(name, options.error());
  OrtStatus* status =
      api.CreateSessionFromArray(engine.runtime->env(), model.data(), model.size(), options->get(), &session);
  if (auto bad = complaint(api, status); !bad.empty()) return refused(name, bad);
  return {};
}

Result<OnnxTensor> OnnxSession::Impl::describe(const std::string& name, const OrtTensorTypeAndShapeInfo* info,
                                               std::string tensor_name) const {
  const OrtApi& api = engine.runtime->api();
  OnnxTensor tensor{.name = std::move(tensor_name)};
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  std::string bad;
  if (info != nullptr) bad = complaint(api, api.GetTensorElementType(info, &element));
  if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model {} cannot be used, because its tensor {} is not of 32-bit float numbers.", name,
                            tensor.name));
  if (bad.empty()) bad = complaint(api, api.GetDimensionsCount(info, &rank));
  tensor.shape.resize(rank);
  if (bad.empty()) bad = complaint(api, api.GetDimensions(info, tensor.shape.data(), rank));
  if (!bad.empty()) return refused(name, bad);
  return tensor;
}

Result<OnnxTensor> OnnxSession::Impl::describe(const std::string& name, std::size_t index, bool input) const {
  const OrtApi& api = engine.runtime->api();
  OrtAllocator* allocator = nullptr;
  char* raw_name = nullptr;
  OrtTypeInfo* raw = nullptr;
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  auto bad = complaint(api, api.GetAllocatorWithDefaultOptions(&allocator));
  if (bad.empty())
    bad = complaint(api, input ? api.SessionGetInputName(session, index, allocator, &raw_name)
                               : api.SessionGetOutputName(session, index, allocator, &raw_name));
  if (!bad.empty()) return refused(name, bad);
  std::string tensor_name = raw_name;
  bad = complaint(api, api.AllocatorFree(allocator, raw_name));
  if (bad.empty())
    bad = complaint(api, input ? api.SessionGetInputTypeInfo(session, index, &raw)
                               : api.SessionGetOutputTypeInfo(session, index, &raw));
  if (!bad.empty()) return refused(name, bad);
  const OrtHandle<OrtTypeInfo> type(raw, api.ReleaseTypeInfo);
  if (bad = complaint(api, api.CastTypeInfoToTensorInfo(raw, &info)); !bad.empty()) return refused(name, bad);
  return describe(name, info, std::move(tensor_name));
}

/// Gives `tensor` its numbers, all 0, and the runtime a view of them.
Result<OrtValue*> OnnxSession::Impl::allocate(const std::string& name, OnnxTensor& tensor) {
  const OrtApi& api = engine.runtime->api();
  auto elements =
      element_count(tensor.shape, elements_left, fmt::format("The tensor {} of the model {}", tensor.name, name));
  if (!elements) return tl::unexpected(std::move(elements).error());
  elements_left -= static_cast<std::int64_t>(*elements);
  tensor.values.assign(*elements, 0);
  OrtMemoryInfo* raw = nullptr;
  if (auto bad = complaint(api, api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &raw)); !bad.empty())
    return refused(name, bad);
  const OrtHandle<OrtMemoryInfo> memory(raw, api.ReleaseMemoryInfo);
  OrtValue* value = nullptr;
  auto bad = complaint(api, api.CreateTensorWithDataAsOrtValue(
                                raw, tensor.values.data(), tensor.values.size() * sizeof(float), tensor.shape.data(),
                                tensor.shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
  if (!bad.empty()) return refused(name, bad);
  return value;
}

Result<void> OnnxSession::Impl::add_inputs(const std::string& name, const OnnxSessionSettings& settings) {
  const OrtApi& api = engine.runtime->api();
  std::size_t count = 0;
  if (auto bad = complaint(api, api.SessionGetInputCount(session, &count)); !bad.empty()) return refused(name, bad);
  for (std::size_t i = 0; i < count; ++i) {
    auto described = describe(name, i, true);
    if (!described) return tl::unexpected(std::move(described).error());
    inputs.push_back(std::move(*described));
  }
  if (auto done = arrange(name, settings); !done) return done;
  for (OnnxTensor& tensor : inputs) {
    const auto value = allocate(name, tensor);
    if (!value) return tl::unexpected(value.error());
    input_values.push_back(*value);
    input_names.push_back(tensor.name.c_str());
  }
  return {};
}

/// Puts the inputs into the order of the settings and gives them the shapes that stand there.
Result<void> OnnxSession::Impl::arrange(const std::string& name, const OnnxSessionSettings& settings) {
  if (settings.inputs.empty()) return {};
  std::vector<OnnxTensor> ordered;
  for (const auto& [input, shape] : settings.inputs) {
    const auto found = std::ranges::find(inputs, input, &OnnxTensor::name);
    if (found == inputs.end())
      return fail(ErrorCode::kUnsupported, fmt::format("The model {} has no input {}.", name, input));
    ordered.push_back({.name = input, .shape = shape});
    inputs.erase(found);
  }
  if (!inputs.empty())
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model {} has an input {} that nothing is known to feed.", name, inputs[0].name));
  inputs = std::move(ordered);
  return {};
}

Result<void> OnnxSession::Impl::add_outputs(const std::string& name, const OnnxSessionSettings& settings) {
  const OrtApi& api = engine.runtime->api();
  std::size_t count = 0;
  if (auto bad = complaint(api, api.SessionGetOutputCount(session, &count)); !bad.empty()) return refused(name, bad);
  if (settings.outputs.empty()) {
    for (std::size_t i = 0; i < count; ++i) {
      auto described = describe(name, i, false);
      if (!described) return tl::unexpected(std::move(described).error());
      outputs.push_back(std::move(*described));
    }
  } else {
    for (const auto& output : settings.outputs) outputs.push_back({.name = output, .shape = {-1}});
  }
  for (const OnnxTensor& tensor : outputs) output_names.push_back(tensor.name.c_str());
  const auto is_free = [](const OnnxTensor& tensor) {
    return std::ranges::find(tensor.shape, -1) != tensor.shape.end();
  };
  if (std::ranges::any_of(outputs, is_free))
    if (auto learnt = learn_output_shapes(name); !learnt) return learnt;
  for (OnnxTensor& tensor : outputs) {
    const auto value = allocate(name, tensor);
    if (!value) return tl::unexpected(value.error());
    output_values.push_back(*value);
  }
  return {};
}

/// Files leave sizes open that follow from the input's; a run tells what they are.
Result<void> OnnxSession::Impl::learn_output_shapes(const std::string& name) {
  const OrtApi& api = engine.runtime->api();
  std::vector<OrtValue*> results(outputs.size());
  if (auto done = run(results); !done)
    return refused(name, fmt::format("a first run on a black picture failed: {}", done.error().message));
  Result<void> ok;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const OrtHandle<OrtValue> value(results[i], api.ReleaseValue);
    OrtTensorTypeAndShapeInfo* raw = nullptr;
    if (auto bad = complaint(api, api.GetTensorTypeAndShape(value.get(), &raw)); !bad.empty()) {
      ok = refused(name, bad);
      continue;
    }
    const OrtHandle<OrtTensorTypeAndShapeInfo> info(raw, api.ReleaseTensorTypeAndShapeInfo);
    auto described = describe(name, info.get(), outputs[i].name);
    if (!described)
      ok = tl::unexpected(std::move(described).error());
    else
      outputs[i].shape = std::move(described->shape);
  }
  return ok;
}

Result<void> OnnxSession::Impl::run(std::span<OrtValue*> results) const {
  const OrtApi& api = engine.runtime->api();
  OrtStatus* status = api.Run(session, nullptr, input_names.data(), input_values.data(), input_values.size(),
                              output_names.data(), output_names.size(), results.data());
  if (auto bad = complaint(api, status); !bad.empty())
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", bad));
  return {};
}

OnnxSession::OnnxSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OnnxSession::OnnxSession(OnnxSession&&) noexcept = default;
OnnxSession& OnnxSession::operator=(OnnxSession&&) noexcept = default;
OnnxSession::~OnnxSession() = default;

Result<OnnxSession> OnnxSession::create(const Engine& engine, std::string_view model, const std::string& name,
                                        const OnnxSessionSettings& settings) {
  auto impl = std::make_unique<Impl>();
  impl->engine = engine;
  auto ready = impl->open(model, name, settings);
  if (ready) ready = impl->add_inputs(name, settings);
  if (ready) ready = impl->add_outputs(name, settings);
  if (!ready) return tl::unexpected(std::move(ready).error());
  return OnnxSession(std::move(impl));
}

std::span<const OnnxTensor> OnnxSession::inputs() const { return impl_->inputs; }
std::span<float> OnnxSession::input_values(std::size_t index) { return impl_->inputs[index].values; }
std::span<const OnnxTensor> OnnxSession::outputs() const { return impl_->outputs; }
Result<void> OnnxSession::run() { return impl_->run(impl_->output_values); }

}  // namespace viba
