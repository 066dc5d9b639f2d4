#include "segment/onnx_session.h"

#include <fmt/format.h>
#include <onnxruntime_c_api.h>

#include <algorithm>

namespace viba {
namespace {

/// 1 GiB of floats; what asks for more is a damaged or hostile file.
constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

/// A handle of the runtime that releases itself.
template <class T>
using Handle = std::unique_ptr<T, void(ORT_API_CALL*)(T*)>;

/// The first line of what the runtime complains about; nothing when it went well.
std::string complaint(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return {};
  std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  message.resize(std::min(message.size(), message.find('\n')));
  return message.empty() ? "it gave no reason" : message;
}

tl::unexpected<Error> refused(const std::string& name, const std::string& reason) {
  return fail(ErrorCode::kBadData,
              fmt::format("The model {} cannot be run, because ONNX Runtime refuses it ({}).", name, reason));
}

Result<std::size_t> element_count(const std::vector<std::int64_t>& shape, const std::string& what) {
  std::int64_t count = 1;
  for (const auto side : shape) {
    if (side < 1 || side > kMostElements / count)
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
  std::vector<const char*> input_names, output_names;
  std::vector<OrtValue*> input_values, output_values;

  ~Impl() {
    for (auto* values : {&input_values, &output_values})
      for (OrtValue* value : *values) engine.runtime->api().ReleaseValue(value);
    if (session != nullptr) engine.runtime->api().ReleaseSession(session);
  }

  Result<void> open(std::string_view model, const std::string& name, OnnxSessionSettings settings);
  Result<OnnxTensor> describe(const std::string& name, std::size_t index, bool input) const;
  Result<void> add_tensors(const std::string& name, bool input);
};

Result<void> OnnxSession::Impl::open(std::string_view model, const std::string& name, OnnxSessionSettings settings) {
  const OrtApi& api = engine.runtime->api();
  OrtSessionOptions* raw = nullptr;
  if (auto bad = complaint(api, api.CreateSessionOptions(&raw)); !bad.empty()) return refused(name, bad);
  const Handle<OrtSessionOptions> options(raw, api.ReleaseSessionOptions);
  // Spinning would burn several times the network's own time between frames; the whole set of
  // optimizations is what brings the blocked layout, and with it half of the speed.
  std::string first_bad;
  for (OrtStatus* status :
       {api.SetSessionGraphOptimizationLevel(raw, ORT_ENABLE_ALL), api.SetIntraOpNumThreads(raw, settings.threads),
        api.SetSessionLogSeverityLevel(raw, ORT_LOGGING_LEVEL_FATAL),
        api.AddSessionConfigEntry(raw, "session.intra_op.allow_spinning", "0")})
    if (auto bad = complaint(api, status); first_bad.empty()) first_bad = std::move(bad);
  if (!first_bad.empty()) return refused(name, first_bad);
  OrtStatus* status = api.CreateSessionFromArray(engine.runtime->env(), model.data(), model.size(), raw, &session);
  if (auto bad = complaint(api, status); !bad.empty()) return refused(name, bad);
  return {};
}

Result<OnnxTensor> OnnxSession::Impl::describe(const std::string& name, std::size_t index, bool input) const {
  const OrtApi& api = engine.runtime->api();
  OrtAllocator* allocator = nullptr;
  char* tensor_name = nullptr;
  OrtTypeInfo* raw = nullptr;
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  auto bad = complaint(api, api.GetAllocatorWithDefaultOptions(&allocator));
  if (bad.empty())
    bad = complaint(api, input ? api.SessionGetInputName(session, index, allocator, &tensor_name)
                               : api.SessionGetOutputName(session, index, allocator, &tensor_name));
  if (!bad.empty()) return refused(name, bad);
  OnnxTensor tensor{.name = tensor_name};
  bad = complaint(api, api.AllocatorFree(allocator, tensor_name));
  if (bad.empty())
    bad = complaint(api, input ? api.SessionGetInputTypeInfo(session, index, &raw)
                               : api.SessionGetOutputTypeInfo(session, index, &raw));
  if (!bad.empty()) return refused(name, bad);
  const Handle<OrtTypeInfo> type(raw, api.ReleaseTypeInfo);
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  bad = complaint(api, api.CastTypeInfoToTensorInfo(raw, &info));
  if (bad.empty() && info != nullptr) bad = complaint(api, api.GetTensorElementType(info, &element));
  if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model {} cannot be used, because its tensor {} is not of 32-bit float numbers.", name,
                            tensor.name));
  bad = complaint(api, api.GetDimensionsCount(info, &rank));
  tensor.shape.resize(rank);
  if (bad.empty()) bad = complaint(api, api.GetDimensions(info, tensor.shape.data(), rank));
  if (!bad.empty()) return refused(name, bad);
  return tensor;
}

Result<void> OnnxSession::Impl::add_tensors(const std::string& name, bool input) {
  const OrtApi& api = engine.runtime->api();
  std::size_t count = 0;
  auto bad =
      complaint(api, input ? api.SessionGetInputCount(session, &count) : api.SessionGetOutputCount(session, &count));
  OrtMemoryInfo* raw = nullptr;
  if (bad.empty()) bad = complaint(api, api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &raw));
  if (!bad.empty()) return refused(name, bad);
  const Handle<OrtMemoryInfo> memory(raw, api.ReleaseMemoryInfo);
  auto& tensors = input ? inputs : outputs;
  tensors.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto described = describe(name, i, input);
    if (!described) return tl::unexpected(std::move(described).error());
    auto elements =
        element_count(described->shape, fmt::format("The tensor {} of the model {}", described->name, name));
    if (!elements) return tl::unexpected(std::move(elements).error());
    OnnxTensor& tensor = tensors.emplace_back(std::move(*described));
    tensor.values.resize(*elements);
    OrtValue* value = nullptr;
    bad = complaint(api, api.CreateTensorWithDataAsOrtValue(
                             raw, tensor.values.data(), tensor.values.size() * sizeof(float), tensor.shape.data(),
                             tensor.shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
    if (!bad.empty()) return refused(name, bad);
    (input ? input_values : output_values).push_back(value);
    (input ? input_names : output_names).push_back(tensor.name.c_str());
  }
  return {};
}

OnnxSession::OnnxSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OnnxSession::OnnxSession(OnnxSession&&) noexcept = default;
OnnxSession& OnnxSession::operator=(OnnxSession&&) noexcept = default;
OnnxSession::~OnnxSession() = default;

Result<OnnxSession> OnnxSession::create(const Engine& engine, std::string_view model, const std::string& name,
                                        OnnxSessionSettings settings) {
  auto impl = std::make_unique<Impl>();
  impl->engine = engine;
  auto ready = impl->open(model, name, settings);
  if (ready) ready = impl->add_tensors(name, true);
  if (ready) ready = impl->add_tensors(name, false);
  if (!ready) return tl::unexpected(std::move(ready).error());
  return OnnxSession(std::move(impl));
}

std::span<const OnnxTensor> OnnxSession::inputs() const { return impl_->inputs; }
std::span<float> OnnxSession::input_values(std::size_t index) { return impl_->inputs[index].values; }
std::span<const OnnxTensor> OnnxSession::outputs() const { return impl_->outputs; }

Result<void> OnnxSession::run() {
  const OrtApi& api = impl_->engine.runtime->api();
  OrtStatus* status = api.Run(impl_->session, nullptr, impl_->input_names.data(), impl_->input_values.data(),
                              impl_->input_values.size(), impl_->output_names.data(), impl_->output_names.size(),
                              impl_->output_values.data());
  if (auto bad = complaint(api, status); !bad.empty())
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", bad));
  return {};
}

}  // namespace viba
