// The follower's questions in JSON-RPC, and what nodes answer.
#include "node/l1/ask_codec.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/protocol/inbox.hpp"
#include "node/l1/block_facts.hpp"
#include "tests/support/l1_header_json.hpp"

namespace preconf::node::l1 {
namespace {

/// A header of its own for each digit.
core::codec::Header header_value(std::uint64_t number, char digit) {
  core::codec::Header header;
  header.number = number;
  header.extra_data = {static_cast<std::uint8_t>(digit)};
  return header;
}
core::Hash32 hash_value(std::uint64_t number, char digit) {
  return core::codec::hash_header(header_value(number, digit));
}
std::string header(std::uint64_t number, char digit) {
  return R"("result":)" + tests::l1_header_json(header_value(number, digit));
}
std::string logs(std::uint64_t number, char digit) {
  return R"("result":[{"blockNumber":")" + core::to_quantity(number) + R"(","blockHash":")" +
         core::to_hex0x(hash_value(number, digit).view()) + R"(","logIndex":"0x0","address":"0x)" +
         std::string(40, '1') + R"(","topics":[],"data":"0x"}])";
}
const std::string kNull = R"("result":null)";
std::string error(int code, const std::string& message) {
  return R"("error":{"code":)" + std::to_string(code) + R"(,"message":")" + message + "\"}";
}

/// The answer to `ask` when the node says this, member by member.
Answer answer(const Ask& ask, const std::vector<std::string>& members) {
  const AskFilters filters;
  EXPECT_EQ(calls_of(ask, filters).size(), members.size());
  std::string text;
  for (std::size_t i = 0; i < members.size(); ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") + std::to_string(i + 1) +
            "," + members[i] + "}";
  }
  io::l1::RpcBatch batch;
  EXPECT_TRUE(batch.append(members.size() == 1 ? text : "[" + text + "]", members.size()));
  return answer_of(ask, batch);
}

AskFailure failure_of(const Answer& answer) {
  const auto* failed = std::get_if<AskFailed>(&answer);
  if (failed == nullptr) {
    ADD_FAILURE() << "it did not fail";
    return AskFailure::kUnavailable;
  }
  return failed->failure;
}

TEST(AskCodec, TagsOfAYoungChain) {
  for (const std::string& none :
       {kNull, error(-39001, "Unknown block"), error(-32000, "finalized block not found")}) {
    const auto tags = std::get<TagsAnswer>(answer(AskTags{}, {header(9, 'a'), none, none}));
    EXPECT_EQ(tags.latest.number.value, 9U);
    EXPECT_FALSE(tags.safe);
    EXPECT_FALSE(tags.finalized);
  }
  const auto tags =
      std::get<TagsAnswer>(answer(AskTags{}, {header(9, 'a'), header(8, 'b'), header(7, 'c')}));
  EXPECT_EQ(tags.finalized->hash, hash_value(7, 'c'));
  EXPECT_EQ(failure_of(answer(AskTags{}, {header(9, 'a'), kNull, header(10, 'b')})),
            AskFailure::kMalformed)
      << "what is final is above the head";
  EXPECT_EQ(failure_of(answer(AskTags{}, {header(9, 'a'), kNull, error(-32603, "broken")})),
            AskFailure::kUnavailable);
}

TEST(AskCodec, HeadersAreThoseThatWereAskedFor) {
  const AskHeaders by_number{{{5}, {6}}};
  EXPECT_EQ(
      std::get<HeadersAnswer>(answer(by_number, {header(5, 'a'), header(6, 'b')})).headers.size(),
      2U);
  EXPECT_EQ(failure_of(answer(by_number, {header(5, 'a'), kNull})), AskFailure::kBehind);
  EXPECT_EQ(failure_of(answer(by_number, {header(5, 'a'), header(7, 'b')})),
            AskFailure::kMalformed);
  const AskHeadersByHash by_hash{{hash_value(5, 'a')}};
  EXPECT_TRUE(std::holds_alternative<HeadersAnswer>(answer(by_hash, {header(5, 'a')})));
  EXPECT_EQ(failure_of(answer(by_hash, {header(5, 'b')})), AskFailure::kMalformed);
  EXPECT_EQ(failure_of(answer(by_hash, {error(-32000, "header not found")})), AskFailure::kBehind);
}

