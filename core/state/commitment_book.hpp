// All commitments the node holds, in any phase, with the indexes that find them.
#pragma once

#include <map>
#include <set>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/protocol/commitment.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// Identity of a commitment: what was promised and by whom. Signature bytes do not count, because
/// an ECDSA signature has two valid encodings.
struct CommitmentKey {
  Hash32 preconf_hash;
  Address signer;
  friend auto operator<=>(const CommitmentKey&, const CommitmentKey&) = default;
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    visit("preconf_hash", self.preconf_hash);
    visit("signer", self.signer);
  }
};

enum class Phase : std::uint8_t {
  kPendingSchedule = 0,  ///< no known window covers its timestamp
  kPendingParent = 1,    ///< scheduled signer, unknown parent
  kAdmitted = 2,         ///< promised; executes when its turn comes
  kExecuted = 3,         ///< on the executed chain
  kInvalid = 4,          ///< can never execute; kept so that repeats and children are recognised
};
[[nodiscard]] const char* name_of(Phase phase);

struct Commitment {
  protocol::CommitmentFacts facts;
  Seq received;  ///< event that holds the signed bytes
  Phase phase = Phase::kPendingParent;
  Reason invalid_reason = Reason::kNone;
  std::uint64_t schedule_version = 0;  ///< table the verdict rests on
  bool contested = false;              ///< another commitment for this height exists
  Hash32 block_hash;  ///< block it was executed as, also while that block is not on the chain
  Hash32 not_block;   ///< block at its height that is proven not to be its own
  PRECONF_FIELDS(Commitment, facts, received, phase, invalid_reason, schedule_version, contested,
                 block_hash, not_block);

  [[nodiscard]] CommitmentKey key() const {
    return CommitmentKey{facts.preconf_hash, facts.signer};
  }
};

/// Orders by height, so that the farthest from the head is the last.
struct HeightKey {
  BlockNumber number;
  CommitmentKey key;
  friend auto operator<=>(const HeightKey&, const HeightKey&) = default;
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    visit("number", self.number);
    visit("key", self.key);
  }
};

/// End of a signer's window by EOP.
struct Handoff {
  Address signer;
  BlockNumber number;  ///< of the EOP block, or the height an EOP-only leaves free
  Hash32 preconf_hash;
  bool eop_only = false;
  PRECONF_FIELDS(Handoff, signer, number, preconf_hash, eop_only);
};

/// Members are public to read; change them through the functions, which keep the indexes true.
struct CommitmentBook {
  std::map<CommitmentKey, Commitment> held;
  std::set<HeightKey> by_height;  ///< all held but EOP-only
  std::set<HeightKey> eop_only;   ///< held EOP-only; `number` is the height they leave free
  std::set<HeightKey> pending_parent;
  std::set<HeightKey> pending_schedule;
  std::map<Hash32, std::set<CommitmentKey>> children;  ///< parent preconfirmation hash -> held
  std::map<Hash32, CommitmentKey>
      linkable;                             ///< preconfirmation hash -> admitted, executed, invalid
  std::map<UnixSeconds, Handoff> handoffs;  ///< window end -> EOP; lowest number wins
  PRECONF_FIELDS(CommitmentBook, held, by_height, eop_only, pending_parent, pending_schedule,
                 children, linkable, handoffs);

  /// Requires that the key is not held.
  Commitment& insert(Commitment commitment);
  /// Requires that the key is held.
  void set_phase(Commitment& commitment, Phase phase);
  void erase(const CommitmentKey& key);
  [[nodiscard]] const Commitment* find(const CommitmentKey& key) const;
  [[nodiscard]] Commitment* find(const CommitmentKey& key);
  /// The admitted, executed or invalid commitment with this preconfirmation hash.
  [[nodiscard]] const Commitment* find_linkable(const Hash32& preconf_hash) const;

  /// Where a parent link ends when EOP-only commitments, which occupy no height, are stepped over.
  struct LinkEnd {
    const Commitment* block = nullptr;  ///< the block's commitment, none = not known
    Hash32 preconf_hash;                ///< the last link
    bool over_invalid = false;          ///< an EOP-only on the way is invalid
  };
  [[nodiscard]] LinkEnd follow_eop_only(const Hash32& parent_preconf_hash) const;
};

}  // namespace preconf::core
