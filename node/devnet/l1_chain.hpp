// A simulated L1 without I/O: blocks in slots, with contracts and blobs; finality that moves when
// told; reorgs to any depth. Deterministic.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/codec/blob.hpp"
#include "node/devnet/l1_block.hpp"

namespace preconf::node::devnet {

struct L1Blob {
  core::codec::KzgCommitment commitment;  ///< made up; what counts is its versioned hash
  core::Bytes bytes;                      ///< codec::kBlobBytes
};

struct L1ChainOptions {
  core::protocol::L1Deployment deployment;
  /// Operators of the whitelist from the start.
  std::vector<core::protocol::WhitelistOperator> operators;
  /// Contracts that are there and do nothing.
  std::vector<core::Address> idle_contracts;
  /// safe and finalized follow the head by as many blocks; none: they move by order only.
  std::optional<std::uint64_t> safe_lag;
  std::optional<std::uint64_t> finalized_lag;
};

/// A deployment for tests and devnets: L1 chain id 32382, contracts at addresses of its own.
[[nodiscard]] core::protocol::L1Deployment simulated_deployment(
    const core::protocol::EpochClock& clock);

/// What becomes of the transactions of blocks that a reorg replaces.
struct L1Reorg {
  std::uint64_t depth = 1;         ///< blocks replaced, counted from the head
  std::uint64_t extra_blocks = 1;  ///< by which the new branch is longer
  std::uint64_t shift = 0;         ///< each transaction lands this many blocks later
  /// Replaces a transaction, or drops it. Empty: all are kept.
  std::function<std::optional<L1Call>(const L1Call&)> edit;
  bool below_finalized = false;  ///< allow what a live beacon chain does not do
};

class L1Chain {
 public:
  static constexpr std::uint64_t kMineMax = 100'000;

  /// Block 0 at the clock's genesis. Requires a usable clock.
  explicit L1Chain(L1ChainOptions options);

  /// Keeps a blob for transactions that name it. Requires exactly codec::kBlobBytes.
  core::Hash32 add_blob(core::Bytes bytes);
  /// Queues a transaction for the next block.
  void submit(L1Call call);
  /// The next block, `skipped` slots after the one that follows the head.
  const L1Block& mine(std::uint64_t skipped = 0);
  /// Mines every block whose slot is at or before `time`; returns how many.
  std::uint64_t mine_until(core::UnixSeconds time);

  /// Moves a tag to a canonical block, back too; false when there is no such block.
  [[nodiscard]] bool set_safe(core::L1BlockNumber number);
  [[nodiscard]] bool set_finalized(core::L1BlockNumber number);
  /// Replaces the newest blocks by a branch of its own. Tags above the fork go down to it. The
  /// error says what is not possible; nothing happened then.
  [[nodiscard]] core::Result<core::Ok, std::string> reorg(const L1Reorg& plan);

  [[nodiscard]] const core::protocol::L1Deployment& deployment() const {
    return options_.deployment;
  }
  [[nodiscard]] const L1Block& head() const { return *canonical_.back(); }
  [[nodiscard]] const L1Block* safe() const { return safe_; }            ///< null: none yet
  [[nodiscard]] const L1Block* finalized() const { return finalized_; }  ///< null: none yet
  [[nodiscard]] const L1Block* canonical(core::L1BlockNumber number) const;
  /// Of any branch.
  [[nodiscard]] const L1Block* by_hash(const core::Hash32& hash) const;
  [[nodiscard]] bool is_canonical(const L1Block& block) const;
  /// The canonical block with exactly this timestamp.
  [[nodiscard]] const L1Block* at_time(core::UnixSeconds time) const;
  [[nodiscard]] const L1Blob* blob(const core::Hash32& versioned_hash) const;
  /// Transactions for the next block.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] bool has_waiting_proposal() const;
  [[nodiscard]] std::uint64_t reorgs() const { return branch_; }

  /// Called after each change of the head.
  void on_head(std::function<void()> callback) { on_head_ = std::move(callback); }

  /// Is there code at this address? From the first block on.
  [[nodiscard]] bool has_code(const core::Address& of) const;
  /// eth_call at a block of any branch; nothing: it reverts.
  [[nodiscard]] std::optional<core::Bytes> call(const L1Block& block, const core::Address& to,
                                                core::BytesView data) const;

 private:
  const L1Block& append(core::UnixSeconds time, std::vector<L1Transaction> transactions);
  void move_tags();

  L1ChainOptions options_;
  std::map<core::Hash32, std::unique_ptr<const L1Block>> blocks_;
  std::vector<const L1Block*> canonical_;  ///< by number; never empty
  const L1Block* safe_ = nullptr;
  const L1Block* finalized_ = nullptr;
  std::map<core::Hash32, L1Blob> blobs_;
  std::vector<L1Transaction> waiting_;
  std::uint64_t next_nonce_ = 0;
  std::uint32_t branch_ = 0;  ///< reorgs so far
  std::function<void()> on_head_;
};

}  // namespace preconf::node::devnet
