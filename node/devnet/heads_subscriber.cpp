#include "node/devnet/heads_subscriber.hpp"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <charconv>
#include <mutex>
#include <optional>
#include <thread>

#include "io/json/eth_json.hpp"

namespace preconf::node::devnet {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t kMessageBytesMax = 1024 * 1024;
constexpr std::string_view kSubscribe =
    R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["heads"]})";

}  // namespace

std::optional<core::BlockRef> head_in_notification(const std::string& text) {
  const auto document = io::JsonDocument::parse(text);
  if (!document) return std::nullopt;
  const io::JsonValue head = document->root().get("params").get("result").get("unsafe");
  const auto number = io::as_lenient_u256(head.get("number"));
  const auto hash = io::as_fixed<32>(head.get("hash"));
  if (!number || !number->fits_u64() || !hash) return std::nullopt;
  return core::BlockRef{core::BlockNumber{number->low_u64()}, *hash};
}

/// Shared by the owner, the reading thread and what it posts to the loop.
struct HeadsSubscriber::Shared {
  io::EventLoop& loop;
  Handlers handlers;
  asio::io_context context;
  websocket::stream<asio::ip::tcp::socket> stream{context};
  std::mutex mutex;
  int descriptor = -1;     ///< guarded by mutex; -1 while not connected
  bool stopping = false;   ///< guarded by mutex
  bool abandoned = false;  ///< loop thread only
  std::thread reader;

  Shared(io::EventLoop& owner_loop, Handlers functions)
      : loop(owner_loop), handlers(std::move(functions)) {}

  [[nodiscard]] error_code connect(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    std::uint16_t port = 0;
    const std::string_view digits = address.substr(colon + 1);
    error_code error;
    if (colon == std::string_view::npos ||
        std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc{}) {
      return asio::error::invalid_argument;
    }
    const auto ip = asio::ip::make_address(std::string(address.substr(0, colon)), error);
    if (error) return error;
    stream.next_layer().connect({ip, port}, error);
    if (error) return error;
    {
      const std::lock_guard lock(mutex);
      if (stopping) return asio::error::operation_aborted;
      descriptor = stream.next_layer().native_handle();
    }
    stream.read_message_max(kMessageBytesMax);
    stream.handshake(std::string(address), "/", error);
    if (!error) stream.write(asio::buffer(kSubscribe), error);
    return error;
  }

  static void run(const std::shared_ptr<Shared>& self, const std::string& address) {
    error_code error = self->connect(address);
    boost::beast::flat_buffer buffer;
    while (!error) {
      self->stream.read(buffer, error);
      if (error) break;
      const std::string text = boost::beast::buffers_to_string(buffer.data());
      buffer.consume(buffer.size());
      const auto head = head_in_notification(text);
      if (!head) continue;
      self->loop.post([self, head = *head] {
        if (!self->abandoned && self->handlers.on_head) self->handlers.on_head(head);
      });
    }
    {
      const std::lock_guard lock(self->mutex);
      self->descriptor = -1;
    }
    self->loop.post([self, reason = error.message()] {
      if (!self->abandoned && self->handlers.on_end) self->handlers.on_end(reason);
    });
  }

  void stop() {
    const std::lock_guard lock(mutex);
    stopping = true;
    // Wakes the reading thread; the socket is closed with the stream.
    if (descriptor >= 0) ::shutdown(descriptor, SHUT_RDWR);
  }
};

HeadsSubscriber::HeadsSubscriber(io::EventLoop& loop, const std::string& address, Handlers handlers)
    : shared_(std::make_shared<Shared>(loop, std::move(handlers))) {
  shared_->reader = std::thread([shared = shared_, address] { Shared::run(shared, address); });
}

HeadsSubscriber::~HeadsSubscriber() {
  shared_->abandoned = true;
  shared_->stop();
  shared_->reader.join();
}

}  // namespace preconf::node::devnet
