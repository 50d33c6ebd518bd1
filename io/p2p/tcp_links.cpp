#include "io/p2p/tcp_links.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/loop/asio_loop.hpp"
#include "io/p2p/tcp_links_impl.hpp"

namespace preconf::io {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

wire::Multiaddr multiaddr_of(const tcp::endpoint& endpoint) {
  wire::Multiaddr out;
  asio::ip::address address = endpoint.address();
  // A socket for both families shows IPv4 peers as mapped addresses.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.ip.begin());
  } else {
    out.host = wire::HostKind::kIp6;
    out.ip = address.to_v6().to_bytes();
  }
  out.tcp_port = endpoint.port();
  return out;
}

std::uint64_t now_micros() { return mono_now().value / 1'000; }

}  // namespace

TcpLinks::Impl::Impl(EventLoop& loop, TcpLinksUser& receiver)
    : context(loop.impl().context), user(receiver), accept_pause(context) {}

TcpLinks::TcpLinks(EventLoop& loop, TcpLinksUser& user)
    : impl_(std::make_unique<Impl>(loop, user)) {}
TcpLinks::~TcpLinks() = default;

std::size_t TcpLinks::size() const { return impl_->links.size(); }

core::Result<TcpLinks::Listening, std::string> TcpLinks::listen(const std::string& address,
                                                                std::uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return core::Unexpected{"bad listen address " + address};
  const tcp::endpoint endpoint(ip, port);
  tcp::acceptor acceptor(impl_->context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kListenBacklog, error);
  if (error) {
    return core::Unexpected{"can not listen on " + address + " port " + std::to_string(port) +
                            ": " + error.message()};
  }
  const Listening bound{address, acceptor.local_endpoint().port()};
  impl_->acceptor.emplace(std::move(acceptor));
  impl_->accept_next();
  return bound;
}

void TcpLinks::stop_listening() {
  impl_->acceptor.reset();
  impl_->accept_pause.cancel();
}

void TcpLinks::Impl::accept_next() {
  acceptor->async_accept(
      [this](const error_code& error, tcp::socket socket) { on_accept(error, std::move(socket)); });
}

void TcpLinks::Impl::on_accept(const error_code& error, tcp::socket socket) {
  if (!acceptor) return;
  if (error) {
    accept_pause.expires_after(kAcceptPause);
    accept_pause.async_wait([this](const error_code&) {
      if (acceptor) accept_next();
    });
    return;
  }
  error_code gone;
  const tcp::endpoint remote = socket.remote_endpoint(gone);
  if (!gone) {
    if (const auto conn = user.accepted(multiaddr_of(remote))) {
      Link& link = add_link(*conn, std::move(socket));
      wait_to_read(*conn, link);
    }
  }
  if (acceptor) accept_next();
}

TcpLinks::Impl::Link& TcpLinks::Impl::add_link(wire::ConnId conn, tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  return *links.emplace(conn, std::make_unique<Link>(std::move(socket))).first->second;
}

TcpLinks::Impl::Link* TcpLinks::Impl::find(wire::ConnId conn) {
  const auto found = links.find(conn);
  return found == links.end() ? nullptr : found->second.get();
}

void TcpLinks::Impl::wait_to_read(wire::ConnId conn, Link& link) {
  link.socket.async_wait(tcp::socket::wait_read,
                         [this, conn](const error_code& error) { on_readable(conn, error); });
}

void TcpLinks::Impl::on_readable(wire::ConnId conn, const error_code& wait_error) {
  if (wait_error == asio::error::operation_aborted) return;
  const Link* link = find(conn);
  if (link == nullptr || link->is_farewell) return;
  reads.ready(conn, now_micros(), user.is_trusted(conn));
  pass_soon();
}

/// Reading and writing is a function of its own on the loop, so that all sockets that became ready
/// meanwhile have been told of: they are served in the order of their turns.
void TcpLinks::Impl::pass_soon() {
  if (std::exchange(is_pass_posted, true)) return;
  asio::post(context, [this] {
    is_pass_posted = false;
    read_pass();
    write_pass();
    if (!reads.empty() || !writes.empty()) pass_soon();
  });
}

void TcpLinks::Impl::read_pass() {
  const std::uint64_t start = now_micros();
  std::size_t bytes = 0;
  while (bytes < kReadBytesPerPass && now_micros() - start < kMicrosPerPass) {
    const auto turn = reads.next();
    if (!turn) return;
    bytes += read_turn(*turn);
  }
}

void TcpLinks::Impl::write_pass() {
  const std::uint64_t start = now_micros();
  while (now_micros() - start < kMicrosPerPass) {
    const auto turn = writes.next();
    if (!turn) return;
    write_turn(turn->conn);
  }
}

