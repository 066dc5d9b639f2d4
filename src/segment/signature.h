#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace viba {

/// A tensor through which numbers enter or leave the network in a model file.
struct Port {
  std::string name;
  std::vector<std::int64_t> shape;  ///< in the file's own order of axes; -1 is free
  bool shape_known = true;          ///< false: of any rank, and then `shape` is empty
  std::string label{};              ///< what the file calls it for people, as "pha"; empty when it does not
};

struct Signature {
  std::vector<Port> inputs, outputs;
};

}  // namespace viba
