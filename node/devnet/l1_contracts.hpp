// The contracts of a simulated L1, without a virtual machine: the Taiko inbox, the preconfer
// whitelist and the lookahead store. A call changes their state and emits the logs that the
// deployed contracts emit, with the same ABI. Nobody is charged and no signature is asked for.
// Source: IInbox.sol, PreconfWhitelist.sol, LookaheadStore.sol.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/protocol/inbox.hpp"
#include "core/protocol/l1_deployment.hpp"
#include "core/protocol/lookahead_logs.hpp"
#include "core/protocol/whitelist.hpp"

namespace preconf::node::devnet {

struct L1Log {
  core::Address address;
  core::protocol::EncodedLog log;
};

namespace l1_call {

/// Inbox.activate: emits Proposed with id 0.
struct Activate {
  core::Hash32 last_block_hash;  ///< L2 block before the first proposal
};
/// Inbox.propose. Oldest forced inclusions come first, as many as there are up to the number given.
struct Propose {
  core::Address proposer;
  std::vector<core::Hash32> blobs;  ///< versioned hashes
  std::uint32_t offset = 0;
  std::size_t forced_inclusions = 0;
  core::UnixSeconds window_end;
  /// Reverts unless it becomes this proposal: what it carries was made for it.
  std::optional<core::ProposalId> only_as;
};
/// Inbox.saveForcedInclusion.
struct ForceInclusion {
  core::Hash32 blob;
  std::uint32_t offset = 0;
};
/// Inbox.prove of everything up to `last`.
struct Prove {
  core::ProposalId last;
  core::Address prover;
  core::Hash32 last_block_hash;  ///< L2 block that ends proposal `last`
};
/// The inbox is reset: finality goes to `last_finalized`, back or forth.
struct RecoverState {
  core::ProposalId last_finalized;
  core::Hash32 last_finalized_block_hash;
};
/// LookaheadStore posts the slots of one epoch.
struct PostLookahead {
  core::UnixSeconds epoch;
  std::vector<core::protocol::LookaheadSlot> slots;
};
struct ChangeBlacklist {
  core::Hash32 registration_root;
  bool is_listed = false;
};
struct AddOperator {
  core::Address proposer;
  core::Address sequencer;
};
struct RemoveOperator {
  core::Address proposer;
};
/// A log as given, of whatever contract: what no compiler would encode, too.
struct EmitLog {
  L1Log log;
};

}  // namespace l1_call

using L1Call =
    std::variant<l1_call::Activate, l1_call::Propose, l1_call::ForceInclusion, l1_call::Prove,
                 l1_call::RecoverState, l1_call::PostLookahead, l1_call::ChangeBlacklist,
                 l1_call::AddOperator, l1_call::RemoveOperator, l1_call::EmitLog>;

/// Versioned hashes of the blobs that a call carries.
[[nodiscard]] std::vector<core::Hash32> blobs_of(const L1Call& call);

/// The contracts' state after one L1 block. A value: each block keeps its own.
struct L1Contracts {
  core::protocol::CoreState inbox;  ///< next = 0: not activated
  core::UnixSeconds activated;
  std::uint8_t base_fee_sharing_pctg = 75;
  core::Hash32 last_proposal_hash;
  std::vector<core::protocol::BlobSlice> forced;  ///< saved and not yet consumed, oldest first
  std::vector<core::protocol::WhitelistOperator> operators;
  core::UnixSeconds latest_activation;
  std::map<core::UnixSeconds, core::Hash32> lookaheads;  ///< hash by epoch
  std::map<core::Hash32, bool> blacklist;
};

/// The block that a call lands in.
struct L1BlockContext {
  core::L1BlockNumber number;
  core::UnixSeconds timestamp;
  core::Hash32 parent_hash;
};

/// Executes one call. Returns the name of the error it reverts with (then nothing changed), or
/// nothing.
[[nodiscard]] std::string execute_l1_call(const core::protocol::L1Deployment& deployment,
                                          const L1BlockContext& block, const L1Call& call,
                                          L1Contracts& contracts, std::vector<L1Log>& logs);

}  // namespace preconf::node::devnet
