#pragma once

#include <string>

#include <viba/export.h>
#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

/// Looking into models. A model is one that has a name, or a file by its path, as
/// `Options::model_name` takes them.
/// Thread-safety: all functions may be called from any thread.
namespace viba {

/// The description that lies beside a model file as FILE.toml: how the network is fed and how its answer
/// is read. For a file it is worked out from the file alone, and what that cannot tell is marked as a
/// guess, to be corrected. Takes from `options`: data_dirs, model_dir.
/// Errors: those of the model.
[[nodiscard]] VIBA_EXPORT Result<std::string> describe_model(const std::string& model, const Options& options,
                                                             const Log& log);

/// Writes what the network itself gives for a picture, before anything is made of it, as NumPy's .npy:
/// 32-bit floats in the model file's own shape. The picture is stretched to the network's input, if that
/// is of another size. `output` is the tensor to write; empty: the one that tells of the person.
/// Takes from `options`: gpu, threads, ort_library, data_dirs, model_dir.
/// Errors: those of the model, the picture and the file, and kInference.
[[nodiscard]] VIBA_EXPORT Result<void> run_model(const std::string& model, const std::string& picture,
                                                 const std::string& file, const std::string& output,
                                                 const Options& options, const Log& log);

struct ModelMeasure {
  double ms_per_mask = 0;            ///< median, from a frame of 1280x720 to its confidences
  double million_multiply_adds = 0;  ///< of one mask; 0: the file does not tell
  Size input;                        ///< what the network takes for such a frame
  std::string device;                ///< where it ran
};

/// Takes from `options`: model_name and those of `run_model`. Errors: those of the model, and kInference.
[[nodiscard]] VIBA_EXPORT Result<ModelMeasure> measure_model(const Options& options, const Log& log);

}  // namespace viba
