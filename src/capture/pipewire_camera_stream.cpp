#include "capture/pipewire_camera_stream.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <pipewire/pipewire.h>
#include <spa/param/buffers.h>
#include <spa/pod/builder.h>

#include "capture/pipewire_feed.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;

/// More would be an absurd padding; the table's arithmetic is safe up to there.
constexpr std::int32_t kMostStride = 1 << 20;

pw_properties* properties_for(const PipewireNode& camera) {
  // Not by a name that begins as those which ViBa publishes do.
  return pw_properties_new(PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Capture", PW_KEY_MEDIA_ROLE, "Camera",
                           PW_KEY_NODE_NAME, "viba-reader", PW_KEY_NODE_DESCRIPTION, "ViBa", PW_KEY_TARGET_OBJECT,
                           camera.serial.c_str(), "node.dont-fallback", "true", "node.dont-move", "true", nullptr);
}

/// Whether all of a buffer's memory is there: reading beyond a file's end kills.
bool is_whole(const spa_buffer& buffer) {
  if (buffer.n_datas != 1) return false;
  const spa_data& data = buffer.datas[0];
  if (data.data == nullptr || (data.type != SPA_DATA_MemPtr && data.type != SPA_DATA_MemFd)) return false;
  struct stat file {};
  if (data.type != SPA_DATA_MemFd || fstat(static_cast<int>(data.fd), &file) != 0 || !S_ISREG(file.st_mode))
    return true;
  return static_cast<std::uint64_t>(file.st_size) >= std::uint64_t{data.mapoffset} + data.maxsize;
}

const char* damage_of(const spa_buffer& buffer, std::uint32_t chunk_flags, std::int32_t stride, std::size_t size) {
  const auto* header =
      static_cast<const spa_meta_header*>(spa_buffer_find_meta_data(&buffer, SPA_META_Header, sizeof(spa_meta_header)));
  const bool flagged = header != nullptr && (header->flags & SPA_META_HEADER_FLAG_CORRUPTED) != 0;
  if (flagged || (chunk_flags & SPA_CHUNK_FLAG_CORRUPTED) != 0) return "The camera says that it is damaged.";
  if (size == 0) return "It is empty.";
  return stride < 0 || stride > kMostStride ? "Its rows have no sensible length." : nullptr;
}

template <class T>
T once(const T& shared) {
  return *const_cast<const volatile T*>(&shared);
}

/// What others wrote about a buffer is read once, because they may write on.
PipewireCameraStream::Picture picture_in(const spa_buffer& buffer, const CameraSetup& setup) {
  const spa_data& data = buffer.datas[0];
  const std::uint32_t offset = std::min(once(data.chunk->offset), data.maxsize);
  const std::uint32_t size = std::min(once(data.chunk->size), data.maxsize - offset);
  const std::int32_t stride = once(data.chunk->stride);
  PipewireCameraStream::Picture picture{{static_cast<const std::uint8_t*>(data.data) + offset, size}, setup};
  picture.damage = damage_of(buffer, static_cast<std::uint32_t>(once(data.chunk->flags)), stride, size);
  if (picture.damage == nullptr) picture.setup.bytes_per_line = stride;
  return picture;
}

}  // namespace

class PipewireCameraStream::Impl {
 public:
  Impl(PipewireConnection& connection, const PipewireGraph& graph, Wanted wanted)
      : connection_(connection), graph_(graph), wanted_(std::move(wanted)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    const PipewireConnection::Lock lock(connection_);
    if (stream_ == nullptr) return;
    spa_hook_remove(&listener_);
    pw_stream_destroy(stream_);
  }

  [[nodiscard]] bool open();
  void check();
  void fail_with(std::string sentence);
  [[nodiscard]] Result<Event> wait(const std::stop_token& stop, Clock::time_point until);
  [[nodiscard]] std::optional<Picture> newest() const;
  void give_back();

  [[nodiscard]] PipewireConnection& connection() const { return connection_; }

 private:
  [[nodiscard]] PipewireFeed feed() const;
  [[nodiscard]] std::string gone() const {
    return fmt::format("{} was unplugged or has failed: plug it in again.", wanted_.name);
  }
  [[nodiscard]] std::string foreign() const {
    return fmt::format(
        "PipeWire gave ViBa pictures that are not from {}, none of which is shown: plug that camera in again.",
        wanted_.name);
  }
  void agree(const spa_pod* format);
  void collect();

