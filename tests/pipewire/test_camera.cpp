/// test_camera NAME [OPTION VALUE]...: publishes a camera through PipeWire, as the session manager does a webcam.
///   --description TEXT   for people; NAME unless given
///   --size WxH           640x480
///   --rate N             frames a second; 30
///   --format F           YUY2 (default), I420, NV12, RGB or MJPEG
///   --picture P          room (default: plain magenta), chart, or a plain colour RRGGBB
///   --socket N           a descriptor that leads to the server
/// Prints `ready ID` with the node's id once it is there, then `streaming` and `paused` as it is watched or not, and
/// `lost` when PipeWire went, with which it ends, as it does on SIGTERM.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <pipewire/pipewire.h>
#include <spa/param/video/format-utils.h>
#include <turbojpeg.h>

#include "pipewire/test_picture.h"

namespace {

using namespace test_picture;

struct Settings {
  std::string name;
  std::string description;
  Size size{640, 480};
  int rate = 30;
  Format format{"YUY2", SPA_VIDEO_FORMAT_YUY2};
  std::vector<Rgb> fields{kRoom};
  int socket = -1;
};

bool parse(int count, char** words, Settings& settings) {
  if (count < 2 || count % 2 != 0) return false;
  settings.name = settings.description = words[1];
  for (int i = 2; i < count; i += 2) {
    const std::string option = words[i];
    const char* value = words[i + 1];
    if (option == "--description") {
      settings.description = value;
    } else if (option == "--size") {
      if (std::sscanf(value, "%dx%d", &settings.size.width, &settings.size.height) != 2) return false;
    } else if (option == "--rate") {
      settings.rate = std::atoi(value);
    } else if (option == "--format") {
      const auto format = format_of(value);
      if (!format) return false;
      settings.format = *format;
    } else if (option == "--picture") {
      const auto fields = fields_of(value);
      if (!fields) return false;
      settings.fields = *fields;
    } else if (option == "--socket") {
      settings.socket = std::atoi(value);
    } else {
      return false;
    }
  }
  return settings.rate > 0;
}

std::vector<std::uint8_t> compress(const std::vector<std::uint8_t>& rgb, Size size) {
  tjhandle compressor = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long length = 0;
  tjCompress2(compressor, rgb.data(), size.width, 0, size.height, TJPF_RGB, &jpeg, &length, TJSAMP_422, 95, 0);
  std::vector<std::uint8_t> bytes(jpeg, jpeg + length);
  tjFree(jpeg);
  tjDestroy(compressor);
  return bytes;
}

std::vector<std::uint8_t> picture_of(const Settings& settings) {
  if (settings.format.raw != SPA_VIDEO_FORMAT_UNKNOWN) return draw(settings.format.raw, settings.size, settings.fields);
  return compress(draw(SPA_VIDEO_FORMAT_RGB, settings.size, settings.fields), settings.size);
}

struct Camera {
  Settings settings;
  std::vector<std::uint8_t> picture;
  pw_main_loop* loop = nullptr;
  pw_stream* stream = nullptr;
  spa_hook listener{};
  spa_source* timer = nullptr;
  bool told_ready = false;
  std::uint64_t sequence = 0;
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

void run_timer(Camera& camera, bool on) {
  timespec first{0, on ? 1 : 0};
  timespec period{0, on ? SPA_NSEC_PER_SEC / camera.settings.rate : 0};
  if (camera.settings.rate == 1 && on) period = {1, 0};
  pw_loop_update_timer(pw_main_loop_get_loop(camera.loop), camera.timer, &first, &period, false);
}

void on_state(void* self, pw_stream_state /*old*/, pw_stream_state state, const char* /*error*/) {
  auto& camera = *static_cast<Camera*>(self);
  run_timer(camera, state == PW_STREAM_STATE_STREAMING);
  if (state == PW_STREAM_STATE_STREAMING) say("streaming");
  if (state == PW_STREAM_STATE_PAUSED) {
    say(camera.told_ready ? "paused" : "ready " + std::to_string(pw_stream_get_node_id(camera.stream)));
    camera.told_ready = true;
  }
  if (state == PW_STREAM_STATE_ERROR || state == PW_STREAM_STATE_UNCONNECTED) {
    say("lost");
    pw_main_loop_quit(camera.loop);
  }
}

void on_param(void* self, std::uint32_t id, const spa_pod* param) {
  auto& camera = *static_cast<Camera*>(self);
  if (id != SPA_PARAM_Format || param == nullptr) return;
  std::array<std::uint8_t, 1024> space{};
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, space.data(), space.size());
  const bool raw = camera.settings.format.raw != SPA_VIDEO_FORMAT_UNKNOWN;
  const int stride = raw ? stride_of(camera.settings.format.raw, camera.settings.size.width) : 0;
  std::array<const spa_pod*, 2> params{};
  params[0] = static_cast<spa_pod*>(spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
      SPA_POD_CHOICE_RANGE_Int(4, 2, 8), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1), SPA_PARAM_BUFFERS_size,
      SPA_POD_Int(static_cast<int>(camera.picture.size())), SPA_PARAM_BUFFERS_stride, SPA_POD_Int(stride)));
  params[1] = static_cast<spa_pod*>(spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
      SPA_PARAM_META_size, SPA_POD_Int(sizeof(spa_meta_header))));
  pw_stream_update_params(camera.stream, params.data(), params.size());
}

