// An HTTP server that answers with whatever a test gives it; requests are kept.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "io/http/server.hpp"
#include "tests/io/support/loop_thread.hpp"

namespace preconf::io::test {

class StubHttp {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Status of what is not sent: the request waits for ever, as at a server that hangs.
  static constexpr unsigned kNoAnswer = 1;

  /// `handler` runs on the loop's thread.
  StubHttp(EventLoop& loop, Handler handler) {
    HttpHandlers handlers;
    handlers.on_request = [this, handler = std::move(handler)](const HttpRequest& request,
                                                               const HttpResponder& responder) {
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
      }
      HttpResponse response = handler(request);
      if (response.status != kNoAnswer) responder.respond(std::move(response));
    };
    HttpServerOptions options;
    options.limits.body_bytes_max = 32 * 1024 * 1024;
    server_ = std::make_unique<HttpServer>(loop, options, std::move(handlers));
    const auto port = server_->start();
    if (!port) throw std::runtime_error(port.error());
    url_ = "http://127.0.0.1:" + std::to_string(*port);
  }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::vector<HttpRequest> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

}  // namespace preconf::io::test
