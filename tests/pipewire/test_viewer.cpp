/// test_viewer [--target NAME|SERIAL] [--name NAME] [--format F] [--dont-reconnect]: watches a camera of PipeWire, as a
/// call program does that takes no care: whatever the session manager links to it. Prints a line for each event: `node
/// ID`, `state NAME [ERROR]`, `format NAME WxH`, and for each frame `frame N NAME WxH room=COUNT RRGGBB ...`: the
/// sequence number in its header (or -), how many of 32 × 18 pixels are the room's magenta, and the colours of the
/// eight fields of a chart at their centres and of the four corners. SIGUSR1 makes it take a rest from what it watches,
/// and go on with it the next time. It ends on SIGTERM.

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <pipewire/pipewire.h>
#include <spa/param/video/format-utils.h>

#include "pipewire/test_picture.h"

namespace {

using namespace test_picture;

struct Viewer {
  pw_main_loop* loop = nullptr;
  pw_stream* stream = nullptr;
  bool told_node = false;
  bool active = true;
  spa_video_format only = SPA_VIDEO_FORMAT_UNKNOWN;  ///< that it takes; any when unknown
  Format format{"", SPA_VIDEO_FORMAT_UNKNOWN};
  Size size;
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

std::string text_of(Size size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

void on_state(void* self, pw_stream_state /*old*/, pw_stream_state state, const char* error) {
  auto& viewer = *static_cast<Viewer*>(self);
  if (!viewer.told_node && state == PW_STREAM_STATE_PAUSED) {
    viewer.told_node = true;
    say("node " + std::to_string(pw_stream_get_node_id(viewer.stream)));
  }
  say(std::string("state ") + pw_stream_state_as_string(state) + (error != nullptr ? std::string(" ") + error : ""));
}

void on_param(void* self, std::uint32_t id, const spa_pod* param) {
  auto& viewer = *static_cast<Viewer*>(self);
  spa_video_info_raw info{};
  if (id != SPA_PARAM_Format || param == nullptr || spa_format_video_raw_parse(param, &info) < 0) return;
  for (const Format& format : kFormats)
    if (format.raw == info.format) viewer.format = format;
  viewer.size = {static_cast<int>(info.size.width), static_cast<int>(info.size.height)};
  say("format " + std::string(viewer.format.name) + " " + text_of(viewer.size));
  std::array<std::uint8_t, 1024> space{};
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, space.data(), space.size());
  std::array<const spa_pod*, 2> params{};
  params[0] = static_cast<spa_pod*>(
      spa_pod_builder_add_object(&builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
                                 SPA_POD_CHOICE_RANGE_Int(4, 2, 16), SPA_PARAM_BUFFERS_dataType,
                                 SPA_POD_CHOICE_FLAGS_Int((1 << SPA_DATA_MemFd) | (1 << SPA_DATA_MemPtr))));
  params[1] = static_cast<spa_pod*>(spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
      SPA_PARAM_META_size, SPA_POD_Int(sizeof(spa_meta_header))));
  pw_stream_update_params(viewer.stream, params.data(), params.size());
}

std::string hex(Rgb color) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02x%02x%02x", color.r, color.g, color.b);
  return text.data();
}

std::string describe(const Viewer& viewer, const std::uint8_t* bytes, int stride) {
  const auto at = [&](int x, int y) { return color_at(viewer.format.raw, bytes, stride, viewer.size, x, y); };
  const auto [width, height] = viewer.size;
  int room = 0;
  for (int row = 0; row < 18; ++row)
    for (int column = 0; column < 32; ++column)
      room += is_room(at((column * 2 + 1) * width / 64, (row * 2 + 1) * height / 36)) ? 1 : 0;
  std::string text = "room=" + std::to_string(room);
  for (int field = 0; field < 8; ++field)
    text += " " + hex(at((field % 4 * 2 + 1) * width / 8, (field / 4 * 2 + 1) * height / 4));
  for (const int y : {0, height - 1})
    for (const int x : {0, width - 1}) text += " " + hex(at(x, y));
  return text;
}

