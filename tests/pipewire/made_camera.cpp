#include "pipewire/made_camera.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <pipewire/pipewire.h>
#include <spa/param/video/format-utils.h>

namespace viba::pipewire_test {

class MadeCamera::Impl {
 public:
  Impl(std::string name, const Offer& offer, Fill fill)
      : name_(std::move(name)), offer_(offer), fill_(std::move(fill)), connection_(*PipewireConnection::open(nullptr)) {
    {
      const PipewireConnection::Lock lock(*connection_);
      start();
    }
    EXPECT_TRUE(connection_->sync());
    const PipewireConnection::Lock lock(*connection_);
    while (pw_stream_get_state(stream_, nullptr) == PW_STREAM_STATE_CONNECTING)
      if (pw_thread_loop_timed_wait(connection_->loop(), 10) != 0) break;
    EXPECT_EQ(pw_stream_get_state(stream_, nullptr), PW_STREAM_STATE_PAUSED);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    const PipewireConnection::Lock lock(*connection_);
    pw_loop_destroy_source(loop(), timer_);
    spa_hook_remove(&listener_);
    pw_stream_destroy(stream_);
  }

 private:
  [[nodiscard]] pw_loop* loop() const { return pw_thread_loop_get_loop(connection_->loop()); }

  void start() {
    timer_ = pw_loop_add_timer(
        loop(), [](void* self, std::uint64_t) { pw_stream_trigger_process(static_cast<Impl*>(self)->stream_); }, this);
    stream_ = pw_stream_new(
        connection_->core(), name_.c_str(),
        pw_properties_new(PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera", PW_KEY_NODE_NAME,
                          name_.c_str(), PW_KEY_NODE_DESCRIPTION, name_.c_str(), nullptr));
    static const pw_stream_events events = [] {
      pw_stream_events all{};
      all.version = PW_VERSION_STREAM_EVENTS;
      all.state_changed = on_state;
      all.param_changed = on_parameter;
      all.process = on_process;
      return all;
    }();
    pw_stream_add_listener(stream_, &listener_, &events, this);
    std::array<std::uint8_t, 1024> memory{};
    spa_pod_builder builder{};
    spa_pod_builder_init(&builder, memory.data(), memory.size());
    const spa_pod* format = build_format(builder);
    pw_stream_connect(stream_, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                      static_cast<pw_stream_flags>(PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS), &format, 1);
  }

  [[nodiscard]] const spa_pod* build_format(spa_pod_builder& builder) const {
    const spa_rectangle size{std::uint32_t(offer_.size.width), std::uint32_t(offer_.size.height)};
    const spa_fraction rate{50, 1};
    const bool jpeg = offer_.format == SPA_VIDEO_FORMAT_ENCODED;
    spa_pod_frame frame{};
    spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
    spa_pod_builder_add(&builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype,
                        SPA_POD_Id(jpeg ? SPA_MEDIA_SUBTYPE_mjpg : SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_size,
                        SPA_POD_Rectangle(&size), SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&rate), 0);
    if (!jpeg) spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_format, SPA_POD_Id(offer_.format), 0);
    if (offer_.matrix != SPA_VIDEO_COLOR_MATRIX_UNKNOWN)
      spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_colorMatrix, SPA_POD_Id(offer_.matrix), 0);
    if (offer_.range != SPA_VIDEO_COLOR_RANGE_UNKNOWN)
      spa_pod_builder_add(&builder, SPA_FORMAT_VIDEO_colorRange, SPA_POD_Id(offer_.range), 0);
    return static_cast<const spa_pod*>(spa_pod_builder_pop(&builder, &frame));
  }

  static void on_state(void* self, pw_stream_state, pw_stream_state now, const char*) {
    auto& camera = *static_cast<Impl*>(self);
    timespec first{0, now == PW_STREAM_STATE_STREAMING ? 1 : 0};
    timespec period{0, SPA_NSEC_PER_SEC / 50};
    pw_loop_update_timer(camera.loop(), camera.timer_, &first, &period, false);
    pw_thread_loop_signal(camera.connection_->loop(), false);
  }

  static void on_parameter(void* self, std::uint32_t id, const spa_pod* parameter) {
    auto& camera = *static_cast<Impl*>(self);
    if (id != SPA_PARAM_Format || parameter == nullptr) return;
    std::array<std::uint8_t, 1024> memory{};
    spa_pod_builder builder{};
    spa_pod_builder_init(&builder, memory.data(), memory.size());
    std::array<const spa_pod*, 2> wishes{
        static_cast<const spa_pod*>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
            SPA_POD_CHOICE_RANGE_Int(4, 2, 8), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1), SPA_PARAM_BUFFERS_size,
            SPA_POD_Int(camera.offer_.buffer_size), SPA_PARAM_BUFFERS_stride, SPA_POD_Int(0))),
        static_cast<const spa_pod*>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
            SPA_PARAM_META_size, SPA_POD_Int(int(sizeof(spa_meta_header)))))};
    pw_stream_update_params(camera.stream_, wishes.data(), std::uint32_t(wishes.size()));
  }

  static void on_process(void* self) {
    auto& camera = *static_cast<Impl*>(self);
    pw_buffer* buffer = pw_stream_dequeue_buffer(camera.stream_);
    if (buffer == nullptr) return;
    if (auto* header = static_cast<spa_meta_header*>(
            spa_buffer_find_meta_data(buffer->buffer, SPA_META_Header, sizeof(spa_meta_header)))) {
      *header = {};
      header->pts = -1;
    }
    camera.fill_(*buffer->buffer);
    pw_stream_queue_buffer(camera.stream_, buffer);
  }

  std::string name_;
  Offer offer_;
  Fill fill_;
  std::unique_ptr<PipewireConnection> connection_;
  pw_stream* stream_ = nullptr;
  spa_hook listener_{};
  spa_source* timer_ = nullptr;
};

MadeCamera::MadeCamera(const std::string& name, const Offer& offer, Fill fill)
    : impl_(std::make_unique<Impl>(name, offer, std::move(fill))) {}
MadeCamera::~MadeCamera() = default;

void put(spa_buffer& buffer, const std::vector<std::uint8_t>& bytes, std::int32_t stride) {
  spa_data& data = buffer.datas[0];
  ASSERT_GE(data.maxsize, bytes.size());
  std::ranges::copy(bytes, static_cast<std::uint8_t*>(data.data));
  *data.chunk = {.offset = 0, .size = std::uint32_t(bytes.size()), .stride = stride, .flags = 0};
}

}  // namespace viba::pipewire_test
