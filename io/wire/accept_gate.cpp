#include "io/wire/accept_gate.hpp"

#include <algorithm>

namespace preconf::io::wire {
namespace {

constexpr std::uint64_t kMicrosPerSecond = 1'000'000;
constexpr std::uint64_t kMicrosPerMilli = 1'000;

struct Bucket {
  std::uint64_t token_micros = 0;  ///< time in which one token comes
  std::uint64_t tokens_max = 0;

  [[nodiscard]] bool is_empty(std::uint64_t full_at, std::uint64_t now) const {
    return full_at > now + (tokens_max - 1) * token_micros;
  }
  [[nodiscard]] std::uint64_t take(std::uint64_t full_at, std::uint64_t now) const {
    return std::max(full_at, now) + token_micros;
  }
};

/// What comes within two seconds may come at once, for all; for one address what comes in five:
/// the nodes of one operator start together.
Bucket bucket_of_all(std::uint32_t rate) { return {kMicrosPerSecond / rate, 2ULL * rate}; }
Bucket bucket_of_address(std::uint32_t rate) { return {kMicrosPerSecond / rate, 5ULL * rate}; }

std::uint64_t micros(core::Millis time) { return time.value * kMicrosPerMilli; }

}  // namespace

const char* name_of(AcceptRefusal refusal) {
  switch (refusal) {
    case AcceptRefusal::kShutdown:
      return "shutdown";
    case AcceptRefusal::kInboundFull:
      return "inbound_full";
    case AcceptRefusal::kAddressConnections:
      return "address_connections";
    case AcceptRefusal::kAddressRate:
      return "address_rate";
    case AcceptRefusal::kRate:
      return "rate";
    case AcceptRefusal::kPendingFull:
      return "pending_full";
  }
  return "unknown";
}

AddressGroup group_of(const Multiaddr& remote) {
  AddressGroup group{};
  const bool is_ip4 = remote.host == HostKind::kIp4;
  group[0] = static_cast<std::uint8_t>(remote.host);
  std::copy_n(remote.ip.begin(), is_ip4 ? 4 : limits::kIp6GroupBytes, group.begin() + 1);
  return group;
}

bool is_loopback(const Multiaddr& remote) {
  if (remote.host == HostKind::kIp4) return remote.ip[0] == 127;
  std::array<std::uint8_t, 16> one{};
  one.back() = 1;
  return remote.host == HostKind::kIp6 && remote.ip == one;
}

bool AcceptGate::is_limited(const Multiaddr& remote) const {
  return !limits_.exempts_loopback || !is_loopback(remote);
}

std::optional<AcceptRefusal> AcceptGate::check(const Multiaddr& remote, std::size_t open_of_group,
                                               core::Millis now) const {
  if (is_limited(remote)) {
    if (limits_.per_address != 0 && open_of_group >= limits_.per_address) {
      return AcceptRefusal::kAddressConnections;
    }
    const auto known = full_at_.find(group_of(remote));
    if (limits_.rate_per_address != 0 && known != full_at_.end() &&
        bucket_of_address(limits_.rate_per_address).is_empty(known->second, micros(now))) {
      return AcceptRefusal::kAddressRate;
    }
  }
  if (limits_.rate != 0 && bucket_of_all(limits_.rate).is_empty(all_full_at_, micros(now))) {
    return AcceptRefusal::kRate;
  }
  return std::nullopt;
}

void AcceptGate::take(const Multiaddr& remote, core::Millis now) {
  if (limits_.rate != 0) {
    all_full_at_ = bucket_of_all(limits_.rate).take(all_full_at_, micros(now));
  }
  if (limits_.rate_per_address == 0 || !is_limited(remote)) return;
  make_room(now);
  std::uint64_t& full_at = full_at_[group_of(remote)];
  full_at = bucket_of_address(limits_.rate_per_address).take(full_at, micros(now));
}

/// Who has a full bucket needs no memory. When everybody's is in use the one that is full soonest
/// gives way: its owner gains least by that.
void AcceptGate::make_room(core::Millis now) {
  if (full_at_.size() < limits::kAcceptAddressesMax) return;
  std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= micros(now); });
  if (full_at_.size() < limits::kAcceptAddressesMax) return;
  full_at_.erase(
      std::min_element(full_at_.begin(), full_at_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; }));
}

}  // namespace preconf::io::wire
