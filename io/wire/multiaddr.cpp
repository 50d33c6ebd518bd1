#include "io/wire/multiaddr.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "core/base/assert.hpp"
#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using Read = core::Result<Multiaddr, MultiaddrError>;

constexpr std::uint64_t kTcpCode = 0x06;
constexpr std::uint64_t kP2pCode = 0x01a5;
constexpr std::size_t kIp4Bytes = 4;
constexpr std::size_t kIp6Bytes = 16;
constexpr std::size_t kCodeBytesMax = 4;

struct HostName {
  HostKind kind;
  std::string_view text;
};
constexpr HostName kHosts[] = {{HostKind::kIp4, "ip4"},   {HostKind::kIp6, "ip6"},
                               {HostKind::kDns, "dns"},   {HostKind::kDns4, "dns4"},
                               {HostKind::kDns6, "dns6"}, {HostKind::kDnsaddr, "dnsaddr"}};

std::optional<HostKind> host_of(std::string_view protocol) {
  for (const HostName& host : kHosts) {
    if (host.text == protocol) return host.kind;
  }
  return std::nullopt;
}

std::optional<HostKind> host_of(std::uint64_t code) {
  for (const HostName& host : kHosts) {
    if (static_cast<std::uint64_t>(host.kind) == code) return host.kind;
  }
  return std::nullopt;
}

/// RFC 1123 letters, digits, hyphens and dots, and the underscore that service names have.
bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kHostNameBytesMax) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '-' && c != '.' && c != '_') return false;
  }
  return true;
}

bool parse_ip(std::string_view text, int family, std::array<std::uint8_t, 16>& ip) {
  const std::string terminated(text);  // bounded by the text's own bound
  return inet_pton(family, terminated.c_str(), ip.data()) == 1;
}

bool set_host(Multiaddr& out, HostKind kind, std::string_view value) {
  out.host = kind;
  if (kind == HostKind::kIp4) return parse_ip(value, AF_INET, out.ip);
  if (kind == HostKind::kIp6) return parse_ip(value, AF_INET6, out.ip);
  out.name = value;
  return is_host_name(value);
}

bool set_port(Multiaddr& out, std::string_view value) {
  std::uint16_t port = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, port);
  out.tcp_port = port;
  return error == std::errc{} && stop == end && !value.empty();
}

/// Which parts of an address have been read: each may only follow the ones before it.
enum class Part : std::uint8_t { kNone, kHost, kTcp, kPeer };

/// Cuts "/a" off the front of `text`.
std::optional<std::string_view> take_segment(std::string_view& text) {
  if (text.empty() || text.front() != '/') return std::nullopt;
  text.remove_prefix(1);
  const std::size_t end = std::min(text.find('/'), text.size());
  const std::string_view segment = text.substr(0, end);
  text.remove_prefix(end);
  return segment;
}

std::optional<MultiaddrError> read_text_part(std::string_view& text, Multiaddr& out, Part& last) {
  const auto protocol = take_segment(text);
  if (!protocol) return MultiaddrError::kNotAnAddress;
  const auto host = host_of(*protocol);
  const bool tcp = *protocol == "tcp";
  const bool peer = *protocol == "p2p" || *protocol == "ipfs";
  if (!host && !tcp && !peer) return MultiaddrError::kUnknownProtocol;
  const auto value = take_segment(text);
  if (!value) return MultiaddrError::kMissingValue;
  const Part part = host ? Part::kHost : tcp ? Part::kTcp : Part::kPeer;
  if (part <= last || (host.has_value() != (last == Part::kNone))) {
    return MultiaddrError::kUnsupportedShape;
  }
  last = part;
  if (host)
    return set_host(out, *host, *value) ? std::nullopt : std::optional{MultiaddrError::kBadValue};
  if (tcp) {
    return set_port(out, *value) ? std::nullopt : std::optional{MultiaddrError::kBadValue};
  }
  const auto id = parse_peer_id(*value);
  if (!id) return MultiaddrError::kBadValue;
  out.peer = *id;
  return std::nullopt;
}

/// Takes `size` bytes off the front of `in`.
std::optional<BytesView> take(BytesView& in, std::size_t size) {
  if (size > in.size()) return std::nullopt;
  const BytesView taken = in.first(size);
  in = in.subspan(size);
  return taken;
}

std::optional<BytesView> take_sized(BytesView& in) {
  const auto size = read_uvarint(in, kCodeBytesMax);
  if (!size) return std::nullopt;
  in = in.subspan(size->size);
  return take(in, static_cast<std::size_t>(size->value));
}

