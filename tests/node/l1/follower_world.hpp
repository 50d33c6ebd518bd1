// Everything between the follower and L1, under a random star: the real reducer, and an L1 that
// does what it likes.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "node/l1/follower.hpp"
#include "tests/node/l1/fake_l1.hpp"

namespace preconf::tests {

inline core::protocol::L1Deployment test_deployment() {
  core::protocol::L1Deployment out;
  out.l1_chain_id = 31'337;
  out.clock.genesis = core::UnixSeconds{1'700'000'000};
  out.clock.slot_seconds = 12;
  out.clock.slots_per_epoch = 4;
  out.inbox.bytes.fill(0x11);
  out.preconf_whitelist.bytes.fill(0x22);
  out.lookahead_store.bytes.fill(0x33);
  return out;
}

class FollowerWorld {
 public:
  explicit FollowerWorld(std::uint64_t seed, std::uint64_t start_block = 1)
      : l1(seed, test_deployment()), random_(seed ^ 0x5eed), state_(new core::State) {
    core::Outcome outcome;
    reduce(core::events::GenesisRecorded{*core::protocol::chain_profile("devnet"),
                                         core::protocol::permissionless_network(core::Address{}),
                                         core::kReducerVersion});
    reduce(core::events::BootStarted{});
    reduce(core::events::L1DeploymentRecorded{test_deployment(),
                                              core::protocol::FallbackSigner::kProposer});
    // The resume plan finds it by asking the engine; here it is given.
    state_->l1_chain.start = core::ScanStart{core::L1BlockNumber{start_block}, core::ProposalId{1}};
    restart();
  }

  /// The process begins anew with what the log holds.
  void restart() {
    node::l1::FollowerConfig config;
    config.deployment = test_deployment();
    config.batch_blocks_max = 8;
    config.ahead_blocks_max = 12;
    config.range_blocks_max = 32;
    config.held_back_max = held_back_max;
    config.head_age_max_seconds = head_age_max_seconds;
    follower = std::make_unique<node::l1::Follower>(config);
    requests_.clear();
    inputs_.clear();
    refused_.clear();
    publish();
  }

  /// One of the things that can happen next.
  void turn() {
    const std::uint64_t what = random_() % 8;
    if (what < 3) {
      step();
    } else if (what < 5) {
      answer_one();
    } else if (what < 7) {
      take_one();
    } else {
      publish();
    }
  }
  /// Until the follower has nothing to do but to poll.
  void settle() {
    failures_percent = 0;
    lag_max = 0;
    for (int i = 0; i < 4'000; ++i) {
      step();
      while (answer_one()) step();
      while (take_one()) {
      }
      publish();
      now_.mono.value += 500;
      if (!links().empty() && links().back().hash == l1.head().header.hash && inputs_.empty() &&
          follower->status().is_live) {
        return;
      }
    }
    FAIL() << "never caught up: " << follower->status().trouble << ", head "
           << l1.head().header.number.value << ", tip "
           << (links().empty() ? 0 : links().back().number.value);
  }

  /// L1's head is linked, and the follower does not know yet.
  void link_head_untold() {
    const auto is_linked = [this] {
      return !links().empty() && links().back().hash == l1.head().header.hash;
    };
    for (int i = 0; i < 400 && !is_linked(); ++i) {
      step();
      while (answer_one()) step();
      while (take_one()) {
      }
      now_.mono.value += 500;
    }
    ASSERT_TRUE(is_linked());
  }
  /// As the reducer does when the engine comes back behind everything that is remembered.
  void lose_engine() {
    core::L1State& l1_chain = state_->l1_chain;
    l1_chain.links.clear();
    l1_chain.pending.clear();
    l1_chain.derivation.reset();
    l1_chain.is_live = false;
    l1_chain.schedule = {};
    follower->on_scan_start(state_->last_seq);  // of the decision that finds it again
    publish();
  }

  [[nodiscard]] const std::vector<core::L1Link>& links() const { return state_->l1_chain.links; }
  [[nodiscard]] const core::L1State& chain() const { return state_->l1_chain; }
  /// In order; the first one is being derived, for ever: there is no engine here.
  [[nodiscard]] std::vector<core::ObservedProposal> proposals() const {
    std::vector<core::ObservedProposal> out;
    if (chain().derivation) out.push_back(chain().derivation->proposal);
    out.insert(out.end(), chain().pending.begin(), chain().pending.end());
    return out;
  }
  void check_against_final_chain() const;
  [[nodiscard]] std::uint64_t events() const { return state_->last_seq.value; }

  FakeL1 l1;
  std::unique_ptr<node::l1::Follower> follower;
  std::uint64_t failures_percent = 0;
  std::uint64_t lag_max = 0;
  std::uint32_t held_back_max = 1'000;     ///< from the next restart on
  std::uint64_t head_age_max_seconds = 0;  ///< likewise
  std::uint64_t wall_ahead_seconds = 0;    ///< of the head's timestamp
  bool garbles_proposals = false;          ///< the first endpoint does, until it is blamed
  bool l1_garbles_proposals = false;       ///< every endpoint does
  bool hides_logs = false;                 ///< the first endpoint does; the second one does not
  std::optional<std::uint64_t> stuck_at;   ///< the first endpoint's head, while it is asked
  bool is_first_shunned = false;           ///< everything is asked of the second one
  std::optional<io::l1::L1Header> false_final;  ///< what the next answer calls finalized
  std::size_t scans = 0;                        ///< questions that are not about the head
  std::map<node::l1::Blame, std::size_t> blames;
  std::map<node::l1::HeadBlame, std::size_t> head_blames;

 private:
  void step() {
    now_.mono.value += random_() % 300;
    now_.wall = {l1.head().header.timestamp.value + wall_ahead_seconds};
    node::l1::FollowerActions actions = follower->step(now_);
    if (actions.blame != node::l1::Blame::kNone) {
      ++blames[actions.blame];
      garbles_proposals = false;
    }
    if (actions.head_blame != node::l1::HeadBlame::kNone) {
      ++head_blames[actions.head_blame];
      const bool is_last = actions.head_blame == node::l1::HeadBlame::kLast;
      if (is_last ? first_told_last_ : first_told_before_) is_first_shunned = true;
    }
    for (core::EventBody& body : actions.inputs) inputs_.push_back(std::move(body));
    for (node::l1::Request& request : actions.requests) requests_.push_back(std::move(request));
    ASSERT_LE(requests_.size(), 2U + follower->status().refusals)
        << "one question about the head, one of the scan, and of each scan that a refusal ended";
    ASSERT_GT(actions.wake_in.value, 0U);
  }
  bool answer_one() {
    if (requests_.empty()) return false;
    const std::size_t which = random_() % requests_.size();
    const node::l1::Request request = requests_[which];
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(which));
    l1.hides_logs = hides_logs && !request.is_second;
    l1.garbles_proposals = garbles_proposals || l1_garbles_proposals;
    std::size_t lag = lag_max == 0 ? 0 : random_() % (lag_max + 1);
    const bool is_first = stuck_at && !is_first_shunned && !request.is_second;
    if (is_first) lag = l1.head().header.number.value - *stuck_at;
    if (std::holds_alternative<node::l1::AskTags>(request.ask)) {
      first_told_before_ = std::exchange(first_told_last_, is_first);
    }
    node::l1::Answer answer = l1.answer(request.ask, lag);
    auto* const tags = std::get_if<node::l1::TagsAnswer>(&answer);
    if (tags == nullptr) ++scans;
    if (tags != nullptr && false_final) tags->finalized = std::exchange(false_final, {});
    if (random_() % 100 < failures_percent) {
      // What a rate limit is to the follower, too.
      answer = node::l1::AskFailed{node::l1::AskFailure::kUnavailable,
                                   core::Millis{random_() % 2'000}, "HTTP 429"};
    }
    follower->on_answer(request.ticket, std::move(answer), now_);
    return true;
  }
  bool take_one() {
    if (inputs_.empty()) return false;
    reduce(std::move(inputs_.front()));
    inputs_.pop_front();
    return true;
  }
  void reduce(core::EventBody body) {
    core::Event event;
    event.seq = core::next(state_->last_seq);
    event.lane = core::Lane::kL1;
    event.body = std::move(body);
    core::Outcome outcome;
    core::reduce(*state_, event, outcome);
    for (const core::Decision& decision : outcome.decisions) {
      if (decision.verdict == core::Verdict::kL1BlockRefused) {
        refused_.push_back({decision, event.seq});
      }
    }
  }
  /// Decisions are told before the state that they led to.
  void publish() {
    for (const auto& [decision, seq] : refused_) follower->on_refused(decision, seq, now_);
    refused_.clear();
    view_ = io::l1_view_of(*state_, view_.get());
    follower->on_view(view_, state_->last_seq);
  }

  std::mt19937_64 random_;
  bool first_told_last_ = false;  ///< L1's head
  bool first_told_before_ = false;
  std::unique_ptr<core::State> state_;
  std::shared_ptr<const io::L1View> view_;
  std::deque<node::l1::Request> requests_;
  std::deque<core::EventBody> inputs_;
  std::vector<std::pair<core::Decision, core::Seq>> refused_;
  node::l1::FollowerTime now_{core::Millis{1'000}, {}};
};

}  // namespace preconf::tests
