#include "base/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/resumable_file.h"

namespace viba {
namespace {

constexpr long kOk = 200;
constexpr long kPart = 206;
constexpr long kNoSuchPart = 416;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::uint64_t> number_at_start(std::string_view text) {
  std::uint64_t value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{} ? std::optional(value)
                                                                                          : std::nullopt;
}

std::string hex_of_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffff;
    if ((count += 6) < 8) continue;
    count -= 8;
    result += fmt::format("{:02x}", bits >> count & 0xff);
  }
  return result;
}

/// What counts of a response's header.
struct ResponseHeader {
  std::string md5;
  bool stored_encoded = false;             ///< its checksums are of another form than what is sent
  std::optional<std::uint64_t> part_from;  ///< of Content-Range
  std::optional<std::uint64_t> whole;      ///< of Content-Range

  void add(std::string_view line) {
    if (line.starts_with("HTTP/")) *this = {};  // the one before was a redirect
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "x-goog-hash") add_hashes(value);
    if (name == "x-goog-stored-content-encoding") stored_encoded = value != "identity";
    if (name == "content-range" && value.starts_with("bytes ")) {
      part_from = number_at_start(value.substr(6));
      if (const auto slash = value.find('/'); slash != std::string_view::npos)
        whole = number_at_start(value.substr(slash + 1));
    }
  }

 private:
  void add_hashes(std::string_view value) {
    while (!value.empty()) {
      const auto comma = std::min(value.find(','), value.size());
      const auto hash = trimmed(value.substr(0, comma));
      if (hash.starts_with("md5=")) md5 = hex_of_base64(hash.substr(4));
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
  }
};

std::string host_of(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

class Transfer {
 public:
  Transfer(const DownloadRequest& request, ResumableFile& file)
      : request_(request), file_(file), handle_(curl_easy_init()) {}

  /// Whether the file is whole now; if not, it must be started over.
  Result<bool> run() {
    if (!handle_) return fail(ErrorCode::kInternal, "There is not enough memory for a download.");
    set_up();
    const CURLcode code = curl_easy_perform(handle_.get());
    if (error_) return tl::unexpected(*error_);
    if (status() == kNoSuchPart && asked_from_ > 0) return header_.whole == file_.size();
    if (code != CURLE_OK) return tl::unexpected(error_of(code));
    // A file without a byte comes without a call of `receive`.
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    return true;
  }

  [[nodiscard]] const ResponseHeader& header() const { return header_; }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void set_up() {
    const bool secure = lower(request_.url).starts_with("https:");
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "viba");
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(request_.connect_timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request_.stall_timeout.count()));
    set(CURLOPT_ERRORBUFFER, words_.data());
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_tick);
    set(CURLOPT_XFERINFODATA, this);
    asked_from_ = file_.size();
    // CURLOPT_RESUME_FROM would make an error of a server that gives no parts.
    if (asked_from_ > 0) set(CURLOPT_RANGE, fmt::format("{}-", asked_from_).c_str());
  }

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) try {
    static_cast<Transfer*>(self)->header_.add({bytes, size * count});
    return size * count;
  } catch (const std::exception&) {
    return 0;
  }

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.receive({reinterpret_cast<const std::uint8_t*>(bytes), size * count}) ? size * count : 0;
  }

  static int on_tick(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->request_.stop.stop_requested() ? 1 : 0;
  }

  /// Exceptions must not pass through libcurl.
  bool receive(std::span<const std::uint8_t> bytes) try {
    const auto done = begin().and_then([&] { return keep(bytes); });
    if (!done) error_ = done.error();
    return done.has_value();
  } catch (const std::exception& error) {
    error_ = Error{ErrorCode::kInternal, fmt::format("The download of {} failed ({}).", shown(), error.what())};
    return false;
  }

  /// Decides, once, where the first byte belongs.
  Result<void> begin() {
    if (begun_) return {};
    begun_ = true;
    if (status() == kPart && header_.part_from == file_.size()) return check_length();
    if (status() != kOk)
      return fail(ErrorCode::kIo, fmt::format("{} answered in a way that ViBa does not understand (HTTP status {}); "
                                              "check the address, or try another one.",
                                              shown(), status()));
    return file_.start_over().and_then([this] { return check_length(); });
  }

  Result<void> check_length() const {
    curl_off_t coming = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &coming);
    return check_size(file_.size() + static_cast<std::uint64_t>(std::max<curl_off_t>(coming, 0)));
  }

  Result<void> check_size(std::uint64_t size) const {
    if (size <= request_.most_bytes) return {};
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is larger than the {} bytes that it may have; it is not the right file.", shown(),
                            request_.most_bytes));
  }

  Result<void> keep(std::span<const std::uint8_t> bytes) {
    return check_size(file_.size() + bytes.size()).and_then([&] { return file_.append(bytes); }).map([&] {
      if (request_.progress) request_.progress(file_.size());
    });
  }

  [[nodiscard]] long status() const {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  [[nodiscard]] std::string shown() const { return shown_url(request_.url); }

  [[nodiscard]] Error error_of(CURLcode code) const;
  [[nodiscard]] Error error_of_status() const;
  [[nodiscard]] std::optional<Error> error_of_proxy(CURLcode code) const;

  const DownloadRequest& request_;
  ResumableFile& file_;
  Handle handle_;
  std::string words_ = std::string(CURL_ERROR_SIZE, '\0');  ///< libcurl's own, of an error
  ResponseHeader header_;
  std::uint64_t asked_from_ = 0;
  bool begun_ = false;
  std::optional<Error> error_;  ///< why we ended the transfer
};

