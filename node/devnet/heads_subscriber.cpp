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
constexpr std::string_view kSubscribeHeads =
    R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["heads"]})";
constexpr std::string_view kSubscribeDecisions =
    R"({"jsonrpc":"2.0","id":2,"method":"preconf_subscribe","params":["decisions"]})";

std::optional<core::BlockRef> ref_from(io::JsonValue value) {
  const auto number = io::as_lenient_u256(value.get("number"));
  const auto hash = io::as_fixed<32>(value.get("hash"));
  if (!number || !number->fits_u64() || !hash) return std::nullopt;
  return core::BlockRef{core::BlockNumber{number->low_u64()}, *hash};
}

}  // namespace

std::optional<NodeHeads> heads_in_notification(const std::string& text) {
  const auto document = io::JsonDocument::parse(text);
  if (!document) return std::nullopt;
  const io::JsonValue result = document->root().get("params").get("result");
  if (result.get("unsafe").missing()) return std::nullopt;
  return NodeHeads{ref_from(result.get("unsafe")), ref_from(result.get("safe")),
                   ref_from(result.get("finalized"))};
}

std::vector<NodeDecision> decisions_in_notification(const std::string& text) {
  const auto document = io::JsonDocument::parse(text);
  std::vector<NodeDecision> out;
  if (!document) return out;
  const io::JsonValue result = document->root().get("params").get("result");
  result.get("decisions").each_element([&out](io::JsonValue decision) {
    const auto verdict = decision.get("verdict").as_string();
    const auto number = decision.get("number").as_u64();
    if (verdict) {
      out.push_back({std::string(*verdict), core::BlockNumber{number.value_or(0)}});
    }
    return true;
  });
  return out;
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
    if (!error) stream.write(asio::buffer(kSubscribeHeads), error);
    if (!error && handlers.on_decision) stream.write(asio::buffer(kSubscribeDecisions), error);
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
      if (const auto heads = heads_in_notification(text)) {
        self->loop.post([self, heads = *heads] {
          if (!self->abandoned && self->handlers.on_heads) self->handlers.on_heads(heads);
        });
      }
      auto decisions = decisions_in_notification(text);
      if (decisions.empty()) continue;
      self->loop.post([self, decisions = std::move(decisions)] {
        for (const NodeDecision& decision : decisions) {
          if (!self->abandoned && self->handlers.on_decision) {
            self->handlers.on_decision(decision);
          }
        }
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
