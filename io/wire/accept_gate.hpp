// Who may begin a handshake: so many connections of one address, so many handshakes per second of
// one address and of all. Decided before the first byte, because a handshake costs us about as
// much as it costs a stranger (half a dozen curve operations), and nothing is known of him but
// where he comes from.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "core/types.hpp"
#include "io/wire/limits.hpp"
#include "io/wire/multiaddr.hpp"

namespace preconf::io::wire {

/// Why a connection from outside was turned away before its handshake.
enum class AcceptRefusal : std::uint8_t {
  kShutdown,            ///< we accept nobody any more
  kInboundFull,         ///< as many connections as are allowed
  kAddressConnections,  ///< as many of this address as are allowed
  kAddressRate,         ///< handshakes of this address came too fast
  kRate,                ///< handshakes of all came too fast
  kPendingFull,         ///< too many are being set up, none of them for long
};
inline constexpr std::size_t kAcceptRefusalCount = 6;
[[nodiscard]] const char* name_of(AcceptRefusal refusal);

/// Zero is no limit. A rate is in handshakes per second.
struct AcceptLimits {
  std::size_t per_address = limits::kInboundPerAddressMax;
  std::uint32_t rate = limits::kAcceptRate;
  std::uint32_t rate_per_address = limits::kAcceptRatePerAddress;
  /// Peers of this machine are not limited by address. Behind a proxy of this machine everybody
  /// comes from there, and tests do; else nobody needs it.
  bool exempts_loopback = false;
};

/// The peers that are limited together: one IPv4 address, or one IPv6 /56, which is what a single
/// subscriber has.
using AddressGroup = std::array<std::uint8_t, 1 + limits::kIp6GroupBytes>;
[[nodiscard]] AddressGroup group_of(const Multiaddr& remote);
[[nodiscard]] bool is_loopback(const Multiaddr& remote);

/// Token buckets, kept as the time at which each is full again (the generic cell rate algorithm):
/// eight bytes per address that connected within the last seconds.
class AcceptGate {
 public:
  explicit AcceptGate(const AcceptLimits& limits) : limits_(limits) {}

  /// `open_of_group`: connections of the address, those being set up included.
  [[nodiscard]] std::optional<AcceptRefusal> check(const Multiaddr& remote,
                                                   std::size_t open_of_group,
                                                   core::Millis now) const;
  /// The handshake begins: takes one token of each bucket.
  void take(const Multiaddr& remote, core::Millis now);

  /// Addresses that are remembered; at most kAcceptAddressesMax.
  [[nodiscard]] std::size_t size() const { return full_at_.size(); }

 private:
  [[nodiscard]] bool is_limited(const Multiaddr& remote) const;
  void make_room(core::Millis now);

  AcceptLimits limits_;
  std::uint64_t all_full_at_ = 0;  ///< microseconds
  std::map<AddressGroup, std::uint64_t> full_at_;
};

}  // namespace preconf::io::wire
