// Multiaddrs: self-describing addresses, as text (/ip4/10.0.0.1/tcp/9000/p2p/12D3KooW...) and as
// bytes. Of the many that exist only the ones that this node can listen on or dial have a value.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "io/wire/peer_id.hpp"

namespace preconf::io::wire {

/// The first part of an address. Numbers are the multicodec codes.
enum class HostKind : std::uint8_t {
  kIp4 = 0x04,
  kIp6 = 0x29,
  kDns = 0x35,   ///< a name with addresses of either family
  kDns4 = 0x36,  ///< a name, IPv4 addresses only
  kDns6 = 0x37,
  kDnsaddr = 0x38,  ///< a name whose TXT records are multiaddrs
};

enum class MultiaddrError : std::uint8_t {
  kTooLong,           ///< above the bound of the form
  kNotAnAddress,      ///< text that does not begin with '/', or no bytes at all
  kUnknownProtocol,   ///< a protocol that is not of host, tcp, p2p
  kMissingValue,      ///< the address ends inside a part
  kBadValue,          ///< no IP address, name, port or peer id
  kUnsupportedShape,  ///< known parts in another order than host, tcp, p2p
};

/// host [ /tcp/port [ /p2p/id ] ], or only /p2p/id behind a host. A plain value.
struct Multiaddr {
  HostKind host = HostKind::kIp4;
  std::array<std::uint8_t, 16> ip{};  ///< network order; IPv4 in the first four; zero for names
  std::string name;                   ///< host name of the dns kinds; else empty
  std::optional<std::uint16_t> tcp_port;
  PeerId peer;  ///< empty: any peer is welcome at the address

  [[nodiscard]] bool is_name() const { return host >= HostKind::kDns; }
  friend bool operator==(const Multiaddr&, const Multiaddr&) = default;
  friend auto operator<=>(const Multiaddr&, const Multiaddr&) = default;
};

/// Reads the text form; "/ipfs/" is the older name of "/p2p/". At most 512 characters.
[[nodiscard]] core::Result<Multiaddr, MultiaddrError> parse_multiaddr(std::string_view text);
/// Reads the binary form, at most 512 bytes, all of them.
[[nodiscard]] core::Result<Multiaddr, MultiaddrError> decode_multiaddr(core::BytesView bytes);

/// The canonical text (RFC 5952 for IPv6).
[[nodiscard]] std::string to_text(const Multiaddr& address);
[[nodiscard]] core::Bytes encode(const Multiaddr& address);

/// "1.2.3.4", "2001:db8::1", or the name.
[[nodiscard]] std::string host_text(const Multiaddr& address);

}  // namespace preconf::io::wire
