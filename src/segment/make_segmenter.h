#pragma once

#include <functional>
#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// The network that `options.model_name` asks for, ready to run: one of the table by its name, or a
/// file by its path (.tflite, .onnx, or a model.json of TF.js) with its description beside it where its
/// graph does not tell how to feed it.
/// Takes from `options`: model_name, gpu, threads, ort_library, data_dirs, model_dir.
/// Errors, one sentence each: those of `load_model` and `make_engine`; kUnsupported (a file of another
/// kind, or one whose description must state more, saying what).
[[nodiscard]] Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log);

/// Opens, as `make_segmenter` does, the next smaller network of the same family that is installed. Empty when there is
/// none.
[[nodiscard]] std::function<Result<std::unique_ptr<Segmenter>>()> lighter_segmenter(const Options& options,
                                                                                    const Log& log);

class NetworkSegmenter;
/// The same, for those who ask for more than a segmenter tells.
[[nodiscard]] Result<std::unique_ptr<NetworkSegmenter>> make_network_segmenter(const Options& options, const Log& log);

}  // namespace viba