std::size_t TcpLinks::Impl::read_turn(const FairTurns::Turn& turn) {
  Link* link = find(turn.conn);
  if (link == nullptr || link->is_farewell) return 0;
  const std::uint64_t start = now_micros();
  error_code error;
  const std::size_t size = link->socket.read_some(asio::buffer(read_buffer, turn.bytes_max), error);
  const bool is_dry = error == asio::error::would_block || error == asio::error::try_again;
  if (error && !is_dry) {
    break_link(turn.conn);
    return 0;
  }
  if (size > 0) user.received(turn.conn, core::BytesView{read_buffer}.first(size));
  const std::uint64_t end = now_micros();
  reads.charge(turn.conn, size, end - start, end);
  link = find(turn.conn);
  if (link == nullptr || link->is_farewell) return size;
  if (size == turn.bytes_max) {
    reads.ready(turn.conn, end, user.is_trusted(turn.conn));
  } else {
    wait_to_read(turn.conn, *link);
  }
  return size;
}

void TcpLinks::Impl::erase_link(wire::ConnId conn) {
  reads.forget(conn);
  writes.forget(conn);
  links.erase(conn);
}

/// The transport failed or was closed by the other side.
void TcpLinks::Impl::break_link(wire::ConnId conn) {
  const auto found = links.find(conn);
  if (found == links.end()) return;
  const bool is_farewell = found->second->is_farewell;
  erase_link(conn);
  farewells.erase(conn);
  if (!is_farewell) user.closed(conn);
}

void TcpLinks::Impl::write_soon(wire::ConnId conn, const Link& link) {
  if (link.write_waits) return;
  writes.ready(conn, now_micros(), !link.is_farewell && user.is_trusted(conn));
  pass_soon();
}

void TcpLinks::Impl::write_turn(wire::ConnId conn) {
  Link* link = find(conn);
  if (link == nullptr || link->write_waits) return;
  const std::uint64_t start = now_micros();
  const bool goes_on = write_some(conn, *link);
  const std::uint64_t end = now_micros();
  writes.charge(conn, 0, end - start, end);
  link = find(conn);  // the user may have closed it, or the other side
  if (link != nullptr && goes_on) write_soon(conn, *link);
}

/// One piece. True when there may be more to write and room for it.
bool TcpLinks::Impl::write_some(wire::ConnId conn, Link& link) {
  if (link.written == link.output.size()) {
    link.output.clear();
    link.written = 0;
    if (link.is_farewell) {
      break_link(conn);
      return false;
    }
    if (!link.has_output) {
      link.output = core::Bytes();  // an idle link holds no memory
      return false;
    }
    link.has_output = false;  // before asking: output_ready() may be called from within
    const bool taken = user.take_output(conn, link.output);
    Link* same = find(conn);
    if (same == nullptr) return false;
    if (!taken) return true;
    same->has_output = true;
  }
  error_code error;
  const core::BytesView rest = core::BytesView{link.output}.subspan(link.written);
  link.written += link.socket.write_some(asio::buffer(rest.data(), rest.size()), error);
  if (error == asio::error::would_block || error == asio::error::try_again) {
    wait_to_write(conn, link);
    return false;
  }
  if (error) {
    break_link(conn);
    return false;
  }
  return true;
}

void TcpLinks::Impl::wait_to_write(wire::ConnId conn, Link& link) {
  link.write_waits = true;
  link.socket.async_wait(tcp::socket::wait_write, [this, conn](const error_code& error) {
    Link* found = find(conn);
    if (found == nullptr || error == asio::error::operation_aborted) return;
    found->write_waits = false;
    write_soon(conn, *found);
  });
}

void TcpLinks::output_ready(wire::ConnId conn) {
  Impl::Link* link = impl_->find(conn);
  if (link == nullptr || link->is_farewell) return;
  link->has_output = true;
  impl_->write_soon(conn, *link);
}

void TcpLinks::close(wire::ConnId conn, bool at_once) {
  impl_->dials.erase(conn);
  Impl::Link* link = impl_->find(conn);
  if (link == nullptr) return;
  if (at_once || link->written == link->output.size()) {
    impl_->erase_link(conn);
    return;
  }
  impl_->say_farewell(conn, *link);
}

void TcpLinks::Impl::say_farewell(wire::ConnId conn, Link& link) {
  link.is_farewell = true;
  link.has_output = false;
  write_soon(conn, link);
  auto& timer =
      farewells.emplace(conn, asio::steady_timer(context, kFarewellTimeout)).first->second;
  timer.async_wait([this, conn](const error_code& error) {
    if (!error) break_link(conn);
  });
}

}  // namespace preconf::io
