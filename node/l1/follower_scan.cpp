// The follower's scans: where to begin, what became of the known blocks, finalized history in
// ranges, and every block near the head.
#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "node/l1/follower.hpp"

namespace preconf::node::l1 {
namespace {

core::Bytes activation_call() {
  const auto& selector = core::protocol::kActivationTimestampSelector.bytes;
  return {selector.begin(), selector.end()};
}

/// A word that is a number of at most 64 bits.
std::optional<std::uint64_t> number_from(const core::Bytes& data) {
  if (data.size() != 32) return std::nullopt;
  const core::U256 word{core::Hash32::from(data)};
  if (!word.fits_u64()) return std::nullopt;
  return word.low_u64();
}

std::string text_of(core::L1BlockNumber number) { return std::to_string(number.value); }

std::string false_logs_text(const io::l1::L1Header& header) {
  return "logs that are not in the bloom of L1 block " + text_of(header.number);
}

}  // namespace

/// The last block that may be read in bulk: finalized, and too old for the schedule. A block takes
/// a slot or more, so the number of slots bounds what is that young. The reducer must have been
/// told that these are final, and blocks of another branch are replaced one by one.
std::optional<core::L1BlockNumber> Follower::bulk_end() const {
  if (!offered_tags_.finalized || is_replacing_) return std::nullopt;
  const std::uint64_t young = config_.schedule_epochs * config_.deployment.clock.slots_per_epoch;
  const std::uint64_t head = tags_->latest.number.value;
  if (head <= young) return std::nullopt;
  return std::min(offered_tags_.finalized->number, core::L1BlockNumber{head - young - 1});
}

/// Nodes keep the state of some 128 blocks; what is older is nothing to preconfirm in any more.
bool Follower::is_state_readable(core::L1BlockNumber number) const {
  const std::uint64_t young = config_.schedule_epochs * config_.deployment.clock.slots_per_epoch;
  return number.value + young >= tags_->latest.number.value;
}

void Follower::ask(Ask ask, Scan next, FollowerActions& out, bool is_second) {
  scan_ = std::move(next);
  scan_ticket_ = ++last_ticket_;
  out.requests.push_back({scan_ticket_, std::move(ask), is_second});
}

void Follower::begin_scan(FollowerTime now, FollowerActions& out) {
  const io::l1::L1Header& head = tags_->latest;
  if (chain_.empty() && (!view_->start || (view_->start->block.value == 0 && !activation_))) {
    if (view_->start) begin_first_block(out);
    return;
  }
  if (!is_checked_) {
    return begin_search(std::min(chain_.tip().number, head.number), true, now, out);
  }
  core::L1BlockNumber next;
  if (!chain_.empty()) {
    next = core::next(chain_.tip().number);
  } else {
    next = view_->start->block.value == 0 ? *activation_ : view_->start->block;
  }
  if (head.number < next) {
    // Nothing above; but is the head one of ours?
    const KnownBlock* known = chain_.at(head.number);
    if (known != nullptr && known->hash != head.hash) begin_search(head.number, true, now, out);
    if (known != nullptr && known->hash == head.hash && status_.refusal) {
      // It came back to what it had left.
      status_.refusal.reset();
      status_.trouble.clear();
    }
    return;
  }
  const auto bulk = bulk_end();
  if (bulk && next <= *bulk) {
    const io::l1::BlockRange range = ranges_.next(next, *bulk);
    return ask(AskRange{range, !chain_.empty()}, Range{range}, out);
  }
  AskHeaders headers;
  const std::uint64_t left = head.number.value - next.value + 1;
  const std::uint64_t count = std::min<std::uint64_t>(left, config_.batch_blocks_max);
  for (std::uint64_t i = 0; i < count; ++i) headers.numbers.push_back({next.value + i});
  ask(std::move(headers), Headers{}, out);
}

void Follower::begin_first_block(FollowerActions& out) {
  AskCalls calls;
  calls.calls.push_back({config_.deployment.inbox, activation_call(), std::nullopt});
  ask(std::move(calls), Activation{}, out);
}

void Follower::take_activation(const CallsAnswer& answer, FollowerTime now) {
  const std::optional<core::Bytes>& data = answer.results.front();
  const auto time = data ? number_from(*data) : std::nullopt;
  if (!time) return fail("the inbox does not say when it was activated", now);
  const io::l1::L1Header& head = tags_->latest;
  if (head.timestamp.value < *time) return fail("the inbox is activated later", now);
  Locate scan{core::UnixSeconds{*time}, 0, *time == 0 ? 0 : head.number.value};
  take_located(scan, head);
}

/// Halves what is left after `header`, which is at one of its ends.
void Follower::take_located(Locate scan, const io::l1::L1Header& header) {
  if (header.timestamp >= scan.time) {
    scan.high = std::min(scan.high, header.number.value);
  } else {
    scan.low = std::max(scan.low, header.number.value + 1);
  }
  scan_ = Idle{};
  if (scan.low >= scan.high) {
    activation_ = core::L1BlockNumber{scan.high};
    return;
  }
  const std::uint64_t middle = scan.low + (scan.high - scan.low) / 2;
  ask(AskHeaders{{core::L1BlockNumber{middle}}}, scan, pending_);
}

void Follower::begin_search(core::L1BlockNumber from, bool is_first, FollowerTime now,
                            FollowerActions& out) {
  FindBase scan;
  scan.numbers = chain_.down_from(from, config_.batch_blocks_max);
  scan.is_first = is_first;
  if (scan.numbers.empty()) {
    return fail("L1 is of another branch than every block that is remembered, down to " +
                    text_of(chain_.oldest().number),
                now);
  }
  AskHeaders headers{scan.numbers};
  if (tags_->finalized && tags_->finalized->number > chain_.tip().number) {
    scan.final_above = tags_->finalized;
    headers.numbers.push_back(tags_->finalized->number);
  }
  ask(std::move(headers), std::move(scan), out);
}

void Follower::take_base(const FindBase& scan, const HeadersAnswer& answer, FollowerTime now) {
  scan_ = Idle{};
  if (scan.final_above) {
    if (answer.headers.back().hash != scan.final_above->hash) {
      pending_.blame = Blame::kBehind;
      drop_final();
      // What was cut for its sake is known again: the links are on the branch that was final.
      if (cut_blocks_ > 0) is_resync_due_ = true;
      return doubt("an endpoint has another finalized block", now);
    }
    agreed_final_ = scan.final_above->hash;
  }
  for (std::size_t i = 0; i < scan.numbers.size(); ++i) {
    const KnownBlock* known = chain_.at(scan.numbers[i]);
    if (known == nullptr || known->hash != answer.headers[i].hash) continue;
    is_checked_ = true;
    // Unless something above differed, L1's head is merely lower.
    if (!scan.is_first || i > 0) cut_above(scan.numbers[i]);
    const KnownBlock* final_one = tags_->finalized ? chain_.at(tags_->finalized->number) : nullptr;
    if (final_one != nullptr && final_one->hash != tags_->finalized->hash) drop_final();
    return;
  }
  const core::L1BlockNumber lowest = scan.numbers.back();
  if (lowest.value == 0) return fail("L1 has another genesis block", now);
  if (lowest == chain_.oldest().number) {
    return take_no_base(answer.headers[scan.numbers.size() - 1], now);
  }
  begin_search(core::L1BlockNumber{lowest.value - 1}, false, now, pending_);
}

/// One endpoint's word, and another one's against it. Kept, it would be asked for until L1's
/// finality passes it; dropped, it is told again if it is true. What was agreed stays.
void Follower::drop_final() {
  if (!tags_->finalized) return;
  const core::Hash32& hash = tags_->finalized->hash;
  const bool is_in_log = view_->finalized && view_->finalized->hash == hash;
  if (!is_in_log && hash != agreed_final_) tags_->finalized.reset();
}

/// None of the known blocks is on L1's chain. Where L1 called the lowest of them final, it
/// contradicts itself: the reducer is shown, once, what it has instead.
void Follower::take_no_base(const io::l1::L1Header& lowest, FollowerTime now) {
  fail("L1 is of another branch than every block that is remembered, down to " +
           text_of(lowest.number),
       now);
  if (!view_->finalized || view_->finalized->number < lowest.number) return;
  core::events::L1BlockObserved block;
  block.number = lowest.number;
  block.hash = lowest.hash;
  block.parent_hash = lowest.parent_hash;
  block.previous = lowest.parent_hash;
  block.state_root = lowest.state_root;
  block.timestamp = lowest.timestamp;
  ready_.push_back(std::move(block));
}

void Follower::take(const RangeAnswer& answer, FollowerTime now) {
  const io::l1::BlockRange range = std::get<Range>(scan_).range;
  if (!chain_.empty() && (!answer.before || answer.before->hash != chain_.tip().hash)) {
    return doubt("L1 block " + text_of(chain_.tip().number) + " was reorged away", now);
  }
  RangeHeaders scan;
  scan.range = range;
  scan.last = answer.last;
  for (auto log = answer.logs.begin(); log != answer.logs.end();) {
    const auto end = std::find_if(log, answer.logs.end(), [log](const io::l1::L1Log& other) {
      return other.block_number != log->block_number || other.block_hash != log->block_hash;
    });
    BlockDraft draft;
    draft.header.number = log->block_number;
    draft.header.hash = log->block_hash;
    const std::span<const io::l1::L1Log> logs(&*log, static_cast<std::size_t>(end - log));
    add_facts(draft, logs, config_.deployment, false);
    if (!draft.facts.empty()) scan.drafts.push_back(std::move(draft));
    log = end;
  }
  if (is_unheard_of(scan.drafts, now)) return;
  ranges_.on_answered(range);
  const bool ends_with_logs =
      !scan.drafts.empty() && scan.drafts.back().header.number == answer.last.number;
  if (!ends_with_logs) {
    BlockDraft draft;
    draft.header = answer.last;
    scan.drafts.push_back(std::move(draft));
  } else if (scan.drafts.back().header.hash != answer.last.hash) {
    return doubt("logs and header of L1 block " + text_of(answer.last.number) + " differ", now);
  }
  go_on(std::move(scan), now);
}

/// Asks for the next headers, or is done.
void Follower::go_on(RangeHeaders scan, FollowerTime now) {
  AskHeadersByHash headers;
  const std::size_t last = scan.drafts.size() - 1;
  for (std::size_t i = scan.done; i < last && headers.hashes.size() < config_.batch_blocks_max;
       ++i) {
    headers.hashes.push_back(scan.drafts[i].header.hash);
  }
  if (!headers.hashes.empty()) return ask(std::move(headers), std::move(scan), pending_);
  if (!io::l1::is_part_of(scan.drafts.back().bloom, scan.last.logs_bloom)) {
    pending_.blame = Blame::kFalseLogs;
    return fail(false_logs_text(scan.last), now);
  }
  scan.drafts.back().header = scan.last;
  finish(std::move(scan.drafts), now);
}

void Follower::take_range_headers(RangeHeaders scan, const HeadersAnswer& answer,
                                  FollowerTime now) {
  for (const io::l1::L1Header& header : answer.headers) {
    BlockDraft& draft = scan.drafts[scan.done++];
    if (header.number != draft.header.number) {
      return doubt("logs name L1 block " + text_of(draft.header.number) + " by another hash", now);
    }
    if (!io::l1::is_part_of(draft.bloom, header.logs_bloom)) {
      pending_.blame = Blame::kFalseLogs;
      return fail(false_logs_text(header), now);
    }
    draft.header = header;
  }
  go_on(std::move(scan), now);
}

void Follower::take_new_headers(const HeadersAnswer& answer, FollowerTime now) {
  Logs scan;
  AskLogs logs;
  std::optional<core::Hash32> parent;
  std::optional<core::UnixSeconds> before;
  if (!chain_.empty()) {
    parent = chain_.tip().hash;
    before = chain_.tip().timestamp;
  }
  const core::protocol::EpochClock& clock = config_.deployment.clock;
  for (const io::l1::L1Header& header : answer.headers) {
    // A reorg between two answers, or endpoints on different branches: what links is taken.
    if (parent && header.parent_hash != *parent) break;
    BlockDraft draft;
    draft.header = header;
    const bool begins_epoch = !before || core::protocol::epoch_of(clock, *before) !=
                                             core::protocol::epoch_of(clock, header.timestamp);
    if (begins_epoch && is_state_readable(header.number)) add_epoch(draft, config_.deployment);
    if (io::l1::may_match(filter_, header.logs_bloom)) {
      scan.asked.push_back(scan.drafts.size());
      logs.blocks.push_back(header.hash);
    }
    parent = header.hash;
    before = header.timestamp;
    scan.drafts.push_back(std::move(draft));
  }
  if (scan.drafts.empty() && failures_in_a_row_ == 0) {
    // A reorg: where it begins is sought at once.
    ++failures_in_a_row_;
    is_checked_ = false;
    scan_ = Idle{};
    return;
  }
  if (scan.drafts.empty()) {
    return doubt("L1 block " + text_of(answer.headers.front().number) +
                     " does not stand on the one before it",
                 now);
  }
  if (logs.blocks.empty()) return ask_operators(std::move(scan.drafts), now);
  ask(std::move(logs), std::move(scan), pending_);
}

void Follower::take(const LogsAnswer& answer, FollowerTime now) {
  Logs scan = std::move(std::get<Logs>(scan_));
  Logs second;
  for (std::size_t i = 0; i < scan.asked.size(); ++i) {
    BlockDraft& draft = scan.drafts[scan.asked[i]];
    add_facts(draft, answer.blocks[i], config_.deployment, is_state_readable(draft.header.number));
    if (!io::l1::is_part_of(draft.bloom, draft.header.logs_bloom)) {
      pending_.blame = Blame::kFalseLogs;
      return fail(false_logs_text(draft.header), now);
    }
    if (answer.blocks[i].empty()) {
      second.asked.push_back(scan.asked[i]);
    } else if (scan.is_second) {
      pending_.blame = Blame::kHidesLogs;
      ++status_.hidden;
    }
  }
  if (is_unheard_of(scan.drafts, now)) return;
  if (scan.is_second || second.asked.empty()) return ask_operators(std::move(scan.drafts), now);
  second.drafts = std::move(scan.drafts);
  ask_second(std::move(second));
}

/// The bloom has bits of other contracts' logs, too, so a block without ours is likely an honest
/// answer; but it is also the answer of an endpoint that keeps ours from us. Asked once more.
void Follower::ask_second(Logs scan) {
  AskLogs logs;
  for (const std::size_t at : scan.asked) logs.blocks.push_back(scan.drafts[at].header.hash);
  scan.is_second = true;
  ask(std::move(logs), std::move(scan), pending_, true);
}

void Follower::ask_operators(std::vector<BlockDraft> drafts, FollowerTime now) {
  Operators scan;
  scan.drafts = std::move(drafts);
  AskCalls calls;
  const core::Address& whitelist = config_.deployment.preconf_whitelist;
  for (BlockDraft& draft : scan.drafts) {
    if (whitelist.is_zero()) break;
    if (draft.needs_current) {
      calls.calls.push_back({whitelist, current_operator_call(), draft.header.hash});
      scan.asked.push_back(&draft.current);
    }
    if (draft.needs_next) {
      calls.calls.push_back({whitelist, next_operator_call(), draft.header.hash});
      scan.asked.push_back(&draft.next);
    }
  }
  if (calls.calls.empty()) {
    for (BlockDraft& draft : scan.drafts) set_operators(draft, config_.deployment);
    return finish(std::move(scan.drafts), now);
  }
  ask(std::move(calls), std::move(scan), pending_);
}

void Follower::take_operators(Operators scan, const CallsAnswer& answer, FollowerTime now) {
  AskCalls calls;
  std::vector<core::protocol::FallbackOperator*> with_proposer;
  std::size_t at = 0;
  for (BlockDraft& draft : scan.drafts) {
    for (core::protocol::FallbackOperator* who : {&draft.current, &draft.next}) {
      if (at == scan.asked.size() || scan.asked[at] != who) continue;
      const std::optional<core::Bytes>& data = answer.results[at++];
      if (!data) continue;  // the contract refused: nobody is selected
      if (scan.is_second) {
        who->sequencer = sequencer_from(*data).value_or(core::Address{});
        continue;
      }
      who->proposer = operator_from(*data).value_or(core::Address{});
      if (who->proposer.is_zero()) continue;
      calls.calls.push_back(
          {config_.deployment.preconf_whitelist, operator_call(who->proposer), draft.header.hash});
      with_proposer.push_back(who);
    }
  }
  if (!calls.calls.empty()) {
    scan.asked = std::move(with_proposer);
    scan.is_second = true;
    return ask(std::move(calls), std::move(scan), pending_);
  }
  for (BlockDraft& draft : scan.drafts) set_operators(draft, config_.deployment);
  finish(std::move(scan.drafts), now);
}

void Follower::take(const CallsAnswer& answer, FollowerTime now) {
  if (std::holds_alternative<Activation>(scan_)) return take_activation(answer, now);
  take_operators(std::move(std::get<Operators>(scan_)), answer, now);
}

void Follower::take(const HeadersAnswer& answer, FollowerTime now) {
  if (const auto* locate = std::get_if<Locate>(&scan_)) {
    return take_located(*locate, answer.headers.front());
  }
  if (const auto* base = std::get_if<FindBase>(&scan_)) {
    const FindBase scan = *base;
    return take_base(scan, answer, now);
  }
  if (auto* range = std::get_if<RangeHeaders>(&scan_)) {
    return take_range_headers(std::move(*range), answer, now);
  }
  take_new_headers(answer, now);
}

}  // namespace preconf::node::l1
