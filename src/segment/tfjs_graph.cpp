#include "segment/tfjs_graph.h"

#include <unordered_map>

#include "segment/import_math.h"
#include "segment/tfjs_error.h"

namespace viba::tfjs {
namespace {

/// A walk from the outputs to the inputs, depth first. It keeps its own stack: a chain may be as long
/// as a hostile file makes it.
class Walk {
 public:
  Walk(const std::vector<Node>& nodes, const std::string& file)
      : nodes_(nodes), file_(file), states_(nodes.size(), State::kUnseen) {}

  Result<std::vector<Node>> run(std::span<const std::string> outputs) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (!places_.emplace(nodes_[i].name, i).second)
        return damaged(file_, fmt::format("it has two nodes called \"{}\"", printable(nodes_[i].name)));
    for (const auto& output : outputs) {
      const auto place = places_.find(node_of_output(output));
      if (place == places_.end())
        return unsupported(file_, fmt::format("it has no output called \"{}\"", printable(output)));
      if (auto done = visit(place->second); !done) return tl::unexpected(std::move(done).error());
    }
    return std::move(ordered_);
  }

 private:
  enum class State { kUnseen, kOpen, kDone };
  struct Step {
    std::size_t node, next_input;
  };

  Result<void> visit(std::size_t from) {
    std::vector<Step> path;
    const auto open = [&](std::size_t node) {
      states_[node] = State::kOpen;
      path.push_back({node, 0});
    };
    if (states_[from] == State::kUnseen) open(from);
    while (!path.empty()) {
      auto& [place, next_input] = path.back();
      const Node& node = nodes_[place];
      if (next_input == node.inputs.size()) {
        states_[place] = State::kDone;
        ordered_.push_back(node);
        path.pop_back();
        continue;
      }
      const std::string& input = node.inputs[next_input++];
      const auto found = places_.find(node_of_output(input));
      if (found == places_.end())
        return damaged(file_, fmt::format("its node \"{}\" takes \"{}\", which is not there", printable(node.name),
                                          printable(input)));
      if (states_[found->second] == State::kOpen)
        return damaged(file_, fmt::format("its node \"{}\" takes its input from itself", printable(input)));
      if (states_[found->second] == State::kUnseen) open(found->second);
    }
    return {};
  }

  const std::vector<Node>& nodes_;
  const std::string& file_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<State> states_;
  std::vector<Node> ordered_;
};

}  // namespace

Result<std::vector<Node>> needed_nodes(const std::vector<Node>& nodes, std::span<const std::string> outputs,
                                       const std::string& file) {
  return Walk(nodes, file).run(outputs);
}

}  // namespace viba::tfjs
