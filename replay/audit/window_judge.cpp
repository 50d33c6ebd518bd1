#include "replay/audit/window_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/hex.hpp"
#include "replay/audit/window_judgement.hpp"

namespace preconf::replay::audit {

using core::UnixSeconds;
using core::WallNanos;

namespace {

constexpr std::uint64_t kSecondsMax = ~std::uint64_t{0} / kNanosPerSecond;

WallNanos after(WallNanos time, std::uint64_t seconds) {
  return WallNanos{time.value +
                   std::min(seconds * kNanosPerSecond, ~std::uint64_t{0} - time.value)};
}

std::string hex(const core::Hash32& hash) { return core::to_hex0x(hash.view()); }

}  // namespace

WallNanos nanos(UnixSeconds time, std::uint64_t plus_seconds) {
  const std::uint64_t seconds = std::min(time.value, kSecondsMax - plus_seconds);
  return WallNanos{(seconds + plus_seconds) * kNanosPerSecond};
}

WindowJudge::WindowJudge(const OpenWindow& window, const Knowledge& known, ReportBuilder& report)
    : window_(window), known_(known), report_(report) {
  summary_.window_end = window.key.end;
  summary_.signer = window.key.signer;
  summary_.schedule_version = window.schedule_version;
  summary_.end.next_signer = window.next_signer;
  for (const Promise& promise : window.promises) {
    judged_.push_back({&promise, promise.life, {}});
  }
}

void WindowJudge::run() {
  for (Judged& judged : judged_) judge_life(judged);
  judge_equivocations();
  judge_blocks_beyond_end();
  judge_end();
  for (Judged& judged : judged_) {
    judge_signer(judged);
    judge_time(judged);
    judge_list(judged);
    judge_landing(judged);
    count(judged.life);
  }
  summary_.latency = latencies_.summary();
  for (const Judged& judged : judged_) report_.add(judged.life);
  report_.add(summary_, latencies_);
}

void WindowJudge::judge_life(Judged& judged) {
  const LandingVerdict landing = landing_of(*judged.promise, known_.chain, known_.book);
  judged.life.landing = landing.landing;
  judged.life.confirmed_hash = landing.confirmed_hash;
  judged.life.landing_missing = landing.missing;
  judged.predicates = predicates_of(*judged.promise, known_.chain, known_.book);
  if (judged.life.admitted) {
    judged.life.predicates.assign(judged.predicates.begin(), judged.predicates.end());
  }
}

Finding WindowJudge::finding(Kind kind, Verdict verdict, const BlockLife& life) const {
  Finding found = make_finding(kind, verdict);
  found.signer = window_.key.signer;
  found.window_end = window_.key.end;
  found.block_number = life.number;
  found.preconf_hash = life.preconf_hash;
  found.first_seq = life.received.seq;
  found.first_seen = life.received.wall;
  found.seqs.push_back(life.received.seq);
  return found;
}

void WindowJudge::add(Finding found, std::initializer_list<Judged*> about) {
  std::sort(found.seqs.begin(), found.seqs.end());
  found.seqs.erase(std::unique(found.seqs.begin(), found.seqs.end()), found.seqs.end());
  if (found.verdict == Verdict::kFault) ++summary_.faults;
  const std::string id = report_.add(std::move(found));
  for (Judged* judged : about) judged->life.findings.push_back(id);
}

/// A predicate that holds still covers another encoding than the one that was signed.
void WindowJudge::set_actionability(Finding& found, const PredicateCheck& check) {
  const std::string name = name_of(check.predicate);
  if (check.truth == Truth::kTrue) {
    found.actionability = Actionability::kEncodingNotSlashable;
    found.actionability_reason =
        name +
        " holds, but the signature covers the peer-to-peer container, not the ABI "
        "encoding that the slasher verifies";
  } else if (check.truth == Truth::kUnknown) {
    found.actionability = Actionability::kNeedsL1Landing;
    found.actionability_reason = name + " needs " + check.missing;
    found.missing.push_back(check.missing);
  } else {
    found.actionability = Actionability::kOffchainOnly;
    found.actionability_reason = name + " does not hold";
  }
}

void WindowJudge::set_offchain(Finding& found, const char* reason) {
  found.actionability = Actionability::kOffchainOnly;
  found.actionability_reason = reason;
}

const PredicateCheck& WindowJudge::check_of(const Judged& judged, Predicate predicate) {
  return judged.predicates[static_cast<std::size_t>(predicate)];
}

void WindowJudge::judge_equivocations() {
  std::map<std::pair<core::BlockNumber, bool>, std::vector<Judged*>> by_height;
  for (Judged& judged : judged_) {
    by_height[{judged.life.number, judged.life.eop_only}].push_back(&judged);
  }
  for (auto& [height, contents] : by_height) {
    if (contents.size() < 2) continue;
    const BlockLife& second = contents[1]->life;
    Finding found = finding(Kind::kEquivocation, Verdict::kFault, second);
    found.preconf_hash.reset();
    found.seqs.clear();
    for (const Judged* content : contents) {
      if (found.seqs.size() == Finding::kSeqsMax) break;
      found.seqs.push_back(content->life.received.seq);
    }
    found.text = fmt::format("{} different commitments for block {}: {} and {}", contents.size(),
                             height.first.value, hex(contents[0]->life.preconf_hash),
                             hex(second.preconf_hash));
    set_offchain(found, "the contracts have no predicate for two commitments of one height");
    std::sort(found.seqs.begin(), found.seqs.end());
    ++summary_.faults;
    const std::string id = report_.add(std::move(found));
    for (Judged* content : contents) content->life.findings.push_back(id);
  }
}

void WindowJudge::judge_time(Judged& judged) {
  const BlockLife& life = judged.life;
  const WallNanos due = nanos(window_.key.end, kLateAfterSeconds);
  if (life.received.wall <= due) return;
  ++summary_.late;
  const WallNanos promised = std::min(nanos(life.timestamp), due);
  const bool covered = known_.coverage.covers(promised, due);
  Finding found =
      finding(Kind::kLateCommitment, covered ? Verdict::kFault : Verdict::kExcused, life);
  found.text = fmt::format("first seen {} ms after the end of its window",
                           (life.received.wall.value - nanos(window_.key.end).value) / 1'000'000);
  if (!covered) {
    found.reason = "this node did not run between the block's timestamp and the deadline";
  }
  const PredicateCheck& check = check_of(judged, Predicate::kMissedSubmission);
  set_actionability(found, check);
  add(std::move(found), {&judged});
}

void WindowJudge::judge_list(Judged& judged) {
  const BlockLife& life = judged.life;
  if (!life.admitted || life.eop_only || life.list_received) return;
  if (known_.log.content(life.tx_list_hash) != nullptr) return;  // came before memory reaches
  ++summary_.lists_missing;
  const WallNanos due = after(life.received.wall, kListDueSeconds);
  const bool covered = known_.coverage.covers(life.received.wall, due);
  Finding found =
      finding(Kind::kWithheldTxList, covered ? Verdict::kFault : Verdict::kUnknown, life);
  found.text = fmt::format("transaction list {} never reached this node", hex(life.tx_list_hash));
  if (!covered) {
    found.missing.push_back(
        fmt::format("{} s of uninterrupted log after the commitment", kListDueSeconds));
  }
  found.missing.push_back(
      "what other nodes received: absence here does not prove that the list "
      "was not published");
  set_actionability(found, check_of(judged, Predicate::kMissedSubmission));
  add(std::move(found), {&judged});
}

void WindowJudge::judge_landing(Judged& judged) {
  const BlockLife& life = judged.life;
  if (!life.admitted || life.landing != Landing::kContradicted) return;
  Finding found = finding(Kind::kL1Contradiction, Verdict::kFault, life);
  found.text =
      fmt::format("block {} is confirmed as {}, {}", life.number.value, hex(*life.confirmed_hash),
                  life.block_hash ? "executed here as " + hex(*life.block_hash)
                                  : std::string("not as promised"));
  if (const ChainBlock* block = known_.chain.at(life.number)) found.seqs.push_back(block->seq);
  const PredicateCheck& missed = check_of(judged, Predicate::kMissedSubmission);
  const PredicateCheck& other = check_of(judged, Predicate::kTxListOrAnchorMismatch);
  set_actionability(found, missed.truth == Truth::kFalse ? other : missed);
  add(std::move(found), {&judged});
}

void WindowJudge::count(const BlockLife& life) {
  ++summary_.promises;
  if (!summary_.first_number || life.number < *summary_.first_number) {
    summary_.first_number = life.number;
  }
  if (!summary_.last_number || *summary_.last_number < life.number) {
    summary_.last_number = life.number;
  }
  latencies_.seen.add(nanos(life.timestamp).value, life.received.wall.value);
  if (life.executed) {
    ++summary_.executed;
    latencies_.executed.add(life.received.wall.value, life.executed->wall.value);
  }
  if (!life.admitted) return;
  ++summary_.admitted;
  latencies_.admitted.add(life.received.wall.value, life.admitted->wall.value);
  if (life.landing == Landing::kHonoured) ++summary_.landing.honoured;
  if (life.landing == Landing::kContradicted) ++summary_.landing.contradicted;
  if (life.landing == Landing::kNotLanded) ++summary_.landing.not_landed;
  if (life.landing == Landing::kUnknown) ++summary_.landing.unknown;
}

void judge_window(const OpenWindow& window, const Knowledge& known, ReportBuilder& report) {
  WindowJudge(window, known, report).run();
}

}  // namespace preconf::replay::audit
