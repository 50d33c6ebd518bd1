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
    count(judged);
  }
  summary_.latency = latencies_.summary();
  // What only the first state knows has no row of its own.
  for (const Judged& judged : judged_) {
    if (!judged.promise->is_known_before) report_.add(judged.life);
  }
  if (summary_.promises > 0) report_.add(summary_, latencies_);
}

void WindowJudge::judge_life(Judged& judged) {
  const LandingVerdict landing = landing_of(*judged.promise, known_.chain, known_.book, known_.l1);
  judged.life.landing = landing.landing;
  judged.life.confirmed_hash = landing.confirmed_hash;
  judged.life.landing_missing = landing.missing;
  judged.not_read = landing.not_read;
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

Moment WindowJudge::shown_at(const Promise& promise) {
  return promise.shown.seq.value > 0 ? promise.shown : promise.life.received;
}

void WindowJudge::doubt_what_came_before(Finding& found) const {
  const core::Seq base = known_.coverage.base();
  if (base.value == 0) return;
  for (const core::Seq seq : found.seqs) {
    if (!known_.coverage.is_before(seq)) continue;
    found.verdict = Verdict::kUnknown;
    found.reason.clear();
    found.missing.push_back(fmt::format(
        "the commitment of event {}, which came before the first event that is here", seq.value));
  }
  if (!known_.coverage.is_before(found.first_seq)) return;
  // Known from the first event here that shows any of it, or else from the beginning.
  const auto here = std::ranges::upper_bound(found.seqs, base);
  found.first_seq = here == found.seqs.end() ? core::next(base) : *here;
  const auto event = known_.log.read(found.first_seq)->next();
  if (event && *event) found.first_seen = (*event)->event.wall;
}

void WindowJudge::add(Finding found, std::initializer_list<Judged*> about) {
  std::sort(found.seqs.begin(), found.seqs.end());
  found.seqs.erase(std::unique(found.seqs.begin(), found.seqs.end()), found.seqs.end());
  doubt_what_came_before(found);
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
    // Two that are here are enough; those from before the log only when there is no other.
    const auto is_here = [](const Judged* one) { return one->promise->shown.seq.value > 0; };
    std::ranges::stable_partition(contents, is_here);
    const auto here = static_cast<std::size_t>(std::ranges::count_if(contents, is_here));
    const BlockLife& second = contents[1]->life;
    Finding found = finding(Kind::kEquivocation, Verdict::kFault, second);
    found.preconf_hash.reset();
    found.seqs.clear();
    for (const Judged* content : contents) {
      if (found.seqs.size() == Finding::kSeqsMax) break;
      if (found.seqs.size() < std::max<std::size_t>(here, 2)) {
        found.seqs.push_back(shown_at(*content->promise).seq);
      }
    }
    found.text = fmt::format("{} different commitments for block {}: {} and {}", contents.size(),
                             height.first.value, hex(contents[0]->life.preconf_hash),
                             hex(second.preconf_hash));
    set_offchain(found, "the contracts have no predicate for two commitments of one height");
    std::sort(found.seqs.begin(), found.seqs.end());
    doubt_what_came_before(found);
    if (found.verdict == Verdict::kFault) ++summary_.faults;
    const std::string id = report_.add(std::move(found));
    for (Judged* content : contents) content->life.findings.push_back(id);
  }
}

void WindowJudge::judge_time(Judged& judged) {
  const BlockLife& life = judged.life;
  if (judged.promise->is_known_before) return;  // nobody knows any more when it came
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
  if (known_.coverage.may_begin_before(life.timestamp)) {
    found.verdict = Verdict::kUnknown;
    found.reason.clear();
    found.missing.push_back(
        fmt::format("events up to {}: it may have come before", known_.coverage.base().value));
  }
  const PredicateCheck& check = check_of(judged, Predicate::kMissedSubmission);
  set_actionability(found, check);
  add(std::move(found), {&judged});
}

