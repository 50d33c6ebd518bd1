#include "node/config/p2p_settings.hpp"

#include "io/wire/enr.hpp"
#include "node/config.hpp"

namespace preconf::node {
namespace {

using io::wire::EnrError;
using io::wire::HostKind;
using io::wire::Multiaddr;
using io::wire::MultiaddrError;
using Peers = core::Result<std::vector<Multiaddr>, std::string>;
using Peer = core::Result<Multiaddr, std::string>;

/// Entries of one list; more is a mistake, and limits of connections are below it.
constexpr std::size_t kPeersMax = 128;

const char* describe(MultiaddrError error) {
  switch (error) {
    case MultiaddrError::kTooLong:
      return "too long";
    case MultiaddrError::kNotAnAddress:
      return "not a multiaddr (as /ip4/1.2.3.4/tcp/9000)";
    case MultiaddrError::kUnknownProtocol:
      return "only ip4, ip6, dns, dns4, dns6, tcp and p2p are spoken";
    case MultiaddrError::kMissingValue:
      return "a part without its value";
    case MultiaddrError::kBadValue:
      return "a value that is no address, name, port or peer id";
    case MultiaddrError::kUnsupportedShape:
      return "want host, then tcp, then p2p";
  }
  return "not a multiaddr (as /ip4/1.2.3.4/tcp/9000)";
}

const char* describe(EnrError error) {
  switch (error) {
    case EnrError::kNotAnEnr:
      return "not a node record";
    case EnrError::kMalformed:
      return "a malformed node record";
    case EnrError::kUnknownScheme:
      return "a node record of another identity scheme than v4";
    case EnrError::kBadSignature:
      return "a node record with a bad signature";
    case EnrError::kNoTcpAddress:
      return "a node record without IP address and TCP port: there is no discovery to find them";
  }
  return "not a node record";
}

Peer parse_peer(std::string_view text) {
  auto address = io::wire::parse_multiaddr(text);
  if (!address) return core::Unexpected{std::string(describe(address.error()))};
  if (address->host == HostKind::kDnsaddr) {
    return core::Unexpected{std::string("dnsaddr is not resolved by this version")};
  }
  if (!address->tcp_port || *address->tcp_port == 0) {
    return core::Unexpected{std::string("a TCP port is missing")};
  }
  return std::move(*address);
}

Peer parse_bootnode(std::string_view text) {
  if (!text.starts_with("enr:")) return parse_peer(text);
  auto enr = io::wire::parse_enr(text);
  if (!enr) return core::Unexpected{std::string(describe(enr.error()))};
  return std::move(enr->address);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

Peers parse_list(std::string_view text, Peer (*parse_entry)(std::string_view)) {
  std::vector<Multiaddr> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view entry = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (entry.empty()) continue;
    if (out.size() == kPeersMax) {
      return core::Unexpected{"more than " + std::to_string(kPeersMax) + " peers"};
    }
    auto peer = parse_entry(entry);
    if (!peer) return core::Unexpected{"\"" + std::string(entry) + "\": " + peer.error()};
    out.push_back(std::move(*peer));
  }
  return out;
}

}  // namespace

std::optional<Multiaddr> parse_p2p_address(std::string_view text) {
  if (const auto listen = parse_listen_address(text)) {
    const bool is_v6 = listen->host.find(':') != std::string::npos;
    const auto address = io::wire::parse_multiaddr((is_v6 ? "/ip6/" : "/ip4/") + listen->host +
                                                   "/tcp/" + std::to_string(listen->port));
    if (address) return *address;
    return std::nullopt;
  }
  auto address = io::wire::parse_multiaddr(text);
  if (!address || address->is_name() || !address->tcp_port || !address->peer.empty()) {
    return std::nullopt;
  }
  return std::move(*address);
}

Peers parse_peers(std::string_view text) { return parse_list(text, parse_peer); }
Peers parse_bootnodes(std::string_view text) { return parse_list(text, parse_bootnode); }

}  // namespace preconf::node
