// The life of one promised block, as one log shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/types.hpp"
#include "replay/audit/taxonomy.hpp"

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
  std::optional<Moment> executed;              ///< last execution
  std::optional<core::Hash32> block_hash;      ///< as executed
  std::optional<core::Hash32> confirmed_hash;  ///< confirmed block at its height
  Landing landing = Landing::kUnknown;
  std::string landing_missing;  ///< with Landing::kUnknown: what would tell
  std::vector<PredicateCheck> predicates;
  std::vector<std::string> findings;  ///< ids
  PRECONF_FIELDS(BlockLife, number, preconf_hash, parent_preconf_hash, tx_list_hash, signer,
                 window_end, timestamp, eop, eop_only, anchor, proposal_id, source, source_id,
                 copies, received, schedule_version, decision, reason, decided, admitted,
                 list_received, executed, block_hash, confirmed_hash, landing, landing_missing,
                 predicates, findings);
};

}  // namespace preconf::replay::audit