void WindowJudge::judge_list(Judged& judged) {
  const BlockLife& life = judged.life;
  if (!life.admitted || life.eop_only || life.list_received || life.list_before) return;
  if (known_.log.content(life.tx_list_hash) != nullptr) return;  // came before memory reaches
  if (!judged.promise->is_known_before) ++summary_.lists_missing;
  const WallNanos due = after(life.received.wall, kListDueSeconds);
  const bool covered = known_.coverage.covers(life.received.wall, due);
  const bool maybe_before = known_.coverage.may_begin_before(life.timestamp);
  Finding found = finding(Kind::kWithheldTxList,
                          covered && !maybe_before ? Verdict::kFault : Verdict::kUnknown, life);
  // Whoever catches up hears of promises whose blocks L1 has already: nobody asks for their lists.
  const WallNanos promised = std::min(nanos(life.timestamp), life.received.wall);
  const bool is_on_l1 = life.decision == core::Verdict::kStale && life.decided &&
                        life.decided->wall <= due && !known_.coverage.covers(promised, due);
  if (is_on_l1) {
    found.verdict = Verdict::kExcused;
    found.reason =
        "this node did not run at the block's time, and L1 confirmed the height before the list "
        "was "
        "due";
  }
  found.text = fmt::format("transaction list {} never reached this node", hex(life.tx_list_hash));
  if (!covered && !is_on_l1) {
    found.missing.push_back(
        fmt::format("{} s of uninterrupted log after the commitment", kListDueSeconds));
  }
  if (maybe_before && !is_on_l1) {
    found.missing.push_back(fmt::format("events up to {}: the list may have come before",
                                        known_.coverage.base().value));
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
  found.seqs = {shown_at(*judged.promise).seq};
  found.text = fmt::format("block {} is {}, {}", life.number.value,
                           life.confirmed_hash ? "confirmed as " + hex(*life.confirmed_hash)
                                               : std::string("another one on L1"),
                           life.block_hash ? "executed here as " + hex(*life.block_hash)
                                           : std::string("not as promised"));
  const ChainBlock* block = known_.chain.at(life.number);
  if (block != nullptr && life.confirmed_hash && block->seq.value > 0) {
    found.seqs.push_back(block->seq);
  } else if (!life.on_l1) {
    found.verdict = Verdict::kUnknown;
    found.missing.push_back("the engine's answer with that block, from before this log begins");
  }
  const auto& on_l1 = life.on_l1;
  if (on_l1 && on_l1->seq.value == 0) {
    found.text += "; L1 contradicted it before this log begins";
    found.verdict = Verdict::kUnknown;
    found.missing.push_back("the L1 block with the other one, from before this log begins");
  } else if (on_l1) {
    found.text += fmt::format("; proposal {} in L1 block {}", on_l1->proposal.value,
                              core::to_hex0x(on_l1->l1_block.view()));
    if (!on_l1->differences.empty()) found.text += ": " + text_of(on_l1->differences);
    found.seqs.push_back(on_l1->seq);
    if (on_l1->proposal_seen.value != 0) found.seqs.push_back(on_l1->proposal_seen);
  }
  const PredicateCheck& missed = check_of(judged, Predicate::kMissedSubmission);
  const PredicateCheck& other = check_of(judged, Predicate::kTxListOrAnchorMismatch);
  set_actionability(found, missed.truth == Truth::kFalse ? other : missed);
  add(std::move(found), {&judged});
}

void WindowJudge::count(const Judged& judged) {
  const BlockLife& life = judged.life;
  if (known_.coverage.is_before(life.received.seq)) return;
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
  if (judged.not_read) ++summary_.landing.not_read;
  // That L1 was read past its last possible landing is the word of L1, too.
  const bool is_missed = life.landing == Landing::kNotLanded && known_.l1.is_followed();
  const bool is_from_l1 = life.on_l1 && life.landing != Landing::kNoBlock;
  if (is_from_l1 || is_missed) ++summary_.landing.from_l1;
}

void judge_window(const OpenWindow& window, const Knowledge& known, ReportBuilder& report) {
  WindowJudge(window, known, report).run();
}

}  // namespace preconf::replay::audit
