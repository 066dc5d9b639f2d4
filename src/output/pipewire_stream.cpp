#include "output/pipewire_stream.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <linux/videodev2.h>
#include <pipewire/pipewire.h>
#include <spa/param/buffers.h>
#include <spa/param/video/format-utils.h>

#include "media/pipewire_connection.h"
#include "media/pipewire_graph.h"
#include "media/pipewire_node.h"
#include "media/scale.h"
#include "output/output_format.h"

namespace viba {
namespace {

/// How long consumers go without a picture before they get the last one again: one that comes beside others gets its
/// first picture so, and so does one that was not ready when it came.
constexpr long kStillMilliseconds = 200;

constexpr int kPatience = 2;  ///< seconds, with the server

struct Offer {
  spa_video_format format;
  std::uint32_t fourcc;  ///< in the table of output formats
};

/// In the order of preference: the first is what our frames are, so that it is only copied.
constexpr std::array kOffers{Offer{SPA_VIDEO_FORMAT_I420, V4L2_PIX_FMT_YUV420},
                             Offer{SPA_VIDEO_FORMAT_NV12, V4L2_PIX_FMT_NV12},
                             Offer{SPA_VIDEO_FORMAT_YUY2, V4L2_PIX_FMT_YUYV}};

/// What holds the parameters of one message.
struct Pods {
  Pods() { spa_pod_builder_init(&builder, memory.data(), std::uint32_t(memory.size())); }
  Pods(const Pods&) = delete;
  Pods& operator=(const Pods&) = delete;

  std::array<std::uint8_t, 4096> memory{};
  spa_pod_builder builder{};
  std::vector<const spa_pod*> pods;

  template <class... Properties>
  void add(std::uint32_t type, std::uint32_t id, Properties... properties) {
    pods.push_back(static_cast<const spa_pod*>(spa_pod_builder_add_object(&builder, type, id, properties...)));
  }
};

spa_fraction rate_of(double frames_per_second) {
  constexpr double kUsual = 30;  // browsers pass over a camera without a rate
  const auto per_1000_s = unsigned(std::lround(1000 * (frames_per_second > 0 ? frames_per_second : kUsual)));
  const unsigned common = std::gcd(1000U, per_1000_s);
  return {per_1000_s / common, 1000 / common};
}

/// A pod for each format, of this size only: browsers pass over cameras that leave anything open.
void add_formats(Pods& pods, const PipewireStream::Camera& camera) {
  const spa_rectangle size{unsigned(camera.size.width), unsigned(camera.size.height)};
  const spa_fraction rate = rate_of(camera.frames_per_second);
  for (const Offer& offer : kOffers)
    pods.add(SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
             SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
             SPA_POD_Id(offer.format), SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size), SPA_FORMAT_VIDEO_framerate,
             SPA_POD_Fraction(&rate), SPA_FORMAT_VIDEO_colorRange, SPA_POD_Id(SPA_VIDEO_COLOR_RANGE_16_235),
             SPA_FORMAT_VIDEO_colorMatrix, SPA_POD_Id(SPA_VIDEO_COLOR_MATRIX_BT601));
}

void add_buffers(Pods& pods, const OutputFormat& format, Size size) {
  // A consumer may look at a picture until its buffer's turn comes again.
  constexpr int kBuffers = 8;
  pods.add(SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
           SPA_POD_CHOICE_RANGE_Int(kBuffers, 2, 2 * kBuffers), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),
           SPA_PARAM_BUFFERS_size, SPA_POD_Int(int(format.bytes(size))), SPA_PARAM_BUFFERS_stride,
           SPA_POD_Int(format.stride(size)), SPA_PARAM_BUFFERS_dataType,
           SPA_POD_CHOICE_FLAGS_Int((1 << SPA_DATA_MemPtr) | (1 << SPA_DATA_MemFd)));
  pods.add(SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
           SPA_PARAM_META_size, SPA_POD_Int(int(sizeof(spa_meta_header))));
}

/// Null when it is none of those offered.
const OutputFormat* parse_format(const spa_pod& pod) {
  spa_video_info_raw info{};
  if (spa_format_video_raw_parse(&pod, &info) < 0) return nullptr;
  const auto* offer = std::ranges::find(kOffers, info.format, &Offer::format);
  return offer == kOffers.end() ? nullptr : find_output_format(offer->fourcc);
}

/// What is known of the node by all programs. Names of nodes are plain, descriptions may have any letters.
pw_properties* properties_of(const std::string& name) {
  std::string node(kPublishedNode);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
  };
  node += '-';
  std::ranges::transform(name, std::back_inserter(node), [&](char c) { return plain(c) ? c : '-'; });
  return pw_properties_new(PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Source", PW_KEY_MEDIA_CLASS,
                           "Video/Source", PW_KEY_MEDIA_ROLE, "Camera", PW_KEY_NODE_NAME, node.c_str(),
                           PW_KEY_NODE_DESCRIPTION, name.c_str(), nullptr);
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

