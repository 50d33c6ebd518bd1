#include "tests/support/world.hpp"

#include <gtest/gtest.h>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/invariants.hpp"
#include "core/protocol/anchor_tx.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

namespace {

constexpr std::uint64_t kWindowSeconds = 384;

protocol::ChainProfile devnet() { return protocol::chain_profile("devnet").value(); }

protocol::TxListFacts list_for(const protocol::CommitmentFacts& facts, std::uint64_t base_fee,
                               std::uint8_t salt) {
  protocol::TxListFacts list;
  Bytes seed = codec::canonical_bytes(facts.block_number);
  seed.push_back(salt);
  list.hash = crypto::keccak256(seed);
  seed.push_back(1);
  list.rlp_hash = crypto::keccak256(seed);
  list.compressed_bytes = 100;
  list.inflated_bytes = 200;
  list.transactions = 1;
  list.anchor.defect = protocol::AnchorDefect::kNone;
  list.anchor.sender = protocol::kGoldenTouchAddress;
  list.anchor.to = devnet().anchor_address;
  list.anchor.chain_id = devnet().chain_id;
  list.anchor.gas_limit = protocol::kAnchorGasLimit;
  list.anchor.max_fee_per_gas = U256::from_u64(base_fee);
  list.anchor.value_is_zero = true;
  list.anchor.anchor_block_number = facts.anchor_block_number.value;
  return list;
}

protocol::PayloadAttributes attributes_of(const Promise& promise,
                                          const protocol::HeaderFacts& parent,
                                          std::uint64_t base_fee) {
  protocol::PayloadAttributes attributes;
  attributes.block_number = promise.facts.block_number;
  attributes.parent_hash = parent.hash;
  attributes.timestamp = promise.facts.timestamp;
  attributes.prev_randao = protocol::mix_hash_of(parent.difficulty, promise.facts.block_number);
  attributes.fee_recipient = promise.facts.coinbase;
  attributes.gas_limit = promise.facts.gas_limit;
  attributes.base_fee_wei = base_fee;
  attributes.extra_data =
      protocol::extra_data_of(devnet().base_fee_sharing_pctg, promise.facts.proposal_id);
  attributes.tx_list_hash = promise.list.hash;
  attributes.tx_list_rlp_hash = promise.list.rlp_hash;
  attributes.payload_id = protocol::payload_id_of(attributes);
  return attributes;
}

const protocol::Window& window_at(const protocol::Schedule& schedule, UnixSeconds time) {
  const auto index = protocol::find_window(schedule, time);
  PRECONF_ASSERT(index.has_value());
  return schedule.windows[*index];
}

}  // namespace

Address address_number(std::uint8_t number) {
  Address address;
  address.bytes.fill(number);
  return address;
}

void seal(protocol::CommitmentFacts& facts) {
  protocol::CommitmentFacts content = facts;
  content.preconf_hash = content.content_hash = content.commitment_hash = Hash32{};
  content.signer = Address{};
  facts.preconf_hash = crypto::keccak256(codec::canonical_bytes(content));
  facts.content_hash = crypto::keccak256(facts.preconf_hash.view());
  facts.commitment_hash = crypto::keccak256(facts.content_hash.view());
}

ev::GenesisRecorded model_genesis_event() {
  return ev::GenesisRecorded{devnet(), protocol::permissionless_network(address_number(9)),
                             kReducerVersion};
}

protocol::Schedule model_schedule() {
  protocol::Schedule schedule;
  schedule.version = 1;
  for (std::uint8_t i = 0; i < 3; ++i) {
    const std::uint64_t start = 1000 + kWindowSeconds * i;
    schedule.windows.push_back(protocol::Window{UnixSeconds{start},
                                                UnixSeconds{start + kWindowSeconds},
                                                address_number(static_cast<std::uint8_t>(i + 1))});
  }
  return schedule;
}

Preconfer::Preconfer(protocol::Schedule schedule) : schedule_(std::move(schedule)) {
  parent_preconf.bytes.fill(0x50);
  clock = schedule_.windows.front().start;
}

