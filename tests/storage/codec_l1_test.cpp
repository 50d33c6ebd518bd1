// Events from L1 at their bounds: the largest ones fit into a record, one more is refused.
#include <gtest/gtest.h>

#include "core/events/l1_bounds.hpp"
#include "core/limits.hpp"
#include "core/limits_l1.hpp"
#include "schemas/codec/event_codec.hpp"
#include "tests/support/storage_records.hpp"

namespace preconf::schemas {
namespace {

namespace events = core::events;
namespace limits = core::limits;
namespace protocol = core::protocol;
using core::Seq;
using tests::RecordParts;

core::Event event_of(core::EventBody body) {
  core::Event event;
  event.seq = Seq{1};
  event.body = std::move(body);
  return event;
}

/// Encoded, its payload's size seen, decoded again.
std::size_t payload_of(const core::EventBody& body) {
  const core::Event event = event_of(body);
  EXPECT_TRUE(encodable(event));
  RecordEncoder encoder;
  const core::Bytes bytes = encoder.encode(event, {}).bytes;
  const auto decoded = decode_record(bytes);
  EXPECT_TRUE(decoded.has_value());
  if (decoded) {
    EXPECT_EQ(decoded->event, event);
  }
  return RecordParts(bytes).payload_size();
}

template <std::size_t N>
core::FixedBytes<N> filled(std::size_t value) {
  core::FixedBytes<N> out;
  out.bytes.fill(static_cast<std::uint8_t>(value));
  return out;
}

protocol::ProposedFacts proposed(std::size_t sources, std::size_t hashes_each) {
  protocol::ProposedFacts out;
  out.proposer = filled<20>(1);
  out.sources.resize(sources);
  for (std::size_t i = 0; i < sources; ++i) {
    out.sources[i].blobs.blob_hashes.assign(hashes_each, filled<32>(i));
  }
  return out;
}

/// Every sum at its bound at once.
events::L1BlockObserved largest_block() {
  events::L1BlockObserved block;
  const std::size_t rest = limits::kL1BlockSourcesMax / limits::kProposalSourcesMax - 1;
  block.facts.push_back({0, proposed(limits::kProposalSourcesMax, limits::kSourceBlobsMax)});
  for (std::size_t i = 0; i < rest; ++i) {
    block.facts.push_back({1, proposed(limits::kProposalSourcesMax, 0)});
  }
  for (std::size_t i = 0; i < limits::kL1BlockSlotsMax / limits::kLookaheadSlotsMax; ++i) {
    protocol::LookaheadFact fact;
    fact.posted.slots.resize(limits::kLookaheadSlotsMax);
    fact.fallback.proposer = filled<20>(i);
    block.facts.push_back({2, fact});
  }
  while (block.facts.size() < limits::kFactsPerL1BlockMax) {
    block.facts.push_back({events::kNoLog, protocol::SelectionFact{}});
  }
  return block;
}

TEST(CodecL1, the_largest_block_fits_into_a_record) {
  const std::size_t size = payload_of(largest_block());
  EXPECT_LE(size, kPayloadBytesMax);
  EXPECT_GT(size, kPayloadBytesMax / 3) << "the bounds are much smaller than need be";
}

TEST(CodecL1, a_block_over_one_of_its_bounds_is_refused) {
  const auto is_refused = [](events::L1BlockObserved block) {
    return !encodable(event_of(std::move(block)));
  };
  events::L1BlockObserved block = largest_block();
  block.facts.push_back({0, protocol::EpochFact{}});
  EXPECT_TRUE(is_refused(block)) << "facts";
  block = largest_block();
  block.facts.back().body = proposed(1, 0);
  EXPECT_TRUE(is_refused(block)) << "sources of all proposals";
  block = largest_block();
  std::get<protocol::ProposedFacts>(block.facts[1].body).sources[0].blobs.blob_hashes.resize(1);
  EXPECT_TRUE(is_refused(block)) << "blob hashes of all proposals";
  block = largest_block();
  block.facts.back().body = protocol::LookaheadFact{{{}, {}, {{}}}, {}};
  EXPECT_TRUE(is_refused(block)) << "slots of all lookaheads";

  const auto one = [](events::L1FactBody body) {
    events::L1BlockObserved out;
    out.facts.push_back({0, std::move(body)});
    return out;
  };
  EXPECT_TRUE(is_refused(one(proposed(limits::kProposalSourcesMax + 1, 0))));
  EXPECT_TRUE(is_refused(one(proposed(1, limits::kSourceBlobsMax + 1))));
  protocol::LookaheadFact lookahead;
  lookahead.posted.slots.resize(limits::kLookaheadSlotsMax + 1);
  EXPECT_TRUE(is_refused(one(lookahead)));
  EXPECT_TRUE(is_refused(one(events::LogRefused{{}, static_cast<protocol::LogDefect>(9)})));
  EXPECT_FALSE(is_refused(one(events::LogRefused{{}, static_cast<protocol::LogDefect>(8)})));
}

/// As the one who reads L1 does it: what does not fit is named, and the block is still one event.
TEST(CodecL1, facts_that_do_not_fit_are_not_counted) {
  events::L1FactCounts counts;
  EXPECT_TRUE(
      events::add_if_fits(counts, proposed(limits::kProposalSourcesMax, limits::kSourceBlobsMax)));
  EXPECT_FALSE(events::add_if_fits(counts, proposed(1, 1)));
  EXPECT_TRUE(events::add_if_fits(counts, proposed(1, 0)));
  EXPECT_EQ(counts.sources, limits::kProposalSourcesMax + 1);
}

events::L1Answered largest_answer() {
  events::SourcesResolved resolved;
  resolved.sources.resize(limits::kProposalSourcesMax);
  resolved.sources[0].blobs.resize(limits::kProposalBlobsMax);
  resolved.sources[1].blocks.resize(limits::kProposalBlocksMax);
  return events::L1Answered{{Seq{1}, 2}, 3, resolved};
}

TEST(CodecL1, the_largest_answer_fits_into_a_record) {
  EXPECT_LE(payload_of(largest_answer()), kPayloadBytesMax);
}

TEST(CodecL1, an_answer_over_one_of_its_bounds_is_refused) {
  const auto is_refused = [](const auto& change) {
    events::L1Answered answer = largest_answer();
    change(std::get<events::SourcesResolved>(answer.result).sources);
    return !encodable(event_of(answer));
  };
  using Sources = std::vector<events::SourceFacts>;
  EXPECT_TRUE(is_refused([](Sources& sources) { sources.emplace_back(); }));
  EXPECT_TRUE(is_refused([](Sources& sources) { sources[2].blobs.resize(1); }));
  EXPECT_TRUE(is_refused([](Sources& sources) { sources[2].blocks.resize(1); }));
  EXPECT_TRUE(is_refused(
      [](Sources& sources) { sources[0].defect = static_cast<core::codec::ManifestDefect>(15); }));
  EXPECT_TRUE(is_refused(
      [](Sources& sources) { sources[0].blob_defect = static_cast<core::codec::BlobDefect>(7); }));
  const auto failed = [](unsigned kind, std::size_t detail) {
    return encodable(event_of(events::L1Answered{
        {Seq{1}, 2},
        3,
        events::L1Failed{static_cast<events::L1FailureKind>(kind), {}, std::string(detail, 'x')}}));
  };
  EXPECT_TRUE(failed(7, limits::kDetailBytesMax));
  EXPECT_FALSE(failed(8, 0));
  EXPECT_FALSE(failed(7, limits::kDetailBytesMax + 1));
}

TEST(CodecL1, other_bounds) {
  EXPECT_FALSE(encodable(
      event_of(events::L1DeploymentRecorded{{}, static_cast<protocol::FallbackSigner>(2)})));
  EXPECT_FALSE(encodable(event_of(events::BlobReceived{{}, {}, {{}, 131'071}})));
  EXPECT_TRUE(encodable(event_of(events::BlobReceived{{}, {}, {{}, 131'072}})));
  events::CanonicalRead read;
  read.block.emplace().header.extra_data.resize(limits::kExtraDataBytesMax + 1);
  EXPECT_FALSE(encodable(event_of(events::EngineAnswered{{}, 0, read})));
}

/// A record that says of one table that it is there a thousand times is small and reads in no time.
TEST(CodecL1, mutated_offsets_under_right_hashes_stay_within_bounds) {
  events::L1BlockObserved block;
  block.facts.push_back({1, proposed(2, 2)});
  protocol::LookaheadFact lookahead;
  lookahead.posted.slots.resize(2);
  block.facts.push_back({2, lookahead});
  RecordEncoder encoder;
  for (const core::EventBody& body :
       {core::EventBody{block}, core::EventBody{events::L1Answered{
                                    {Seq{1}, 0}, 1, events::SourcesResolved{{}, 1, {{}, {}}}}}}) {
    RecordParts parts(encoder.encode(event_of(body), {}).bytes);
    for (std::size_t at = 0; at < parts.payload_size(); ++at) {
      for (const int value : {0x00, 0x01, 0x7f, 0xff}) {
        const std::uint8_t old = parts.payload(at);
        parts.payload(at) = static_cast<std::uint8_t>(value);
        const auto decoded = decode_record(parts.sealed());
        if (decoded) {
          EXPECT_TRUE(encodable(decoded->event));
        }
        parts.payload(at) = old;
      }
    }
  }
}

}  // namespace
}  // namespace preconf::schemas