TEST(AskCodec, AHeaderThatDoesNotHashToItsNameIsAFailureOfItsOwn) {
  std::string forged = header(5, 'a');
  forged.replace(forged.find("\"timestamp\":\"0x0\""), 17, "\"timestamp\":\"0x1\"");
  EXPECT_EQ(failure_of(answer(AskHeaders{{{5}}}, {forged})), AskFailure::kFalseHeader);
  EXPECT_EQ(failure_of(answer(AskHeadersByHash{{hash_value(5, 'a')}}, {forged})),
            AskFailure::kFalseHeader);
  EXPECT_EQ(failure_of(answer(AskTags{}, {forged, kNull, kNull})), AskFailure::kFalseHeader);
  EXPECT_EQ(failure_of(answer(AskTags{}, {header(5, 'a'), kNull, forged})),
            AskFailure::kFalseHeader);
}

TEST(AskCodec, RangesComeWithTheirEnds) {
  const AskRange ask{{{5}, {6}}, true};
  const auto range =
      std::get<RangeAnswer>(answer(ask, {header(6, 'a'), logs(5, 'b'), header(4, 'c')}));
  EXPECT_EQ(range.last.number.value, 6U);
  EXPECT_EQ(range.before->number.value, 4U);
  EXPECT_EQ(range.logs.size(), 1U);
  // A node that lags has no header at the end: what it says about logs does not count.
  EXPECT_EQ(failure_of(answer(ask, {kNull, R"("result":[])", header(4, 'c')})),
            AskFailure::kBehind);
  EXPECT_EQ(failure_of(answer(ask, {header(6, 'a'), logs(7, 'b'), header(4, 'c')})),
            AskFailure::kMalformed);
  EXPECT_EQ(failure_of(answer(
                ask, {header(6, 'a'), error(-32005, "query returned more than 10000 results"),
                      header(4, 'c')})),
            AskFailure::kTooMuch);
}

TEST(AskCodec, LogsOfABlockAreItsOwn) {
  const AskLogs ask{{hash_value(5, 'a')}};
  EXPECT_EQ(std::get<LogsAnswer>(answer(ask, {logs(5, 'a')})).blocks.at(0).size(), 1U);
  EXPECT_EQ(failure_of(answer(ask, {logs(5, 'b')})), AskFailure::kMalformed);
  EXPECT_EQ(failure_of(answer(ask, {error(-32000, "unknown block")})), AskFailure::kBehind);
}

TEST(AskCodec, ARefusalOfTheContractIsAnAnswer) {
  const AskCalls ask{{{{}, {1}, hash_value(5, 'a')}, {{}, {2}, hash_value(5, 'a')}}};
  const auto calls =
      std::get<CallsAnswer>(answer(ask, {error(3, "execution reverted"), R"("result":"0x0102")"}));
  EXPECT_FALSE(calls.results.at(0));
  EXPECT_EQ(calls.results.at(1), (core::Bytes{1, 2}));
  EXPECT_EQ(failure_of(answer(ask, {error(-32000, "missing trie node ab"), kNull})),
            AskFailure::kBehind);
}

TEST(AskCodec, OnlyTheNewestEpochsAskWhoMayPreconfirm) {
  core::protocol::L1Deployment deployment;
  deployment.inbox.bytes.fill(1);
  EXPECT_EQ(full_filter(deployment).topics.size(), 3U) << "neither store nor whitelist";
  deployment.preconf_whitelist.bytes.fill(2);
  deployment.lookahead_store.bytes.fill(3);
  const auto history = history_filter(deployment);
  EXPECT_EQ(history.addresses.size(), 2U);
  EXPECT_EQ(history.topics.size(), 5U);
  const auto full = full_filter(deployment);
  EXPECT_EQ(full.addresses.size(), 3U);
  EXPECT_EQ(full.topics.size(), 8U);
}

}  // namespace
}  // namespace preconf::node::l1
