#include "node/p2p/introductions.hpp"

#include <algorithm>
#include <utility>

namespace preconf::node {

void Introductions::arrived(core::events::PeerConnected peer, core::Millis now) {
  const bool is_stranger = peer.direction == core::events::Direction::kInbound && !peer.is_static;
  full_at_ = std::max(full_at_, now.value);
  (is_stranger ? waiting_ : due_).emplace(peer.peer, std::move(peer));
}

std::optional<core::events::PeerConnected> Introductions::next(core::Millis now) {
  if (!due_.empty()) return std::move(due_.extract(due_.begin()).mapped());
  constexpr std::uint64_t kBucket = kIntroductionBurst * kIntroductionInterval.value;
  full_at_ = std::max(full_at_, now.value);
  if (waiting_.empty() || full_at_ - now.value + kIntroductionInterval.value > kBucket) {
    return std::nullopt;
  }
  full_at_ += kIntroductionInterval.value;
  return std::move(waiting_.extract(waiting_.begin()).mapped());
}

bool Introductions::left(core::PeerNumber peer) {
  return due_.erase(peer) + waiting_.erase(peer) == 0;
}

}  // namespace preconf::node
