#include "node/l1/follower.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/limits.hpp"

namespace preconf::node::l1 {

namespace events = core::events;

namespace {

std::optional<events::L1Ref> ref_of(const std::optional<io::l1::L1Header>& header) {
  if (!header) return std::nullopt;
  return events::L1Ref{header->number, header->hash};
}

/// Doubles from a quarter of a second to one slot.
core::Millis delay_after(std::uint32_t times) {
  constexpr std::uint32_t kDoublings = 6;
  return core::Millis{std::min(core::limits::kRetryDelayFirstMs << std::min(times, kDoublings),
                               core::limits::kRetryDelayMaxMs)};
}

core::Millis plus(core::Millis time, core::Millis delay) {
  return core::Millis{time.value + delay.value};
}

}  // namespace

Follower::Follower(FollowerConfig config)
    : config_(std::move(config)),
      filter_(full_filter(config_.deployment)),
      ranges_(config_.range_blocks_max) {
  PRECONF_ASSERT(core::protocol::is_usable(config_.deployment.clock));
}

void Follower::on_view(std::shared_ptr<const io::L1View> view, core::Seq seq) {
  view_ = std::move(view);
  view_seq_ = seq;
  if (!view_ || view_->links->empty()) return;
  // The first of that hash: a block may be under way twice, around a reorg and back.
  const auto linked =
      std::ranges::find(in_flight_, view_->links->back().hash, &events::L1BlockObserved::hash);
  if (linked != in_flight_.end()) {
    in_flight_.erase(in_flight_.begin(), std::next(linked));
    refusals_in_a_row_ = 0;
  }
  chain_.forget_below(view_->links->front().number);
  const core::L1Link& newest = view_->links->back();
  const KnownBlock* known = chain_.at(newest.number);
  const bool is_replaced = cut_blocks_ == 0 && ready_.empty();
  if (!is_replaced || known == nullptr || known->hash != newest.hash) return;
  is_replacing_ = false;
  // What was doubted has been read again, and found right. Links that stood there before say
  // nothing: they are what is doubted.
  if (newest.number >= unlinked_at_) unlinked_in_a_row_ = 0;
  if (newest.number > gap_below_) gaps_in_a_row_ = 0;
}

/// The cause may be a block below, which has to be read again: a proposal there is missing; or one
/// is forged, and a true one does not stand on it. The latter first speaks against the refused
/// block itself: only when that is the same everywhere, against what is below.
bool Follower::is_of_below(const core::Decision& refusal) {
  if (refusal.reason == core::Reason::kProposalGap) return refusal.a > refusal.b;
  if (refusal.reason != core::Reason::kProposalUnlinked) return false;
  pending_.blame = Blame::kFalseLogs;
  unlinked_at_ = core::L1BlockNumber{refusal.b};
  return unlinked_in_a_row_++ > 0;
}

void Follower::on_refused(const core::Decision& decision, core::Seq seq, FollowerTime now) {
  const auto refused = std::ranges::find(in_flight_, decision.hash, &events::L1BlockObserved::hash);
  resync_seq_ = std::max(resync_seq_, seq);
  ++status_.refusals;
  const bool is_unlinked = decision.reason == core::Reason::kProposalUnlinked;
  const bool is_gap = is_of_below(decision);
  if (refused != in_flight_.end()) {
    if (!is_resync_due_) {
      refused_ = Refused{std::move(*refused),   decision.reason, 1,
                         is_gap || is_unlinked, std::nullopt,    seq};
      show_refusal();
    }
    // What was offered before it has been reduced, too, though its link may never be published.
    in_flight_.erase(in_flight_.begin(), std::next(refused));
  } else if (!is_resync_due_) {
    status_.trouble = std::string("refused: ") + core::name_of(decision.reason);
    status_.refusal.reset();
  }
  // What stands on the refused block will be refused, too: one delay for all of them.
  if (!is_resync_due_) {
    retry_at_ = plus(now.mono, delay_after(std::max(refusals_in_a_row_++, gaps_in_a_row_)));
  }
  if (is_gap) {
    ++gaps_in_a_row_;
    if (!chain_.empty()) gap_below_ = std::max(gap_below_, chain_.tip().number);
  }
  is_resync_due_ = true;
  ready_.clear();
  scan_ = Idle{};
  scan_ticket_ = 0;
}

/// False: the reducer refused exactly this, and nothing that it looks at is different since. Now
/// and then it is asked all the same.
bool Follower::may_offer(const events::L1BlockObserved& block) const {
  if (!refused_ || !refused_->grounds || refused_->block != block) return true;
  return refused_->times > config_.held_back_max || *refused_->grounds != grounds();
}

Follower::Grounds Follower::grounds() const {
  Grounds out;
  if (!view_->links->empty()) out.tip = view_->links->back().hash;
  out.pending = view_->proposals_pending;
  out.finalized = view_->finalized;
  out.start = view_->start;
  if (view_->newest) out.newest = view_->newest->seen;
  return out;
}

void Follower::hold_back(FollowerTime now) {
  ++status_.repeats;
  if (refused_->is_gap) {
    ++gaps_in_a_row_;
    if (!chain_.empty()) gap_below_ = std::max(gap_below_, chain_.tip().number);
  }
  if (refused_->reason == core::Reason::kProposalUnlinked) pending_.blame = Blame::kFalseLogs;
  ready_.clear();
  is_resync_due_ = true;
  retry_at_ = plus(now.mono, delay_after(refused_->times++));
  show_refusal();
}

/// The text stays the same as long as it lasts: it is logged whenever it changes.
void Follower::show_refusal() {
  const events::L1BlockObserved& block = refused_->block;
  const std::string number = std::to_string(block.number.value);
  status_.trouble = std::string("refused: ") + core::name_of(refused_->reason) + ": L1 block " +
                    number + " " + core::to_hex0x(block.hash.view());
  // Also when it stands on nothing that is remembered, which is l1_unlinked.
  if (view_->finalized && block.number <= view_->finalized->number) {
    status_.trouble += ", but L1 finalized block " +
                       std::to_string(view_->finalized->number.value) + " " +
                       core::to_hex0x(view_->finalized->hash.view());
  }
  status_.refusal = io::L1Refusal{
      refused_->reason, {block.number, block.hash}, refused_->seq, refused_->times - 1};
}

/// Begins again from what is published, when everything offered has been accounted for.
void Follower::resync() {
  const bool is_quiet = in_flight_.empty() && ready_.empty() && scan_ticket_ == 0;
  const auto& links = *view_->links;
  // While blocks are being replaced the links are not what is known, also when none is offered.
  const bool is_apart = cut_blocks_ > 0 || (is_replacing_ && !links.empty());
  if (!is_resync_due_ && is_quiet && !is_apart) {
    is_resync_due_ =
        chain_.empty() ? !links.empty() : links.empty() || links.back().hash != chain_.tip().hash;
  }
  if (!is_resync_due_ || !in_flight_.empty() || view_seq_ < resync_seq_) return;
  if (view_->links->empty() && !chain_.empty()) {
    // The engine lost everything: the reducer begins anew, and took itself for not live by that.
    offered_tags_.is_live = false;
    must_tell_tags_ = true;
  }
  if (refused_ && !refused_->grounds) refused_->grounds = grounds();
  again_.clear();
  chain_.reset(*view_->links, view_->newest);
  is_checked_ = chain_.empty();
  cut_blocks_ = 0;
  is_replacing_ = false;
  is_resync_due_ = false;
  rescan_for_gap();
}

/// A proposal was missed or forged somewhere below: its block was read from an endpoint that did
/// not have its logs. Goes back further each time, as far as the reducer can undo.
void Follower::rescan_for_gap() {
  constexpr std::size_t kBlocksFirst = 32;
  constexpr std::uint32_t kDoublings = 8;
  if (gaps_in_a_row_ == 0 || chain_.empty()) return;
  const core::L1BlockNumber final_one =
      view_->finalized ? view_->finalized->number : core::L1BlockNumber{0};
  const auto below =
      chain_.down_from(chain_.tip().number, kBlocksFirst << std::min(gaps_in_a_row_, kDoublings));
  const auto lowest = std::find_if(below.rbegin(), below.rend(),
                                   [final_one](auto number) { return number >= final_one; });
  if (lowest != below.rend() && *lowest < chain_.tip().number) cut_above(*lowest);
}

void Follower::cut_above(core::L1BlockNumber number) {
  cut_blocks_ += chain_.cut_above(number).size();
  is_replacing_ = true;
  again_.clear();
}

void Follower::on_scan_start(core::Seq seq) {
  in_flight_.clear();
  ready_.clear();
  refused_.reset();
  resync_seq_ = std::max(resync_seq_, seq);
  is_resync_due_ = true;
}

FollowerActions Follower::step(FollowerTime now) {
  FollowerActions out = std::exchange(pending_, {});
  out.wake_in = config_.poll;
  if (!view_) return out;
  resync();
  poll_head(now, out);
  offer_tags(now, out);
  offer_ready(now, out);
  const bool may_scan = scan_ticket_ == 0 && now.mono >= retry_at_ && tags_ && !is_resync_due_;
  if (may_scan && ready_.empty() && has_room()) begin_scan(now, out);
  out.wake_in = wake_in(now);
  return out;
}

core::Millis Follower::wake_in(FollowerTime now) const {
  // With a question about the head under way, the next one waits for its answer, however late.
  std::uint64_t wait =
      tags_ticket_ == 0 ? core::distance(now.mono, next_poll_) : config_.poll.value;
  if (retry_at_ > now.mono) wait = std::min(wait, core::distance(now.mono, retry_at_));
  return core::Millis{std::max<std::uint64_t>(wait, 1)};
}

void Follower::poll_head(FollowerTime now, FollowerActions& out) {
  if (tags_ticket_ != 0 || (!is_poll_due_ && now.mono < next_poll_)) return;
  tags_ticket_ = ++last_ticket_;
  is_poll_due_ = false;
  next_poll_ = plus(now.mono, config_.poll);
  // A head that stands still may be the endpoint's, and not L1's.
  is_second_head_ = tags_ && core::distance(best_head_at_, now.mono) > config_.silence_max.value;
  out.requests.push_back({tags_ticket_, AskTags{}, is_second_head_});
}

/// Endpoints lag behind each other, and a reorg may lower L1's head; neither lasts. A lower head is
/// blamed once, then it is what others are compared with: it may be true.
void Follower::judge_head(core::L1BlockNumber head, FollowerTime now) {
  // Before the first answer the links say how high L1 was.
  if (!tags_ && !chain_.empty()) best_head_ = chain_.tip().number;
  if (head < best_head_) {
    const bool is_far = head.value + config_.head_lag_blocks_max < best_head_.value;
    const bool is_long = core::distance(best_head_at_, now.mono) > config_.lag_max.value;
    if (!is_far && !is_long) return;
    pending_.head_blame = HeadBlame::kLast;
  } else if (is_second_head_) {
    // One block more is what may have come just now.
    if (head.value > best_head_.value + 1) pending_.head_blame = HeadBlame::kBefore;
  } else if (head == best_head_) {
    return;
  }
  best_head_ = head;
  best_head_at_ = now.mono;
}

void Follower::take_tags(const TagsAnswer& answer, FollowerTime now) {
  judge_head(answer.latest.number, now);
  std::optional<io::l1::L1Header> finalized = answer.finalized;
  // Endpoints lag behind each other; what is final stays final, unless drop_final() finds that
  // another endpoint does not have it.
  const bool is_older =
      tags_ && tags_->finalized && (!finalized || finalized->number < tags_->finalized->number);
  if (is_older) finalized = tags_->finalized;
  tags_ = answer;
  tags_->finalized = finalized;
  heard_at_ = now.mono;
  if (!finalized || chain_.empty()) return;
  const KnownBlock* known = chain_.at(finalized->number);
  const bool differs = known != nullptr && known->hash != finalized->hash;
  const bool is_above = finalized->number > chain_.tip().number && finalized->hash != agreed_final_;
  // The known blocks may be of a branch that L1 has left, and then this tag would forbid to leave
  // it: first find out.
  if (differs || is_above) is_checked_ = false;
}

/// The reducer never undoes what lies below a finalized block: it is told of one only when the
/// known blocks are of the same chain.
bool Follower::may_tell(const io::l1::L1Header& finalized) const {
  if (!is_checked_ || is_replacing_) return false;
  if (chain_.empty()) return true;
  if (finalized.number > chain_.tip().number) return finalized.hash == agreed_final_;
  const KnownBlock* known = chain_.at(finalized.number);
  return known == nullptr || known->hash == finalized.hash;
}

void Follower::offer_tags(FollowerTime now, FollowerActions& out) {
  if (!are_tags_offered_) {
    // What an earlier life observed stands until something else is seen.
    offered_tags_ = {view_->safe, view_->finalized, view_->is_live};
    are_tags_offered_ = true;
  }
  events::L1TagsObserved seen = offered_tags_;
  if (tags_) {
    // Not of a branch that the links are not on: it would change with every block of it.
    if (is_checked_ && !is_replacing_) seen.safe = ref_of(tags_->safe);
    const auto& final_one = tags_->finalized;
    const bool is_newer = final_one && (!offered_tags_.finalized ||
                                        final_one->number >= offered_tags_.finalized->number);
    if (is_newer && may_tell(*final_one)) seen.finalized = ref_of(final_one);
  }
  seen.is_live = is_live_at(now);
  status_.is_live = seen.is_live;
  // The reducer does not take tags that contradict its links; when those have changed, it may.
  const core::Hash32 tip = view_->links->empty() ? core::Hash32{} : view_->links->back().hash;
  const bool is_untaken =
      seen.finalized && (!view_->finalized || view_->finalized->number < seen.finalized->number);
  const bool is_retold = is_untaken && in_flight_.empty() && retold_at_ != tip;
  if (seen == offered_tags_ && !is_retold && !must_tell_tags_) return;
  must_tell_tags_ = false;
  retold_at_ = tip;
  offered_tags_ = seen;
  out.inputs.emplace_back(seen);
}

bool Follower::is_live_at(FollowerTime now) {
  if (!tags_ || core::distance(heard_at_, now.mono) > config_.silence_max.value) return false;
  const io::l1::L1Header& head = tags_->latest;
  const std::uint64_t age = core::distance(head.timestamp, now.wall);
  is_head_old_ = config_.head_age_max_seconds != 0 && age > config_.head_age_max_seconds;
  if (is_head_old_) return false;
  const bool is_on_chain = is_checked_ && !is_replacing_ && !is_resync_due_;
  const bool is_close = is_on_chain && !view_->links->empty() && !status_.refusal &&
                        view_->links->back().number.value + 1 >= head.number.value;
  if (is_close) {
    lagging_since_.reset();
    return true;
  }
  if (!lagging_since_) lagging_since_ = now.mono;
  // Several blocks at once, or a reorg that is being followed, are no reason to shut the gate.
  return offered_tags_.is_live &&
         core::distance(*lagging_since_, now.mono) <= config_.lag_max.value;
}

bool Follower::has_room() const {
  // What stands on a refused block is refused, too, and each refusal is an event: L1 on a branch
  // that the reducer can not take is asked about with one block at a time.
  const std::size_t ahead = refusals_in_a_row_ == 0 ? config_.ahead_blocks_max : 1;
  return in_flight_.size() < ahead && view_->proposals_pending < config_.pending_proposals_max;
}

void Follower::offer_ready(FollowerTime now, FollowerActions& out) {
  while (!ready_.empty() && has_room()) {
    if (!may_offer(ready_.front())) return hold_back(now);
    // Below what L1 finalized it will be refused, and one refusal says it all.
    const bool is_doomed =
        view_->finalized && is_replacing_ && ready_.front().number <= view_->finalized->number;
    if (is_doomed && !in_flight_.empty()) return;
    in_flight_.push_back(ready_.front());
    ++status_.blocks;
    out.inputs.emplace_back(std::move(ready_.front()));
    ready_.pop_front();
  }
}

void Follower::on_answer(std::uint64_t ticket, Answer answer, FollowerTime now) {
  if (ticket == tags_ticket_) {
    tags_ticket_ = 0;
    head_trouble_.clear();
    if (const auto* tags = std::get_if<TagsAnswer>(&answer)) return take_tags(*tags, now);
    ++status_.failures;
    if (const auto* failed = std::get_if<AskFailed>(&answer)) {
      head_trouble_ = failed->detail;
      next_poll_ =
          plus(now.mono, core::Millis{std::max(config_.poll.value, failed->retry_after.value)});
    }
    return;
  }
  if (ticket == 0 || ticket != scan_ticket_) return;  // a scan that was given up
  scan_ticket_ = 0;
  if (const auto* failed = std::get_if<AskFailed>(&answer)) return take_failure(*failed, now);
  if (const auto* calls = std::get_if<CallsAnswer>(&answer)) return take(*calls, now);
  if (const auto* headers = std::get_if<HeadersAnswer>(&answer)) return take(*headers, now);
  if (const auto* range = std::get_if<RangeAnswer>(&answer)) return take(*range, now);
  if (const auto* logs = std::get_if<LogsAnswer>(&answer)) return take(*logs, now);
}

void Follower::take_failure(const AskFailed& failed, FollowerTime now) {
  if (failed.failure == AskFailure::kTooMuch) {
    if (const auto* scan = std::get_if<Range>(&scan_)) {
      const bool is_smaller = ranges_.on_too_much(scan->range);
      scan_ = Idle{};
      if (is_smaller) return;
    }
  }
  if (auto* scan = std::get_if<Logs>(&scan_); scan != nullptr && scan->is_second) {
    // Nobody contradicts the first answer.
    std::vector<BlockDraft> drafts = std::move(scan->drafts);
    return ask_operators(std::move(drafts), now);
  }
  // Perhaps the block that is said to be final is what it does not have.
  const auto* base = std::get_if<FindBase>(&scan_);
  if (base != nullptr && base->final_above && failed.failure != AskFailure::kUnavailable) {
    drop_final();
  }
  if (failed.failure == AskFailure::kBehind) return doubt(failed.detail, now);
  fail(failed.detail, now, failed.retry_after);
}

void Follower::fail(std::string trouble, FollowerTime now, core::Millis retry_after) {
  scan_ = Idle{};
  ++status_.failures;
  status_.trouble = std::move(trouble);
  status_.refusal.reset();
  const core::Millis delay = delay_after(failures_in_a_row_++);
  retry_at_ = plus(now.mono, core::Millis{std::max(delay.value, retry_after.value)});
}

void Follower::doubt(std::string trouble, FollowerTime now) {
  is_checked_ = chain_.empty();
  fail(std::move(trouble), now);
}

FollowerStatus Follower::status() const {
  FollowerStatus out = status_;
  if (tags_) {
    out.head = tags_->latest.number;
    out.head_time = tags_->latest.timestamp;
  }
  if (!chain_.empty()) out.tip = chain_.tip().number;
  // An endpoint that was blamed rests: what it was blamed for is the better reason.
  if (out.trouble.empty()) out.trouble = head_trouble_;
  if (out.trouble.empty() && is_head_old_) {
    out.trouble =
        "L1's head, block " + std::to_string(out.head->value) +
        ", is older than --l1.head-age-max: " + std::to_string(config_.head_age_max_seconds) + " s";
  }
  const bool has_both = out.head && view_ && view_->finalized;
  if (out.trouble.empty() && has_both && *out.head < view_->finalized->number) {
    out.trouble = "L1's head, as it is told, lies below what L1 finalized";
  }
  return out;
}

}  // namespace preconf::node::l1
