#pragma once

#include <viba/result.h>

namespace viba::onnx {
class Graph;
}

/// What must hold whatever bytes an importer was given. A fuzzer ends on the first that does not.
namespace viba::fuzz {

/// The error is one line for a person, without anything that a terminal would obey.
void check_refusal(const Error& error);

/// The imported network is one: every value is made once and before it is read, every constant is as
/// long as its shape says, and so it stays when it is rewritten. It can be written as a file.
void check_network(onnx::Graph graph);

}  // namespace viba::fuzz