Promise Preconfer::variant(std::uint64_t seconds, std::uint8_t salt) const {
  Promise promise;
  protocol::CommitmentFacts& facts = promise.facts;
  facts.block_number = next(tip.number);
  facts.timestamp = UnixSeconds{clock.value + seconds};
  facts.gas_limit = tip.number.value == 0 ? 16'000'000 : tip.gas_limit;
  facts.coinbase = address_number(0xcb);
  facts.anchor_block_number = L1BlockNumber{100 + tip.number.value / 6};
  facts.parent_preconf_hash = parent_preconf;
  facts.proposal_id = ProposalId{1 + tip.number.value / 10};
  facts.slasher = address_number(9);
  const protocol::Window& window = window_at(schedule_, facts.timestamp);
  facts.window_end = window.end;
  facts.signer = window.committer;
  const protocol::BaseFeeParent parent{tip.number, tip.gas_limit, tip.gas_used, tip.base_fee_wei,
                                       distance(tip_parent_time, tip.timestamp)};
  promise.list = list_for(facts, protocol::base_fee_after(parent, devnet()).value(), salt);
  facts.raw_tx_list_hash = promise.list.hash;
  seal(facts);
  return promise;
}

void Preconfer::adopt(const Promise& promise) {
  const auto header =
      execute(attributes_of(promise, tip, promise.list.anchor.max_fee_per_gas.low_u64()));
  tip_parent_time = tip.timestamp;
  tip = header;
  clock = header.timestamp;
  parent_preconf = promise.facts.preconf_hash;
}

Promise Preconfer::next_block(std::uint64_t seconds, std::uint8_t salt, bool eop) {
  Promise promise = variant(seconds, salt);
  if (eop) {
    promise.facts.eop = true;
    seal(promise.facts);
  }
  adopt(promise);
  return promise;
}

protocol::CommitmentFacts Preconfer::eop_only() const {
  protocol::CommitmentFacts facts = variant(1, 0).facts;
  facts.eop = true;
  facts.raw_tx_list_hash = Hash32{};
  facts.gas_limit = 0;
  seal(facts);
  return facts;
}

World::World(ModelEngine& engine) : engine_(engine) { feed(model_genesis_event()); }

World::~World() {
  EXPECT_TRUE(violations.empty()) << "first broken invariant: " << violations.front();
}

const Outcome& World::feed(EventBody body) {
  Event event;
  event.seq = next(state.last_seq);
  now_ns += 1'000'000;
  event.wall = WallNanos{now_ns};
  event.mono = MonoNanos{now_ns};
  event.source = source_;
  event.source_id = source_id_;
  event.body = std::move(body);
  if (std::holds_alternative<ev::BootStarted>(event.body)) outstanding.clear();
  reduce(state, event, outcome_);
  const char* broken = log.size() % check_every == 0 ? broken_invariant(state) : nullptr;
  if (broken != nullptr) {
    violations.push_back(broken + (" at seq " + std::to_string(event.seq.value)));
  }
  digests.push_back(effects_digest(outcome_));
  decisions.insert(decisions.end(), outcome_.decisions.begin(), outcome_.decisions.end());
  for (const Command& command : outcome_.commands) {
    if (has_outcome(command.body)) {
      outstanding.push_back(command);
    } else if (on_order && class_of(command.body) == CommandClass::kLocal) {
      on_order(command);
    }
  }
  log.push_back(std::move(event));
  return outcome_;
}

const Outcome& World::feed_from(SourceKind source, std::uint64_t source_id, EventBody body) {
  source_ = source;
  source_id_ = source_id;
  const Outcome& outcome = feed(std::move(body));
  source_ = SourceKind::kLocal;
  source_id_ = 0;
  return outcome;
}

void World::start(const protocol::Schedule& schedule) {
  feed(ev::BootStarted{});
  feed(ev::L1SyncObserved{true, ProposalId{0}, std::nullopt});
  feed(ev::ScheduleConfigured{schedule});
}

