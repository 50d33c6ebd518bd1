// The story that `preconf devnet` tells: blocks are preconfirmed, a follower is killed and
// recovers, and replay proves what happened. It fails when anything is not as it should be.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "node/devnet/devnet.hpp"
#include "node/devnet/follower.hpp"
#include "node/devnet/l1_act.hpp"

namespace preconf::node::devnet {

struct StoryOptions {
  std::string directory;       ///< empty or new
  std::string program;         ///< that has the commands `node` and `replay`
  std::uint64_t blocks = 12;   ///< at least 6
  bool keep = false;           ///< go on after the story until SIGINT or SIGTERM
  bool is_fed_by_rpc = false;  ///< blocks reach followers over JSON-RPC instead of libp2p
  bool has_l1 = true;          ///< followers read a simulated L1, on which a promise is broken
  std::chrono::milliseconds block_time{2'000};
};

class Story {
 public:
  Story(io::EventLoop& loop, StoryOptions options);
  ~Story();
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  /// Tells it on standard output. Returns the exit code: 0 when everything was shown and equal.
  [[nodiscard]] int run();

 private:
  struct Executed {
    std::chrono::microseconds after;  ///< it was signed
    core::Hash32 hash;
  };
  /// What is known about one block until all live followers have executed it.
  struct Shown {
    std::shared_ptr<const PublishedBlock> block;
    std::chrono::steady_clock::time_point signed_at;
    std::map<std::size_t, Executed> executed;  ///< by follower
  };
  enum class Phase { kStarting, kPreconfirming, kKeeping, kStopping, kReplaying };

  [[nodiscard]] bool prepare();
  void on_block(std::shared_ptr<const PublishedBlock> block);
  void on_ready(Follower& follower);
  void on_engine_head(std::size_t follower, const SimBlock& head);
  void on_node_heads(Follower& follower);
  void on_delivery(const Follower& follower, const Delivery& delivery);
  void on_end(Follower& follower, ChildEnd end);
  void kill_second_follower();
  void restart_second_follower_when_due();
  void show_finished_blocks();
  void show_finished(std::uint64_t number, const Shown& shown) const;
  /// Follower `index` has another block than the preconfer: L1 has it.
  void show_other_block(std::size_t index, const SimBlock& head) const;
  void say_how_to_join() const;
  /// Is the block the preconfer's, or one whose promise was broken?
  [[nodiscard]] bool is_expected(const core::BlockRef& block) const;
  /// Have all followers, node and engine, the preconfer's block at this height?
  [[nodiscard]] bool all_executed(std::uint64_t number) const;
  void finish_when_equal();
  void stop_followers();
  void replay_next();
  void arm_deadline(std::chrono::milliseconds within);
  void fail(const std::string& reason);

  io::EventLoop& loop_;
  StoryOptions options_;
  std::unique_ptr<Devnet> devnet_;
  std::unique_ptr<L1Act> act_;  ///< null without L1
  std::vector<std::unique_ptr<Follower>> followers_;
  std::unique_ptr<ChildProcess> replay_;
  std::vector<std::string> replay_lines_;
  Phase phase_ = Phase::kStarting;
  std::uint64_t kill_at_ = 0;
  std::uint64_t restart_at_ = 0;
  std::uint64_t last_block_ = 0;  ///< the preconfer's, so far
  bool kill_is_armed_ = false;    ///< the next newPayload of follower 2 kills it
  bool second_is_down_ = false;   ///< killed and not yet caught up
  bool has_recovered_ = false;    ///< follower 2, from its death
  std::optional<std::chrono::steady_clock::time_point> catching_up_;
  std::map<std::uint64_t, Shown> shown_;
  std::size_t stopped_ = 0;
  std::size_t replayed_ = 0;
  io::TimerHandle deadline_;
  int exit_code_ = 1;
};

}  // namespace preconf::node::devnet
