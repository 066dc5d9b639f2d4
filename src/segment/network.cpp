#include "segment/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "segment/import_math.h"

namespace viba {
namespace {

constexpr std::int64_t kRgb = 3;

using Shape = std::vector<std::int64_t>;

tl::unexpected<Error> unsupported(const ModelFile& file, std::string_view why) {
  return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file.path(), why));
}

Shape channels_last(const Shape& planar) {
  return planar.size() == 4 ? Shape{planar[0], planar[2], planar[3], planar[1]} : planar;
}

/// The tensor that the feed names, or the only one.
Result<Port> find_port(const ModelFile& file, const std::vector<Port>& ports, const std::string& name,
                       std::string_view kind) {
  if (name.empty() && ports.size() == 1) return ports.front();
  const auto found = std::ranges::find_if(
      ports, [&](const Port& port) { return port.name == name || (!port.label.empty() && port.label == name); });
  if (found != ports.end()) return *found;
  // Any node of a TF.js graph may be an output.
  if (kind == "output" && !name.empty() && file.turned() && file.mentions(name))
    return Port{.name = name, .shape_known = false};
  std::string names;
  for (const Port& port : ports) names += fmt::format("{}{}", names.empty() ? "" : ", ", printable(port.name));
  return unsupported(
      file, fmt::format("it has no {} \"{}\", only {}", kind, printable(name), names.empty() ? "none" : names));
}

Result<Port> picture_port(const ModelFile& file, const Feed& feed, Size size) {
  auto port = find_port(file, file.signature().inputs, feed.input.tensor, "input");
  if (!port) return port;
  const bool last = file.turned() || feed.input.layout == Layout::kNhwc;
  const Shape wanted = last ? Shape{1, size.height, size.width, kRgb} : Shape{1, kRgb, size.height, size.width};
  const auto fits = [&] {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (port->shape[i] != -1 && port->shape[i] != wanted[i]) return false;
    return true;
  };
  if (port->shape_known && (port->shape.size() != wanted.size() || !fits()))
    return unsupported(file, fmt::format("its input {} takes {}, and not one RGB picture as {}", port->name,
                                         fmt::join(port->shape, "x"), fmt::join(wanted, "x")));
  port->shape = wanted;
  return port;
}

/// The states' inputs behind the picture's. Where the file does not say how large a state is, one
/// number stands for it, and the network tells by what it gives back.
Result<void> add_states(const ModelFile& file, const Feed& feed, NetworkPlan& plan) {
  for (const auto& [input, output] : feed.states) {
    auto port = find_port(file, file.signature().inputs, input, "input");
    if (!port) return tl::unexpected(std::move(port).error());
    const auto result = find_port(file, file.signature().outputs, output, "output");
    if (!result) return tl::unexpected(result.error());
    if (!port->shape_known) port->shape = {1, 1, 1, 1};
    std::ranges::replace(port->shape, -1, 1);
    plan.inputs.push_back(std::move(*port));
    plan.outputs.push_back(result->name);
  }
  return {};
}

Result<NetworkPlan> plan_of(const ModelFile& file, const Feed& feed, Size frame) {
  NetworkPlan plan;
  auto picture = picture_port(file, feed, feed.input.size_for(frame));
  if (!picture) return tl::unexpected(std::move(picture).error());
  plan.inputs.push_back(std::move(*picture));
  const auto output = find_port(file, file.signature().outputs, feed.output.tensor, "output");
  if (!output) return tl::unexpected(output.error());
  plan.outputs.push_back(output->name);
  if (!feed.downsample_ratio.empty()) {
    const auto port = find_port(file, file.signature().inputs, feed.downsample_ratio, "input");
    if (!port) return tl::unexpected(port.error());
    plan.numbers[port->name] = static_cast<float>(downsample_ratio_for(feed.input.size_for(frame)));
  }
  if (auto done = add_states(file, feed, plan); !done) return tl::unexpected(std::move(done).error());
  for (const Port& input : file.signature().inputs)
    if (!plan.numbers.contains(input.name) &&
        std::ranges::find(plan.inputs, input.name, &Port::name) == plan.inputs.end())
      return unsupported(
          file, fmt::format("nothing is known to feed its input {}; state it in {}.toml", input.name, file.path()));
  return plan;
}

