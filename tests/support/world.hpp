// The world around the reducer, in one thread: an honest preconfer, a model engine, timers, and the
// log of what happened. Everything is a function of the calls made on it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "tests/support/model_engine.hpp"

namespace preconf::tests {

/// A block as its preconfer promised it: the commitment's facts and its transaction list's facts.
struct Promise {
  core::protocol::CommitmentFacts facts;
  core::protocol::TxListFacts list;
};

[[nodiscard]] core::Address address_number(std::uint8_t number);
/// Hashes of `facts` follow from its fields, as they do for real bytes.
void seal(core::protocol::CommitmentFacts& facts);
[[nodiscard]] core::events::GenesisRecorded model_genesis_event();
/// Two windows of 384 s and a third one, of signers 1, 2 and 3, from time 1000.
[[nodiscard]] core::protocol::Schedule model_schedule();

/// Builds linked promises on an engine of its own, as an honest preconfer does.
class Preconfer {
 public:
  explicit Preconfer(core::protocol::Schedule schedule = model_schedule());
  /// The next block, `seconds` after its parent. `salt` makes different lists.
  Promise next_block(std::uint64_t seconds = 2, std::uint8_t salt = 0, bool eop = false);
  /// A promise on the current tip that is not added to the chain; for rivals and broken ones.
  [[nodiscard]] Promise variant(std::uint64_t seconds, std::uint8_t salt) const;
  /// An EOP-only commitment on the current tip.
  [[nodiscard]] core::protocol::CommitmentFacts eop_only() const;
  void adopt(const Promise& promise);

  core::protocol::HeaderFacts tip = model_genesis();
  core::UnixSeconds tip_parent_time;
  core::Hash32 parent_preconf;  ///< link of the next commitment
  core::UnixSeconds clock{1000};

 private:
  core::protocol::Schedule schedule_;
};

/// Folds events through the reducer and remembers them.
class World {
 public:
  /// Records genesis only.
  explicit World(ModelEngine& engine);
  /// Fails the test when an invariant was broken.
  ~World();

  /// Appends one event and reduces it; commands go to `outstanding`.
  const core::Outcome& feed(core::EventBody body);
  /// The same for an event of another origin than this process.
  const core::Outcome& feed_from(core::SourceKind source, std::uint64_t source_id,
                                 core::EventBody body);
  /// Boot, L1 live without proposals, schedule.
  void start(const core::protocol::Schedule& schedule = model_schedule());
  void commitment(const core::protocol::CommitmentFacts& facts);
  void txlist(const core::protocol::TxListFacts& facts);
  void promise(const Promise& promise);

  /// Answers the oldest outstanding command; timers are skipped. False when there is none.
  bool answer_next();
  /// Answers it with `result` in place of the engine's own answer.
  void answer_next_with(core::events::EngineResult result);
  /// The engine performs the command but the answer is lost.
  void lose_next_answer();
  /// Answers commands until none is outstanding (timers stay armed).
  void settle();
  /// Fires the armed timer that is due first, or does what is planned for an earlier time. False
  /// when none is armed and nothing planned.
  bool fire_next_timer();
  /// `work` is done at that time, in the order of time, by fire_next_timer().
  void plan(std::uint64_t at_ns, std::function<void()> work) { planned_.emplace(at_ns, work); }
  /// Settles and fires retry timers until nothing but the poll timer is armed.
  void settle_with_retries();
  /// Settles and fires timers, at most `timers_max`, until `is_done`. Returns whether it is.
  bool run_until(const std::function<bool(const core::State&)>& is_done, int timers_max = 1'000);
  /// The same until the head is this block.
  bool run_to(const core::Hash32& head, int timers_max = 1'000);

  core::State state;
  std::vector<core::Event> log;
  std::vector<core::Hash32> digests;      ///< per event
  std::vector<core::Decision> decisions;  ///< all so far
  std::deque<core::Command> outstanding;
  std::vector<std::string> violations;  ///< broken invariants, with the event's seq
  std::uint64_t now_ns = 1'000'000'000;
  std::size_t check_every = 1;  ///< events; the invariants take time linear in the state
  /// Answers commands to peers (support/network.hpp); nobody is there without it.
  std::function<void(const core::Command&)> answer_peer;
  /// Answers commands to L1 (support/model_l1.hpp).
  std::function<core::events::L1Result(const core::CommandBody&)> answer_l1;
  /// Sees commands that have no outcome, but for timers.
  std::function<void(const core::Command&)> on_order;

 private:
  ModelEngine& engine_;
  std::multimap<std::uint64_t, std::function<void()>> planned_;
  core::Outcome outcome_;
  core::SourceKind source_ = core::SourceKind::kLocal;
  std::uint64_t source_id_ = 0;
};

/// The state after folding `log`.
[[nodiscard]] core::State fold(const std::vector<core::Event>& log);

}  // namespace preconf::tests