void on_process(void* self) {
  auto& viewer = *static_cast<Viewer*>(self);
  pw_buffer* buffer = pw_stream_dequeue_buffer(viewer.stream);
  if (buffer == nullptr) return;
  const spa_data& data = buffer->buffer->datas[0];
  const auto* header = static_cast<const spa_meta_header*>(
      spa_buffer_find_meta_data(buffer->buffer, SPA_META_Header, sizeof(spa_meta_header)));
  const int stride = data.chunk->stride > 0 ? data.chunk->stride : stride_of(viewer.format.raw, viewer.size.width);
  const std::size_t offset = data.chunk->offset % std::max(data.maxsize, 1U);
  if (data.data != nullptr && data.chunk->size >= byte_count(viewer.format.raw, viewer.size))
    say("frame " + (header != nullptr ? std::to_string(header->seq) : "-") + " " + std::string(viewer.format.name) +
        " " + text_of(viewer.size) + " " +
        describe(viewer, static_cast<const std::uint8_t*>(data.data) + offset, stride));
  pw_stream_queue_buffer(viewer.stream, buffer);
}

void on_signal(void* self, int /*number*/) { pw_main_loop_quit(static_cast<Viewer*>(self)->loop); }

void on_turn(void* self, int /*number*/) {
  auto& viewer = *static_cast<Viewer*>(self);
  viewer.active = !viewer.active;
  pw_stream_set_active(viewer.stream, viewer.active);
  say(viewer.active ? "awake" : "resting");
}

const spa_pod* wish(spa_pod_builder& builder, spa_video_format format) {
  const spa_rectangle usual{640, 480};
  const spa_rectangle least{16, 16};
  const spa_rectangle most{8192, 8192};
  const spa_fraction usual_rate{30, 1};
  const spa_fraction least_rate{0, 1};
  const spa_fraction most_rate{240, 1};
  return static_cast<spa_pod*>(spa_pod_builder_add_object(
      &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
      SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format, SPA_POD_Id(format),
      SPA_FORMAT_VIDEO_size, SPA_POD_CHOICE_RANGE_Rectangle(&usual, &least, &most), SPA_FORMAT_VIDEO_framerate,
      SPA_POD_CHOICE_RANGE_Fraction(&usual_rate, &least_rate, &most_rate)));
}

bool run(Viewer& viewer, pw_properties* properties, int more_flags) {
  viewer.loop = pw_main_loop_new(nullptr);
  pw_loop* loop = pw_main_loop_get_loop(viewer.loop);
  pw_loop_add_signal(loop, SIGTERM, on_signal, &viewer);
  pw_loop_add_signal(loop, SIGINT, on_signal, &viewer);
  pw_loop_add_signal(loop, SIGUSR1, on_turn, &viewer);
  static pw_stream_events events{};
  events.version = PW_VERSION_STREAM_EVENTS;
  events.state_changed = on_state;
  events.param_changed = on_param;
  events.process = on_process;
  viewer.stream = pw_stream_new_simple(loop, "test viewer", properties, &events, &viewer);
  std::array<std::uint8_t, 4096> space{};
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, space.data(), space.size());
  std::vector<const spa_pod*> formats;
  for (const Format& format : kFormats)
    if (format.raw != SPA_VIDEO_FORMAT_UNKNOWN &&
        (viewer.only == SPA_VIDEO_FORMAT_UNKNOWN || viewer.only == format.raw))
      formats.push_back(wish(builder, format.raw));
  const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS | more_flags);
  const bool connected =
      viewer.stream != nullptr && pw_stream_connect(viewer.stream, PW_DIRECTION_INPUT, PW_ID_ANY, flags, formats.data(),
                                                    static_cast<std::uint32_t>(formats.size())) == 0;
  if (connected) pw_main_loop_run(viewer.loop);
  if (viewer.stream != nullptr) pw_stream_destroy(viewer.stream);
  pw_main_loop_destroy(viewer.loop);
  return connected;
}

}  // namespace

int main(int count, char** words) {
  pw_init(nullptr, nullptr);
  pw_properties* properties = pw_properties_new(PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Capture",
                                                PW_KEY_MEDIA_ROLE, "Camera", PW_KEY_NODE_NAME, "test-viewer", nullptr);
  int flags = 0;
  Viewer viewer;
  for (int i = 1; i < count; ++i) {
    const std::string option = words[i];
    if (option == "--dont-reconnect") {
      flags = PW_STREAM_FLAG_DONT_RECONNECT;
    } else if ((option == "--target" || option == "--name") && i + 1 < count) {
      pw_properties_set(properties, option == "--target" ? PW_KEY_TARGET_OBJECT : PW_KEY_NODE_NAME, words[++i]);
    } else if (option == "--format" && i + 1 < count && format_of(words[i + 1])) {
      viewer.only = format_of(words[++i])->raw;
    } else {
      std::fputs("test_viewer [--target NAME|SERIAL] [--name NAME] [--format F] [--dont-reconnect]\n", stderr);
      return 2;
    }
  }
  return run(viewer, properties, flags) ? 0 : 1;
}
