#include "tests/replay/real_world.hpp"

#include <stdexcept>
#include <utility>

#include "core/base/assert.hpp"
#include "core/codec/ssz.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/protocol/txlist_facts.hpp"

namespace preconf::tests {

namespace ev = core::events;
namespace protocol = core::protocol;
using core::U256;

namespace {

constexpr std::uint64_t kFirstTime = 1'000;
constexpr std::uint64_t kWindowSeconds = 384;
constexpr std::size_t kWindows = core::limits::kScheduleWindowsMax;
constexpr std::uint64_t kBlockSeconds = 2;

protocol::ChainProfile devnet() { return protocol::chain_profile("devnet").value(); }

core::Address slasher() {
  core::Address address;
  address.bytes.fill(9);
  return address;
}

core::crypto::SecretKey secret(std::uint8_t number) {
  core::crypto::SecretKey key;
  key.bytes.fill(number);
  return key;
}

protocol::Schedule schedule_of(const core::Address& signer) {
  protocol::Schedule schedule;
  schedule.version = 1;
  for (std::uint64_t i = 0; i < kWindows; ++i) {
    const std::uint64_t start = kFirstTime + kWindowSeconds * i;
    schedule.windows.push_back(
        {core::UnixSeconds{start}, core::UnixSeconds{start + kWindowSeconds}, signer});
  }
  return schedule;
}

storage::Content content_with_hash(core::Bytes bytes) {
  auto shared = std::make_shared<const core::Bytes>(std::move(bytes));
  return {core::crypto::keccak256(*shared), std::move(shared)};
}

}  // namespace

RealWorld::RealWorld() : engine_(devnet()), key_(secret(1)) {
  parent_preconf_.bytes.fill(0x50);
  feed(ev::GenesisRecorded{devnet(), protocol::permissionless_network(slasher()),
                           core::kReducerVersion});
  feed(ev::BootStarted{});
  feed(ev::L1SyncObserved{true, core::ProposalId{0}, std::nullopt});
  feed(ev::ScheduleConfigured{schedule_of(core::crypto::address_of(key_).value())});
  answer_all();
}

void RealWorld::feed(core::EventBody body, std::vector<storage::Content> contents) {
  core::Event event;
  event.seq = core::next(state.last_seq);
  now_ns_ += 1'000'000;
  event.wall = core::WallNanos{now_ns_};
  event.mono = core::MonoNanos{now_ns_};
  if (std::holds_alternative<ev::EngineAnswered>(body)) {
    event.lane = core::Lane::kEngine;
    event.source = core::SourceKind::kEngine;
  } else if (std::holds_alternative<ev::CommitmentReceived>(body)) {
    event.lane = core::Lane::kCommitment;
    event.source = core::SourceKind::kRpc;
    event.source_id = 7;
  }
  event.body = std::move(body);
  core::reduce(state, event, outcome_);
  for (const core::Command& command : outcome_.commands) {
    if (core::class_of(command.body) != core::CommandClass::kTimer) {
      outstanding_.push_back(command);
    }
  }
  if (record_.batch.events.empty()) record_.digests.first = event.seq;
  record_.digests.digests.push_back(core::effects_digest(outcome_));
  record_.batch.events.push_back(std::move(event));
  for (storage::Content& content : contents) record_.batch.contents.push_back(std::move(content));
}

RealWorld::Record RealWorld::take() { return std::exchange(record_, Record{}); }

void RealWorld::answer_all() {
  while (!outstanding_.empty()) {
    const core::Command command = outstanding_.front();
    outstanding_.pop_front();
    std::vector<storage::Content> contents;
    auto result = engine_.perform(command.body, contents);
    feed(ev::EngineAnswered{command.id, 250, std::move(result)}, std::move(contents));
  }
}

core::UnixSeconds RealWorld::window_end_at(core::UnixSeconds time) const {
  const auto index = protocol::find_window(state.schedule, time);
  PRECONF_ASSERT(index.has_value());
  return state.schedule.windows[*index].end;
}

protocol::SignedCommitment RealWorld::promise(const core::Hash32& list) const {
  const protocol::HeaderFacts& head = engine_.head();
  const core::UnixSeconds time{std::max(head.timestamp.value, kFirstTime) + kBlockSeconds};
  protocol::SignedCommitment commitment;
  protocol::Preconfirmation& preconf = commitment.preconf;
  preconf.block_number = U256::from_u64(head.number.value + 1);
  preconf.timestamp = U256::from_u64(time.value);
  preconf.gas_limit = U256::from_u64(head.number.value == 0 ? 16'000'000 : head.gas_limit);
  preconf.coinbase = core::crypto::address_of(key_).value();
  preconf.anchor_block_number = U256::from_u64(100 + head.number.value / 6);
  preconf.raw_tx_list_hash = list;
  preconf.parent_preconfirmation_hash = parent_preconf_;
  preconf.submission_window_end = U256::from_u64(window_end_at(time).value);
  preconf.proposal_id = U256::from_u64(1 + head.number.value / 32);
  commitment.slasher_address = slasher();
  return commitment;
}

core::Bytes RealWorld::sign(protocol::SignedCommitment commitment,
                            const core::crypto::SecretKey& key) const {
  const auto digest = protocol::signing_hash(commitment, state.network.preconf_domain);
  commitment.signature = core::crypto::sign(digest, key).value();
  const auto bytes = core::codec::encode_signed_commitment(commitment);
  return {bytes.bytes.begin(), bytes.bytes.end()};
}

void RealWorld::receive(const core::Bytes& commitment) {
  feed(ev::CommitmentReceived{commitment,
                              protocol::verify_commitment(commitment, state.network.preconf_domain),
                              protocol::kCommitmentVerifierVersion});
}

void RealWorld::add_block() {
  const protocol::HeaderFacts& head = engine_.head();
  const protocol::BaseFeeParent parent{head.number, head.gas_limit, head.gas_used,
                                       head.base_fee_wei,
                                       distance(engine_.parent_time(), head.timestamp)};
  protocol::AnchorTxInput anchor;
  anchor.chain_id = state.chain.chain_id;
  anchor.nonce = head.number.value;
  anchor.base_fee_wei = protocol::base_fee_after(parent, state.chain).value();
  anchor.anchor_address = state.chain.anchor_address;
  anchor.call.block_number = core::L1BlockNumber{100 + head.number.value / 6};
  anchor.call.block_hash = head.hash;
  std::vector<core::Bytes> transactions{protocol::build_anchor_tx(anchor)};
  const auto list = content_with_hash(core::codec::compress_txlist(transactions));
  engine_.offer(list.hash, std::move(transactions));
  newest_ = sign(promise(list.hash), key_);

  feed(ev::TxListReceived{protocol::verify_txlist(*list.bytes), protocol::kTxListVerifierVersion},
       {list});
  receive(newest_);
  answer_all();
  PRECONF_ASSERT(state.heads.unsafe && state.heads.unsafe->hash == engine_.head().hash);
  parent_preconf_ =
      core::crypto::keccak256(core::BytesView(newest_).first(protocol::kPreconfirmationBytes));
}

void RealWorld::repeat_commitment() { receive(newest_); }

void RealWorld::add_stranger() {
  protocol::SignedCommitment commitment = promise(engine_.head().hash);
  commitment.preconf.proposal_id = U256::from_u64(state.last_seq.value);  // each one is another
  receive(sign(commitment, secret(2)));
}

void RealWorld::add_garbage_commitment() {
  core::Bytes garbage(protocol::kSignedCommitmentBytes);
  garbage[0] = 7;
  receive(garbage);
}

void RealWorld::add_garbage_list() {
  core::Bytes garbage(100);
  for (std::size_t i = 0; i < 8; ++i) {
    garbage[i] = static_cast<std::uint8_t>(state.last_seq.value >> (8 * i));
  }
  const auto list = content_with_hash(std::move(garbage));
  feed(ev::TxListReceived{protocol::verify_txlist(*list.bytes), protocol::kTxListVerifierVersion},
       {list});
}

void RealWorld::add_rejected_ingress() {
  feed(ev::IngressRejected{core::SourceKind::kRpc, "body_too_large", 3, core::Hash32{}});
}

void RealWorld::poll_engine() {
  const core::TimerState& timer =
      state.timers[static_cast<std::size_t>(core::TimerId::kEnginePoll)];
  if (!timer.armed) return;
  feed(ev::TimerFired{core::TimerId::kEnginePoll, timer.generation});
  answer_all();
}

void RealWorld::add_traffic(std::uint64_t index) {
  add_block();
  if (index % 3 == 0) poll_engine();
  if (index % 5 == 0) repeat_commitment();
  if (index % 11 == 0) add_stranger();
  if (index % 13 == 0) add_garbage_commitment();
  if (index % 17 == 0) add_garbage_list();
  if (index % 19 == 0) add_rejected_ingress();
}

void append(storage::EventLog& log, RealWorld& world) { append(log, world.take()); }

void append(storage::EventLog& log, const RealWorld::Record& record) {
  const storage::EventBatch* batches[] = {&record.batch};
  const auto written = log.append(batches, std::span(&record.digests, 1), false);
  if (!written) throw std::runtime_error("append: " + written.error().detail);
}

}  // namespace preconf::tests
