// Transaction lists: the facts of those that arrived, and who waits for those that did not.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/base/fields.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "core/state/commitment_book.hpp"
#include "core/types.hpp"

namespace preconf::core {

struct TxListEntry {
  std::optional<protocol::TxListFacts> facts;  ///< none = awaited
  Seq received;                                ///< event that brought it; 0 while awaited
  std::set<CommitmentKey> referrers;           ///< held commitments that name it
  PRECONF_FIELDS(TxListEntry, facts, received, referrers);
};

/// An entry lives while it is referred to, or among the newest unreferenced ones.
struct TxListBook {
  std::map<Hash32, TxListEntry> lists;
  std::map<Seq, Hash32> unreferenced;  ///< arrived, nobody names them; oldest first
  std::uint32_t awaited = 0;           ///< entries without facts
  PRECONF_FIELDS(TxListBook, lists, unreferenced, awaited);

  void add_referrer(const Hash32& hash, const CommitmentKey& key);
  void drop_referrer(const Hash32& hash, const CommitmentKey& key);
  /// Returns false when the facts are already there.
  bool arrive(const protocol::TxListFacts& facts, Seq received);
  [[nodiscard]] const protocol::TxListFacts* facts_of(const Hash32& hash) const;

 private:
  void bound_unreferenced();
};

}  // namespace preconf::core
