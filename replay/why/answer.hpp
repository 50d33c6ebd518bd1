// What `preconf why` answers: a verdict, its rule, and the events that led to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/operands.hpp"
#include "replay/promise_on_l1.hpp"

namespace preconf::replay {

/// The rule that decided.
struct RuleShown {
  std::string name;
  std::string text;
  std::string source;
  PRECONF_FIELDS(RuleShown, name, text, source);
};

/// One condition of being synced, or one thing that is waited for.
struct Finding {
  std::string name;
  bool holds = false;
  core::Seq since;             ///< event since which it is so; 0 = not known
  core::WallNanos since_time;  ///< of that event
  std::uint64_t age_ms = 0;    ///< from then to the position asked about
  std::string detail;
  std::string unblocked_by;  ///< which event would change it; empty when it holds
  PRECONF_FIELDS(Finding, name, holds, since, since_time, age_ms, detail, unblocked_by);
};

/// One event of the causal tree; or, without a seq, something that is not known.
struct CauseNode {
  std::uint32_t id = 0;
  std::optional<core::Seq> seq;
  std::optional<core::WallNanos> time;
  std::string kind;
  std::string source;
  std::string summary;
  std::vector<std::string> decisions;  ///< those that matter here
  std::string unknown;                 ///< what is missing
  PRECONF_FIELDS(CauseNode, id, seq, time, kind, source, summary, decisions, unknown);
};

/// `from` rests on `to`.
struct CauseEdge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::string role;  ///< "parent", "schedule", "answers read_heads 7:0", ...
  PRECONF_FIELDS(CauseEdge, from, to, role);
};

struct WhyAnswer {
  std::string subject;  ///< as asked
  core::Seq at;         ///< position asked about
  bool found = false;   ///< the log knows the subject
  std::string verdict;
  std::string explanation;  ///< one or more sentences
  std::optional<RuleShown> rule;
  std::vector<Operand> operands;
  std::optional<core::Seq> decided_at;
  std::optional<core::WallNanos> decided_time;
  std::vector<std::string> admitted_if;  ///< checked with the reducer's own rules
  std::vector<Finding> findings;
  std::vector<CauseNode> nodes;  ///< the first is the root
  std::vector<CauseEdge> edges;
  bool is_cut = false;  ///< depth or size bound reached: the tree goes on
  /// What L1 made of the promise asked about, or of one for the height.
  std::optional<PromiseOnL1> on_l1;
  PRECONF_FIELDS(WhyAnswer, subject, at, found, verdict, explanation, rule, operands, decided_at,
                 decided_time, on_l1, admitted_if, findings, nodes, edges, is_cut);
};

/// For people: the verdict, then the tree; an event that was shown before is only named.
[[nodiscard]] std::string to_text(const WhyAnswer& answer);
/// The tree in Graphviz' language.
[[nodiscard]] std::string to_dot(const WhyAnswer& answer);

}  // namespace preconf::replay
