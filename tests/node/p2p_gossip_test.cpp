// Gossip on its way into the log: what the bytes alone refuse, quotas, and the
// way of a verdict.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "core/codec/p2p_ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/limits.hpp"
#include "io/wire/gossipsub/message.hpp"
#include "node/p2p/gossip_ingress.hpp"
#include "node/p2p/peer_responses.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::node {
namespace {

using core::Bytes;
using core::PeerNumber;
using core::events::PeerConduct;
using core::test::filled;
using io::wire::Verdict;

const core::crypto::SecretKey kSigner = filled<32>(0x2a);

/// The sample of the P2P specification's unit tests: block 1, list 32 x 01,
/// slasher 20 x 09.
core::protocol::SignedCommitment sample() {
  core::protocol::SignedCommitment out;
  out.preconf.block_number = core::U256::from_u64(1);
  out.preconf.timestamp = core::U256::from_u64(2);
  out.preconf.gas_limit = core::U256::from_u64(3);
  out.preconf.anchor_block_number = core::U256::from_u64(4);
  out.preconf.raw_tx_list_hash = filled<32>(1);
  out.preconf.parent_preconfirmation_hash = filled<32>(2);
  out.preconf.submission_window_end = core::U256::from_u64(5);
  out.preconf.prover_auth = filled<20>(3);
  out.preconf.proposal_id = core::U256::from_u64(6);
  out.slasher_address = filled<20>(9);
  return out;
}
const core::protocol::NetworkProfile kNetwork =
    core::protocol::permissionless_network(filled<20>(9));

Bytes sign(core::protocol::SignedCommitment commitment) {
  commitment.signature =
      *core::crypto::sign(signing_hash(commitment, kNetwork.preconf_domain), kSigner);
  const auto bytes = core::codec::encode_signed_commitment(commitment);
  return {bytes.bytes.begin(), bytes.bytes.end()};
}

Bytes list_message(const Bytes& list) {
  return core::codec::encode_raw_tx_list({core::crypto::keccak256(list), list});
}

// The signature of key 32 x 2a over the sample, computed by an independent
// implementation.
TEST(GossipCheck, SampleOfTheSpecification) {
  const Bytes raw = sign(sample());
  EXPECT_EQ(core::to_hex(core::BytesView{raw}.last(65)),
            "4da5e52178bf00ccaa8aade4ab33775816b8b898d2f264503bc1fdf63a3b0400"
            "65a0b6b41b0d150f6558aaee8fb7a35b7ce6ec46008de3fc37eb501b1775c2b601");
  const auto facts = check_gossip(GossipKind::kCommitment, raw, kNetwork);
  ASSERT_TRUE(std::holds_alternative<io::SubmittedCommitment>(facts));
  EXPECT_EQ(core::to_hex(std::get<io::SubmittedCommitment>(facts).facts.signer.view()),
            "b0e5863d0ddf7e105e409fee0ecc0123a362e14b");
}

TEST(GossipCheck, RefusesByReason) {
  const Bytes good = sign(sample());
  const auto changed = [&good](std::size_t at, std::uint8_t byte) {
    Bytes out = good;
    out[at] = byte;
    return out;
  };
  auto without_list = sample();
  without_list.preconf.raw_tx_list_hash = {};
  auto large = sample();
  large.preconf.block_number.be.bytes[0] = 1;
  auto other_slasher = sample();
  other_slasher.slasher_address = filled<20>(8);
  const Bytes list = list_message(Bytes{0xc0});
  Bytes mismatch = list;
  mismatch.back() = 0xc1;
  Bytes wrong_offset = list;
  wrong_offset[32] = 35;
  Bytes too_long = list_message(Bytes(core::limits::kTxListBytesMax));
  too_long.push_back(0);
  const GossipRefusal undecodable{Verdict::kReject, PeerConduct::kGossipUndecodable};
  const GossipRefusal invalid{Verdict::kReject, PeerConduct::kGossipInvalid};
  const GossipRefusal unwanted{Verdict::kIgnore, PeerConduct::kGossipUnwanted};
  const GossipRefusal mismatched{Verdict::kReject, PeerConduct::kGossipMismatch};
  const std::tuple<GossipKind, Bytes, GossipRefusal> bad[] = {
      {GossipKind::kCommitment, {}, undecodable},
      {GossipKind::kCommitment, Bytes(good.begin(), good.end() - 1), undecodable},
      {GossipKind::kCommitment, changed(0, 2), undecodable},
      {GossipKind::kCommitment, changed(381, 27), invalid},
      {GossipKind::kCommitment, changed(381, 4), invalid},
      {GossipKind::kCommitment, sign(without_list), invalid},
      {GossipKind::kCommitment, sign(large), unwanted},
      {GossipKind::kCommitment, sign(other_slasher), unwanted},
      {GossipKind::kTxList, {}, undecodable},
      {GossipKind::kTxList, Bytes(list.begin(), list.begin() + 35), undecodable},
      {GossipKind::kTxList, wrong_offset, undecodable},
      {GossipKind::kTxList, mismatch, mismatched},
      {GossipKind::kTxList, too_long, undecodable}};
  std::size_t index = 0;
  for (const auto& [kind, data, refusal] : bad) {
    const auto facts = check_gossip(kind, data, kNetwork);
    ASSERT_TRUE(std::holds_alternative<GossipRefusal>(facts)) << index;
    EXPECT_EQ(std::get<GossipRefusal>(facts).verdict, refusal.verdict) << index;
    EXPECT_EQ(std::get<GossipRefusal>(facts).conduct, refusal.conduct) << index++;
  }
}

TEST(GossipQuota, PerPeerAndInterval) {
  GossipQuota quota;
  const PeerNumber one{1};
  const PeerNumber two{2};
  for (const bool is_scheduled : {false, true}) {
    const std::size_t max = is_scheduled ? kScheduledCommitmentsMax : kUnscheduledCommitmentsMax;
    for (std::size_t i = 0; i < max; ++i) {
      EXPECT_TRUE(quota.take_commitment(one, core::Millis{i}, is_scheduled));
    }
    EXPECT_FALSE(quota.take_commitment(one, core::Millis{9'999}, is_scheduled));
    EXPECT_TRUE(quota.take_commitment(two, core::Millis{9'999}, is_scheduled));
    quota.give_back_commitment(one, is_scheduled);
    EXPECT_TRUE(quota.take_commitment(one, core::Millis{9'999}, is_scheduled));
    EXPECT_FALSE(quota.take_commitment(one, core::Millis{9'999}, is_scheduled));
  }
  EXPECT_TRUE(quota.take_commitment(one, core::Millis{10'000}, true));

  EXPECT_TRUE(quota.take_list(one, kUnwantedListBytesMax, core::Millis{10'000}));
  EXPECT_FALSE(quota.take_list(one, 1, core::Millis{10'000}));
  quota.give_back_list(one, kUnwantedListBytesMax);
  for (std::size_t i = 0; i < kUnwantedListsMax; ++i) {
    EXPECT_TRUE(quota.take_list(one, 1, core::Millis{10'001}));
  }
  EXPECT_FALSE(quota.take_list(one, 1, core::Millis{10'001}));
}

TEST(GossipQuota, WantedListsAreBounded) {
  GossipQuota quota;
  const auto list = [](std::size_t i) { return core::U256::from_u64(i).be; };
  for (std::size_t i = 1; i <= kWantedListsMax + 1; ++i) quota.want(list(i));
  EXPECT_FALSE(quota.is_wanted(list(1)));
  EXPECT_TRUE(quota.is_wanted(list(2)));
  EXPECT_TRUE(quota.is_wanted(list(kWantedListsMax + 1)));
  quota.want({});
  EXPECT_FALSE(quota.is_wanted({}));
}

/// An ingress with its worker, and the verdicts it reports.
struct Ingress {
  explicit Ingress(bool is_signer_scheduled = true) {
    auto made = std::make_shared<io::Published>();
    auto schedule = std::make_shared<core::protocol::Schedule>();
    schedule->windows.push_back(
        {core::UnixSeconds{0}, core::UnixSeconds{10},
         is_signer_scheduled ? *core::crypto::address_of(kSigner) : core::Address{}});
    made->schedule = schedule;
    published = made;
  }
  io::wire::MessageId deliver(GossipKind kind, const Bytes& data, PeerNumber peer) {
    const auto id = io::wire::MessageId::from(core::crypto::sha256(data).view());
    ingress.on_message({io::wire::sign_message(author, ++seqno, topic_of(kind, 167'000), data, id),
                        io::wire::PeerRef{peer.value}});
    return id;
  }
  Verdict verdict() {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return !reports.empty(); }));
    const Verdict first = reports.front().second;
    reports.pop_front();
    return first;
  }
  Input input() {
    std::unique_lock lock(mutex);
    std::vector<Input> taken;
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] {
      inputs.take(1, 1 << 20, taken);
      return !taken.empty();
    }));
    return std::move(taken.front());
  }
  /// What the loop tells after a durable event with this decision.
  void settle(const Input& input, core::Verdict decided, const core::Hash32& subject) {
    core::Decision decision;
    decision.verdict = decided;
    decision.subject = subject;
    ingress.settle({core::Seq{1}, input.request, {decision}});
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<io::wire::MessageId, Verdict>> reports;
  std::shared_ptr<const io::Published> published;
  std::uint64_t seqno = 0;
  io::wire::Identity author =
      io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, core::Hash32{}).value();
  InputQueue inputs{[this] {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }};
  PeerConducts conducts;
  io::WorkerPool workers{1, 256};
  GossipIngress ingress{
      GossipIngress::Parts{inputs, workers, conducts, kNetwork, 167'000,
                           [this](const io::wire::MessageId& id, Verdict verdict) {
                             const std::lock_guard lock(mutex);
                             reports.emplace_back(id, verdict);
                             changed.notify_all();
                           },
                           [this] { return published; }, [] { return core::Millis{0}; }}};
};

TEST(GossipIngress, ACommitmentBecomesAnEventAndItsDecisionTheVerdict) {
  Ingress node;
  const Bytes raw = sign(sample());
  for (const auto& [decided, verdict] :
       {std::pair{core::Verdict::kAdmitted, Verdict::kAccept},
        std::pair{core::Verdict::kPendingSchedule, Verdict::kIgnore}}) {
    (void)node.deliver(GossipKind::kCommitment, raw, PeerNumber{4});
    const Input input = node.input();
    const auto& event = std::get<core::events::CommitmentReceived>(input.body);
    EXPECT_EQ(event.raw, raw);
    EXPECT_EQ(input.source, core::SourceKind::kGossip);
    EXPECT_EQ(input.source_id, 4U);
    EXPECT_NE(input.request.value & kGossipRequestBit, 0U);
    EXPECT_EQ(node.ingress.pending(), 1U);
    node.settle(input, decided, event.facts.preconf_hash);
    EXPECT_EQ(node.verdict(), verdict);
    EXPECT_EQ(node.ingress.pending(), 0U);
  }
}

TEST(GossipIngress, AListTravelsWithItsBytes) {
  Ingress node;
  const Bytes list{0x78, 0x9c, 0x01};
  (void)node.deliver(GossipKind::kTxList, list_message(list), PeerNumber{4});
  const Input input = node.input();
  ASSERT_EQ(input.contents.size(), 1U);
  EXPECT_EQ(*input.contents[0].bytes, list);
  EXPECT_EQ(std::get<core::events::TxListReceived>(input.body).facts.hash,
            core::crypto::keccak256(list));
}

TEST(GossipIngress, WhatTheBytesRefuseNeverBecomesAnEvent) {
  Ingress node;
  (void)node.deliver(GossipKind::kCommitment, Bytes(381, 0), PeerNumber{4});
  EXPECT_EQ(node.verdict(), Verdict::kReject);
  EXPECT_EQ(node.inputs.size(), 0U);
  node.conducts.flush(node.inputs);
  const Input input = node.input();
  const auto& report = std::get<core::events::PeerReported>(input.body);
  EXPECT_EQ(report.peer, PeerNumber{4});
  ASSERT_EQ(report.counts.size(), 1U);
  EXPECT_EQ(report.counts[0].conduct, PeerConduct::kGossipUndecodable);
  EXPECT_EQ(report.counts[0].count, 1U);
}

TEST(GossipIngress, SignersOutsideTheScheduleHaveAQuota) {
  Ingress node(false);
  for (std::size_t i = 0; i <= kUnscheduledCommitmentsMax; ++i) {
    auto commitment = sample();
    commitment.preconf.block_number = core::U256::from_u64(100 + i);
    (void)node.deliver(GossipKind::kCommitment, sign(commitment), PeerNumber{4});
  }
  EXPECT_EQ(node.verdict(), Verdict::kIgnore);  // the last one, at once
  EXPECT_EQ(node.inputs.size(), kUnscheduledCommitmentsMax);
  EXPECT_EQ(node.ingress.pending(), kUnscheduledCommitmentsMax);
}

/// Anybody who is scheduled can sign without end; what is accepted does not count.
TEST(GossipIngress, WhatAScheduledSignerSaysInVainHasAQuota) {
  Ingress node;
  const auto say = [&node](std::size_t i) {
    auto commitment = sample();
    commitment.preconf.block_number = core::U256::from_u64(100 + i);
    (void)node.deliver(GossipKind::kCommitment, sign(commitment), PeerNumber{4});
  };
  for (std::size_t i = 0; i < 40; ++i) {
    say(i);
    const Input input = node.input();
    const auto& body = std::get<core::events::CommitmentReceived>(input.body);
    node.settle(input, core::Verdict::kAdmitted, body.facts.preconf_hash);
    EXPECT_EQ(node.verdict(), Verdict::kAccept);
  }
  for (std::size_t i = 0; i < kScheduledCommitmentsMax; ++i) {
    say(1'000 + i);
    (void)node.input();
  }
  say(0);
  EXPECT_EQ(node.verdict(), Verdict::kIgnore);
  EXPECT_EQ(node.ingress.pending(), kScheduledCommitmentsMax);
}

TEST(GossipIngress, ListsOfScheduledCommitmentsAreNotCharged) {
  Ingress node;
  const auto list = [](std::size_t i) { return Bytes{0x78, static_cast<std::uint8_t>(i)}; };
  for (std::size_t i = 0; i < kUnwantedListsMax; ++i) {
    (void)node.deliver(GossipKind::kTxList, list_message(list(i)), PeerNumber{4});
    (void)node.input();
  }
  (void)node.deliver(GossipKind::kTxList, list_message(list(100)), PeerNumber{4});
  EXPECT_EQ(node.verdict(), Verdict::kIgnore);
  auto commitment = sample();
  commitment.preconf.raw_tx_list_hash = core::crypto::keccak256(list(101));
  (void)node.deliver(GossipKind::kCommitment, sign(commitment), PeerNumber{4});
  (void)node.input();
  (void)node.deliver(GossipKind::kTxList, list_message(list(101)), PeerNumber{4});
  EXPECT_TRUE(std::holds_alternative<core::events::TxListReceived>(node.input().body));
}

TEST(GossipIngress, AFullQueueBlamesNobody) {
  Ingress node;
  node.inputs.close();
  (void)node.deliver(GossipKind::kCommitment, sign(sample()), PeerNumber{4});
  EXPECT_EQ(node.verdict(), Verdict::kIgnore);
  EXPECT_EQ(node.ingress.pending(), 0U);
}

const PeerAnswer kAnswer{{core::Seq{7}, 1}, PeerNumber{3}, 42};

const core::events::PeerResult& result_of(const std::vector<Input>& inputs) {
  return std::get<core::events::PeerAnswered>(inputs.back().body).result;
}

TEST(PeerResponses, CommitmentsComeBeforeTheAnswerThatCountsThem) {
  auto second = sample();
  second.preconf.block_number = core::U256::from_u64(2);
  auto foreign = sample();
  foreign.slasher_address = filled<20>(8);
  Bytes packed = sign(sample());
  for (const Bytes& more : {sign(foreign), sign(second)}) {
    packed.insert(packed.end(), more.begin(), more.end());
  }
  const auto inputs = response_inputs(kAnswer, io::wire::ExchangeProtocol::kGetCommitmentsByNumber,
                                      core::codec::encode_commitment_list(packed), kNetwork);
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0].source, core::SourceKind::kResponse);
  EXPECT_EQ(inputs[0].source_id, 3U);
  EXPECT_EQ(inputs[0].lane, inputs[2].lane);
  const auto& delivered = std::get<core::events::CommitmentsDelivered>(result_of(inputs));
  EXPECT_EQ(delivered.count, 2U);
  EXPECT_EQ(delivered.first, core::BlockNumber{1});
  EXPECT_EQ(delivered.last, core::BlockNumber{2});
}

TEST(PeerResponses, WhatIsWrongIsNamed) {
  using io::wire::ExchangeProtocol;
  Bytes bad_signature = sign(sample());
  bad_signature[381] = 9;
  Bytes mismatch = list_message(Bytes{1});
  mismatch.back() = 2;
  const std::tuple<ExchangeProtocol, Bytes, core::events::PeerFailureKind> bad[] = {
      {ExchangeProtocol::kGetHead, Bytes(63), core::events::PeerFailureKind::kMalformed},
      {ExchangeProtocol::kGetHead, Bytes(64, 1), core::events::PeerFailureKind::kInvalid},
      {ExchangeProtocol::kGetCommitmentsByNumber, Bytes{},
       core::events::PeerFailureKind::kMalformed},
      {ExchangeProtocol::kGetCommitmentsByNumber,
       core::codec::encode_commitment_list(bad_signature), core::events::PeerFailureKind::kInvalid},
      {ExchangeProtocol::kGetRawTxList, Bytes(35), core::events::PeerFailureKind::kMalformed},
      {ExchangeProtocol::kGetRawTxList, mismatch, core::events::PeerFailureKind::kInvalid}};
  for (const auto& [protocol, body, kind] : bad) {
    const auto inputs = response_inputs(kAnswer, protocol, body, kNetwork);
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(std::get<core::events::PeerFailed>(result_of(inputs)).kind, kind);
  }
}

TEST(PeerResponses, HeadsAndLists) {
  using io::wire::ExchangeProtocol;
  const auto head =
      core::codec::encode_preconf_head({core::U256::from_u64(9), core::U256::from_u64(384)});
  const auto inputs = response_inputs(kAnswer, ExchangeProtocol::kGetHead, head.view(), kNetwork);
  const auto& reported = std::get<core::events::HeadReported>(result_of(inputs));
  EXPECT_EQ(reported.number, core::BlockNumber{9});
  EXPECT_EQ(reported.window_end, core::UnixSeconds{384});

  const auto list = response_inputs(kAnswer, ExchangeProtocol::kGetRawTxList,
                                    list_message(Bytes{0x78}), kNetwork);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(*list[0].contents.at(0).bytes, Bytes{0x78});
  EXPECT_TRUE(std::holds_alternative<core::events::TxListDelivered>(result_of(list)));

  const auto missing = response_inputs(
      kAnswer, ExchangeProtocol::kGetRawTxList,
      core::codec::encode_raw_tx_list({filled<32>(1), core::BytesView{}}), kNetwork);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<core::events::TxListMissing>(result_of(missing)));
}

}  // namespace
}  // namespace preconf::node