void on_process(void* self) {
  auto& camera = *static_cast<Camera*>(self);
  pw_buffer* buffer = pw_stream_dequeue_buffer(camera.stream);
  if (buffer == nullptr) return;
  spa_data& data = buffer->buffer->datas[0];
  if (data.data != nullptr && data.maxsize >= camera.picture.size()) {
    std::memcpy(data.data, camera.picture.data(), camera.picture.size());
    data.chunk->offset = 0;
    data.chunk->size = static_cast<std::uint32_t>(camera.picture.size());
    data.chunk->stride = stride_of(camera.settings.format.raw, camera.settings.size.width);
    if (camera.settings.format.raw == SPA_VIDEO_FORMAT_UNKNOWN) data.chunk->stride = 0;
  }
  if (auto* header = static_cast<spa_meta_header*>(
          spa_buffer_find_meta_data(buffer->buffer, SPA_META_Header, sizeof(spa_meta_header)))) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    *header = {};
    header->pts = SPA_TIMESPEC_TO_NSEC(&now);
    header->seq = camera.sequence++;
  }
  pw_stream_queue_buffer(camera.stream, buffer);
}

void on_timer(void* self, std::uint64_t /*times*/) { pw_stream_trigger_process(static_cast<Camera*>(self)->stream); }
void on_signal(void* self, int /*number*/) { pw_main_loop_quit(static_cast<Camera*>(self)->loop); }

const spa_pod* offer(spa_pod_builder& builder, const Settings& settings) {
  const spa_rectangle size{static_cast<std::uint32_t>(settings.size.width),
                           static_cast<std::uint32_t>(settings.size.height)};
  const spa_fraction rate{static_cast<std::uint32_t>(settings.rate), 1};
  if (settings.format.raw == SPA_VIDEO_FORMAT_UNKNOWN)
    return static_cast<spa_pod*>(spa_pod_builder_add_object(
        &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
        SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_mjpg), SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size),
        SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&rate)));
  return static_cast<spa_pod*>(spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
      SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
      SPA_POD_Id(settings.format.raw), SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size), SPA_FORMAT_VIDEO_framerate,
      SPA_POD_Fraction(&rate)));
}

bool publish(Camera& camera, pw_core* core) {
  static pw_stream_events events{};
  events.version = PW_VERSION_STREAM_EVENTS;
  events.state_changed = on_state;
  events.param_changed = on_param;
  events.process = on_process;
  camera.stream = pw_stream_new(
      core, "test camera",
      pw_properties_new(PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Source", PW_KEY_MEDIA_CLASS, "Video/Source",
                        PW_KEY_MEDIA_ROLE, "Camera", PW_KEY_NODE_NAME, camera.settings.name.c_str(),
                        PW_KEY_NODE_DESCRIPTION, camera.settings.description.c_str(), nullptr));
  if (camera.stream == nullptr) return false;
  pw_stream_add_listener(camera.stream, &camera.listener, &events, &camera);
  std::array<std::uint8_t, 1024> space{};
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, space.data(), space.size());
  const spa_pod* format = offer(builder, camera.settings);
  const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS);
  return pw_stream_connect(camera.stream, PW_DIRECTION_OUTPUT, PW_ID_ANY, flags, &format, 1) == 0;
}

bool run(Camera& camera) {
  camera.picture = picture_of(camera.settings);
  camera.loop = pw_main_loop_new(nullptr);
  pw_loop* loop = pw_main_loop_get_loop(camera.loop);
  pw_loop_add_signal(loop, SIGTERM, on_signal, &camera);
  pw_loop_add_signal(loop, SIGINT, on_signal, &camera);
  camera.timer = pw_loop_add_timer(loop, on_timer, &camera);
  pw_context* context = pw_context_new(loop, nullptr, 0);
  const int socket = camera.settings.socket;
  pw_core* core =
      socket < 0 ? pw_context_connect(context, nullptr, 0) : pw_context_connect_fd(context, socket, nullptr, 0);
  const bool published = core != nullptr && publish(camera, core);
  if (published) pw_main_loop_run(camera.loop);
  if (camera.stream != nullptr) pw_stream_destroy(camera.stream);
  pw_loop_enter(loop);
  pw_loop_iterate(loop, 0);  // says so to the server, which others may keep from noticing the end
  pw_loop_leave(loop);
  pw_context_destroy(context);
  pw_main_loop_destroy(camera.loop);
  return published;
}

}  // namespace

int main(int count, char** words) {
  Camera camera;
  if (!parse(count, words, camera.settings)) {
    std::fputs("test_camera NAME [OPTION VALUE]...\n", stderr);
    return 2;
  }
  pw_init(nullptr, nullptr);
  return run(camera) ? 0 : 1;
}
