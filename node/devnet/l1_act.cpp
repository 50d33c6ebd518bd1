#include "node/devnet/l1_act.hpp"

#include <algorithm>

#include "node/devnet/story_text.hpp"

namespace preconf::node::devnet {

L1Act::L1Act(Devnet& devnet) : devnet_(devnet) {
  for (std::size_t i = 1; i <= devnet_.followers(); ++i) seen_[i];
  devnet_.l1()->proposer().on_sent([this](const SentProposal& sent) {
    say("   L1: proposal {} has blocks {} to {}{}", sent.id.value, sent.first.value,
        sent.last.value, sent.is_contradicting ? ", the last one changed" : "");
  });
}

void L1Act::on_heads(std::size_t index, const NodeHeads& heads) {
  Seen& seen = seen_[index];
  if (heads.safe) seen.safe = std::max(seen.safe, heads.safe->number);
  if (heads.finalized) seen.finalized = std::max(seen.finalized, heads.finalized->number);
  show_progress();
}

void L1Act::on_decision(std::size_t index, const NodeDecision& decision) {
  Seen& seen = seen_[index];
  if (decision.verdict == "honoured") seen.honoured.insert(decision.number);
  if (decision.verdict != "contradicted") return;
  if (!seen.contradicted.insert(decision.number).second) return;
  say("   follower {}: the promise of block {} is broken", index, decision.number.value);
}

void L1Act::show_progress() {
  const auto least = [this](core::BlockNumber Seen::*member) {
    core::BlockNumber out = seen_.begin()->second.*member;
    for (const auto& [index, seen] : seen_) out = std::min(out, seen.*member);
    return out;
  };
  const auto show = [](core::BlockNumber& shown, core::BlockNumber now, const char* what) {
    if (now <= shown) return;
    say("   blocks {} to {} are {} at every follower", shown.value + 1, now.value, what);
    shown = now;
  };
  show(shown_safe_, least(&Seen::safe), "safe (L1 has them)");
  show(shown_finalized_, least(&Seen::finalized), "final (L1 will not change them)");
}

core::Result<core::Ok, std::string> L1Act::begin() {
  const SimBlock& promised = devnet_.engine(0).engine().chain.head();
  broken_ = core::BlockRef{core::BlockNumber{promised.number()}, promised.hash};
  say("== the proposer breaks a promise: block {} goes to L1 without its transactions",
      promised.number());
  Proposer& proposer = devnet_.l1()->proposer();
  proposer.contradict_next(Contradiction::kTransactions);
  const auto instead = proposer.close();
  if (!instead) return core::Unexpected<std::string>{"there is nothing to propose"};
  auto replaced = devnet_.preconfer().replace_head(*instead);
  if (!replaced) return replaced;
  say("   promised {}, on L1 {}", brief(broken_->hash),
      brief(devnet_.engine(0).engine().chain.head().hash));
  devnet_.l1()->settle();
  return core::Ok{};
}

bool L1Act::is_done() const { return has_begun() && missing().empty(); }

std::string L1Act::missing() const {
  std::string out;
  if (!broken_) return out;
  for (const auto& [index, seen] : seen_) {
    if (seen.finalized < broken_->number) {
      out += fmt::format("; follower {} has block {} final", index, seen.finalized.value);
    }
    if (!seen.contradicted.contains(broken_->number)) {
      out += fmt::format("; follower {} knows of no broken promise", index);
    }
    if (seen.honoured.contains(broken_->number)) {
      out += fmt::format("; follower {} calls the broken promise kept", index);
    }
  }
  return out;
}

}  // namespace preconf::node::devnet
