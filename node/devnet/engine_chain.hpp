// A simulated Taiko execution engine without I/O: canonical chain, side blocks, payload jobs and
// the three Taiko tables, behind the semantics of the Engine API (V2) as alethia-reth has them.
//
// What is real: headers and their hashes, transaction and receipt tries, signature recovery,
// intrinsic gas, the anchor rules, EIP-4396 base fees, timestamps. What is synthetic: accounts have
// no balance and, except golden touch, no nonce; no code runs, so a transaction uses exactly its
// intrinsic gas; a state root is keccak256(parent state root | transaction hashes); zk gas follows
// from gas used.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/commands/commands.hpp"
#include "core/events/engine.hpp"
#include "node/devnet/rpc_answer.hpp"
#include "node/devnet/sim_block.hpp"
#include "node/devnet/taiko_tables.hpp"

namespace preconf::node::devnet {

using EngineError = RpcError;

/// PayloadStatusV1.
struct StatusAnswer {
  core::events::PayloadStatus status = core::events::PayloadStatus::kValid;
  std::optional<core::Hash32> latest_valid_hash;
  std::string validation_error;  ///< empty = null
};

struct ForkchoiceAnswer {
  StatusAnswer status;
  std::optional<core::PayloadId> payload_id;
};

/// Payload attributes with Taiko's extensions.
struct BuildRequest {
  core::UnixSeconds timestamp;
  core::Hash32 prev_randao;
  core::Address fee_recipient;
  std::optional<core::Hash32> parent_beacon_block_root;  ///< enters the payload id only
  bool withdrawals_present = true;
  std::uint64_t base_fee_wei = 0;
  std::uint64_t gas_limit = 0;
  std::optional<core::Bytes> tx_list;  ///< RLP list; nothing = only the given anchor transaction
  std::optional<core::Bytes> anchor_transaction;
  core::Bytes extra_data;
  StoredOrigin origin;  ///< l2_block_hash is ignored
};

/// engine_newPayloadV2's parameter.
struct PayloadClaim {
  core::codec::Header header;  ///< without transactions root
  core::Hash32 block_hash;
  std::vector<core::Bytes> transactions;
  core::Hash32 tx_hash;  ///< overrides the computed transactions root unless zero
  std::optional<core::Hash32> withdrawals_hash;  ///< overrides the empty root unless zero
  bool difficulty_given = false;
};

class EngineChain {
 public:
  static constexpr std::size_t kInvalidBlocksMax = 512;

  explicit EngineChain(const core::protocol::ChainProfile& chain);

  /// engine_forkchoiceUpdatedV2. A known head becomes canonical, then the labels are judged,
  /// finalized first. An ancestor of the head is VALID and moves neither head nor labels; a block
  /// is built on it all the same (reth for chains that are like Optimism, as alethia-reth is). An
  /// unknown head becomes the head when it comes, without labels. With attributes the block is
  /// built before the answer and its origin row is written; a block that comes from L1 also moves
  /// the head pointer and its batch mapping.
  [[nodiscard]] core::Result<ForkchoiceAnswer, EngineError> forkchoice_updated(
      const core::commands::ForkchoiceState& state, const BuildRequest* build);
  /// engine_getPayloadV2: only the newest payload is there.
  [[nodiscard]] core::Result<const SimBlock*, EngineError> get_payload(
      const core::PayloadId& id) const;
  /// engine_newPayloadV2: SYNCING for an unknown parent, INVALID with reason and latest valid hash.
  [[nodiscard]] StatusAnswer new_payload(const PayloadClaim& claim);

  [[nodiscard]] const core::protocol::ChainProfile& profile() const { return profile_; }
  [[nodiscard]] const SimBlock& head() const { return *canonical_.back(); }
  [[nodiscard]] const SimBlock* safe() const { return safe_; }
  [[nodiscard]] const SimBlock* finalized() const { return finalized_; }
  [[nodiscard]] const SimBlock* canonical(std::uint64_t number) const;
  [[nodiscard]] const SimBlock* by_hash(const core::Hash32& hash) const;
  [[nodiscard]] bool is_canonical(const SimBlock& block) const;
  [[nodiscard]] std::size_t blocks_known() const { return blocks_.size(); }
  [[nodiscard]] std::size_t payload_jobs() const { return job_ ? 1 : 0; }
  /// Transactions of `account` in `block` and its ancestors.
  [[nodiscard]] std::uint64_t transaction_count(const core::Address& account,
                                                const SimBlock& block) const;

