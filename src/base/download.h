#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include <viba/result.h>

namespace viba {

struct DownloadRequest {
  std::string url;               ///< http:// or https://
  std::string path;              ///< of the file to make
  std::uint64_t most_bytes = 0;  ///< a larger file is refused
  /// Bytes that are here, those of earlier runs among them.
  std::function<void(std::uint64_t received)> progress;
  std::stop_token stop;
  std::chrono::seconds connect_timeout{20};
  std::chrono::seconds stall_timeout{30};  ///< without a byte
};

struct Downloaded {
  std::string md5;  ///< of the whole file, as the server says (x-goog-hash), in hexadecimal digits; else empty
};

/// Downloads into `PATH.part`, which takes its name when it is whole and stays for the next call when
/// it is not: that one asks for the rest only (RFC 9110, section 14). Servers that do not give parts are
/// asked for all of it. Redirects lead to http and https only, and from https not back. libcurl takes
/// proxies from the environment by itself (http_proxy, https_proxy, no_proxy).
/// Errors, one sentence each: kNotFound (the server has no such file), kIo (no network, no such host,
/// refused, broken, TLS, proxy, disk full), kPermission, kUnsupported (too large), kClosed (stopped).
/// Thread-safety: may be called from several threads.
[[nodiscard]] Result<Downloaded> download(const DownloadRequest& request);

[[nodiscard]] bool is_web_url(std::string_view text);

/// Fit for a message: without the user's name and password.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace viba
