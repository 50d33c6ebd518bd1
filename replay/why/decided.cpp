// why rejected HASH, why head N, why reorg N, why command ID: there is a deciding event.
#include <fmt/format.h>

#include <algorithm>

#include "replay/leaf.hpp"
#include "replay/names.hpp"
#include "replay/why/subjects.hpp"

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::Hash32;
using core::Seq;
using core::Verdict;

bool is_refusal(Verdict verdict) {
  if (verdict == Verdict::kContradicted || verdict == Verdict::kNotLanded) return true;  // by L1
  return verdict == Verdict::kRejected || verdict == Verdict::kInvalidated ||
         verdict == Verdict::kStale || verdict == Verdict::kEvicted ||
         verdict == Verdict::kTxListRejected;
}

bool is_head_move(Verdict verdict) {
  return verdict == Verdict::kApplied || verdict == Verdict::kAlreadyMaterialized ||
         verdict == Verdict::kHeadAdopted;
}

void say_unknown(const Inquiry& inquiry, const std::string& what) {
  const std::string missing = inquiry.chronicle.missing_before();
  inquiry.answer.verdict = "unknown";
  const bool is_said = missing.empty() || what.find(missing) != std::string::npos;
  inquiry.answer.explanation = what + (is_said ? "" : "; " + missing);
}

}  // namespace

std::string unseen_head(const Chronicle& chronicle, core::BlockNumber number) {
  const auto& now = chronicle.state().heads.unsafe;
  const std::string head = now ? std::to_string(now->number.value) : "not known";
  const std::string missing = chronicle.missing_before();
  if (missing.empty()) {
    return fmt::format("block {} was not the head; the head is {}", number.value, head);
  }
  const core::Heads& before = chronicle.start().heads;
  if (chronicle.first().value == 1 || !before.unsafe || before.unsafe->number < number) {
    return fmt::format("no event from {} on made block {} the head; the head is {}; {}",
                       chronicle.first().value, number.value, head, missing);
  }
  std::optional<Hash32> hash;
  const auto executed = before.executed.find(number);
  if (executed != before.executed.end()) hash = executed->second.hash;
  if (before.unsafe->number == number) hash = before.unsafe->hash;
  return fmt::format("block {} was executed{} before event {}, the first one that is here",
                     number.value, hash ? " as " + core::to_hex0x(hash->view()) : std::string(),
                     chronicle.first().value);
}

void answer_rejected(Inquiry inquiry) {
  const Hash32 subject = inquiry.chronicle.alias().value_or(inquiry.question.hash);
  const auto mentions = inquiry.chronicle.mentions(subject, inquiry.chronicle.until());
  const auto last = std::find_if(mentions.rbegin(), mentions.rend(), [](const Mention& mention) {
    return mention.verdict != Verdict::kDuplicate;
  });
  if (last == mentions.rend()) {
    say_unknown(inquiry,
                fmt::format("unknown: no decision about {} up to event {}",
                            core::to_hex0x(subject.view()), inquiry.chronicle.until().value));
    return;
  }
  inquiry.conclude(last->seq, subject, last->verdict, Focus::on(subject));
  if (!is_refusal(last->verdict)) {
    inquiry.answer.explanation = "not rejected: " + inquiry.answer.explanation;
  }
  inquiry.tell_l1_verdict(0, subject);
}

void answer_head(Inquiry inquiry) {
  const auto mentions = inquiry.chronicle.mentions_at(inquiry.question.block);
  const auto last = std::find_if(mentions.rbegin(), mentions.rend(), [](const Mention& mention) {
    return is_head_move(mention.verdict);
  });
  if (last == mentions.rend()) {
    inquiry.answer.verdict = "unknown";
    inquiry.answer.explanation =
        "unknown: " + unseen_head(inquiry.chronicle, inquiry.question.block);
    return;
  }
  inquiry.conclude(last->seq, std::nullopt, last->verdict, Focus::on(Focus::Kind::kHead));
  inquiry.tell_broken_promises(0, inquiry.question.block);
}

namespace {

/// What left the executed chain, and how often such a thing happened.
struct Gone {
  Seq seq;
  BlockNumber lowest;
  BlockNumber highest;
  std::uint64_t times = 0;
};

std::optional<Gone> newest_gone(const Inquiry& inquiry) {
  const Chronicle& chronicle = inquiry.chronicle;
  if (inquiry.question.any_block) {
    const auto& newest = chronicle.reorgs().newest();
    if (!newest) return std::nullopt;
    return Gone{newest->seq, newest->lowest, newest->highest, chronicle.reorgs().count()};
  }
  const auto& seqs = chronicle.replacements();
  if (seqs.empty()) return std::nullopt;
  return Gone{seqs.back(), inquiry.question.block, inquiry.question.block, seqs.size()};
}

void say_not_replaced(const Inquiry& inquiry) {
  const Chronicle& chronicle = inquiry.chronicle;
  const bool is_whole = chronicle.first().value == 1;
  const std::string what = inquiry.question.any_block ? std::string("no block was replaced")
                                                      : fmt::format("block {} was not replaced",
                                                                    inquiry.question.block.value);
  say_unknown(inquiry,
              fmt::format("{} {} event {}", what,
                          is_whole ? std::string("up to")
                                   : fmt::format("from event {} to", chronicle.first().value),
                          chronicle.until().value));
  // Of a log that begins later nobody knows.
  if (is_whole) inquiry.answer.verdict = "not_replaced";
}

}  // namespace