void World::commitment(const protocol::CommitmentFacts& facts) {
  feed(ev::CommitmentReceived{Bytes(protocol::kSignedCommitmentBytes), facts,
                              protocol::kCommitmentVerifierVersion});
}

void World::txlist(const protocol::TxListFacts& facts) {
  feed(ev::TxListReceived{facts, protocol::kTxListVerifierVersion});
}

void World::promise(const Promise& promised) {
  txlist(promised.list);
  commitment(promised.facts);
}

void World::answer_next_with(ev::EngineResult result) {
  ASSERT_FALSE(outstanding.empty());
  const Command command = outstanding.front();
  outstanding.pop_front();
  feed(ev::EngineAnswered{command.id, 100, std::move(result)});
}

bool World::answer_next() {
  if (outstanding.empty()) return false;
  if (is_for_l1(outstanding.front().body)) {
    const Command command = outstanding.front();
    outstanding.pop_front();
    PRECONF_ASSERT(answer_l1 != nullptr);
    feed(ev::L1Answered{command.id, 100, answer_l1(command.body)});
    return true;
  }
  if (!is_for_peers(outstanding.front().body)) {
    answer_next_with(engine_.perform(outstanding.front().body));
    return true;
  }
  const Command command = outstanding.front();
  outstanding.pop_front();
  PRECONF_ASSERT(answer_peer != nullptr);
  answer_peer(command);
  return true;
}

bool World::run_until(const std::function<bool(const State&)>& is_done, int timers_max) {
  settle();
  for (int i = 0; i < timers_max && !is_done(state); ++i) {
    if (!fire_next_timer()) break;
    settle();
  }
  return is_done(state);
}

bool World::run_to(const Hash32& head, int timers_max) {
  return run_until(
      [&head](const State& now) { return now.heads.unsafe && now.heads.unsafe->hash == head; },
      timers_max);
}

void World::lose_next_answer() {
  ASSERT_FALSE(outstanding.empty());
  static_cast<void>(engine_.perform(outstanding.front().body));
  answer_next_with(ev::EngineFailed{ev::EngineFailureKind::kTimeout, ev::Certainty::kUnknown, 0,
                                    "no answer in time"});
}

void World::settle() {
  constexpr int kAnswersMax = 100'000;
  for (int i = 0; answer_next(); ++i) ASSERT_LT(i, kAnswersMax) << "commands never end";
}

bool World::fire_next_timer() {
  std::size_t chosen = kTimerCount;
  for (std::size_t i = 0; i < kTimerCount; ++i) {
    const TimerState& timer = timer_of(state, static_cast<TimerId>(i));
    const bool earlier =
        chosen == kTimerCount || timer.due < timer_of(state, static_cast<TimerId>(chosen)).due;
    if (timer.armed && earlier) chosen = i;
  }
  const bool is_armed = chosen != kTimerCount;
  if (!planned_.empty() &&
      (!is_armed ||
       planned_.begin()->first <= timer_of(state, static_cast<TimerId>(chosen)).due.value)) {
    const auto next = planned_.extract(planned_.begin());
    now_ns = std::max(now_ns, next.key());
    next.mapped()();
    return true;
  }
  if (!is_armed) return false;
  const TimerState timer = timer_of(state, static_cast<TimerId>(chosen));
  now_ns = std::max(now_ns, timer.due.value);
  feed(ev::TimerFired{static_cast<TimerId>(chosen), timer.generation});
  return true;
}

void World::settle_with_retries() {
  settle();
  constexpr int kRetriesMax = 1'000;
  for (int i = 0; state.apply_backoff.waiting || state.consistency_backoff.waiting ||
                  state.l1_chain.backoff.waiting || state.l1_chain.resolve_backoff.waiting;
       ++i) {
    ASSERT_LT(i, kRetriesMax) << "retries never end";
    ASSERT_TRUE(fire_next_timer());
    settle();
  }
}

State fold(const std::vector<Event>& log) {
  State state;
  Outcome outcome;
  for (const Event& event : log) reduce(state, event, outcome);
  return state;
}

}  // namespace preconf::tests
