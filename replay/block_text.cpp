// The life of a block for a person.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "replay/block_life.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

/// In the order in which they came.
std::string milestones_text(const BlockMilestones& milestones) {
  std::vector<std::pair<const char*, Stamp>> rows;
  const auto add = [&rows](const char* name, const std::optional<Stamp>& stamp) {
    if (stamp) rows.emplace_back(name, *stamp);
  };
  add("tx list", milestones.tx_list);
  add("commitment", milestones.commitment);
  add("apply started", milestones.apply_started);
  add("executed", milestones.executed);
  add("replaced", milestones.replaced);
  add("confirmed", milestones.confirmed);
  add("safe", milestones.safe);
  add("finalized", milestones.finalized);
  if (rows.empty()) return {};
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.second.seq; });
  const std::size_t width = std::to_string(rows.back().second.seq.value).size();
  std::string out;
  core::WallNanos before;
  for (const auto& [name, stamp] : rows) {
    out += fmt::format("  {:<13}  event {:<{}}  {}", name, stamp.seq.value, width,
                       stamp_text(stamp.wall));
    if (before.value > 0 && before < stamp.wall) {
      out += "  +" + duration_text(micros_between(before, stamp.wall));
    }
    out += '\n';
    before = stamp.wall;
  }
  return out;
}

std::string with_reason(const std::string& verdict, const std::string& reason) {
  return reason.empty() || reason == "none" ? verdict : verdict + "/" + reason;
}

/// What became of a commitment, in the order in which it did.
std::string standing_text(const BlockCommitment& commitment) {
  std::string out = commitment.verdict.empty() ? "held when this log begins"
                                               : with_reason(commitment.verdict, commitment.reason);
  const std::string& phase = commitment.last_phase;
  const std::string& end = commitment.last_verdict;
  const bool was_executed = !commitment.block_hash.is_zero();
  // What the verdicts say already.
  const bool is_said = phase.empty() || phase == commitment.verdict ||
                       (phase == "admitted" && commitment.verdict == "handoff") ||
                       (phase == "invalid" && end == "invalidated");
  if (was_executed) out += ", then executed";
  if (commitment.replaced) {
    out +=
        fmt::format(", then replaced by another block (event {})", commitment.replaced->seq.value);
  } else if (was_executed && phase != "executed") {
    out += ", then off the executed chain";
  } else if (!was_executed && !is_said) {
    out += ", then " + phase;
  }
  if (end.empty() || end == commitment.verdict) return out;
  return out + ", then " + with_reason(end, commitment.last_reason);
}

std::string commitment_text(const BlockCommitment& commitment) {
  std::string out =
      fmt::format("  {}  event {}  signer {}\n", core::to_hex0x(commitment.preconf_hash.view()),
                  commitment.received.seq.value, core::to_hex0x(commitment.signer.view()));
  out += "    " + standing_text(commitment);
  if (commitment.repeats > 0) out += fmt::format(", came {} times again", commitment.repeats);
  if (commitment.eop) out += ", end of window";
  out += fmt::format("\n    list {}", core::to_hex0x(commitment.tx_list_hash.view()));
  out += commitment.tx_list ? fmt::format(" of event {}\n", commitment.tx_list->seq.value)
                            : " never arrived\n";
  if (!commitment.block_hash.is_zero()) {
    out += fmt::format("    executed as {}\n", core::to_hex0x(commitment.block_hash.view()));
  }
  if (const auto& on_l1 = commitment.on_l1) {
    out += fmt::format("    on L1: {}, proposal {}", on_l1->verdict, on_l1->proposal.value);
    if (!on_l1->l1_block.is_zero()) {
      out += " in L1 block " + core::to_hex0x(on_l1->l1_block.view());
    }
    out += fmt::format("  event {}\n", on_l1->seq.value);
    for (const PromiseDifference& one : on_l1->differences) {
      out += fmt::format("      {}: promised {}, on L1 {}\n", one.field, one.promised, one.on_l1);
    }
  }
  return out;
}

std::string call_text(const BlockCall& call) {
  // As wide as the longest name.
  return fmt::format("  {:<21} {:>12}  {}  {:>12}  {}\n", call.name, call.id,
                     stamp_text(call.issued.wall),
                     call.elapsed_us ? duration_text(*call.elapsed_us) : "", call.outcome);
}

std::string step_text(const BlockStep& step) {
  std::string out = fmt::format("{:>10}  {}  +{:<12} {}", step.seq.value, stamp_text(step.wall),
                                duration_text(step.since_first_us), step.what);
  if (!step.reason.empty()) out += "/" + step.reason;
  if (step.hash) out += " " + core::to_hex0x(step.hash->view());
  if (!step.detail.empty()) out += "  " + step.detail;
  return out + "\n";
}

}  // namespace

std::string text_of(const BlockLife& life) {
  std::string out = fmt::format(
      "block {}  {}\n", life.number.value,
      life.block_hash ? core::to_hex0x(life.block_hash->view()) : "not on the executed chain");
  out += milestones_text(life.milestones);
  out += fmt::format("{} commitment{}{}\n", life.commitments.size(),
                     life.commitments.size() == 1 ? "" : "s",
                     life.commitments.size() > 1 ? " that compete" : "");
  for (const BlockCommitment& commitment : life.commitments) out += commitment_text(commitment);
  if (!life.calls.empty()) out += "engine calls\n";
  for (const BlockCall& call : life.calls) out += call_text(call);
  out += "steps\n";
  for (const BlockStep& step : life.steps) out += step_text(step);
  if (life.omitted > 0) out += fmt::format("... and {} more\n", life.omitted);
  return out;
}

}  // namespace preconf::replay
