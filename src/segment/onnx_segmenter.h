#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// The network that `options.model_name` asks for, ready to run on the CPU: one of the table by its
/// name, or a file by its path, which ends in .json (a BodyPix model of TF.js) or .tflite (one that is
/// fed as the selfie models are).
/// Errors, one sentence each: kUsage (a name it does not know, listing those it does; a name of the
/// original's or a kind of file that is still to come; --use-gpu), kNotFound (model file or ONNX
/// Runtime, saying where it was looked for and how to get it), kBadData and kUnsupported (a model file
/// that is damaged or of another kind).
[[nodiscard]] Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log);

}  // namespace viba
