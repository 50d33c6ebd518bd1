// How a window ended, and who signed outside of it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/hex.hpp"
#include "replay/audit/window_judgement.hpp"

namespace preconf::replay::audit {

void WindowJudge::judge_blocks_beyond_end() {
  const EndOfWindow* end = known_.book.end_of(window_.key);
  if (end == nullptr) return;
  std::map<core::BlockNumber, Judged*> beyond;  // one finding per height
  for (Judged& judged : judged_) {
    const bool is_beyond = !judged.life.eop_only && judged.life.number >= end->first_free;
    if (is_beyond) beyond.emplace(judged.life.number, &judged);
  }
  for (auto& [number, judged] : beyond) {
    Finding found = finding(Kind::kInvalidEop, Verdict::kFault, judged->life);
    found.seqs = {shown_at(*judged->promise).seq};
    const Promise* ended = known_.book.find(end->preconf_hash);
    const Moment seen = ended != nullptr ? shown_at(*ended) : end->seen;
    if (seen.seq.value > 0) {
      found.seqs.push_back(seen.seq);
    } else {
      found.verdict = Verdict::kUnknown;
      found.missing.push_back(fmt::format("EOP {}, which came before the first event that is here",
                                          core::to_hex0x(end->preconf_hash.view())));
    }
    found.first_seq = std::max(judged->life.received.seq, end->seen.seq);
    found.first_seen = std::max(judged->life.received.wall, end->seen.wall);
    found.text =
        fmt::format("signed block {} after its own {} at {} had ended the window", number.value,
                    end->eop_only ? "EOP-only" : "EOP block", end->number.value);
    for (const Judged& other : judged_) {
      if (other.life.preconf_hash != end->preconf_hash) continue;
      set_actionability(found, check_of(other, Predicate::kInvalidEop));
    }
    add(std::move(found), {judged});
  }
}

/// The last admitted commitment: highest, an EOP before others at its height.
WindowJudge::Judged* WindowJudge::last_admitted() {
  Judged* last = nullptr;
  for (Judged& judged : judged_) {
    if (!judged.life.admitted) continue;
    const auto rank = [](const Judged& one) { return std::pair(one.life.number, one.life.eop); };
    if (last == nullptr || rank(*last) < rank(judged)) last = &judged;
  }
  return last;
}

void WindowJudge::judge_end() {
  WindowEnd& end = summary_.end;
  for (const Judged& judged : judged_) {
    const BlockLife& life = judged.life;
    if (!life.eop || !life.admitted) continue;
    if (end.eop_seen && end.eop_seen->seq < life.received.seq) continue;
    end.eop_seen = life.received;
    end.eop_number = life.number;
    end.eop_only = life.eop_only;
    const std::uint64_t due = nanos(window_.key.end).value;
    const std::uint64_t seen = life.received.wall.value;
    const std::uint64_t distance = (due > seen ? due - seen : seen - due) / 1'000'000;
    end.eop_before_end_ms =
        due >= seen ? static_cast<std::int64_t>(distance) : -static_cast<std::int64_t>(distance);
  }
  Judged* last = last_admitted();
  const Judged* continued = nullptr;
  for (const Judged& judged : judged_) {
    if (!judged.promise->continued) continue;
    if (continued == nullptr ||
        judged.promise->continued->seq < continued->promise->continued->seq) {
      continued = &judged;
    }
  }
  if (last == nullptr) {
    end.missing = "an admitted commitment of this window";
  } else if (last->life.eop) {
    end.verdict = Verdict::kOk;
  } else if (was_ended_before(*last)) {
    end.verdict = Verdict::kOk;
  } else if (continued == nullptr) {
    end.missing = "a commitment of a later window that continues the chain";
  } else {
    end.verdict = add_missing_eop(*last, *continued->promise);
  }
}

/// The first state knows of an EOP there or above.
bool WindowJudge::was_ended_before(const Judged& last) const {
  const EndOfWindow* end = known_.book.end_of(window_.key);
  return end != nullptr && known_.coverage.is_before(end->seen.seq) &&
         end->number >= last.life.number;
}

Verdict WindowJudge::add_missing_eop(Judged& last, const Promise& continued) {
  Finding found = finding(Kind::kMissingEop, Verdict::kFault, last.life);
  found.seqs = {shown_at(*last.promise).seq};
  if (known_.coverage.may_begin_before(last.life.timestamp)) {
    found.verdict = Verdict::kUnknown;
    found.missing.push_back(
        fmt::format("events up to {}: the EOP may have come before", known_.coverage.base().value));
  }
  found.seqs.push_back(continued.continued->seq);
  found.first_seq = continued.continued->seq;
  found.first_seen = continued.continued->wall;
  found.text = fmt::format(
      "the last admitted commitment, block {}, is no EOP, and {} of a later window goes on",
      last.life.number.value, core::to_hex0x(continued.continued_by.view()));
  set_actionability(found, check_of(last, Predicate::kMissingEop));
  found.missing.push_back(
      fmt::format("EIP-4788 beacon root at {}: a missed L1 slot makes this a liveness fault",
                  window_.key.end.value));
  const Verdict verdict =
      known_.coverage.is_before(found.seqs.front()) ? Verdict::kUnknown : found.verdict;
  add(std::move(found), {&last});
  return verdict;
}

/// In the window before its own, only after that one's owner had ended it.
void WindowJudge::judge_signer(Judged& judged) {
  const auto& needed = judged.promise->needs_end_of;
  if (!needed) return;
  const EndOfWindow* end = known_.book.end_of(*needed);
  const bool has_ended = end != nullptr && end->first_free <= judged.life.number;
  if (has_ended) return;
  Finding found = finding(Kind::kWrongSigner, Verdict::kFault, judged.life);
  found.seqs = {shown_at(*judged.promise).seq};
  if (known_.coverage.may_begin_before(judged.promise->needs_end_since)) {
    found.verdict = Verdict::kUnknown;
    found.missing.push_back(fmt::format("events up to {}: that one's EOP may have come before",
                                        known_.coverage.base().value));
  }
  found.text = fmt::format("timestamp {} belongs to {}, which had not ended its window",
                           judged.life.timestamp.value, core::to_hex0x(needed->signer.view()));
  set_offchain(found, "no predicate of the contracts judges a timestamp");
  add(std::move(found), {&judged});
}

}  // namespace preconf::replay::audit
