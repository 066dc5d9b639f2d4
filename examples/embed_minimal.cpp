// Puts the person of a clip, or of a camera, before a blurred room.
//   embed_minimal INPUT OUTPUT      e.g. embed_minimal clip.mp4 out.mp4, or /dev/video0 /dev/video20
#include <cstdio>
#include <cstdlib>
#include <string>

#include <viba/pipeline.h>

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: embed_minimal INPUT OUTPUT\n");
    return 2;
  }
  // Its makers' builds of ONNX Runtime would else report to them that it runs.
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  viba::Options options;
  options.real_cam_device = words[1];
  options.fake_cam_devices = {words[2]};
  options.background = "blur";

  const viba::Log log([](viba::LogLevel, std::string_view text) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  });
  auto stages = viba::open_stages(options, log);
  if (!stages) {
    std::fprintf(stderr, "%s\n", stages.error().message.c_str());
    return 1;
  }
  const auto result = viba::Pipeline(std::move(*stages), options, log).run({});
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", viba::describe(*result).c_str());
  return 0;
}
