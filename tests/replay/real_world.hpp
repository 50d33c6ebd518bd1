// A follower's log with real bytes: signed commitments, compressed lists with real anchor
// transactions, payload texts whose header hashes to the block hash. What `replay --verify` needs.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "storage/event_log.hpp"

namespace preconf::tests {

/// An engine that builds what it is asked to. Headers and payload texts are made here, from the
/// specification, not with replay's reader.
class RealEngine {
 public:
  explicit RealEngine(core::protocol::ChainProfile chain);

  [[nodiscard]] core::events::EngineResult perform(const core::CommandBody& command,
                                                   std::vector<storage::Content>& contents);
  [[nodiscard]] const core::protocol::HeaderFacts& head() const { return head_; }
  [[nodiscard]] core::UnixSeconds parent_time() const { return parent_time_; }
  /// What the next payload's transactions are.
  void offer(const core::Hash32& tx_list_hash, std::vector<core::Bytes> transactions);

 private:
  [[nodiscard]] core::events::EngineResult build(
      const core::protocol::PayloadAttributes& attributes, std::vector<storage::Content>& contents);
  [[nodiscard]] std::optional<core::BlockNumber> head_l1_origin() const;

  core::protocol::ChainProfile chain_;
  core::protocol::HeaderFacts head_;
  core::UnixSeconds parent_time_;
  core::protocol::HeaderFacts built_;
  std::optional<core::protocol::PayloadAttributes> job_;
  std::map<core::Hash32, std::vector<core::Bytes>> transactions_;
};

class RealWorld {
 public:
  struct Record {
    storage::EventBatch batch;
    storage::EffectsDigests digests;
  };

  /// Records genesis, boot, L1 sync, a schedule of one signer, and reads the engine's head.
  RealWorld();

  /// One promised block, executed: transaction list, commitment, engine calls.
  void add_block();
  /// The newest commitment once more.
  void repeat_commitment();
  /// A well-signed commitment of a stranger.
  void add_stranger();
  /// 382 bytes that are no commitment.
  void add_garbage_commitment();
  void add_garbage_list();
  void add_rejected_ingress();
  /// Fires the poll timer and answers what follows.
  void poll_engine();
  /// A mix of all of the above, as a follower sees it; `index` picks the extras.
  void add_traffic(std::uint64_t index);

  void feed(core::EventBody body, std::vector<storage::Content> contents = {});

  /// What happened since the last call.
  [[nodiscard]] Record take();

  core::State state;

 private:
  void answer_all();
  [[nodiscard]] core::protocol::SignedCommitment promise(const core::Hash32& list) const;
  [[nodiscard]] core::Bytes sign(core::protocol::SignedCommitment commitment,
                                 const core::crypto::SecretKey& key) const;
  void receive(const core::Bytes& commitment);
  [[nodiscard]] core::UnixSeconds window_end_at(core::UnixSeconds time) const;

  RealEngine engine_;
  core::crypto::SecretKey key_;
  core::Hash32 parent_preconf_;
  core::Bytes newest_;
  std::uint64_t now_ns_ = 1'700'000'000'000'000'000;
  std::deque<core::Command> outstanding_;
  core::Outcome outcome_;
  Record record_;
};

/// Appends what `world` has recorded since its last take().
void append(storage::EventLog& log, RealWorld& world);
/// Appends `record`; its events must follow the log's end.
void append(storage::EventLog& log, const RealWorld::Record& record);

}  // namespace preconf::tests
