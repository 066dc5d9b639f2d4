#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace viba::test {

/// How a server treats one file; by default as it should.
struct Treatment {
  std::optional<std::size_t> cut_after;      ///< ends the connection after so many bytes of the body
  std::optional<std::size_t> hold_after;     ///< sends no more until `HttpServer::release`
  std::optional<std::size_t> wrong_byte_at;  ///< place of a byte that is sent other than it is
  bool ignores_ranges = false;
  bool hides_length = false;  ///< says by the end of the connection only where the file ends
  int status = 200;           ///< another one comes without the file
  std::string header;         ///< lines more, each with its end
};

/// A real HTTP server on the loopback interface that serves a folder, one request a connection.
/// Thread-safety: all members may be called from any thread.
class HttpServer {
 public:
  struct Request {
    std::string path;   ///< as it came: "/model.json"
    std::string range;  ///< "bytes=100-", or empty
    friend bool operator==(const Request&, const Request&) = default;
  };

  explicit HttpServer(std::filesystem::path folder) : folder_(std::move(folder)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || ::listen(socket_, 16) != 0 || ::getsockname(socket_, any, &size) != 0)
      return;
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~HttpServer() {
    thread_.request_stop();
    release();
    ::shutdown(socket_, SHUT_RDWR);  // wakes accept
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

  /// Of the file of that name from now on.
  void treat(const std::string& name, Treatment treatment) {
    const std::lock_guard lock(mutex_);
    std::erase_if(treatments_, [&](const auto& old) { return old.first == name; });
    treatments_.emplace_back(name, std::move(treatment));
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  /// Until a held file has sent what it may.
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }
  [[nodiscard]] std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// Those for the file of that name.
  [[nodiscard]] std::vector<std::string> ranges_of(const std::string& name) const {
    std::vector<std::string> ranges;
    for (const auto& request : requests())
      if (request.path.ends_with("/" + name)) ranges.push_back(request.range);
    return ranges;
  }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      answer(connection);
      ::shutdown(connection, SHUT_RDWR);
      ::close(connection);
    }
  }

  static std::string head_of(int connection) {
    std::string head;
    // What speaks TLS begins with no letter, and would wait for an answer of its kind.
    for (char c = 0; head.size() < 8192 && !head.starts_with('\x16') && !head.ends_with("\r\n\r\n") &&
                     ::recv(connection, &c, 1, 0) == 1;)
      head += c;
    return head;
  }

  static std::string field(const std::string& head, const std::string& name) {
    const auto start = head.find("\r\n" + name + ": ");
    if (start == std::string::npos) return {};
    const auto value = start + name.size() + 4;
    return head.substr(value, head.find("\r\n", value) - value);
  }

  static bool send(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What is asked for, written down.
  std::pair<Request, Treatment> note(const std::string& head) {
    const auto start = head.find(' ') + 1;
    Request request{head.substr(start, head.find(' ', start) - start), field(head, "Range")};
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    for (const auto& [name, treatment] : treatments_)
      if (request.path.ends_with("/" + name)) return {request, treatment};
    return {request, {}};
  }

  void answer(int connection) {
    const auto [request, treatment] = note(head_of(connection));
    const auto path = folder_ / request.path.substr(std::min<std::size_t>(1, request.path.size()));
    const int status = treatment.status == 200 && !std::filesystem::is_regular_file(path) ? 404 : treatment.status;
    if (status != 200) {
      send(connection, fmt::format("HTTP/1.1 {} No\r\nConnection: close\r\nContent-Length: 3\r\n{}\r\nno\n", status,
                                   treatment.header));
      return;
    }
    std::ifstream file(path, std::ios::binary);
    std::string body{std::istreambuf_iterator<char>(file), {}};
    if (treatment.wrong_byte_at) body.at(*treatment.wrong_byte_at) ^= 0x55;
    const std::size_t from =
        request.range.empty() || treatment.ignores_ranges ? 0 : std::stoull(request.range.substr(6));
    if (from > 0 && from >= body.size()) {
      send(connection,
           fmt::format("HTTP/1.1 416 No\r\nConnection: close\r\nContent-Length: 0\r\nContent-Range: bytes */{}\r\n\r\n",
                       body.size()));
      return;
    }
    std::string head = from > 0 ? fmt::format("HTTP/1.1 206 Part\r\nContent-Range: bytes {}-{}/{}\r\n", from,
                                              body.size() - 1, body.size())
                                : "HTTP/1.1 200 OK\r\n";
    if (!treatment.hides_length) head += fmt::format("Content-Length: {}\r\n", body.size() - from);
    if (send(connection, head + treatment.header + "Connection: close\r\n\r\n"))
      send_body(connection, std::string_view(body).substr(from), treatment);
  }

  void send_body(int connection, std::string_view body, const Treatment& treatment) {
    if (treatment.cut_after) body = body.substr(0, *treatment.cut_after);
    const auto first = std::min(treatment.hold_after.value_or(body.size()), body.size());
    if (!send(connection, body.substr(0, first)) || !treatment.hold_after) return;
    std::unique_lock lock(mutex_);
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
    lock.unlock();
    send(connection, body.substr(first));
  }

  const std::filesystem::path folder_;
  int socket_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false, released_ = false;
  std::vector<std::pair<std::string, Treatment>> treatments_;
  std::vector<Request> requests_;
  std::jthread thread_;
};

}  // namespace viba::test
