#include "io/http/http_client.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "core/base/assert.hpp"
#include "io/http/curl_driver.hpp"

namespace preconf::io {
namespace {

constexpr std::size_t kDateBytesMax = 64;

std::string_view trim(std::string_view text) {
  const std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// One call in progress.
struct Transfer {
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  HttpClient::Callback callback;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string body;  ///< of the request; curl reads it in place
  std::size_t response_bytes_max = 0;
  bool too_large = false;
  HttpResult result;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto* const transfer = static_cast<Transfer*>(context);
  const std::size_t bytes = size * count;
  if (bytes > transfer->response_bytes_max - transfer->result.body.size()) {
    transfer->too_large = true;
    return 0;
  }
  transfer->result.body.append(data, bytes);
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto* const transfer = static_cast<Transfer*>(context);
  const std::string_view line(data, size * count);
  const auto keep = [line](std::string_view name, std::string& to) {
    if (line.size() <= name.size()) return;
    if (curl_strnequal(line.data(), name.data(), name.size()) == 0) return;
    to = std::string(trim(line.substr(name.size())).substr(0, kDateBytesMax));
  };
  keep("date:", transfer->result.date);
  keep("retry-after:", transfer->result.retry_after);
  return line.size();
}

/// No byte of the request left when curl never got to send one.
bool request_may_have_left(CURL* easy) {
  long request_bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
  return request_bytes > 0;
}

HttpFailure failure_of(CURLcode code, const Transfer& transfer) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::kNone;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::kTimeout;
    case CURLE_FILESIZE_EXCEEDED:
      return HttpFailure::kTooLarge;
    case CURLE_WRITE_ERROR:
      return transfer.too_large ? HttpFailure::kTooLarge : HttpFailure::kConnectionLost;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return HttpFailure::kConnect;
    case CURLE_WEIRD_SERVER_REPLY:
      return HttpFailure::kNotHttp;
    case CURLE_UNSUPPORTED_PROTOCOL:  // also what curl calls an answer without a status line
      return request_may_have_left(transfer.easy) ? HttpFailure::kNotHttp : HttpFailure::kConnect;
    default:
      return HttpFailure::kConnectionLost;
  }
}

void set_options(const HttpCall& call, Transfer& transfer) {
  CURL* const easy = transfer.easy;
  for (const auto& [name, value] : call.headers) {
    transfer.headers = curl_slist_append(transfer.headers, (name + ": " + value).c_str());
  }
  // An empty Expect: do not wait a second for "100 Continue" before a large body.
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");

  curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  if (call.post) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(transfer.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(call.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.total_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(call.response_bytes_max));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
}

void fill_result(Transfer& transfer, CURLcode code) {
  using core::events::Certainty;
  HttpResult& result = transfer.result;
  result.failure = failure_of(code, transfer);
  if (result.failure == HttpFailure::kNone) {
    result.certainty = Certainty::kAnswered;
  } else {
    result.certainty =
        request_may_have_left(transfer.easy) ? Certainty::kUnknown : Certainty::kNotSent;
    result.detail = curl_easy_strerror(code);
    result.body.clear();
  }
  long status = 0;
  long connects = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer.easy, CURLINFO_NUM_CONNECTS, &connects);
  result.status = static_cast<unsigned>(status);
  result.reused_connection = connects == 0;
  const auto elapsed = std::chrono::steady_clock::now() - transfer.began;
  result.elapsed_us = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
}

}  // namespace

struct HttpClient::Impl {
  explicit Impl(EventLoop& loop)
      : driver(loop, [this](CURL* easy, CURLcode code) { finish(easy, code); }) {}
  ~Impl() {
    for (const auto& [easy, transfer] : transfers) driver.remove(easy);
  }

  void finish(CURL* easy, CURLcode code) {
    const auto found = transfers.find(easy);
    if (found == transfers.end()) return;
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    transfers.erase(found);
    driver.remove(easy);
    fill_result(*transfer, code);
    transfer->callback(std::move(transfer->result));  // may destroy the client
  }

  CurlDriver driver;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
};

HttpClient::HttpClient(EventLoop& loop) : impl_(std::make_unique<Impl>(loop)) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(HttpCall call, Callback callback) {
  auto transfer = std::make_unique<Transfer>();
  CURL* const easy = curl_easy_init();
  PRECONF_ASSERT(easy != nullptr);
  transfer->easy = easy;
  transfer->callback = std::move(callback);
  transfer->body = std::move(call.body);
  transfer->response_bytes_max = call.response_bytes_max;
  set_options(call, *transfer);
  impl_->transfers.emplace(easy, std::move(transfer));
  impl_->driver.add(easy);
}

const char* name_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kNone:
      return "none";
    case HttpFailure::kConnect:
      return "connect";
    case HttpFailure::kTimeout:
      return "timeout";
    case HttpFailure::kConnectionLost:
      return "connection_lost";
    case HttpFailure::kTooLarge:
      return "too_large";
    case HttpFailure::kNotHttp:
      return "not_http";
  }
  return "unknown";
}

}  // namespace preconf::io