std::optional<MultiaddrError> read_host(BytesView& in, HostKind kind, Multiaddr& out) {
  out.host = kind;
  const bool is_ip = kind == HostKind::kIp4 || kind == HostKind::kIp6;
  const auto value =
      is_ip ? take(in, kind == HostKind::kIp4 ? kIp4Bytes : kIp6Bytes) : take_sized(in);
  if (!value) return MultiaddrError::kMissingValue;
  if (is_ip) {
    std::copy(value->begin(), value->end(), out.ip.begin());
    return std::nullopt;
  }
  out.name = as_text(*value);
  if (!is_host_name(out.name)) return MultiaddrError::kBadValue;
  return std::nullopt;
}

std::optional<MultiaddrError> read_part(BytesView& in, Multiaddr& out, Part& last) {
  const auto code = read_uvarint(in, kCodeBytesMax);
  if (!code) return MultiaddrError::kUnknownProtocol;
  in = in.subspan(code->size);
  const auto host = host_of(code->value);
  const bool tcp = code->value == kTcpCode;
  if (!host && !tcp && code->value != kP2pCode) return MultiaddrError::kUnknownProtocol;
  const Part part = host ? Part::kHost : tcp ? Part::kTcp : Part::kPeer;
  if (part <= last || (host.has_value() != (last == Part::kNone))) {
    return MultiaddrError::kUnsupportedShape;
  }
  last = part;
  if (host) return read_host(in, *host, out);
  const auto value = tcp ? take(in, 2) : take_sized(in);
  if (!value) return MultiaddrError::kMissingValue;
  if (tcp) {
    out.tcp_port = static_cast<std::uint16_t>(((*value)[0] << 8) | (*value)[1]);
    return std::nullopt;
  }
  const auto id = peer_id_from_bytes(*value);
  if (!id) return MultiaddrError::kBadValue;
  out.peer = *id;
  return std::nullopt;
}

void put_sized(Bytes& out, BytesView value) {
  put_uvarint(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

}  // namespace

Read parse_multiaddr(std::string_view text) {
  if (text.size() > limits::kMultiaddrBytesMax) return core::Unexpected{MultiaddrError::kTooLong};
  if (text.empty()) return core::Unexpected{MultiaddrError::kNotAnAddress};
  Multiaddr out;
  Part last = Part::kNone;
  while (!text.empty()) {
    if (const auto error = read_text_part(text, out, last)) return core::Unexpected{*error};
  }
  return out;
}

Read decode_multiaddr(BytesView bytes) {
  if (bytes.size() > limits::kMultiaddrBytesMax) return core::Unexpected{MultiaddrError::kTooLong};
  if (bytes.empty()) return core::Unexpected{MultiaddrError::kNotAnAddress};
  Multiaddr out;
  Part last = Part::kNone;
  while (!bytes.empty()) {
    if (const auto error = read_part(bytes, out, last)) return core::Unexpected{*error};
  }
  return out;
}

std::string host_text(const Multiaddr& address) {
  if (address.is_name()) return address.name;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.host == HostKind::kIp4 ? AF_INET : AF_INET6;
  PRECONF_ASSERT(inet_ntop(family, address.ip.data(), text.data(), text.size()) != nullptr);
  return text.data();
}

std::string to_text(const Multiaddr& address) {
  std::string out;
  for (const HostName& host : kHosts) {
    if (host.kind != address.host) continue;
    out.append("/").append(host.text).append("/").append(host_text(address));
  }
  if (address.tcp_port) out.append("/tcp/").append(std::to_string(*address.tcp_port));
  if (!address.peer.empty()) out.append("/p2p/").append(to_text(address.peer));
  return out;
}

Bytes encode(const Multiaddr& address) {
  Bytes out;
  put_uvarint(out, static_cast<std::uint64_t>(address.host));
  if (address.is_name()) {
    put_sized(out, as_bytes(address.name));
  } else {
    const std::size_t size = address.host == HostKind::kIp4 ? kIp4Bytes : kIp6Bytes;
    out.insert(out.end(), address.ip.begin(), address.ip.begin() + static_cast<long>(size));
  }
  if (address.tcp_port) {
    put_uvarint(out, kTcpCode);
    out.push_back(static_cast<std::uint8_t>(*address.tcp_port >> 8));
    out.push_back(static_cast<std::uint8_t>(*address.tcp_port & 0xff));
  }
  if (!address.peer.empty()) {
    put_uvarint(out, kP2pCode);
    put_sized(out, address.peer.view());
  }
  return out;
}

}  // namespace preconf::io::wire
