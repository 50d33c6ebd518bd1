#include "core/state/txlist_book.hpp"

#include "core/limits.hpp"

namespace preconf::core {

void TxListBook::add_referrer(const Hash32& hash, const CommitmentKey& key) {
  const auto [position, inserted] = lists.try_emplace(hash);
  if (inserted) ++awaited;
  TxListEntry& entry = position->second;
  if (entry.facts && entry.referrers.empty()) unreferenced.erase(entry.received);
  entry.referrers.insert(key);
}

void TxListBook::drop_referrer(const Hash32& hash, const CommitmentKey& key) {
  const auto position = lists.find(hash);
  if (position == lists.end()) return;
  TxListEntry& entry = position->second;
  entry.referrers.erase(key);
  if (!entry.referrers.empty()) return;
  if (!entry.facts) {
    --awaited;
    lists.erase(position);
    return;
  }
  unreferenced.emplace(entry.received, hash);
  bound_unreferenced();
}

bool TxListBook::arrive(const protocol::TxListFacts& facts, Seq received) {
  const auto [position, inserted] = lists.try_emplace(facts.hash);
  TxListEntry& entry = position->second;
  if (entry.facts) return false;
  if (!inserted) --awaited;
  entry.facts = facts;
  entry.received = received;
  if (entry.referrers.empty()) {
    unreferenced.emplace(received, facts.hash);
    bound_unreferenced();
  }
  return true;
}

const protocol::TxListFacts* TxListBook::facts_of(const Hash32& hash) const {
  const auto position = lists.find(hash);
  if (position == lists.end() || !position->second.facts) return nullptr;
  return &*position->second.facts;
}

void TxListBook::bound_unreferenced() {
  while (unreferenced.size() > limits::kUnreferencedTxListsMax) {
    lists.erase(unreferenced.begin()->second);
    unreferenced.erase(unreferenced.begin());
  }
}

}  // namespace preconf::core
