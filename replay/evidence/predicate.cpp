#include "replay/evidence/predicate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/hex.hpp"
#include "replay/evidence/predicate_parts.hpp"

namespace preconf::replay::evidence {
namespace {

using core::protocol::CommitmentFacts;

constexpr std::uint64_t kNanos = 1'000'000'000;
constexpr std::uint64_t kLateAfterSeconds = 4;
constexpr std::uint64_t kListDueSeconds = 12;

std::string hex(const core::Hash32& hash) { return core::to_hex0x(hash.view()); }

/// Does the schedule give this window to this signer, for this timestamp? Also the window after
/// it: a signer may begin early when the one before has ended its window.
enum class Place : std::uint8_t { kOwn, kEarly, kOther, kUnknown };
Place place_of(const CommitmentFacts& facts, const std::optional<core::protocol::Schedule>& table) {
  if (!table) return Place::kUnknown;
  const auto index = core::protocol::find_window(*table, facts.timestamp);
  if (!index) return Place::kUnknown;
  const auto is_of = [&facts](const core::protocol::Window& window) {
    return window.committer == facts.signer && window.end == facts.window_end;
  };
  const auto& windows = table->windows;
  if (is_of(windows[*index])) return Place::kOwn;
  const bool is_early = *index + 1 < windows.size() && is_of(windows[*index + 1]);
  if (is_early && windows[*index].committer == facts.signer) return Place::kOwn;
  return is_early ? Place::kEarly : Place::kOther;
}
bool is_scheduled(const Signed& one, const Facts& facts) {
  const Place place = place_of(one.facts, facts.schedule);
  return place == Place::kOwn || place == Place::kEarly;
}

/// Why is_scheduled() is false.
PredicateResult unscheduled(const Facts& facts) {
  return no(facts.schedule ? "the schedule does not give it this window"
                           : "the schedule, which would give it this window, is not here");
}

std::vector<const Signed*> with_role(const Facts& facts, const char* role) {
  std::vector<const Signed*> found;
  for (const Signed& one : facts.commitments) {
    if (one.role == role) found.push_back(&one);
  }
  return found;
}

/// Are the identifying keys of the finding those of the commitment?
bool agrees(const audit::Finding& finding, const CommitmentFacts& facts) {
  return (!finding.signer || *finding.signer == facts.signer) &&
         (!finding.window_end || *finding.window_end == facts.window_end) &&
         (!finding.block_number || *finding.block_number == facts.block_number) &&
         (!finding.preconf_hash || *finding.preconf_hash == facts.preconf_hash);
}

PredicateResult equivocation(const audit::Finding& finding, const Facts& facts) {
  std::map<bool, std::set<core::Hash32>> contents;
  for (const Signed* one : with_role(facts, "accused")) {
    if (!agrees(finding, one->facts)) return no("a commitment is not of this signer and height");
    if (!is_scheduled(*one, facts)) return unscheduled(facts);
    contents[one->facts.eop_only()].insert(one->facts.preconf_hash);
  }
  for (const auto& [eop_only, hashes] : contents) {
    if (hashes.size() < 2) continue;
    return yes(fmt::format("{} different contents for block {}, signed by {}: {} and {}",
                           hashes.size(), finding.block_number->value,
                           core::to_hex0x(finding.signer->view()), hex(*hashes.begin()),
                           hex(*std::next(hashes.begin()))));
  }
  return no("there are no two different contents");
}

PredicateResult withheld(const Signed& accused, const Facts& facts) {
  if (accused.facts.eop_only()) return no("it promises no transaction list");
  if (!is_scheduled(accused, facts)) return unscheduled(facts);
  PredicateResult result = no("no path of records covers the time after the commitment");
  for (const auto& path : facts.paths) {
    if (path.front().seq() > accused.seq || path.back().seq() < accused.seq) continue;
    for (const Stub& stub : path) {
      if (stub.refers_to(accused.facts.raw_tx_list_hash)) {
        return no(fmt::format("event {} brought the list", stub.seq().value));
      }
    }
    const std::uint64_t covered = core::distance(accused.wall, path.back().wall());
    if (covered < kListDueSeconds * kNanos) {
      result =
          no(fmt::format("the path covers only {} ms after the commitment", covered / 1'000'000));
      continue;
    }
    result =
        yes(fmt::format("no record from event {} to {} ({} s after the commitment) refers to "
                        "list {}",
                        path.front().seq().value, path.back().seq().value, covered / kNanos,
                        hex(accused.facts.raw_tx_list_hash)));
    result.not_shown.push_back(fmt::format(
        "that the list did not come before event {}: `preconf log` on the whole log shows it",
        path.front().seq().value));
    result.not_shown.push_back("that nobody else received the list");
    return result;
  }
  return result;
}

PredicateResult missing_eop(const audit::Finding& finding, const Signed& accused,
                            const Facts& facts) {
  if (accused.facts.eop) return no("it is an EOP");
  if (!is_scheduled(accused, facts)) return unscheduled(facts);
  std::set<core::Hash32> of_window{accused.facts.preconf_hash};
  for (const Signed* one : with_role(facts, "parent")) {
    if (one->facts.signer == *finding.signer && one->facts.window_end == *finding.window_end) {
      of_window.insert(one->facts.preconf_hash);
    }
  }
  for (const Signed* child : with_role(facts, "counter")) {
    if (child->facts.window_end <= *finding.window_end) continue;
    if (!of_window.contains(child->facts.parent_preconf_hash)) continue;
    PredicateResult result = yes(fmt::format(
        "block {} is no EOP, and block {} of the window that ends at {} continues the chain",
        accused.facts.block_number.value, child->facts.block_number.value,
        child->facts.window_end.value));
    result.not_shown.push_back("that the signer made no EOP which this node did not receive");
    return result;
  }
  return no("no commitment of a later window continues it");
}

PredicateResult invalid_eop(const audit::Finding& finding, const Signed& accused,
                            const Facts& facts) {
  if (accused.facts.eop_only()) return no("it promises no block");
  if (!is_scheduled(accused, facts)) return unscheduled(facts);
  for (const Signed* end : with_role(facts, "counter")) {
    const CommitmentFacts& ended = end->facts;
    if (!ended.eop || ended.signer != *finding.signer || ended.window_end != *finding.window_end) {
      continue;
    }
    const bool is_beyond = ended.eop_only() ? accused.facts.block_number >= ended.block_number
                                            : accused.facts.block_number > ended.block_number;
    if (is_beyond) {
      return yes(fmt::format("block {} was signed although the same signer ended the window at {}",
                             accused.facts.block_number.value, ended.block_number.value));
    }
  }
  return no("no EOP of this signer below it");
}

PredicateResult wrong_signer(const Signed& accused, const Facts& facts) {
  const Place place = place_of(accused.facts, facts.schedule);
  if (place == Place::kUnknown) {
    return no(facts.schedule ? "no table covers its timestamp" : "the schedule is not here");
  }
  if (place == Place::kOwn) return no("the schedule gives it this window");
  const auto index = core::protocol::find_window(*facts.schedule, accused.facts.timestamp);
  PredicateResult result =
      yes(fmt::format("timestamp {} belongs to {}, signed by {}", accused.facts.timestamp.value,
                      core::to_hex0x(facts.schedule->windows[*index].committer.view()),
                      core::to_hex0x(accused.facts.signer.view())));
  if (place == Place::kEarly) {
    result.not_shown.push_back("that the owner of that time had not ended its window early");
  }
  return result;
}

PredicateResult late(const Signed& accused, const Facts& facts) {
  if (!is_scheduled(accused, facts)) return unscheduled(facts);
  constexpr std::uint64_t kEndMax = ~std::uint64_t{0} / kNanos - kLateAfterSeconds;
  const std::uint64_t end = accused.facts.window_end.value;
  const bool is_late = end <= kEndMax && accused.wall.value > (end + kLateAfterSeconds) * kNanos;
  if (!is_late) return no("it came in time");
  const std::uint64_t seconds = accused.wall.value / kNanos;
  PredicateResult result =
      yes(fmt::format("event {} is stamped {} s after the end of the window", accused.seq.value,
                      seconds - accused.facts.window_end.value));
  result.not_shown.push_back("that no other node received it earlier");
  return result;
}

PredicateResult check_accusation(const audit::Finding& finding, const Facts& facts) {
  const auto accused = with_role(facts, "accused");
  if (accused.empty()) return no("no accused commitment");
  if (!finding.signer || !finding.window_end || !finding.block_number)
    return no("keys are missing");
  for (const Signed* one : accused) {
    if (!agrees(finding, one->facts)) return no("the accused commitment is not the one named");
  }
  const Signed& first = *accused.front();
  switch (finding.kind) {
    case audit::Kind::kEquivocation:
      return equivocation(finding, facts);
    case audit::Kind::kWithheldTxList:
      return withheld(first, facts);
    case audit::Kind::kMissingEop:
      return missing_eop(finding, first, facts);
    case audit::Kind::kInvalidEop:
      return invalid_eop(finding, first, facts);
    case audit::Kind::kWrongSigner:
      return wrong_signer(first, facts);
    case audit::Kind::kLateCommitment:
      return late(first, facts);
    default:
      return is_scheduled(first, facts) ? contradiction(first, facts) : unscheduled(facts);
  }
}

}  // namespace

PredicateResult check_predicate(const audit::Finding& finding, const Facts& facts) {
  if (finding.kind == audit::Kind::kReorg) {
    return finding.block_number ? reorg(finding, facts) : no("no height");
  }
  if (finding.kind == audit::Kind::kLogGap) return gap(finding, facts);
  const PredicateResult result = check_accusation(finding, facts);
  // Under another domain the same bytes are signed by another key.
  if (result.holds && !facts.has_rules) {
    return no("event 1 of the log, which has the signing domain, is not here");
  }
  return result;
}

}  // namespace preconf::replay::evidence