void answer_reorg(Inquiry inquiry) {
  const auto replaced = newest_gone(inquiry);
  if (!replaced) {
    say_not_replaced(inquiry);
    return;
  }
  const Seq seq = replaced->seq;
  const auto moment = inquiry.chronicle.moment(seq);
  if (!moment) return;
  Verdict verdict = Verdict::kHeadAdopted;
  for (const core::Decision& decision : moment->outcome.decisions) {
    if (is_head_move(decision.verdict)) verdict = decision.verdict;
    if (decision.verdict == Verdict::kHeadAdopted) break;
  }
  inquiry.conclude(seq, std::nullopt, verdict, Focus::on(Focus::Kind::kHead));
  const auto& before = moment->before->heads;
  const auto gone = before.executed.find(replaced->lowest);
  const std::string hash = gone == before.executed.end() ? std::string("of unknown hash")
                                                         : core::to_hex0x(gone->second.hash.view());
  const auto& now = moment->after->heads.unsafe;
  const std::string above = replaced->highest == replaced->lowest
                                ? std::string()
                                : fmt::format(", and all up to {},", replaced->highest.value);
  inquiry.answer.explanation = fmt::format(
      "block {} {}{} left the executed chain: the head went from {} to {} ({} replacement{} in "
      "all)",
      replaced->lowest.value, hash, above, before.unsafe ? before.unsafe->number.value : 0,
      now ? now->number.value : 0, replaced->times, replaced->times == 1 ? "" : "s");
  inquiry.tell_broken_promises(0, replaced->lowest);
}

void answer_command(Inquiry inquiry) {
  const core::CommandId id = inquiry.question.command;
  const std::string name = fmt::format("{}:{}", id.cause.value, id.ordinal);
  const Chronicle& chronicle = inquiry.chronicle;
  if (id.cause.value == 0 || id.cause > chronicle.until()) {
    say_unknown(inquiry, "unknown: no event " + std::to_string(id.cause.value));
    return;
  }
  const auto moment = chronicle.moment(id.cause);
  if (!moment) {
    say_unknown(inquiry, "unknown: " + moment.error().detail);
    return;
  }
  const auto& commands = moment->outcome.commands;
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [id](const core::Command& command) { return command.id == id; });
  if (found == commands.end()) {
    say_unknown(inquiry, fmt::format("unknown: event {} issued {} command{}", id.cause.value,
                                     commands.size(), commands.size() == 1 ? "" : "s"));
    return;
  }
  WhyAnswer& answer = inquiry.answer;
  answer.found = true;
  answer.decided_at = id.cause;
  answer.decided_time = moment->logged.event.wall;
  const auto boot = chronicle.last(Facet::kBoot, chronicle.until());
  std::string fate = "no outcome yet";
  answer.verdict = "in_flight";
  if (chronicle.answered()) {
    answer.verdict = "answered";
    fate = fmt::format("answered by event {}", chronicle.answered()->value);
  } else if (boot && *boot > id.cause) {
    answer.verdict = "abandoned";
    fate = fmt::format("its process ended before an answer: see event {}", boot->value);
  } else if (!chronicle.state().in_flight.contains(id)) {
    answer.verdict = "replaced";
    fate = "its timer was set again";
    const auto* timer = std::get_if<core::commands::SetTimer>(&found->body);
    if (timer != nullptr) {
      const auto& armed = core::timer_of(chronicle.state(), timer->timer);
      const bool still_armed = armed.armed && armed.generation == timer->generation;
      if (still_armed) {
        answer.verdict = "in_flight";
        fate = "its timer is due at " + utc_time(armed.due);
      }
    }
  }
  answer.explanation = fmt::format("{} {}, engine epoch {}: {}", core::name_of(found->body), name,
                                   found->engine_epoch, fate);
  Focus focus = Focus::on(Focus::Kind::kCommand);
  focus.command = id;
  if (chronicle.answered()) {
    const auto root = inquiry.causes.add_event(std::nullopt, "", *chronicle.answered(), Focus{}, 0);
    answer.is_cut = false;
    inquiry.causes.add_event(root,
                             fmt::format("answers {} {} of", core::name_of(found->body), name),
                             id.cause, focus, inquiry.question.depth);
  } else {
    inquiry.causes.add_event(std::nullopt, "", id.cause, focus, inquiry.question.depth);
  }
}

}  // namespace preconf::replay
