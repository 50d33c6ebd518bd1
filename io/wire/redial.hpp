// When to dial the peers that the operator configured.
#pragma once

#include <optional>
#include <vector>

#include "io/wire/multiaddr.hpp"
#include "io/wire/prng.hpp"
#include "io/wire/swarm_actions.hpp"

namespace preconf::io::wire {

/// One entry per static address: dialed at once, and again after each failure or end of its
/// connection, with a delay that doubles from kRedialDelayFirst to kRedialDelayMax and is
/// multiplied by 0.5 to 1.5.
class Redial {
 public:
  struct Entry {
    Multiaddr address;
    core::Millis next;                  ///< not dialed before
    std::uint32_t failures = 0;         ///< in a row
    std::optional<ConnId> conn;         ///< dialed, or connected
    std::optional<core::Millis> since;  ///< connected since
  };

  Redial(const std::vector<Multiaddr>& addresses, core::Millis now);

  /// The next entry that is due; the caller dials it and says so, or postpones it.
  [[nodiscard]] Entry* due(core::Millis now);
  /// Its peer is connected another way, or may not be dialed: looked at again later.
  void postpone(Entry& entry, core::Millis now, Prng& prng);
  void on_connected(ConnId conn, core::Millis now);
  /// The dial failed, or the connection ended.
  void on_ended(ConnId conn, core::Millis now, Prng& prng);
  void stop() { entries_.clear(); }

  [[nodiscard]] core::Millis next_deadline() const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  [[nodiscard]] Entry* find(ConnId conn);

  std::vector<Entry> entries_;
};

}  // namespace preconf::io::wire