  static void on_state(void* self, pw_stream_state before, pw_stream_state now, const char* error);
  static void on_parameter(void* self, std::uint32_t id, const spa_pod* parameter);
  static void on_buffer(void* self, pw_buffer* buffer);
  static void on_buffer_removed(void* self, pw_buffer* buffer);
  static void on_process(void* self);
  static const pw_stream_events kEvents;

  PipewireConnection& connection_;
  const PipewireGraph& graph_;
  Wanted wanted_;
  pw_stream* stream_ = nullptr;
  spa_hook listener_{};
  std::optional<CameraSetup> setup_;
  pw_buffer* newest_ = nullptr;
  bool connected_ = false;
  bool begun_ = false;   ///< a picture came
  std::string failure_;  ///< why there will be no more pictures
};

const pw_stream_events PipewireCameraStream::Impl::kEvents = [] {
  pw_stream_events events{};
  events.version = PW_VERSION_STREAM_EVENTS;
  events.state_changed = on_state;
  events.param_changed = on_parameter;
  events.add_buffer = on_buffer;
  events.remove_buffer = on_buffer_removed;
  events.process = on_process;
  return events;
}();

bool PipewireCameraStream::Impl::open() {
  std::vector<std::uint8_t> memory;
  auto formats = wanted_formats(wanted_.mode, wanted_.request, memory);
  const PipewireConnection::Lock lock(connection_);
  stream_ = pw_stream_new(connection_.core(), "ViBa", properties_for(wanted_.camera));
  if (stream_ == nullptr) return false;
  pw_stream_add_listener(stream_, &listener_, &kEvents, this);
  // Without RT_PROCESS pictures come on the same thread as news of the graph does, after those that were before them.
  const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS |
                                                  PW_STREAM_FLAG_DONT_RECONNECT);
  return pw_stream_connect(stream_, PW_DIRECTION_INPUT, PW_ID_ANY, flags, formats.data(),
                           static_cast<std::uint32_t>(formats.size())) >= 0;
}

PipewireFeed PipewireCameraStream::Impl::feed() const {
  const auto shown = feed_of(graph_.nodes(), graph_.links(), pw_stream_get_node_id(stream_), wanted_.camera);
  return shown == PipewireFeed::kNone && !wanted_.links_shown ? PipewireFeed::kCamera : shown;
}

void PipewireCameraStream::Impl::check() {
  switch (feed()) {
    case PipewireFeed::kGone: return fail_with(gone());
    case PipewireFeed::kForeign: return fail_with(foreign());
    default: return;
  }
}

void PipewireCameraStream::Impl::fail_with(std::string sentence) {
  if (failure_.empty()) failure_ = std::move(sentence);
  give_back();
  pw_thread_loop_signal(connection_.loop(), false);
}

void PipewireCameraStream::Impl::on_state(void* self, pw_stream_state /*before*/, pw_stream_state now,
                                          const char* /*error*/) {
  auto& impl = *static_cast<Impl*>(self);
  if (now == PW_STREAM_STATE_CONNECTING) impl.connected_ = true;
  if (now == PW_STREAM_STATE_ERROR || (now == PW_STREAM_STATE_UNCONNECTED && impl.connected_))
    impl.fail_with(impl.gone());
}

void PipewireCameraStream::Impl::on_parameter(void* self, std::uint32_t id, const spa_pod* parameter) {
  if (id == SPA_PARAM_Format) static_cast<Impl*>(self)->agree(parameter);
}

void PipewireCameraStream::Impl::agree(const spa_pod* format) {
  give_back();  // it has another format
  setup_.reset();
  if (format == nullptr) return;
  setup_ = read_format(*format);
  if (!setup_) return fail_with(fmt::format("{} gives pictures of no format that ViBa reads.", wanted_.name));
  std::array<std::uint8_t, 1024> memory{};
  spa_pod_builder builder{};
  spa_pod_builder_init(&builder, memory.data(), memory.size());
  const std::array<const spa_pod*, 2> wishes{
      static_cast<const spa_pod*>(spa_pod_builder_add_object(
          &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
          SPA_POD_CHOICE_RANGE_Int(4, 2, 16), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1), SPA_PARAM_BUFFERS_dataType,
          SPA_POD_CHOICE_FLAGS_Int((1 << SPA_DATA_MemPtr) | (1 << SPA_DATA_MemFd)))),
      static_cast<const spa_pod*>(spa_pod_builder_add_object(
          &builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
          SPA_PARAM_META_size, SPA_POD_Int(int(sizeof(spa_meta_header)))))};
  auto parameters = wishes;
  pw_stream_update_params(stream_, parameters.data(), static_cast<std::uint32_t>(parameters.size()));
}

