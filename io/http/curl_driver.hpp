// libcurl's multi interface on an EventLoop, for sources of io/http only: curl says which
// descriptors and which delay it waits for, Asio waits.
#pragma once

#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "io/loop/event_loop.hpp"

namespace preconf::io {

class CurlDriver {
 public:
  /// Called for each transfer that ended, on the loop's thread.
  using Done = std::function<void(CURL* easy, CURLcode code)>;

  CurlDriver(EventLoop& loop, Done done);
  /// Requires that every added handle has been removed.
  ~CurlDriver();
  CurlDriver(const CurlDriver&) = delete;
  CurlDriver& operator=(const CurlDriver&) = delete;

  /// Starts from a timer: `done` never runs inside add().
  void add(CURL* easy);
  void remove(CURL* easy);

 private:
  using ErrorCode = boost::system::error_code;
  struct Socket {
    explicit Socket(boost::asio::io_context& context) : descriptor(context) {}
    boost::asio::posix::stream_descriptor descriptor;
    std::uint64_t generation = 0;
    bool want_read = false, want_write = false;
    bool reading = false, writing = false;  ///< a wait is pending
  };

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);

  void watch(curl_socket_t fd, int what);
  void wait(curl_socket_t fd, bool write);
  void ready(curl_socket_t fd, std::uint64_t generation, bool write, ErrorCode error);
  [[nodiscard]] Socket* find(curl_socket_t fd, std::uint64_t generation);
  void set_timer(long timeout_ms);
  void act(curl_socket_t fd, int events);

  boost::asio::io_context& context_;
  Done done_;
  CURLM* multi_ = nullptr;
  boost::asio::steady_timer timer_;
  std::uint64_t timer_generation_ = 0;
  std::uint64_t last_generation_ = 0;
  std::map<curl_socket_t, Socket> sockets_;
  /// Handlers that end late find out here that the driver is gone.
  std::shared_ptr<CurlDriver*> self_;
};

}  // namespace preconf::io