  [[nodiscard]] TaikoTables& tables() { return tables_; }
  [[nodiscard]] const TaikoTables& tables() const { return tables_; }

  /// taikoAuth_lastBlockIDByBatchID: the mapping, else a scan back from the head, over a
  /// bounded number of blocks.
  [[nodiscard]] core::Result<std::uint64_t, EngineError> last_block_of_batch(
      const core::U256& batch) const;

  /// Blocks that a scan for a batch looks at; 768 * 21,600 as deployed.
  void set_lookback_max(std::uint64_t blocks) { lookback_max_ = blocks; }

  /// Whom a head that is not here is synced from, between the call that names it and the next one;
  /// null: nobody. Outlives the chain.
  void set_sync_peer(const EngineChain* peer) { sync_peer_ = peer; }
  /// A sync fetches all blocks first, and executes them when the head is named again.
  void sync_in_stages() { is_synced_in_stages_ = true; }
  /// A block that is fetched and not executed; null where there is none.
  [[nodiscard]] const SimBlock* fetched(std::uint64_t number) const;

  /// Forgets the payload, as a restart does.
  void lose_jobs() { job_.reset(); }
  /// Makes the head's parent the head, which no call of the Engine API does; what was above stays
  /// known. Requires a head above genesis.
  void step_back();
  /// Back to the canonical block `depth` below the head (genesis at the lowest), as an engine that
  /// restarts with an older database: every other block, the payload and what was rejected are
  /// forgotten. The Taiko tables stay.
  void rewind_and_forget(std::uint64_t depth);

 private:
  struct Job {
    core::PayloadId id;
    std::shared_ptr<const SimBlock> block;
  };

  void set_head(const SimBlock& block);
  /// False: a label is unknown or not canonical.
  [[nodiscard]] bool set_labels(const core::commands::ForkchoiceState& state);
  [[nodiscard]] core::Result<core::PayloadId, EngineError> build(const SimBlock& parent,
                                                                 const BuildRequest& request);
  /// Of what is, or builds on, a rejected block whose parent is `valid_ancestor`.
  [[nodiscard]] StatusAnswer linked_to_rejected(const core::Hash32& valid_ancestor) const;
  /// A head that is not here: INVALID, or SYNCING from now on.
  [[nodiscard]] StatusAnswer status_of_unknown(const core::Hash32& head);
  void sync_from_peer(const core::Hash32& head);
  /// Remembers a rejected block when its valid ancestor is known.
  [[nodiscard]] StatusAnswer invalid(const core::Hash32& hash,
                                     std::optional<core::Hash32> valid_ancestor,
                                     std::string reason);

  core::protocol::ChainProfile profile_;
  std::map<core::Hash32, std::unique_ptr<const SimBlock>> blocks_;
  std::vector<const SimBlock*> canonical_;  ///< by number; never empty
  const SimBlock* safe_ = nullptr;
  const SimBlock* finalized_ = nullptr;
  std::optional<Job> job_;                        ///< the newest
  std::optional<core::Hash32> sync_target_;       ///< unknown head of the last forkchoice update
  std::map<core::Hash32, core::Hash32> invalid_;  ///< rejected block -> latest valid ancestor
  std::deque<core::Hash32> invalid_order_;
  const EngineChain* sync_peer_ = nullptr;
  bool is_synced_in_stages_ = false;
  std::vector<const SimBlock*> fetched_;  ///< the peer's, from the head downwards
  TaikoTables tables_;
  std::uint64_t lookback_max_ = 768 * 21'600;
};

}  // namespace preconf::node::devnet