/// What was agreed on while the graph did not vouch for it stays unread.
void PipewireCameraStream::Impl::on_buffer(void* self, pw_buffer* buffer) {
  auto& impl = *static_cast<Impl*>(self);
  impl.check();
  if (impl.begun_ && !impl.wanted_.links_shown) impl.fail_with(impl.foreign());
  const bool good = impl.failure_.empty() && impl.feed() == PipewireFeed::kCamera && is_whole(*buffer->buffer);
  buffer->user_data = good ? self : nullptr;
}

void PipewireCameraStream::Impl::on_buffer_removed(void* self, pw_buffer* buffer) {
  auto& impl = *static_cast<Impl*>(self);
  if (impl.newest_ == buffer) impl.newest_ = nullptr;
  if (!impl.wanted_.links_shown) impl.fail_with(impl.gone());
}

void PipewireCameraStream::Impl::on_process(void* self) {
  auto& impl = *static_cast<Impl*>(self);
  impl.check();
  impl.collect();
  if (impl.newest_ != nullptr) pw_thread_loop_signal(impl.connection_.loop(), false);
}

void PipewireCameraStream::Impl::collect() {
  const bool good = failure_.empty() && setup_ && feed() == PipewireFeed::kCamera;
  while (pw_buffer* buffer = pw_stream_dequeue_buffer(stream_)) {
    pw_buffer* unwanted = buffer;
    begun_ = true;
    if (good && buffer->user_data == this) unwanted = std::exchange(newest_, buffer);
    if (unwanted != nullptr) pw_stream_queue_buffer(stream_, unwanted);
  }
}

std::optional<PipewireCameraStream::Picture> PipewireCameraStream::Impl::newest() const {
  if (newest_ == nullptr || !failure_.empty() || !setup_ || feed() != PipewireFeed::kCamera) return {};
  return picture_in(*newest_->buffer, *setup_);
}

void PipewireCameraStream::Impl::give_back() {
  if (pw_buffer* buffer = std::exchange(newest_, nullptr)) pw_stream_queue_buffer(stream_, buffer);
}

Result<PipewireCameraStream::Event> PipewireCameraStream::Impl::wait(const std::stop_token& stop,
                                                                     Clock::time_point until) {
  // Declared before the lock, because its end waits for the callback, which takes the lock.
  const std::stop_callback wake(stop, [this] {
    const PipewireConnection::Lock lock(connection_);
    pw_thread_loop_signal(connection_.loop(), false);
  });
  const PipewireConnection::Lock lock(connection_);
  for (;;) {
    if (stop.stop_requested()) return Event::kStop;
    if (!failure_.empty()) return fail(ErrorCode::kIo, failure_);
    if (newest_ != nullptr) return Event::kPicture;
    const auto left = until - Clock::now();
    if (left <= Clock::duration::zero()) return Event::kSilence;
    timespec end{};
    pw_thread_loop_get_time(connection_.loop(), &end,
                            std::chrono::duration_cast<std::chrono::nanoseconds>(left).count());
    (void)pw_thread_loop_timed_wait_full(connection_.loop(), &end);
  }
}

PipewireCameraStream::PipewireCameraStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PipewireCameraStream::~PipewireCameraStream() = default;

Result<std::unique_ptr<PipewireCameraStream>> PipewireCameraStream::open(PipewireConnection& connection,
                                                                         const PipewireGraph& graph, Wanted wanted) {
  const std::string name = wanted.name;
  auto impl = std::make_unique<Impl>(connection, graph, std::move(wanted));
  if (!impl->open())
    return fail(ErrorCode::kIo,
                fmt::format("PipeWire has no stream of {} for ViBa: look after it with `systemctl --user "
                            "status pipewire`.",
                            name));
  return std::unique_ptr<PipewireCameraStream>(new PipewireCameraStream(std::move(impl)));
}

void PipewireCameraStream::check() { impl_->check(); }
void PipewireCameraStream::lose() {
  impl_->fail_with("PipeWire has ended: start it with `systemctl --user start pipewire wireplumber`.");
}
Result<PipewireCameraStream::Event> PipewireCameraStream::wait(const std::stop_token& stop, Clock::time_point until) {
  return impl_->wait(stop, until);
}
const PipewireConnection& PipewireCameraStream::connection() const { return impl_->connection(); }
std::optional<PipewireCameraStream::Picture> PipewireCameraStream::newest() const { return impl_->newest(); }
void PipewireCameraStream::give_back() { impl_->give_back(); }

}  // namespace viba
