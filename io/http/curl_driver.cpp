#include "io/http/curl_driver.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "io/loop/asio_loop.hpp"

namespace preconf::io {

namespace asio = boost::asio;

namespace {

/// Idle connections kept for reuse, over all hosts.
constexpr long kIdleConnectionsMax = 16;

void init_curl_once() {
  static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
  PRECONF_ASSERT(kDone == CURLE_OK);
}

}  // namespace

CurlDriver::CurlDriver(EventLoop& loop, Done done)
    : context_(loop.impl().context),
      done_(std::move(done)),
      timer_(context_),
      self_(std::make_shared<CurlDriver*>(this)) {
  init_curl_once();
  multi_ = curl_multi_init();
  PRECONF_ASSERT(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlDriver::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlDriver::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
}

CurlDriver::~CurlDriver() {
  *self_ = nullptr;
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  for (auto& [fd, socket] : sockets_) socket.descriptor.release();
  sockets_.clear();
  curl_multi_cleanup(multi_);
}

void CurlDriver::add(CURL* easy) { curl_multi_add_handle(multi_, easy); }

void CurlDriver::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

int CurlDriver::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  static_cast<CurlDriver*>(self)->watch(fd, what);
  return 0;
}

void CurlDriver::watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    const auto found = sockets_.find(fd);
    if (found == sockets_.end()) return;
    found->second.descriptor.release();  // curl owns the descriptor and keeps or closes it
    sockets_.erase(found);
    return;
  }
  auto [entry, inserted] = sockets_.try_emplace(fd, context_);
  Socket& socket = entry->second;
  if (inserted) {
    ErrorCode error;
    socket.generation = ++last_generation_;
    socket.descriptor.assign(fd, error);
    if (error) {  // the transfer then ends by its timeout
      sockets_.erase(entry);
      return;
    }
  }
  socket.want_read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  socket.want_write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  if (socket.want_read && !socket.reading) wait(fd, false);
  if (socket.want_write && !socket.writing) wait(fd, true);
}

void CurlDriver::wait(curl_socket_t fd, bool write) {
  Socket& socket = sockets_.at(fd);
  (write ? socket.writing : socket.reading) = true;
  socket.descriptor.async_wait(
      write ? asio::posix::descriptor_base::wait_write : asio::posix::descriptor_base::wait_read,
      [alive = self_, fd, write, generation = socket.generation](ErrorCode error) {
        if (*alive != nullptr) (*alive)->ready(fd, generation, write, error);
      });
}

CurlDriver::Socket* CurlDriver::find(curl_socket_t fd, std::uint64_t generation) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end() || found->second.generation != generation) return nullptr;
  return &found->second;
}

void CurlDriver::ready(curl_socket_t fd, std::uint64_t generation, bool write, ErrorCode error) {
  Socket* socket = find(fd, generation);
  if (socket == nullptr) return;  // of the descriptor number's earlier life
  (write ? socket->writing : socket->reading) = false;
  if (!(write ? socket->want_write : socket->want_read)) return;
  const std::shared_ptr<CurlDriver*> alive = self_;
  act(fd, error ? CURL_CSELECT_ERR : write ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
  if (*alive == nullptr || error) return;
  socket = find(fd, generation);
  if (socket == nullptr) return;
  if (!write && socket->want_read && !socket->reading) wait(fd, false);
  if (write && socket->want_write && !socket->writing) wait(fd, true);
}

int CurlDriver::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlDriver*>(self)->set_timer(timeout_ms);
  return 0;
}

void CurlDriver::set_timer(long timeout_ms) {
  const std::uint64_t generation = ++timer_generation_;
  timer_.cancel();
  if (timeout_ms < 0) return;
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait([alive = self_, generation](ErrorCode error) {
    if (error || *alive == nullptr || (*alive)->timer_generation_ != generation) return;
    (*alive)->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlDriver::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  const std::shared_ptr<CurlDriver*> alive = self_;
  int left = 0;
  while (*alive != nullptr) {  // `done_` may destroy this
    CURLMsg* const message = curl_multi_info_read(multi_, &left);
    if (message == nullptr) return;
    if (message->msg == CURLMSG_DONE) done_(message->easy_handle, message->data.result);
  }
}

}  // namespace preconf::io
