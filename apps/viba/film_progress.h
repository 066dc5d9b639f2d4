#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <viba/pipeline.h>

namespace viba::app {

/// "[########            ]  40 %  60 of 150 frames, 52 a second, 0:02 left". `total` of 0: it is not known. What the
/// file tells may be too little: then it is nearly done until it is.
[[nodiscard]] std::string progress_line(std::uint64_t done, std::uint64_t total, std::chrono::duration<double> since);

/// Shows on a terminal how far a run from file to file has come, while it lives. It must end before the pipeline.
class FilmProgress {
 public:
  FilmProgress(const Pipeline& pipeline, std::uint64_t total);
  ~FilmProgress();
  FilmProgress(const FilmProgress&) = delete;
  FilmProgress& operator=(const FilmProgress&) = delete;

 private:
  std::jthread drawing_;
};

}  // namespace viba::app
