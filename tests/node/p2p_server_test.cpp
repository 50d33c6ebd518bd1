// Requests of peers, answered from a real log.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "core/codec/p2p_ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/state.hpp"
#include "node/p2p/request_server.hpp"
#include "tests/core/vectors.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::node {
namespace {

using core::Bytes;
using core::BytesView;
using core::PeerNumber;
using core::test::filled;
using io::wire::ExchangeProtocol;

struct Answer {
  io::wire::InboundRef request;
  std::optional<Bytes> body;  ///< none: refused
};

Bytes commitment(std::uint64_t number) {
  core::protocol::SignedCommitment out;
  out.preconf.block_number = core::U256::from_u64(number);
  out.preconf.raw_tx_list_hash = filled<32>(1);
  const auto network = core::protocol::permissionless_network(filled<20>(9));
  out.slasher_address = filled<20>(9);
  out.signature = *core::crypto::sign(signing_hash(out, network.preconf_domain), filled<32>(0x2a));
  const auto bytes = core::codec::encode_signed_commitment(out);
  return {bytes.bytes.begin(), bytes.bytes.end()};
}

/// A log with commitments 10, 11, 12 and 14, and one list; a server that knows of them.
struct Server {
  Server() : list(tests::content_of(Bytes{0x78, 0x9c, 7})) {
    auto opened = storage::EventLog::open(directory.path(), storage::OpenMode::kCreate);
    log = std::move(*opened);
    storage::EventBatch batch;
    for (const std::uint64_t number : {10U, 11U, 12U, 14U}) {
      core::Event event;
      event.seq = core::Seq{batch.events.size() + 1};
      event.body = core::events::CommitmentReceived{
          commitment(number),
          core::protocol::verify_commitment(
              commitment(number),
              core::protocol::permissionless_network(filled<20>(9)).preconf_domain),
          core::protocol::kCommitmentVerifierVersion};
      core::Decision admitted;
      admitted.verdict = core::Verdict::kAdmitted;
      admitted.number = core::BlockNumber{number};
      admitted.subject = core::U256::from_u64(number).be;
      admitted.a = event.seq.value;
      settled.push_back({event.seq, {}, {admitted}});
      batch.events.push_back(std::move(event));
    }
    core::Event taken;
    taken.seq = core::Seq{batch.events.size() + 1};
    taken.body = core::events::TxListReceived{core::protocol::verify_txlist(*list.bytes),
                                              core::protocol::kTxListVerifierVersion};
    batch.events.push_back(std::move(taken));
    batch.contents.push_back(list);
    const storage::EventBatch* const batches[] = {&batch};
    const auto appended = log->append(batches, {}, true);
    EXPECT_TRUE(appended) << (appended ? "" : appended.error().detail);
    auto made = std::make_shared<io::Published>();
    made->status.served_head = {core::BlockNumber{14}, core::UnixSeconds{384}};
    published = made;
    server = std::make_unique<RequestServer>(
        RequestServer::Parts{workers, conducts, *log,
                             [this](io::wire::InboundRef request, Bytes body) {
                               push({request, std::move(body)});
                             },
                             [this](io::wire::InboundRef request) {
                               push({request, std::nullopt});
                             },
                             [this] { return published; }},
        core::State{});
    for (const Settled& event : settled) server->note(event);
  }
  void push(Answer answer) {
    const std::lock_guard lock(mutex);
    answers.push_back(std::move(answer));
    changed.notify_all();
  }
  std::optional<Bytes> ask(ExchangeProtocol protocol, BytesView body) {
    server->on_request({io::wire::InboundRef{++last}, io::wire::PeerRef{5}, protocol,
                        Bytes(body.begin(), body.end()), core::Millis{0}},
                       core::Millis{0});
    std::unique_lock lock(mutex);
    EXPECT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(20), [this] { return !answers.empty(); }));
    const Answer answer = std::move(answers.front());
    answers.pop_front();
    EXPECT_EQ(answer.request.value, last);
    return answer.body;
  }
  std::vector<std::uint64_t> commitments(std::uint64_t start, std::uint32_t count) {
    const auto request =
        core::codec::encode_get_commitments_request({core::U256::from_u64(start), count});
    const auto body = ask(ExchangeProtocol::kGetCommitmentsByNumber, request.view());
    const auto list_of = core::codec::decode_commitment_list(*body);
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < list_of->size(); ++i) {
      numbers.push_back(
          core::codec::decode_signed_commitment((*list_of)[i])->preconf.block_number.low_u64());
    }
    return numbers;
  }

  tests::TemporaryDirectory directory;
  storage::Content list;
  std::unique_ptr<storage::EventLog> log;
  std::vector<Settled> settled;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Answer> answers;
  std::uint64_t last = 0;
  std::shared_ptr<const io::Published> published;
  PeerConducts conducts;
  std::unique_ptr<RequestServer> server;
  io::WorkerPool workers{1, 64};
};

