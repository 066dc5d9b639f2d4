#include "media/pipewire_graph.h"

#include <charconv>
#include <cstring>
#include <set>

#include <pipewire/extensions/metadata.h>
#include <pipewire/pipewire.h>

#include "media/pipewire_connection.h"

namespace viba {
namespace {

std::string text_of(const spa_dict& properties, const char* key) {
  const char* value = spa_dict_lookup(&properties, key);
  return value == nullptr ? std::string() : value;
}

std::uint32_t number_of(const spa_dict& properties, const char* key) {
  const std::string text = text_of(properties, key);
  std::uint32_t number = SPA_ID_INVALID;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

PipewireNode node_of(std::uint32_t id, const spa_dict& properties) {
  return {.id = id,
          .serial = text_of(properties, PW_KEY_OBJECT_SERIAL),
          .name = text_of(properties, PW_KEY_NODE_NAME),
          .description = text_of(properties, PW_KEY_NODE_DESCRIPTION),
          .media_class = text_of(properties, PW_KEY_MEDIA_CLASS),
          .role = text_of(properties, PW_KEY_MEDIA_ROLE),
          .path = text_of(properties, PW_KEY_OBJECT_PATH)};
}

}  // namespace

class PipewireGraph::Impl {
 public:
  Impl(PipewireConnection& connection, std::function<void()> changed)
      : connection_(connection), changed_(std::move(changed)) {
    const PipewireConnection::Lock lock(connection_);
    registry_ = pw_core_get_registry(connection_.core(), PW_VERSION_REGISTRY, 0);
    if (registry_ != nullptr) pw_registry_add_listener(registry_, &listener_, &kEvents, this);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    const PipewireConnection::Lock lock(connection_);
    if (registry_ == nullptr) return;
    spa_hook_remove(&listener_);
    pw_proxy_destroy(reinterpret_cast<pw_proxy*>(registry_));
  }

  [[nodiscard]] const auto& nodes() const { return nodes_; }
  [[nodiscard]] const auto& links() const { return links_; }
  [[nodiscard]] pw_registry* registry() const { return registry_; }
  [[nodiscard]] bool managed() const { return !settings_.empty(); }

  void destroy(std::uint32_t id) {
    const PipewireConnection::Lock lock(connection_);
    if (registry_ != nullptr) pw_registry_destroy(registry_, id);
  }

 private:
  static void on_global(void* self, std::uint32_t id, std::uint32_t permissions, const char* type,
                        std::uint32_t version, const spa_dict* properties);
  static void on_global_remove(void* self, std::uint32_t id);
  static const pw_registry_events kEvents;

  PipewireConnection& connection_;
  std::function<void()> changed_;
  pw_registry* registry_ = nullptr;
  spa_hook listener_{};
  std::map<std::uint32_t, PipewireNode> nodes_;
  std::map<std::uint32_t, PipewireLink> links_;
  std::set<std::uint32_t> settings_;  ///< the metadata objects that session managers keep their choices in
};

const pw_registry_events PipewireGraph::Impl::kEvents = [] {
  pw_registry_events events{};
  events.version = PW_VERSION_REGISTRY_EVENTS;
  events.global = on_global;
  events.global_remove = on_global_remove;
  return events;
}();

void PipewireGraph::Impl::on_global(void* self, std::uint32_t id, std::uint32_t /*permissions*/, const char* type,
                                    std::uint32_t /*version*/, const spa_dict* properties) {
  if (properties == nullptr) return;
  auto& impl = *static_cast<Impl*>(self);
  if (std::strcmp(type, PW_TYPE_INTERFACE_Node) == 0)
    impl.nodes_[id] = node_of(id, *properties);
  else if (std::strcmp(type, PW_TYPE_INTERFACE_Link) == 0)
    impl.links_[id] = {number_of(*properties, PW_KEY_LINK_OUTPUT_NODE), number_of(*properties, PW_KEY_LINK_INPUT_NODE)};
  else if (std::strcmp(type, PW_TYPE_INTERFACE_Metadata) == 0 && text_of(*properties, "metadata.name") == "default")
    impl.settings_.insert(id);
  else
    return;
  if (impl.changed_) impl.changed_();
}

void PipewireGraph::Impl::on_global_remove(void* self, std::uint32_t id) {
  auto& impl = *static_cast<Impl*>(self);
  if (impl.nodes_.erase(id) + impl.links_.erase(id) + impl.settings_.erase(id) > 0 && impl.changed_) impl.changed_();
}

PipewireGraph::PipewireGraph(PipewireConnection& connection, std::function<void()> changed)
    : impl_(std::make_unique<Impl>(connection, std::move(changed))) {}
PipewireGraph::~PipewireGraph() = default;

const std::map<std::uint32_t, PipewireNode>& PipewireGraph::nodes() const { return impl_->nodes(); }
const std::map<std::uint32_t, PipewireLink>& PipewireGraph::links() const { return impl_->links(); }
pw_registry* PipewireGraph::registry() const { return impl_->registry(); }
bool PipewireGraph::managed() const { return impl_->managed(); }
void PipewireGraph::destroy(std::uint32_t id) { impl_->destroy(id); }

Result<PipewireSession> ask_pipewire() {
  auto connection = PipewireConnection::open(nullptr);
  if (!connection) return tl::unexpected(connection.error());
  const PipewireGraph graph(**connection);
  return (*connection)->sync().map([&] {
    const PipewireConnection::Lock lock(**connection);
    PipewireSession session{graph.managed(), {}};
    for (const auto& [id, node] : graph.nodes())
      if (is_video_source(node)) session.cameras.push_back(node);
    return session;
  });
}

}  // namespace viba
