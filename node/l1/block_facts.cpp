#include "node/l1/block_facts.hpp"

#include <algorithm>
#include <utility>

#include "core/codec/abi.hpp"

namespace preconf::node::l1 {

namespace events = core::events;
namespace protocol = core::protocol;
using io::l1::L1Log;
using protocol::L1Deployment;

namespace {

constexpr core::FixedBytes<4> kCurrentOperatorSelector = core::fixed_hex("343f0a68");
constexpr core::FixedBytes<4> kNextOperatorSelector = core::fixed_hex("72a8a551");
constexpr core::FixedBytes<4> kOperatorsSelector = core::fixed_hex("13e7c9d8");

core::Bytes bytes_of(const core::FixedBytes<4>& selector) {
  return {selector.bytes.begin(), selector.bytes.end()};
}

/// The fact that a log is, or why it is none.
template <class Facts>
events::L1FactBody body_of(core::Result<Facts, protocol::LogDefect> read,
                           const core::Hash32& topic) {
  if (!read) return events::LogRefused{topic, read.error()};
  return std::move(read).value();
}

class LogReader {
 public:
  LogReader(BlockDraft& draft, const L1Deployment& deployment, bool is_state_readable)
      : draft_(draft), deployment_(deployment), is_state_readable_(is_state_readable) {}

  void add(const L1Log& log) {
    if (log.topics.empty()) return;
    const core::Hash32& topic = log.topics.front();
    if (log.address == deployment_.inbox) {
      if (topic == protocol::kProposedTopic) {
        push(log, body_of(protocol::read_proposed(log.topics, log.data), topic));
      } else if (topic == protocol::kProvedTopic) {
        push(log, body_of(protocol::read_proved(log.topics, log.data), topic));
      } else if (topic == protocol::kStateRecoveredTopic) {
        push(log, body_of(protocol::read_state_recovered(log.topics, log.data), topic));
      }
    } else if (log.address == deployment_.lookahead_store) {
      add_of_store(log, topic);
    } else if (log.address == deployment_.preconf_whitelist) {
      const bool is_change =
          topic == protocol::kOperatorAddedTopic || topic == protocol::kOperatorRemovedTopic;
      if (is_change && is_state_readable_) add_selection(log, topic);
    }
  }

 private:
  void push(const L1Log& log, events::L1FactBody body) {
    if (!events::add_if_fits(draft_.counts, body)) {
      body = events::LogRefused{log.topics.front(), protocol::LogDefect::kTooMany};
    }
    draft_.facts.push_back({log.log_index, std::move(body)});
  }

  void add_of_store(const L1Log& log, const core::Hash32& topic) {
    if (topic == protocol::kBlacklistedTopic || topic == protocol::kUnblacklistedTopic) {
      return push(log, body_of(protocol::read_blacklist_changed(log.topics, log.data), topic));
    }
    if (topic != protocol::kLookaheadPostedTopic || !is_state_readable_) return;
    auto posted = protocol::read_lookahead_posted(log.topics, log.data, deployment_.clock);
    if (!posted) return push(log, events::LogRefused{topic, posted.error()});
    const bool is_current =
        posted->epoch == protocol::epoch_of(deployment_.clock, draft_.header.timestamp);
    (is_current ? draft_.needs_current : draft_.needs_next) = true;
    push(log, protocol::LookaheadFact{std::move(posted).value(), {}});
  }

  /// One per block, at its last such log: it says what holds after all of them.
  void add_selection(const L1Log& log, const core::Hash32& topic) {
    const auto changed = protocol::read_operator_changed(log.topics, log.data);
    if (!changed) return push(log, events::LogRefused{topic, changed.error()});
    std::erase_if(draft_.facts, [](const events::L1Fact& fact) {
      return std::holds_alternative<protocol::SelectionFact>(fact.body);
    });
    draft_.needs_current = true;
    draft_.needs_next = true;
    push(log, protocol::SelectionFact{});
  }