class PipewireStream::Impl {
 public:
  Impl(PipewireConnection& connection, Camera camera, Events events)
      : connection_(connection), camera_(std::move(camera)), events_(std::move(events)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  [[nodiscard]] bool connect();
  /// Waits until the server has it, with a number.
  [[nodiscard]] bool is_published();
  void put(const SafeFrame& frame);
  [[nodiscard]] std::uint32_t node() const;
  void dismiss();

 private:
  static Impl& self(void* data) { return *static_cast<Impl*>(data); }
  void on_state(pw_stream_state state);
  void on_format(const spa_pod* pod);
  void on_process();

  void show();
  void set_still_timer(long milliseconds);
  void fill(const Frame& frame, spa_buffer& buffer);
  [[nodiscard]] Frame fitted(const Frame& frame);
  static const pw_stream_events kEvents;

  PipewireConnection& connection_;
  Camera camera_;
  Events events_;
  pw_stream* stream_ = nullptr;
  spa_hook listener_{};
  spa_source* wake_ = nullptr;
  spa_source* timer_ = nullptr;
  std::atomic<bool> watched_ = false;
  std::atomic<bool> broken_ = false;

  std::mutex mutex_;
  SafeFrame newest_;

  // Of the connection's thread:
  const OutputFormat* format_ = nullptr;  ///< agreed with the consumers
  bool due_ = false;                      ///< the newest frame was not sent
  std::uint64_t sequence_ = 0;
  FramePool pool_;
};

const pw_stream_events PipewireStream::Impl::kEvents = [] {
  pw_stream_events events{};
  events.version = PW_VERSION_STREAM_EVENTS;
  // A consumer that cannot be served is told of as an error, too, but the stream's own state does not change then.
  events.state_changed = [](void* data, pw_stream_state, pw_stream_state, const char*) {
    self(data).on_state(pw_stream_get_state(self(data).stream_, nullptr));
  };
  events.param_changed = [](void* data, std::uint32_t id, const spa_pod* pod) {
    if (id == SPA_PARAM_Format) self(data).on_format(pod);
  };
  events.process = [](void* data) { self(data).on_process(); };
  return events;
}();

PipewireStream::Impl::~Impl() {
  const PipewireConnection::Lock lock(connection_);
  pw_loop* loop = pw_thread_loop_get_loop(connection_.loop());
  if (stream_ != nullptr) {
    spa_hook_remove(&listener_);
    pw_stream_destroy(stream_);
  }
  if (wake_ != nullptr) pw_loop_destroy_source(loop, wake_);
  if (timer_ != nullptr) pw_loop_destroy_source(loop, timer_);
}

bool PipewireStream::Impl::connect() {
  const PipewireConnection::Lock lock(connection_);
  pw_loop* loop = pw_thread_loop_get_loop(connection_.loop());
  wake_ = pw_loop_add_event(
      loop, [](void* data, std::uint64_t) { self(data).show(); }, this);
  timer_ = pw_loop_add_timer(
      loop, [](void* data, std::uint64_t) { self(data).show(); }, this);
  stream_ = pw_stream_new(connection_.core(), camera_.name.c_str(), properties_of(camera_.name));
  if (wake_ == nullptr || timer_ == nullptr || stream_ == nullptr) return false;
  pw_stream_add_listener(stream_, &listener_, &kEvents, this);
  Pods pods;
  add_formats(pods, camera_);
  return pw_stream_connect(stream_, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                           pw_stream_flags(PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS), pods.pods.data(),
                           std::uint32_t(pods.pods.size())) == 0;
}

bool PipewireStream::Impl::is_published() {
  const PipewireConnection::Lock lock(connection_);
  timespec end{};
  pw_thread_loop_get_time(connection_.loop(), &end, kPatience * SPA_NSEC_PER_SEC);
  while (!broken_ && pw_stream_get_state(stream_, nullptr) < PW_STREAM_STATE_PAUSED)
    if (pw_thread_loop_timed_wait_full(connection_.loop(), &end) != 0) return false;
  return !broken_;
}

void PipewireStream::Impl::on_state(pw_stream_state state) {
  pw_thread_loop_signal(connection_.loop(), false);
  const bool watched = state == PW_STREAM_STATE_STREAMING;
  if (watched_.exchange(watched) != watched) {
    set_still_timer(watched ? kStillMilliseconds : 0);
    if (watched) pw_loop_signal_event(pw_thread_loop_get_loop(connection_.loop()), wake_);
    events_.on_watched(watched);
  }
  if (state != PW_STREAM_STATE_ERROR && state != PW_STREAM_STATE_UNCONNECTED) return;
  broken_ = true;
  events_.on_broken();
}

void PipewireStream::Impl::on_format(const spa_pod* pod) {
  format_ = pod == nullptr ? nullptr : parse_format(*pod);
  if (format_ == nullptr) return;
  Pods pods;
  add_buffers(pods, *format_, camera_.size);
  pw_stream_update_params(stream_, pods.pods.data(), std::uint32_t(pods.pods.size()));
}

void PipewireStream::Impl::put(const SafeFrame& frame) {
  {
    const std::scoped_lock lock(mutex_);
    newest_ = frame;
  }
  if (watched_) pw_loop_signal_event(pw_thread_loop_get_loop(connection_.loop()), wake_);
}

std::uint32_t PipewireStream::Impl::node() const {
  const PipewireConnection::Lock lock(connection_);
  return pw_stream_get_node_id(stream_);
}

void PipewireStream::Impl::dismiss() {
  PipewireGraph graph(connection_);
  if (!connection_.sync()) return;
  std::set<std::uint32_t> consumers;
  {
    const auto own = node();
    const PipewireConnection::Lock lock(connection_);
    for (const auto& [id, link] : graph.links())
      if (link.output_node == own) consumers.insert(link.input_node);
  }
  for (const std::uint32_t consumer : consumers) graph.destroy(consumer);
  (void)connection_.sync();
}

void PipewireStream::Impl::show() {
  due_ = true;
  if (watched_) pw_stream_trigger_process(stream_);
}

/// Off with 0.
void PipewireStream::Impl::set_still_timer(long milliseconds) {
  timespec interval{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  pw_loop_update_timer(pw_thread_loop_get_loop(connection_.loop()), timer_, &interval, &interval, false);
}

/// The server may ask for a picture, too, when another node sets the pace.
void PipewireStream::Impl::on_process() {
  if (!due_ || format_ == nullptr) return;
  SafeFrame frame;
  {
    const std::scoped_lock lock(mutex_);
    frame = newest_;
  }
  if (frame.frame().empty()) return;
  pw_buffer* buffer = pw_stream_dequeue_buffer(stream_);
  if (buffer == nullptr) return;  // consumers hold them all, and get a newer picture later
  fill(frame.frame(), *buffer->buffer);
  pw_stream_queue_buffer(stream_, buffer);
  due_ = false;
  set_still_timer(kStillMilliseconds);
}

void PipewireStream::Impl::fill(const Frame& frame, spa_buffer& buffer) {
  spa_data& data = buffer.datas[0];
  const auto bytes = std::uint32_t(format_->bytes(camera_.size));
  const Frame shown = data.data == nullptr || data.maxsize < bytes ? Frame() : fitted(frame);
  if (!shown.empty()) format_->pack(shown, static_cast<std::uint8_t*>(data.data));
  data.chunk->offset = 0;
  data.chunk->size = shown.empty() ? 0 : bytes;
  data.chunk->stride = format_->stride(camera_.size);
  data.chunk->flags = shown.empty() ? SPA_CHUNK_FLAG_CORRUPTED : SPA_CHUNK_FLAG_NONE;
  auto* header =
      static_cast<spa_meta_header*>(spa_buffer_find_meta_data(&buffer, SPA_META_Header, sizeof(spa_meta_header)));
  if (header == nullptr) return;
  *header = {};
  header->pts = now();
  header->seq = sequence_++;
}

Frame PipewireStream::Impl::fitted(const Frame& frame) {
  if (frame.size() == camera_.size) return frame;
  auto fitting = pool_.acquire(camera_.size);
  if (!fitting) return {};
  scale(frame, *fitting, Fit::kContain);
  return std::move(*fitting).freeze(frame.info());
}

PipewireStream::PipewireStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PipewireStream::~PipewireStream() = default;

Result<std::unique_ptr<PipewireStream>> PipewireStream::publish(PipewireConnection& connection, const Camera& camera,
                                                                Events events) {
  auto impl = std::make_unique<Impl>(connection, camera, std::move(events));
  if (!impl->connect() || !impl->is_published())
    return fail(ErrorCode::kIo, fmt::format("PipeWire does not take the camera {}: look after it with `systemctl "
                                            "--user status pipewire`.",
                                            camera.name));
  return std::unique_ptr<PipewireStream>(new PipewireStream(std::move(impl)));
}

void PipewireStream::put(const SafeFrame& frame) { impl_->put(frame); }
std::uint32_t PipewireStream::node() const { return impl_->node(); }
void PipewireStream::dismiss() { impl_->dismiss(); }

}  // namespace viba
