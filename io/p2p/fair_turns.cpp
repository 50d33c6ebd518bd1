#include "io/p2p/fair_turns.hpp"

#include <algorithm>

namespace preconf::io {
namespace {

constexpr std::uint64_t kNanosPerMicro = 1'000;

}  // namespace

/// Halves the cost for each whole half-life; the rest of the time is kept for the next call.
void FairTurns::age(Account& account, std::uint64_t now) {
  if (now <= account.at) return;
  const std::uint64_t halves = (now - account.at) / kCostHalfLifeMicros;
  if (halves == 0) return;
  account.cost = halves > 63 ? 0 : account.cost >> halves;
  account.at += halves * kCostHalfLifeMicros;
}

void FairTurns::ready(wire::ConnId conn, std::uint64_t now_micros, bool is_trusted) {
  const auto [entry, is_new] = accounts_.try_emplace(conn);
  Account& account = entry->second;
  if (account.is_waiting) return;
  if (is_new) {
    account.at = now_micros;
    account.cost = kNewcomerMicros;
  }
  age(account, now_micros);
  account.is_waiting = true;
  account.rank = is_trusted ? account.cost >> kTrustShift : account.cost;
  waiting_.emplace(account.rank, conn);
}

void FairTurns::forget(wire::ConnId conn) {
  const auto found = accounts_.find(conn);
  if (found == accounts_.end()) return;
  if (found->second.is_waiting) waiting_.erase({found->second.rank, conn});
  accounts_.erase(found);
}

std::optional<FairTurns::Turn> FairTurns::next() {
  if (waiting_.empty()) return std::nullopt;
  const wire::ConnId conn = waiting_.begin()->second;
  waiting_.erase(waiting_.begin());
  Account& account = accounts_.at(conn);
  account.is_waiting = false;
  if (account.nanos_per_byte == 0) return Turn{conn, kTurnBytesMax};
  const std::size_t affordable = kTurnMicros * kNanosPerMicro / account.nanos_per_byte;
  return Turn{conn, std::clamp(affordable, kTurnBytesMin, kTurnBytesMax)};
}

void FairTurns::charge(wire::ConnId conn, std::size_t bytes, std::uint64_t micros,
                       std::uint64_t now_micros) {
  const auto found = accounts_.find(conn);
  if (found == accounts_.end()) return;  // its own bytes ended it
  Account& account = found->second;
  if (account.is_waiting) return;  // only between next() and ready()
  age(account, now_micros);
  account.cost += micros;
  if (bytes == 0) return;
  // A few bytes cost a wake-up whatever they say: they would make every byte look expensive.
  const std::uint64_t now_per_byte = micros * kNanosPerMicro / std::max(bytes, kTurnBytesMin);
  account.nanos_per_byte = (3 * account.nanos_per_byte + now_per_byte) / 4;
}

}  // namespace preconf::io
