// The publish methods: order of the checks, codes, texts; real commitments made by another
// implementation.
#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/limits.hpp"
#include "io/json/json_reader.hpp"
#include "tests/io/support/fake_backend.hpp"

namespace preconf::io {
namespace {

using core::Bytes;
using core::Reason;
using core::Verdict;
using test::ApiServer;
using test::block_params;
using test::VectorBlock;

constexpr const char* kBlock = "preconf_publishBlock";
constexpr const char* kCommitment = "preconf_publishCommitment";
constexpr const char* kTxList = "preconf_publishTxList";

const VectorBlock& block() { return test::vector_blocks().front(); }

std::string hash_text(const Bytes& bytes) {
  return core::to_hex0x(core::crypto::keccak256(bytes).view());
}

std::string commitment_params(const Bytes& raw) {
  return R"([{"commitment":")" + core::to_hex0x(raw) + R"("}])";
}

/// The vector's commitment with a change, signed again, so that only the change is wrong.
template <class Change>
Bytes resigned(Change change) {
  auto commitment = *core::codec::decode_signed_commitment(block().commitment);
  change(commitment.preconf);
  core::crypto::SecretKey key;
  key.bytes.fill(1);
  const auto digest =
      core::protocol::signing_hash(commitment, test::vector_network().preconf_domain);
  commitment.signature = *core::crypto::sign(digest, key);
  const auto ssz = core::codec::encode_signed_commitment(commitment);
  return Bytes(ssz.bytes.begin(), ssz.bytes.end());
}

TEST(PublishBlock, EveryVectorBlockIsTaken) {
  ApiServer server;
  for (const VectorBlock& one : test::vector_blocks()) {
    const auto answer = JsonDocument::parse(server.call(kBlock, block_params(one)));
    const JsonValue result = answer->root().get("result");
    EXPECT_EQ(result.get("commitmentHash").as_string(), hash_text(one.commitment));
    EXPECT_EQ(result.get("txListHash").as_string(), one.tx_list_hash);
    EXPECT_EQ(result.get("verdict").as_string(), "admitted");
    EXPECT_EQ(result.get("seq").as_u64(), 8U);
    const Submission& submission = server.backend.submitted.back();
    EXPECT_EQ(submission.commitment->raw, one.commitment);
    EXPECT_EQ(core::to_hex0x(submission.commitment->facts.preconf_hash.view()), one.preconf_hash);
    EXPECT_EQ(*submission.tx_list->compressed, one.compressed);
    EXPECT_GT(submission.source_id, 0U);
  }
}

TEST(PublishBlock, WrongParameters) {
  ApiServer server;
  const std::string hash = "\"0x" + std::string(64, '0') + "\"";
  for (const std::string& params :
       {std::string("[]"), std::string("{}"), std::string("[1]"), std::string("[{}]"),
        std::string("[{},{}]"), R"([{"commitment":1,"txListHash":)" + hash + R"(,"txList":"0x"}])",
        R"([{"commitment":"zz","txListHash":)" + hash + R"(,"txList":"0x"}])",
        std::string(R"([{"commitment":"0x","txListHash":"0x12","txList":"0x"}])"),
        R"([{"commitment":"0x","txListHash":)" + hash + "}]",
        R"([{"commitment":"0x0","txListHash":)" + hash + R"(,"txList":"0x"}])"}) {
    EXPECT_EQ(server.code(kBlock, params), -32602) << params;
  }
  EXPECT_TRUE(server.backend.refused.empty());
  EXPECT_TRUE(server.backend.submitted.empty());
}

TEST(PublishBlock, StatelessChecksInTheirOrder) {
  ApiServer server;
  std::string message;
  const std::string wrong_hash = "0x" + std::string(64, '1');
  const Bytes other_list = test::vector_blocks().at(1).compressed;
  Bytes bad_bool = block().commitment;
  bad_bool[0] = 2;
  Bytes bad_v = block().commitment;
  bad_v.back() = 27;

  // 1: everything is wrong, SSZ is said.
  const Bytes huge(core::limits::kTxListBytesMax + 1, 0);
  EXPECT_EQ(server.code(kBlock, block_params({1, 2, 3}, wrong_hash, huge), &message), -32001);
  EXPECT_EQ(message, "invalid commitment SSZ: wrong_size");
  EXPECT_EQ(server.code(kBlock, block_params(bad_bool, wrong_hash, huge), &message), -32001);
  EXPECT_EQ(message, "invalid commitment SSZ: non_canonical_bool");
  // 2: size before hash.
  EXPECT_EQ(server.code(kBlock, block_params(bad_v, wrong_hash, huge), &message), -32001);
  EXPECT_EQ(message, "txlist too large");
  // 3: hash before the commitment's.
  EXPECT_EQ(server.code(kBlock, block_params(bad_v, wrong_hash, other_list), &message), -32001);
  EXPECT_EQ(message,
            "tx_list_hash mismatch: expected " + wrong_hash + ", got " + hash_text(other_list));
  // 4: the commitment's before the signature.
  EXPECT_EQ(server.code(kBlock, block_params(bad_v, hash_text(other_list), other_list), &message),
            -32001);
  EXPECT_EQ(message, "commitment raw_tx_list_hash mismatch: commitment contains " +
                         block().tx_list_hash + ", txlist hashes to " + hash_text(other_list));
  // 5: signature.
  EXPECT_EQ(
      server.code(kBlock, block_params(bad_v, block().tx_list_hash, block().compressed), &message),
      -32001);
  EXPECT_EQ(message, "invalid commitment: signature_format");
  EXPECT_TRUE(server.backend.submitted.empty());
  EXPECT_EQ(server.backend.refused["commitment_wrong_size"].size(), 1U);
  EXPECT_EQ(server.backend.refused["commitment_non_canonical_bool"].size(), 1U);
  EXPECT_EQ(server.backend.refused["txlist_too_large"].size(), 1U);
  EXPECT_EQ(server.backend.refused["txlist_hash_mismatch"].size(), 1U);
  EXPECT_EQ(server.backend.refused["commitment_txlist_mismatch"].size(), 1U);
  EXPECT_EQ(server.backend.refused["commitment_signature_format"].at(0),
            core::crypto::keccak256(bad_v));
}

TEST(PublishBlock, AnotherSlasherIsAnInvalidSigner) {
  ApiServer server;
  server.backend.profile.slasher_address.bytes.fill(9);
  EXPECT_EQ(server.code(kBlock, block_params(block())), -32005);
  EXPECT_EQ(server.backend.refused["commitment_slasher_mismatch"].size(), 1U);
}

TEST(PublishBlock, NumbersAtTheirExtremes) {
  ApiServer server;
  core::U256 two_to_255;
  two_to_255.be.bytes[0] = 0x80;
  core::U256 two_to_64;
  two_to_64.be.bytes[23] = 1;
  const core::U256 two_to_48 = core::U256::from_u64(std::uint64_t{1} << 48);
  using P = core::protocol::Preconfirmation;
  const std::vector<std::pair<std::string, Bytes>> cases = {
      {"block_number_range", resigned([&](P& p) { p.block_number = two_to_255; })},
      {"timestamp_range", resigned([&](P& p) { p.timestamp = two_to_64; })},
      {"gas_limit_range", resigned([&](P& p) { p.gas_limit = two_to_64; })},
      {"anchor_block_number_range", resigned([&](P& p) { p.anchor_block_number = two_to_48; })},
      {"window_end_range", resigned([&](P& p) { p.submission_window_end = two_to_255; })},
      {"proposal_id_range", resigned([&](P& p) { p.proposal_id = two_to_48; })}};
  for (const auto& [name, commitment] : cases) {
    std::string message;
    EXPECT_EQ(
        server.code(kBlock, block_params(commitment, block().tx_list_hash, block().compressed),
                    &message),
        -32001);
    EXPECT_EQ(message, "invalid commitment: " + name);
  }
  EXPECT_TRUE(server.backend.submitted.empty());
  const Bytes most = resigned([](P& p) {
    p.block_number = core::U256::from_u64(~std::uint64_t{0});
    p.gas_limit = core::U256::from_u64(~std::uint64_t{0});
    p.proposal_id = core::U256::from_u64(core::kUint48Max);
  });
  EXPECT_EQ(server.code(kBlock, block_params(most, block().tx_list_hash, block().compressed)), 0)
      << "the largest numbers that fit are the reducer's to judge";
}

TEST(PublishBlock, AListThatDoesNotDecodeIsSubmittedAsEvidence) {
  ApiServer server;
  const Bytes garbage = {1, 2, 3, 4};
  const core::Hash32 hash = core::crypto::keccak256(garbage);
  const Bytes commitment =
      resigned([&](core::protocol::Preconfirmation& p) { p.raw_tx_list_hash = hash; });
  server.backend.decide(Verdict::kInvalidated, Reason::kTxListUndecodable, Verdict::kTxListRejected,
                        Reason::kTxListUndecodable);
  EXPECT_EQ(server.code(kBlock, block_params(commitment, hash_text(garbage), garbage)), -32002);
  ASSERT_EQ(server.backend.submitted.size(), 1U);
  EXPECT_NE(server.backend.submitted[0].tx_list->facts.defect, core::protocol::TxListDefect::kNone);
  // Waiting for its parent the commitment itself is fine: the list still is not.
  server.backend.decide(Verdict::kPendingParent, Reason::kParentUnknown, Verdict::kTxListRejected,
                        Reason::kTxListUndecodable);
  EXPECT_EQ(server.code(kBlock, block_params(commitment, hash_text(garbage), garbage)), -32002);
  // A stateful refusal comes first (steps 6 to 8 before 9).
  server.backend.decide(Verdict::kRejected, Reason::kSignerMismatch, Verdict::kTxListRejected,
                        Reason::kTxListUndecodable);
  EXPECT_EQ(server.code(kBlock, block_params(commitment, hash_text(garbage), garbage)), -32005);
}

TEST(PublishBlock, AHandoffNeedsNoRealList) {
  ApiServer server;
  const Bytes handoff = resigned([](core::protocol::Preconfirmation& p) {
    p.eop = true;
    p.raw_tx_list_hash = {};
  });
  server.backend.decide(Verdict::kHandoff);
  const auto answer =
      JsonDocument::parse(server.call(kBlock, block_params(handoff, hash_text({0xff}), {0xff})));
  EXPECT_EQ(answer->root().get("result").get("verdict").as_string(), "handoff");
  EXPECT_EQ(answer->root().get("result").get("txListHash").as_string(), hash_text({0xff}));
  EXPECT_FALSE(server.backend.submitted.at(0).tx_list) << "the dummy list is not stored";
}

TEST(PublishBlock, VerdictsBecomeCodes) {
  ApiServer server;
  const std::vector<std::tuple<Verdict, Reason, int>> table = {
      {Verdict::kAdmitted, Reason::kNone, 0},
      {Verdict::kDuplicate, Reason::kNone, 0},
      {Verdict::kPendingParent, Reason::kParentUnknown, 0},
      {Verdict::kPendingSchedule, Reason::kNoWindow, -32006},
      {Verdict::kStale, Reason::kStaleCommitment, -32003},
      {Verdict::kRejected, Reason::kSignerMismatch, -32005},
      {Verdict::kRejected, Reason::kWindowEndMismatch, -32004},
      {Verdict::kRejected, Reason::kNumberNotParentPlusOne, -32001},
      {Verdict::kInvalidated, Reason::kAnchorWrongSender, -32002},
      {Verdict::kEvicted, Reason::kBufferFull, -32000}};
  for (const auto& [verdict, reason, code] : table) {
    server.backend.decide(verdict, reason);
    EXPECT_EQ(server.code(kBlock, block_params(block())), code) << name_of(reason);
  }
}

TEST(PublishBlock, ErrorsSayVerdictReasonAndSeq) {
  ApiServer server;
  server.backend.decide(Verdict::kStale, Reason::kStaleCommitment);
  const auto answer = JsonDocument::parse(server.call(kBlock, block_params(block())));
  const JsonValue error = answer->root().get("error");
  EXPECT_EQ(error.get("message").as_string(), "stale commitment: block 5 <= event_sync_tip 9");
  EXPECT_EQ(error.get("data").get("verdict").as_string(), "stale");
  EXPECT_EQ(error.get("data").get("reason").as_string(), "stale_commitment");
  EXPECT_EQ(error.get("data").get("seq").as_u64(), 8U);
}

TEST(PublishBlock, ARefusedSubmissionIsAnInternalError) {
  ApiServer server;
  server.backend.on_submit = [](const Submission&, const SubmitCallback& callback) {
    callback(core::Unexpected{SubmitRefusal::kBusy});
  };
  std::string message;
  EXPECT_EQ(server.code(kBlock, block_params(block()), &message), -32000);
  EXPECT_EQ(message, "busy");
}

TEST(PublishBlock, TheAnswerWaitsUntilTheNodeHasDecided) {
  ApiServer server;
  test::Once<SubmitCallback> handed;
  server.backend.on_submit = [set = handed.set()](const Submission&, const SubmitCallback& done) {
    set(done);
  };
  test::RawClient client(server.port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ");
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"preconf_publishBlock","params":)" +
                           block_params(block()) + "}";
  client.send(std::to_string(body.size()) + "\r\n\r\n" + body);
  const SubmitCallback done = handed.get();
  // Reads are served while the submission waits.
  EXPECT_EQ(server.code("preconf_tip", "[]"), -32000);
  SubmitAnswer answer;
  answer.commitment_seq = core::Seq{42};
  answer.tx_list_seq = core::Seq{41};
  answer.commitment_decisions = {{Verdict::kAdmitted,
                                  Reason::kNone,
                                  *core::fixed_from_hex<32>(block().preconf_hash),
                                  {},
                                  0,
                                  0,
                                  {}}};
  answer.tx_list_decisions = {{Verdict::kTxListAccepted,
                               Reason::kNone,
                               *core::fixed_from_hex<32>(block().tx_list_hash),
                               {},
                               0,
                               0,
                               {}}};
  done(answer);
  EXPECT_NE(client.response().body.find("\"seq\":42"), std::string::npos);
}

TEST(PublishCommitment, TakesWhatItCanHold) {
  ApiServer server;
  server.backend.decide(Verdict::kPendingSchedule, Reason::kNoWindow);
  const auto answer =
      JsonDocument::parse(server.call(kCommitment, commitment_params(block().commitment)));
  const JsonValue result = answer->root().get("result");
  EXPECT_EQ(result.get("commitmentHash").as_string(), hash_text(block().commitment));
  EXPECT_EQ(result.get("txListHash").as_string(), block().tx_list_hash) << "of the commitment";
  EXPECT_EQ(result.get("verdict").as_string(), "pending_schedule");
  EXPECT_FALSE(server.backend.submitted.at(0).tx_list);
}

TEST(PublishCommitment, Refusals) {
  ApiServer server;
  EXPECT_EQ(server.code(kCommitment, "[{}]"), -32602);
  EXPECT_EQ(server.code(kCommitment, commitment_params({})), -32001);
  EXPECT_EQ(server.code(kCommitment, commitment_params(Bytes(383, 0))), -32001);
  server.backend.decide(Verdict::kRejected, Reason::kSignerMismatch);
  EXPECT_EQ(server.code(kCommitment, commitment_params(block().commitment)), -32005);
}

TEST(PublishTxList, TakesAndRefuses) {
  ApiServer server;
  const auto params = [](const std::string& hash, const Bytes& list) {
    return R"([{"txListHash":")" + hash + R"(","txList":")" + core::to_hex0x(list) + R"("}])";
  };
  const auto answer =
      JsonDocument::parse(server.call(kTxList, params(block().tx_list_hash, block().compressed)));
  EXPECT_EQ(answer->root().get("result").get("txListHash").as_string(), block().tx_list_hash);
  EXPECT_EQ(answer->root().get("result").get("verdict").as_string(), "txlist_accepted");
  EXPECT_EQ(answer->root().get("result").get("seq").as_u64(), 7U);
  EXPECT_EQ(server.code(kTxList, params(block().tx_list_hash, {1})), -32001);
  const Bytes largest(core::limits::kTxListBytesMax, 0);
  server.backend.decide(Verdict::kAdmitted, Reason::kNone, Verdict::kTxListRejected,
                        Reason::kTxListUndecodable);
  EXPECT_EQ(server.code(kTxList, params(hash_text(largest), largest)), -32002)
      << "2 MiB are a legal size";
}

}  // namespace
}  // namespace preconf::io
