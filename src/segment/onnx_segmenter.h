#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// The network that `options.model_name` asks for, ready to run on the CPU.
/// Errors, one sentence each: kUsage (a name it does not know, listing those it does; a name of the
/// original's that is still to come; --use-gpu), kNotFound (model file or ONNX Runtime, saying where
/// it was looked for and how to get it), kBadData (a model file that is damaged or of another kind).
[[nodiscard]] Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log);

}  // namespace viba