/// Whether the states that came out have the shapes of those that went in; otherwise these are corrected.
bool states_fit(const ModelFile& file, const OnnxSession& session, NetworkPlan& plan) {
  bool fit = true;
  for (std::size_t i = 1; i < plan.inputs.size(); ++i) {
    const Shape& planar = session.outputs()[i].shape;
    const Shape shape = file.turned() ? channels_last(planar) : planar;
    fit = fit && plan.inputs[i].shape == shape;
    plan.inputs[i].shape = shape;
  }
  return fit;
}

/// Nothing when that is no map of numbers over a picture.
std::optional<MapShape> map_of(const Shape& shape, bool channels_last) {
  const auto side = [&](std::size_t i) { return static_cast<int>(shape[i]); };
  if (shape.size() == 4 && shape[0] == 1)
    return channels_last ? MapShape{{side(2), side(1)}, side(3), true} : MapShape{{side(3), side(2)}, side(1), false};
  if (shape.size() == 3 && shape[0] == 1) return MapShape{{side(2), side(1)}, 1, false};
  if (shape.size() == 2) return MapShape{{side(1), side(0)}, 1, false};
  return std::nullopt;
}

}  // namespace

Network::Network(ReadyNetwork ready, const Feed& feed, Size input_size)
    : session_(std::move(ready.session)),
      million_multiply_adds_(ready.million_multiply_adds),
      input_size_(input_size),
      blue_first_(feed.input.channels == ChannelOrder::kBgr),
      input_(input_size, feed.input.pixel_range()) {}

Result<Network> Network::create(const ModelFile& file, const Feed& feed, Size frame, const Engine& engine) {
  auto plan = plan_of(file, feed, frame);
  if (!plan) return tl::unexpected(std::move(plan).error());
  auto ready = file.network(*plan, engine);
  if (ready && !states_fit(file, ready->session, *plan)) ready = file.network(*plan, engine);
  if (!ready) return tl::unexpected(std::move(ready).error());
  if (!states_fit(file, ready->session, *plan))
    return unsupported(file, "what it is to remember changes its size from frame to frame");

  const Shape& shape = ready->session.outputs()[0].shape;
  const auto map = map_of(shape, !file.turned() && feed.output.layout == Layout::kNhwc);
  if (!map || map->channels <= feed.output.channel)
    return unsupported(file, fmt::format("its output {} is of {}, which is no mask with a channel {}", plan->outputs[0],
                                         fmt::join(shape, "x"), feed.output.channel));
  Network network(std::move(*ready), feed, feed.input.size_for(frame));
  network.channels_last_ = !file.turned() && feed.input.layout == Layout::kNhwc;
  network.map_ = *map;
  network.file_shape_ = file.turned() ? channels_last(shape) : shape;
  if (network.channels_last_) network.planes_.resize(network.session_.inputs()[0].values.size());
  return network;
}

void Network::fill(const Frame& frame) {
  const auto tensor = channels_last_ ? std::span<float>(planes_) : session_.input_values(0);
  input_.fill(frame, tensor);
  hand_over(tensor);
}

void Network::fill(const std::array<ConstPlane, 3>& rgb) {
  const auto tensor = channels_last_ ? std::span<float>(planes_) : session_.input_values(0);
  input_.fill(rgb, tensor);
  hand_over(tensor);
}

void Network::hand_over(std::span<float> planes) {
  const std::size_t area = planes.size() / kRgb;
  if (blue_first_) std::ranges::swap_ranges(planes.first(area), planes.last(area));
  if (!channels_last_) return;
  const auto tensor = session_.input_values(0);
  for (std::size_t i = 0; i < area; ++i)
    for (std::size_t channel = 0; channel < kRgb; ++channel) tensor[kRgb * i + channel] = planes[channel * area + i];
}

Result<void> Network::run() {
  if (auto done = session_.run(); !done) return done;
  for (std::size_t i = 1; i < session_.outputs().size(); ++i)
    std::ranges::copy(session_.outputs()[i].values, session_.input_values(i).begin());
  return {};
}

void Network::reset() {
  for (std::size_t i = 1; i < session_.outputs().size(); ++i) std::ranges::fill(session_.input_values(i), 0.0F);
}

}  // namespace viba
