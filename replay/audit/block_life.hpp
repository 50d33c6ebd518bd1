// The life of one promised block, as one log shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/types.hpp"
#include "replay/audit/taxonomy.hpp"
#include "replay/promise_on_l1.hpp"

namespace preconf::replay::audit {

/// An event and when it was stamped.
struct Moment {
  core::Seq seq;
  core::WallNanos wall;
  PRECONF_FIELDS(Moment, seq, wall);
};

/// The slashing contract's predicates about one promise, M and N being the metadata of the
/// confirmed blocks n and n+1 as far as the log shows them.
struct PredicateCheck {
  Predicate predicate = Predicate::kMissedSubmission;
  Truth truth = Truth::kUnknown;
  std::string missing;  ///< with kUnknown: the call that would answer it
  PRECONF_FIELDS(PredicateCheck, predicate, truth, missing);
};

/// What the derivation of a proposal found at a promise's height.
struct L1Verdict {
  core::Verdict verdict = core::Verdict::kHonoured;  ///< or kContradicted, kNotLanded
  core::ProposalId proposal;
  core::Hash32 l1_block;    ///< in which the proposal landed; zero with kNotLanded
  core::Seq proposal_seen;  ///< event that brought that L1 block; 0: not known
  core::Seq seq;            ///< event of the verdict
  std::vector<PromiseDifference> differences;  ///< with kContradicted
  PRECONF_FIELDS(L1Verdict, verdict, proposal, l1_block, proposal_seen, seq, differences);
};

/// The life of one promise of a scheduled signer, from its arrival to L1.
struct BlockLife {
  core::BlockNumber number;
  core::Hash32 preconf_hash;
  core::Hash32 parent_preconf_hash;
  core::Hash32 tx_list_hash;
  core::Address signer;
  core::UnixSeconds window_end;
  core::UnixSeconds timestamp;
  bool eop = false;
  bool eop_only = false;
  core::L1BlockNumber anchor;
  core::ProposalId proposal_id;
  core::SourceKind source = core::SourceKind::kLocal;  ///< of the first arrival
  std::uint64_t source_id = 0;
  std::uint64_t copies = 0;  ///< arrivals, the first one included
  Moment received;           ///< first arrival
  std::uint64_t schedule_version = 0;
  core::Verdict decision = core::Verdict::kIgnored;  ///< the node's last verdict on it
  core::Reason reason = core::Reason::kNone;
  std::optional<Moment> decided;               ///< event of that verdict
  std::optional<Moment> admitted;              ///< first admission
  std::optional<Moment> list_received;         ///< first arrival of its transaction list
  std::optional<core::Seq> list_before;        ///< it came with this event, before the log begins
  std::optional<Moment> executed;              ///< last execution
  std::optional<core::Hash32> block_hash;      ///< as executed
  std::optional<core::Hash32> confirmed_hash;  ///< confirmed block at its height
  Landing landing = Landing::kUnknown;
  std::string landing_missing;     ///< with Landing::kUnknown: what would tell
  std::optional<L1Verdict> on_l1;  ///< what `landing` rests on, when L1 was followed
  std::vector<PredicateCheck> predicates;
  std::vector<std::string> findings;  ///< ids
  PRECONF_FIELDS(BlockLife, number, preconf_hash, parent_preconf_hash, tx_list_hash, signer,
                 window_end, timestamp, eop, eop_only, anchor, proposal_id, source, source_id,
                 copies, received, schedule_version, decision, reason, decided, admitted,
                 list_received, list_before, executed, block_hash, confirmed_hash, landing,
                 landing_missing, on_l1, predicates, findings);
};

}  // namespace preconf::replay::audit