Error Transfer::error_of_status() const {
  const long code = status();
  const auto host = host_of(shown());
  switch (code) {
    case 404:
    case 410:
      return {ErrorCode::kNotFound,
              fmt::format("There is no {} on the server; check the address, or try another one.", shown())};
    case 401:
    case 403:
      return {
          ErrorCode::kPermission,
          fmt::format("{} does not give out {} to everybody (HTTP status {}); check the address, or try another one.",
                      host, shown(), code)};
    case 407:
      return {ErrorCode::kIo, fmt::format("{} was not fetched because the proxy asks for a name and a password; give "
                                          "them as in https_proxy=http://NAME:PASSWORD@PROXY.",
                                          shown())};
    default:
      return {ErrorCode::kIo,
              fmt::format("{} could not give {} (HTTP status {}); try again later.", host, shown(), code)};
  }
}

std::optional<Error> Transfer::error_of_proxy(CURLcode code) const {
  long answer = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_HTTP_CONNECTCODE, &answer);
  if (code != CURLE_COULDNT_RESOLVE_PROXY && code != CURLE_PROXY && answer < 400) return std::nullopt;
  return Error{ErrorCode::kIo, fmt::format("{} was not fetched because the proxy {}; check the variables http_proxy, "
                                           "https_proxy, all_proxy and no_proxy.",
                                           shown(),
                                           answer >= 400 ? fmt::format("refused (HTTP status {})", answer)
                                                         : "could not be found or does not work")};
}

Error Transfer::error_of(CURLcode code) const {
  const auto host = host_of(shown());
  const auto io = [](std::string text) { return Error{ErrorCode::kIo, std::move(text)}; };
  if (auto error = error_of_proxy(code)) return *error;
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return {ErrorCode::kClosed, fmt::format("The download of {} was stopped.", shown())};
    case CURLE_HTTP_RETURNED_ERROR: return error_of_status();
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::kUsage, fmt::format("{} is no address that can be fetched; check it.", shown())};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
      return io(fmt::format("{} leads on to an address that ViBa does not follow; try another one.", shown()));
    case CURLE_COULDNT_RESOLVE_HOST:
      return io(
          fmt::format("{} was not fetched because no host {} was found; check the network connection and the "
                      "address.",
                      shown(), host));
    case CURLE_COULDNT_CONNECT:
      return io(
          fmt::format("{} was not fetched because no connection to {} could be made; check the network, the "
                      "address, and the proxy if you use one.",
                      shown(), host));
    case CURLE_OPERATION_TIMEDOUT:
      return io(
          fmt::format("{} was not fetched to its end because nothing more came from {}; check the network and try "
                      "again: what has come is kept.",
                      shown(), host));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return io(
          fmt::format("{} was not fetched because the connection to {} would not be safe ({}); check the clock of "
                      "this machine and that its certificates are installed (ca-certificates).",
                      shown(), host, words_.c_str()));
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return io(fmt::format("The connection to {} broke before {} was whole; try again: what has come is kept.", host,
                            shown()));
    default:
      return io(fmt::format("{} was not fetched ({}); check the network and the address.", shown(),
                            words_.front() != '\0' ? words_.c_str() : curl_easy_strerror(code)));
  }
}

}  // namespace

Result<Downloaded> download(const DownloadRequest& request) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return fail(ErrorCode::kInternal, "The library libcurl could not be made ready.");
  auto file = ResumableFile::open(request.path);
  if (!file) return tl::unexpected(file.error());
  // More than there can be is no beginning of it.
  if (auto ok = file->size() > request.most_bytes ? file->start_over() : Result<void>{}; !ok)
    return tl::unexpected(ok.error());
  for (int tries = 0; tries < 2; ++tries) {
    Transfer transfer(request, *file);
    const auto whole = transfer.run();
    if (!whole) return tl::unexpected(whole.error());
    if (*whole)
      return file->finish().map([&] {
        const auto& header = transfer.header();
        return Downloaded{.md5 = header.stored_encoded ? "" : header.md5};
      });
    if (auto ok = file->start_over(); !ok) return tl::unexpected(ok.error());
  }
  return fail(ErrorCode::kIo, fmt::format("{} could not be fetched to its end; try again, or another address.",
                                          shown_url(request.url)));
}

bool is_web_url(std::string_view text) {
  const auto scheme = lower(text.substr(0, 8));
  return scheme.starts_with("http://") || scheme == "https://";
}

std::string shown_url(std::string_view url) {
  const auto start = url.find("//");
  if (start == std::string_view::npos) return std::string(url);
  const auto end = url.find_first_of("/?#", start + 2);
  const auto at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return fmt::format("{}{}", url.substr(0, start + 2), url.substr(at + 1));
}

}  // namespace viba
