#include "io/l1/head_subscription.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>

#include "io/loop/asio_loop.hpp"

namespace preconf::io::l1 {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t kMessageBytesMax = 256 * 1024;
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kIdleTimeout{60};  ///< pinged at half
constexpr std::chrono::seconds kPauseFirst{1};
constexpr std::chrono::seconds kPauseMax{30};
constexpr std::string_view kSubscribe =
    R"({"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]})";

}  // namespace

std::optional<WsAddress> parse_ws_url(std::string_view url) {
  constexpr std::string_view kScheme = "ws://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  WsAddress out;
  out.target = slash == url.size() ? "/" : std::string(url.substr(slash));
  out.port = "80";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    out.port = std::string(authority.substr(colon + 1));
    authority = authority.substr(0, colon);
  }
  const bool is_v6 = authority.size() > 2 && authority.front() == '[' && authority.back() == ']';
  if (is_v6) authority = authority.substr(1, authority.size() - 2);
  out.host = std::string(authority);
  const bool is_number =
      !out.port.empty() && out.port.size() <= 5 &&
      std::all_of(out.port.begin(), out.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (out.host.empty() || !is_number) return std::nullopt;
  return out;
}

struct HeadSubscription::Impl : std::enable_shared_from_this<HeadSubscription::Impl> {
  using Stream = websocket::stream<beast::tcp_stream>;

  Impl(asio::io_context& context_in, WsAddress address_in, Handlers handlers_in)
      : context(context_in),
        address(std::move(address_in)),
        handlers(std::move(handlers_in)),
        resolver(context_in),
        timer(context_in) {}

  void connect() {
    buffer.clear();
    stream = std::make_shared<Stream>(context);
    resolver.async_resolve(
        address.host, address.port,
        [self = shared_from_this()](error_code error, asio::ip::tcp::resolver::results_type found) {
          if (self->is_over(error)) return;
          beast::tcp_stream& tcp = beast::get_lowest_layer(*self->stream);
          tcp.expires_after(kConnectTimeout);
          tcp.async_connect(found, [self](error_code failure, const auto& /*endpoint*/) {
            if (!self->is_over(failure)) self->shake_hands();
          });
        });
  }

  void shake_hands() {
    beast::get_lowest_layer(*stream).expires_never();
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = kConnectTimeout;
    timeouts.idle_timeout = kIdleTimeout;
    timeouts.keep_alive_pings = true;
    stream->set_option(timeouts);
    stream->read_message_max(kMessageBytesMax);
    stream->async_handshake(address.host + ":" + address.port, address.target,
                            [self = shared_from_this(), kept = stream](error_code error) {
                              if (self->is_over(error)) return;
                              self->stream->async_write(
                                  asio::buffer(kSubscribe),
                                  [self, kept](error_code failure, std::size_t /*bytes*/) {
                                    if (!self->is_over(failure)) self->read();
                                  });
                            });
  }

  /// The answer to the subscription is a message, too: it stands from then on.
  void read() {
    stream->async_read(buffer, [self = shared_from_this(), kept = stream](error_code error,
                                                                          std::size_t /*bytes*/) {
      if (self->is_over(error)) return;
      self->buffer.consume(self->buffer.size());
      self->pause = kPauseFirst;
      self->tell(true, {});
      self->handlers.on_head();
      if (!self->is_abandoned) self->read();
    });
  }

  /// True: this connection is done; unless abandoned, another one is made after a pause.
  bool is_over(error_code error) {
    if (is_abandoned) return true;
    if (!error) return false;
    tell(false, error.message());
    error_code ignored;
    beast::get_lowest_layer(*stream).socket().close(ignored);
    timer.expires_after(pause);
    pause = std::min(2 * pause, kPauseMax);
    timer.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled && !self->is_abandoned) self->connect();
    });
    return true;
  }

  void tell(bool stands, const std::string& why_not) {
    if (told != stands) handlers.on_change(why_not);
    told = stands;
  }

  void abandon() {
    is_abandoned = true;
    resolver.cancel();
    timer.cancel();
    error_code ignored;
    if (stream) beast::get_lowest_layer(*stream).socket().close(ignored);
  }

  asio::io_context& context;
  const WsAddress address;
  const Handlers handlers;
  asio::ip::tcp::resolver resolver;
  asio::steady_timer timer;
  std::shared_ptr<Stream> stream;  ///< handlers of an old one may still come
  beast::flat_buffer buffer;
  std::chrono::seconds pause = kPauseFirst;
  bool is_abandoned = false;
  std::optional<bool> told;  ///< whether it stands
};

HeadSubscription::HeadSubscription(EventLoop& loop, const std::string& url, Handlers handlers) {
  auto address = parse_ws_url(url);
  if (!address) return;
  impl_ = std::make_shared<Impl>(loop.impl().context, std::move(*address), std::move(handlers));
  impl_->connect();
}

HeadSubscription::~HeadSubscription() {
  if (impl_) impl_->abandon();
}

}  // namespace preconf::io::l1
