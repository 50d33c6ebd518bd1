#include "io/wire/redial.hpp"

#include <algorithm>

namespace preconf::io::wire {
namespace {

using core::Millis;

Millis delay_after(std::uint32_t failures, Prng& prng) {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures, 16);
  const std::uint64_t delay =
      std::min(limits::kRedialDelayFirst.value << doublings, limits::kRedialDelayMax.value);
  return Millis{delay / 2 + prng.below(delay + 1)};
}

}  // namespace

Redial::Redial(const std::vector<Multiaddr>& addresses, Millis now) {
  for (const Multiaddr& address : addresses) {
    entries_.push_back(Entry{address, now, 0, std::nullopt, std::nullopt});
  }
}

Redial::Entry* Redial::due(Millis now) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [now](const Entry& entry) {
    return !entry.conn && now >= entry.next;
  });
  return found == entries_.end() ? nullptr : &*found;
}

void Redial::postpone(Entry& entry, Millis now, Prng& prng) {
  entry.next = Millis{now.value + delay_after(16, prng).value};
}

void Redial::on_connected(ConnId conn, Millis now) {
  if (Entry* entry = find(conn)) entry->since = now;
}

void Redial::on_ended(ConnId conn, Millis now, Prng& prng) {
  Entry* entry = find(conn);
  if (entry == nullptr) return;
  const bool lasted =
      entry->since && now.value - entry->since->value >= limits::kRedialSuccess.value;
  if (lasted) entry->failures = 0;
  entry->next = Millis{now.value + delay_after(entry->failures, prng).value};
  ++entry->failures;
  entry->conn.reset();
  entry->since.reset();
}

Redial::Entry* Redial::find(ConnId conn) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [conn](const Entry& entry) { return entry.conn == conn; });
  return found == entries_.end() ? nullptr : &*found;
}

Millis Redial::next_deadline() const {
  Millis deadline{UINT64_MAX};
  for (const Entry& entry : entries_) {
    if (!entry.conn) deadline = std::min(deadline, entry.next);
  }
  return deadline;
}

}  // namespace preconf::io::wire
