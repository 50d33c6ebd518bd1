// `preconf block`: the life of one block, from the first sign of it to finality.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/promise_on_l1.hpp"
#include "replay/stamp.hpp"

namespace preconf::replay {

/// More commitments, calls or steps than this are only counted.
inline constexpr std::size_t kBlockPartsMax = 10'000;

/// One commitment for the height.
struct BlockCommitment {
  Stamp received;
  core::SourceKind source = core::SourceKind::kLocal;
  core::Address signer;
  core::Hash32 preconf_hash;
  core::Hash32 tx_list_hash;
  core::Hash32 parent_preconf_hash;
  core::UnixSeconds timestamp;
  core::UnixSeconds window_end;
  bool eop = false;
  std::string verdict;               ///< the first one about it; empty: before the log begins
  std::string reason;                ///< of that verdict
  std::uint64_t repeats = 0;         ///< times it came again
  std::optional<Stamp> tx_list;      ///< when its list arrived; none: never
  std::string last_phase;            ///< where it stood last; empty: it was never held
  std::string last_verdict;          ///< the last one that took it off the promised chain, or empty
  std::string last_reason;           ///< of that verdict
  core::Hash32 block_hash;           ///< block it was executed as; zero: never
  std::optional<Stamp> replaced;     ///< since when another block stands in the place of that one
  std::optional<PromiseOnL1> on_l1;  ///< none: no verdict, or L1 took it back
  PRECONF_FIELDS(BlockCommitment, received, source, signer, preconf_hash, tx_list_hash,
                 parent_preconf_hash, timestamp, window_end, eop, verdict, reason, repeats, tx_list,
                 last_phase, last_verdict, last_reason, block_hash, replaced, on_l1);
};

/// One call of the engine for the block.
struct BlockCall {
  std::string id;
  std::string name;
  Stamp issued;
  std::optional<Stamp> answered;  ///< none: never, see `outcome`
  std::optional<std::uint64_t> elapsed_us;
  std::string outcome;
  PRECONF_FIELDS(BlockCall, id, name, issued, answered, elapsed_us, outcome);
};

/// Something that happened to the block.
struct BlockStep {
  core::Seq seq;
  core::WallNanos wall;              ///< 0: not known, see known_time()
  std::uint64_t since_first_us = 0;  ///< since the first step whose time is known
  std::string what;                  ///< verdict, "txlist_received", "head", "safe", ...
  std::string reason;                ///< of a verdict or a replacement; empty otherwise
  std::optional<core::Hash32> hash;  ///< commitment, list or block concerned
  std::string detail;
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    visit("seq", self.seq);
    visit("wall", known_time(self.wall));
    PRECONF_FOR_EACH(PRECONF_VISIT_ONE, since_first_us, what, reason, hash, detail)
  }
  friend bool operator==(const BlockStep&, const BlockStep&) = default;
};

/// First times. The last four are since when it holds: what was taken back is no milestone.
struct BlockMilestones {
  std::optional<Stamp> commitment;
  std::optional<Stamp> tx_list;
  std::optional<Stamp> apply_started;
  std::optional<Stamp> executed;
  std::optional<Stamp> replaced;  ///< another block than the one that was executed first
  std::optional<Stamp> confirmed;
  std::optional<Stamp> safe;
  std::optional<Stamp> finalized;
  PRECONF_FIELDS(BlockMilestones, commitment, tx_list, apply_started, executed, replaced, confirmed,
                 safe, finalized);
};

struct BlockLife {
  core::BlockNumber number;
  std::optional<core::Hash32> block_hash;  ///< on the executed chain last; none: not there
  BlockMilestones milestones;
  std::vector<BlockCommitment> commitments;
  std::vector<BlockCall> calls;
  std::vector<core::Evidence> evidence;
  std::vector<BlockStep> steps;
  std::uint64_t omitted = 0;  ///< parts beyond kBlockPartsMax
  PRECONF_FIELDS(BlockLife, number, block_hash, milestones, commitments, calls, evidence, steps,
                 omitted);
};

/// Watches a history for one height.
class BlockWatch {
 public:
  BlockWatch(core::BlockNumber number, const core::State& before);
  void observe(const core::Event& event, const core::Outcome& outcome, const core::State& state);
  /// After the last event and every set_time().
  [[nodiscard]] BlockLife finish();

  /// Lists that were there before the first commitment that names them: only their event is known.
  [[nodiscard]] std::vector<core::Seq> untimed() const;
  void set_time(core::Seq seq, core::WallNanos wall);

 private:
  void see_held(const core::Commitment& held, const core::State& before);
  BlockCommitment& add_commitment(const core::protocol::CommitmentFacts& facts, Stamp received);
  void see_commitment(const core::Event& event, const core::Outcome& outcome,
                      const core::State& state);
  void see_list(const core::Event& event);
  void see_calls(const core::Event& event, const core::Outcome& outcome, const core::State& state);
  void see_decisions(const core::Event& event, const core::Outcome& outcome,
                     const core::State& state);
  void see_l1_verdict(const core::Decision& decision, core::Seq seq, const core::State& state);
  void see_end(const core::Decision& decision);
  void see_derivation(const core::Decision& decision, const Stamp& stamp);
  void see_labels(const core::Event& event, const core::Outcome& outcome, const core::State& state);
  void see_block(const core::Hash32& block, const core::Outcome& outcome, const Stamp& stamp);
  void see_evidence(const core::Event& event, const core::State& state);
  BlockStep* step(Stamp stamp, std::string what);

  const core::BlockNumber number_;
  BlockLife life_;
  std::map<core::Hash32, std::vector<std::size_t>> by_list_;  ///< into life_.commitments
  std::map<core::CommitmentKey, std::size_t> by_key_;         ///< into life_.commitments
  std::map<core::CommandId, std::size_t> open_calls_;         ///< into life_.calls
  std::set<core::Seq> untimed_;
  std::optional<std::uint64_t> derived_from_;  ///< the proposal from which the block was derived
  struct Labels {
    bool head = false;
    bool safe = false;
    bool finalized = false;
    bool confirmed = false;
    core::Hash32 block;  ///< at the height, on the executed chain; zero = none
  };
  [[nodiscard]] Labels labels_of(const core::State& state) const;
  Labels labels_;
  core::Hash32 first_block_;  ///< at the height, on the executed chain; zero = none yet
  core::Hash32 last_block_;   ///< the same, the newest one, also when it is gone
  std::optional<core::Evidence> newest_evidence_;
  std::size_t evidence_size_ = 0;
};

/// What a user may name a block by: its height, or 32 bytes that occur with it.
struct BlockName {
  std::optional<core::BlockNumber> number;
  std::optional<core::Hash32> hash;
};
[[nodiscard]] std::optional<BlockName> block_name_from(const std::string& text);
/// The height with which `hash` occurs in `event`, as commitment, transaction list or block hash.
[[nodiscard]] std::optional<core::BlockNumber> height_named_by(const core::Event& event,
                                                               const core::Hash32& hash);

/// The life for a person.
[[nodiscard]] std::string text_of(const BlockLife& life);

}  // namespace preconf::replay
