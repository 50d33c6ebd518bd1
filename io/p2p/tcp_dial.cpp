// The dialing half of TcpLinks.
#include <boost/asio/post.hpp>
#include <utility>

#include "io/p2p/tcp_links_impl.hpp"

namespace preconf::io {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

tcp::endpoint endpoint_of(const wire::Multiaddr& address) {
  if (address.host == wire::HostKind::kIp4) {
    asio::ip::address_v4::bytes_type bytes{};
    std::copy_n(address.ip.begin(), bytes.size(), bytes.begin());
    return {asio::ip::address_v4(bytes), *address.tcp_port};
  }
  return {asio::ip::address_v6(address.ip), *address.tcp_port};
}

bool is_wanted(wire::HostKind host, const asio::ip::address& address) {
  return address.is_v4() ? host != wire::HostKind::kDns6 : host != wire::HostKind::kDns4;
}

wire::DialError dial_error(const error_code& error) {
  if (error == asio::error::connection_refused) return wire::DialError::kRefused;
  if (error == asio::error::timed_out) return wire::DialError::kTimeout;
  return wire::DialError::kUnreachable;
}

/// The dialed address with what its name was resolved to; the peer it names stays.
wire::Multiaddr resolved(const wire::Multiaddr& dialed, const tcp::endpoint& endpoint) {
  wire::Multiaddr out = dialed;
  out.name.clear();
  if (endpoint.address().is_v4()) {
    out.host = wire::HostKind::kIp4;
    out.ip = {};
    const auto bytes = endpoint.address().to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.ip.begin());
  } else {
    out.host = wire::HostKind::kIp6;
    out.ip = endpoint.address().to_v6().to_bytes();
  }
  return out;
}

}  // namespace

void TcpLinks::dial(wire::ConnId conn, const wire::Multiaddr& address) {
  auto& dialing =
      *impl_->dials.emplace(conn, std::make_unique<Impl::Dialing>(impl_->context, address))
           .first->second;
  dialing.deadline.expires_after(kDialTimeout);
  dialing.deadline.async_wait([impl = impl_.get(), conn](const error_code& error) {
    if (!error) impl->fail_dial(conn, wire::DialError::kTimeout);
  });
  asio::post(impl_->context, [impl = impl_.get(), conn] { impl->resolve(conn); });
}

void TcpLinks::Impl::resolve(wire::ConnId conn) {
  const auto found = dials.find(conn);
  if (found == dials.end()) return;
  Dialing& dialing = *found->second;
  const wire::Multiaddr& address = dialing.address;
  if (!address.tcp_port || address.host == wire::HostKind::kDnsaddr) {
    return fail_dial(conn, wire::DialError::kBadAddress);
  }
  if (!address.is_name()) {
    dialing.endpoints = {endpoint_of(address)};
    return connect_next(conn);
  }
  dialing.resolver.async_resolve(
      address.name, std::to_string(*address.tcp_port), tcp::resolver::numeric_service,
      [this, conn](const error_code& error, const tcp::resolver::results_type& results) {
        on_resolved(conn, error, results);
      });
}

void TcpLinks::Impl::on_resolved(wire::ConnId conn, const error_code& error,
                                 const tcp::resolver::results_type& results) {
  const auto found = dials.find(conn);
  if (found == dials.end()) return;
  Dialing& dialing = *found->second;
  if (!error) {
    for (const auto& entry : results) {
      if (dialing.endpoints.size() == kDialEndpointsMax) break;
      if (is_wanted(dialing.address.host, entry.endpoint().address())) {
        dialing.endpoints.push_back(entry.endpoint());
      }
    }
  }
  if (dialing.endpoints.empty()) return fail_dial(conn, wire::DialError::kResolve);
  connect_next(conn);
}

void TcpLinks::Impl::connect_next(wire::ConnId conn) {
  Dialing& dialing = *dials.at(conn);
  if (dialing.tried == dialing.endpoints.size()) return fail_dial(conn, dialing.error);
  const std::size_t attempt = dialing.tried++;
  dialing.socket = tcp::socket(context);
  dialing.socket.async_connect(
      dialing.endpoints[attempt],
      [this, conn, attempt](const error_code& error) { on_connected(conn, attempt, error); });
}

void TcpLinks::Impl::on_connected(wire::ConnId conn, std::size_t attempt, const error_code& error) {
  const auto found = dials.find(conn);
  if (found == dials.end() || found->second->tried != attempt + 1) return;
  if (error) {
    found->second->error = dial_error(error);
    return connect_next(conn);
  }
  const std::unique_ptr<Dialing> done = std::move(found->second);
  dials.erase(found);
  Link& link = add_link(conn, std::move(done->socket));
  wait_to_read(conn, link);
  user.dialed(conn, resolved(done->address, done->endpoints[attempt]));
}

void TcpLinks::Impl::fail_dial(wire::ConnId conn, wire::DialError error) {
  if (dials.erase(conn) != 0) user.dial_failed(conn, error);
}

}  // namespace preconf::io