TEST(RequestServer, Head) {
  Server node;
  const auto body = node.ask(ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0});
  const auto head = core::codec::decode_preconf_head(*body);
  EXPECT_EQ(head->block_number.low_u64(), 14U);
  EXPECT_EQ(head->submission_window_end.low_u64(), 384U);
  node.published = nullptr;
  EXPECT_EQ(node.ask(ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0}), Bytes(64, 0));
}

TEST(RequestServer, CommitmentsUpToTheFirstHole) {
  Server node;
  using Numbers = std::vector<std::uint64_t>;
  EXPECT_EQ(node.commitments(10, 64), (Numbers{10, 11, 12}));
  EXPECT_EQ(node.commitments(0, 64), (Numbers{10, 11, 12}));
  EXPECT_EQ(node.commitments(11, 1), (Numbers{11}));
  EXPECT_EQ(node.commitments(13, 256), (Numbers{14}));
  EXPECT_EQ(node.commitments(10, UINT32_MAX), (Numbers{10, 11, 12}));
  EXPECT_EQ(node.commitments(10, 0), Numbers{});
  EXPECT_EQ(node.commitments(15, 64), Numbers{});
}

TEST(RequestServer, ListsByHash) {
  Server node;
  const auto found = node.ask(ExchangeProtocol::kGetRawTxList, node.list.hash.view());
  EXPECT_TRUE(
      std::ranges::equal(core::codec::decode_raw_tx_list(*found)->txlist, *node.list.bytes));
  const auto missing = node.ask(ExchangeProtocol::kGetRawTxList, filled<32>(3).view());
  const auto decoded = core::codec::decode_raw_tx_list(*missing);
  EXPECT_EQ(decoded->raw_tx_list_hash, filled<32>(3));
  EXPECT_TRUE(decoded->txlist.empty());
}

TEST(RequestServer, MalformedRequestsAreRefusedAndCounted) {
  Server node;
  EXPECT_FALSE(node.ask(ExchangeProtocol::kGetHead, {}));
  EXPECT_FALSE(node.ask(ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0, 0}));
  EXPECT_FALSE(node.ask(ExchangeProtocol::kGetCommitmentsByNumber, Bytes(35)));
  EXPECT_FALSE(node.ask(ExchangeProtocol::kGetRawTxList, Bytes(31)));
  InputQueue inputs;
  node.conducts.flush(inputs);
  std::vector<Input> taken;
  inputs.take(8, 1 << 20, taken);
  ASSERT_EQ(taken.size(), 1U);
  const auto& report = std::get<core::events::PeerReported>(taken[0].body);
  ASSERT_EQ(report.counts.size(), 1U);
  EXPECT_EQ(report.counts[0].conduct, core::events::PeerConduct::kRequestMalformed);
  EXPECT_EQ(report.counts[0].count, 4U);
}

TEST(RequestServer, AboveTheLimitAnswersAreEmptyNotMissing) {
  Server node;
  for (std::uint32_t i = 0; i < kServedPerIntervalMax; ++i) {
    EXPECT_EQ(node.commitments(10, 1).size(), 1U);
  }
  EXPECT_TRUE(node.commitments(10, 1).empty());
  EXPECT_TRUE(node.ask(ExchangeProtocol::kGetHead, Bytes{4, 0, 0, 0}));  // counted apart
  node.server->forget(PeerNumber{5});
  EXPECT_EQ(node.commitments(10, 1).size(), 1U);
}

}  // namespace
}  // namespace preconf::node
