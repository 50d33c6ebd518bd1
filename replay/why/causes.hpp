// The causal tree: from an event to the events that gave what it read, down to the inputs.
//
// Every edge follows from something that is written down: a command's id names the event that
// caused it, the state names the events that brought its commitments and lists, and the chronicle
// knows which event changed the rest last. Nothing is inferred from closeness in time.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "replay/why/answer.hpp"
#include "replay/why/chronicle.hpp"

namespace preconf::replay {

/// Which of an event's decisions matter.
struct Focus {
  enum class Kind : std::uint8_t {
    kNothing,  ///< the event is an input
    kSubject,  ///< decisions about `subject`
    kHead,
    kBoundary,
    kGate,
    kSchedule,
    kEngine,   ///< deferred plans, fatal answers
    kCommand,  ///< it issued `command`
    kL1Refusal,
  };
  Kind kind = Kind::kNothing;
  core::Hash32 subject;
  core::CommandId command;

  [[nodiscard]] static Focus on(const core::Hash32& subject) {
    return {Kind::kSubject, subject, {}};
  }
  [[nodiscard]] static Focus on(Kind kind) { return {kind, {}, {}}; }
};

class Causes {
 public:
  /// More nodes are not shown; the answer says so.
  static constexpr std::size_t kNodesMax = 256;

  /// Adds nodes and edges to `answer`. Both outlive the object.
  Causes(const Chronicle& chronicle, WhyAnswer& answer) : chronicle_(chronicle), answer_(answer) {}

  /// A node that is no event: how something stands, or what is not known. Without `from`: the root.
  std::uint32_t add_state(std::optional<std::uint32_t> from, const std::string& role,
                          const std::string& text);
  std::uint32_t add_unknown(std::uint32_t from, const std::string& role, const std::string& text);
  /// The event and, at most `depth` steps down, what it rests on. Without `from`: the root.
  std::uint32_t add_event(std::optional<std::uint32_t> from, const std::string& role, core::Seq seq,
                          const Focus& focus, std::uint32_t depth);

  // What a state or a decision rests on, seen from event `seq` (inclusive).
  void add_facet(std::uint32_t from, const std::string& role, Facet facet, core::Seq seq,
                 std::uint32_t depth);
  void add_commitment(std::uint32_t from, const std::string& role, const core::State& state,
                      const core::Hash32& preconf_hash, core::Seq seq, std::uint32_t depth);
  void add_parent(std::uint32_t from, const core::State& state,
                  const core::protocol::CommitmentFacts& facts, core::Seq seq, std::uint32_t depth);
  void add_list(std::uint32_t from, const core::State& state, const core::Hash32& hash,
                core::Seq seq, std::uint32_t depth);
  void add_genesis(std::uint32_t from, const std::string& role);
  /// What L1 made of a promise (kHonoured, kContradicted, kNotLanded), decided at `moment`.
  void add_l1_verdict(std::uint32_t from, const Moment& moment, const core::Decision& decision,
                      std::uint32_t depth);

  /// Reading the log failed somewhere.
  [[nodiscard]] const std::optional<storage::StorageFailure>& failure() const { return failure_; }

 private:
  std::uint32_t new_node();
  void connect(std::optional<std::uint32_t> from, std::uint32_t to, const std::string& role);
  [[nodiscard]] bool is_relevant(const core::Decision& decision, const Focus& focus,
                                 const Moment& moment) const;
  void expand(std::uint32_t node, const Focus& focus, std::uint32_t depth);
  void add_origin(std::uint32_t node, const Moment& moment, std::uint32_t depth);
  void add_grounds(std::uint32_t node, const Moment& moment, const core::Decision& decision,
                   std::uint32_t depth);
  void add_rule_grounds(std::uint32_t node, const Moment& moment, const core::Decision& decision,
                        const core::protocol::CommitmentFacts* facts, std::uint32_t depth);
  void add_list_grounds(std::uint32_t node, const Moment& moment, core::Reason reason,
                        const core::protocol::CommitmentFacts& facts, std::uint32_t depth);
  void add_handoff(std::uint32_t node, const Moment& moment,
                   const core::protocol::CommitmentFacts& facts, std::uint32_t depth);
  /// The L1 block that brought the proposal which is derived at that moment.
  void add_proposal(std::uint32_t node, const Moment& moment, std::uint32_t depth);
  /// False: not a decision about L1.
  [[nodiscard]] bool add_l1_grounds(std::uint32_t node, const Moment& moment,
                                    const core::Decision& decision, std::uint32_t depth);

  const Chronicle& chronicle_;
  WhyAnswer& answer_;
  std::map<core::Seq, std::uint32_t> nodes_;
  std::optional<storage::StorageFailure> failure_;
};

/// The commitment with this hash: the one that others link to, else any copy; null when none is
/// held.
[[nodiscard]] const core::Commitment* find_held(const core::State& state,
                                                const core::Hash32& preconf_hash);

/// "rejected signer_mismatch, block 3: window_end 1384, ..."; for one line.
[[nodiscard]] std::string phrase_of(const core::Decision& decision);

/// The facts of the commitment that `decision` is about, as known at that moment; null when the
/// decision is about something else. Points into `moment`.
[[nodiscard]] const core::protocol::CommitmentFacts* facts_of(const Moment& moment,
                                                              const core::Decision& decision);

}  // namespace preconf::replay