  BlockDraft& draft_;
  const L1Deployment& deployment_;
  bool is_state_readable_;
};

}  // namespace

io::l1::LogFilter history_filter(const L1Deployment& deployment) {
  io::l1::LogFilter filter;
  filter.addresses = {deployment.inbox};
  filter.topics = {protocol::kProposedTopic, protocol::kProvedTopic,
                   protocol::kStateRecoveredTopic};
  if (!deployment.lookahead_store.is_zero()) {
    filter.addresses.push_back(deployment.lookahead_store);
    filter.topics.push_back(protocol::kBlacklistedTopic);
    filter.topics.push_back(protocol::kUnblacklistedTopic);
  }
  return filter;
}

io::l1::LogFilter full_filter(const L1Deployment& deployment) {
  io::l1::LogFilter filter = history_filter(deployment);
  if (!deployment.lookahead_store.is_zero()) {
    filter.topics.push_back(protocol::kLookaheadPostedTopic);
  }
  if (!deployment.preconf_whitelist.is_zero()) {
    filter.addresses.push_back(deployment.preconf_whitelist);
    filter.topics.push_back(protocol::kOperatorAddedTopic);
    filter.topics.push_back(protocol::kOperatorRemovedTopic);
  }
  return filter;
}

core::Bytes current_operator_call() { return bytes_of(kCurrentOperatorSelector); }
core::Bytes next_operator_call() { return bytes_of(kNextOperatorSelector); }
core::Bytes operator_call(const core::Address& proposer) {
  core::Bytes out = bytes_of(kOperatorsSelector);
  core::codec::append_abi_address(out, proposer);
  return out;
}

std::optional<core::Address> operator_from(core::BytesView data) {
  core::codec::AbiDefect defect = core::codec::AbiDefect::kNone;
  const core::Address out = core::codec::AbiReader(data, defect).address();
  if (defect != core::codec::AbiDefect::kNone) return std::nullopt;
  return out;
}

std::optional<core::Address> sequencer_from(core::BytesView data) {
  core::codec::AbiDefect defect = core::codec::AbiDefect::kNone;
  core::codec::AbiReader reader(data, defect);
  (void)reader.uint(32);  // activeSince
  (void)reader.uint(32);  // deprecated
  (void)reader.uint(8);   // index
  const core::Address out = reader.address();
  if (defect != core::codec::AbiDefect::kNone) return std::nullopt;
  return out;
}

void add_facts(BlockDraft& draft, std::span<const L1Log> logs, const L1Deployment& deployment,
               bool is_state_readable) {
  draft.bloom = io::l1::bloom_of(logs);
  LogReader reader(draft, deployment, is_state_readable);
  for (const L1Log& log : logs) reader.add(log);
}

void add_epoch(BlockDraft& draft, const L1Deployment& deployment) {
  draft.needs_current = true;
  protocol::EpochFact fact;
  fact.epoch = protocol::epoch_of(deployment.clock, draft.header.timestamp);
  draft.facts.push_back({events::kNoLog, fact});
}

void set_operators(BlockDraft& draft, const L1Deployment& deployment) {
  // What was read in the block's state holds after all its logs.
  std::stable_sort(
      draft.facts.begin(), draft.facts.end(),
      [](const events::L1Fact& a, const events::L1Fact& b) { return a.log_index < b.log_index; });
  const core::UnixSeconds epoch = protocol::epoch_of(deployment.clock, draft.header.timestamp);
  for (events::L1Fact& fact : draft.facts) {
    if (auto* lookahead = std::get_if<protocol::LookaheadFact>(&fact.body)) {
      lookahead->fallback = lookahead->posted.epoch == epoch ? draft.current : draft.next;
    } else if (auto* selection = std::get_if<protocol::SelectionFact>(&fact.body)) {
      *selection = {draft.current, draft.next};
    } else if (auto* seen = std::get_if<protocol::EpochFact>(&fact.body)) {
      seen->fallback = draft.current;
    }
  }
}

}  // namespace preconf::node::l1
