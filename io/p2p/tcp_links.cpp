#include "io/p2p/tcp_links.hpp"

#include <boost/asio/buffer.hpp>
#include <utility>

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
      pump(*conn);
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
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    Link* link = find(conn);
    if (link == nullptr || link->is_farewell) return;
    error_code error;
    const std::size_t size = link->socket.read_some(asio::buffer(read_buffer), error);
    if (error == asio::error::would_block || error == asio::error::try_again) break;
    if (error) return break_link(conn);
    user.received(conn, core::BytesView{read_buffer}.first(size));
    if (size < read_buffer.size()) break;
  }
  if (Link* link = find(conn); link != nullptr && !link->is_farewell) wait_to_read(conn, *link);
}

/// The transport failed or was closed by the other side.
void TcpLinks::Impl::break_link(wire::ConnId conn) {
  const auto found = links.find(conn);
  if (found == links.end()) return;
  const bool is_farewell = found->second->is_farewell;
  links.erase(found);
  farewells.erase(conn);
  if (!is_farewell) user.closed(conn);
}

/// Writes until the user has no more or the socket is full.
void TcpLinks::Impl::pump(wire::ConnId conn) {
  Link* link = find(conn);
  if (link == nullptr || link->is_writing || link->write_waits) return;
  link->is_writing = true;
  bool goes_on = true;
  for (int turn = 0; goes_on && turn < kWritesPerTurn; ++turn) {
    goes_on = write_some(conn, *link);
    link = find(conn);  // the user may have closed it, or the other side
    if (link == nullptr) return;
  }
  link->is_writing = false;
  if (goes_on) wait_to_write(conn, *link);
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
    pump(conn);
  });
}

void TcpLinks::output_ready(wire::ConnId conn) {
  Impl::Link* link = impl_->find(conn);
  if (link == nullptr || link->is_farewell) return;
  link->has_output = true;
  impl_->pump(conn);
}

void TcpLinks::close(wire::ConnId conn, bool at_once) {
  impl_->dials.erase(conn);
  Impl::Link* link = impl_->find(conn);
  if (link == nullptr) return;
  if (at_once || link->written == link->output.size()) {
    impl_->links.erase(conn);
    return;
  }
  impl_->say_farewell(conn, *link);
}

void TcpLinks::Impl::say_farewell(wire::ConnId conn, Link& link) {
  link.is_farewell = true;
  link.has_output = false;
  auto& timer =
      farewells.emplace(conn, asio::steady_timer(context, kFarewellTimeout)).first->second;
  timer.async_wait([this, conn](const error_code& error) {
    if (!error) break_link(conn);
  });
}

}  // namespace preconf::io
