// The preconfer of the simulated network: every block time it builds a block on its own engine,
// executes it, then signs the commitment, and hands both to its followers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/protocol/chain_profile.hpp"
#include "core/protocol/schedule.hpp"
#include "io/loop/event_loop.hpp"
#include "node/devnet/block_maker.hpp"
#include "node/devnet/follower_feed.hpp"
#include "node/devnet/sign_guard.hpp"
#include "node/devnet/sim_wallet.hpp"

namespace preconf::node::devnet {

struct PreconferOptions {
  core::protocol::NetworkProfile network;
  core::protocol::Schedule schedule;
  core::crypto::SecretKey key;
  std::string sign_guard_file;
  /// The proposal that will carry the next block; always 1 when empty.
  std::function<core::ProposalId()> proposal;
  /// The L1 block that a block at this time anchors to. When empty, a made-up one: L1 then has one
  /// every 12 s of L2 time since the first L2 block.
  std::function<core::protocol::AnchorCall(core::UnixSeconds)> anchor;
  std::chrono::milliseconds block_time{2'000};
  std::size_t transfers_per_block = 3;
  std::function<core::UnixSeconds()> now;  ///< the system clock when empty
};

class Preconfer {
 public:
  /// `chain` is the preconfer's own engine and outlives it. The error is about the key or the
  /// sign-once file.
  [[nodiscard]] static core::Result<std::unique_ptr<Preconfer>, std::string> create(
      io::EventLoop& loop, EngineChain& chain, PreconferOptions options);
  ~Preconfer();
  Preconfer(const Preconfer&) = delete;
  Preconfer& operator=(const Preconfer&) = delete;

  /// One block now, then one per block time until stop().
  void start();
  void stop();
  /// One block now. The error says why there is none; a later call may succeed.
  [[nodiscard]] core::Result<std::shared_ptr<const PublishedBlock>, std::string> produce();

  /// L1 has another block at the head's height: takes it as the head, and goes on from there. The
  /// error says why it can not be built.
  [[nodiscard]] core::Result<core::Ok, std::string> replace_head(const MakeInputs& inputs);

  [[nodiscard]] const core::Address& address() const { return address_; }
  /// Called for each block of start(), after signing.
  void on_block(std::function<void(std::shared_ptr<const PublishedBlock>)> callback) {
    on_block_ = std::move(callback);
  }
  /// Called when start() could not produce a block.
  void on_failure(std::function<void(const std::string&)> callback) {
    on_failure_ = std::move(callback);
  }

 private:
  /// When the next block comes and whether it is its window's last.
  struct Slot {
    core::UnixSeconds timestamp;
    core::UnixSeconds window_end;
    bool eop = false;
  };

  Preconfer(io::EventLoop& loop, EngineChain& chain, PreconferOptions options, SignGuard guard,
            const core::Address& address, std::vector<SimWallet> users);
  void tick();
  [[nodiscard]] core::Result<Slot, std::string> next_slot() const;
  [[nodiscard]] MakeInputs inputs_for(const Slot& slot);
  [[nodiscard]] core::Result<std::shared_ptr<const PublishedBlock>, std::string> sign(
      const MadeBlock& made, const MakeInputs& inputs, const Slot& slot);

  io::EventLoop& loop_;
  EngineChain& chain_;
  PreconferOptions options_;
  SignGuard guard_;
  core::Address address_;
  std::vector<SimWallet> users_;
  std::function<void(std::shared_ptr<const PublishedBlock>)> on_block_;
  std::function<void(const std::string&)> on_failure_;
  core::Hash32 parent_preconf_hash_;   ///< of the last signed block
  core::UnixSeconds first_timestamp_;  ///< of block 1
  core::UnixSeconds closed_window_;    ///< ended by our EOP
  io::TimerHandle timer_;
  std::chrono::steady_clock::time_point next_tick_;
};

}  // namespace preconf::node::devnet
