// The questions of `preconf why`, each with its own way to begin the causal tree.
#pragma once

#include "replay/why/causes.hpp"
#include "replay/why/why.hpp"

namespace preconf::replay {

/// Everything a question is answered from.
struct Inquiry {
  const Question& question;
  const Chronicle& chronicle;
  WhyAnswer& answer;
  Causes& causes;

  /// Takes verdict, rule, operands and time from the decision about `subject` (any, when none) with
  /// `verdict` at `seq`, and makes that event the root of the tree.
  void conclude(core::Seq seq, const std::optional<core::Hash32>& subject, core::Verdict verdict,
                const Focus& focus);
  /// What L1 made of the promise `subject`, unless it took that back: into the answer, and below
  /// `from` into the tree.
  void tell_l1_verdict(std::uint32_t from, const core::Hash32& subject);
  /// The same of every promise for the height that L1 did not keep.
  void tell_broken_promises(std::uint32_t from, core::BlockNumber number);
  /// The same without touching the tree.
  void take_rule(core::Seq seq, const std::optional<core::Hash32>& subject, core::Verdict verdict);
};

void answer_rejected(Inquiry inquiry);
void answer_not_executed(Inquiry inquiry);
void answer_head(Inquiry inquiry);
/// What is known of a block that no event which is here made the head.
[[nodiscard]] std::string unseen_head(const Chronicle& chronicle, core::BlockNumber number);
void answer_reorg(Inquiry inquiry);
void answer_not_synced(Inquiry inquiry);
void answer_stuck(Inquiry inquiry);
void answer_command(Inquiry inquiry);

}  // namespace preconf::replay
