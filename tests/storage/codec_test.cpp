// The codec: every kind comes back as it was, and nothing damaged comes back at all.
#include "schemas/codec/event_codec.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "tests/support/storage_events.hpp"
#include "tests/support/storage_records.hpp"

namespace preconf::schemas {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::RecordParts;

RC_GTEST_PROP(Codec, every_event_comes_back_equal, (std::uint64_t seed)) {
  EventGenerator generator(seed);
  RecordEncoder encoder;
  DecodedRecord reused;
  for (std::size_t shape = 0; shape < EventGenerator::kShapes; ++shape) {
    const core::Event event = generator.event(Seq{generator.below(1000) + 1}, shape);
    RC_ASSERT(encodable(event));
    const core::Hash32 prev = generator.fixed<32>();
    const EncodedRecord& encoded = encoder.encode(event, prev);
    const auto decoded = decode_record(encoded.bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->event == event);
    RC_ASSERT(decoded->prev_chain == prev);
    RC_ASSERT(decoded->chain == encoded.chain);
    // Into an object that holds another event, from an odd address.
    core::Bytes shifted(encoded.bytes.size() + 1);
    std::copy(encoded.bytes.begin(), encoded.bytes.end(), shifted.begin() + 1);
    RC_ASSERT(
        !decode_record_into(core::BytesView(shifted).subspan(1), reused.event, reused).has_value());
    RC_ASSERT(reused.event == event);
  }
}

/// Bytes that FlatBuffers never reads (alignment padding, dead vtable slots) can change without
/// changing a value: then the decoded record must be the same. All else must be refused.
TEST(Codec, every_single_bit_of_a_record_is_detected_or_harmless) {
  EventGenerator generator(7);
  RecordEncoder encoder;
  for (std::size_t shape = 0; shape < EventGenerator::kShapes; ++shape) {
    const core::Event event = generator.event(Seq{shape + 1}, shape);
    const EncodedRecord& encoded = encoder.encode(event, generator.fixed<32>());
    core::Bytes bytes = encoded.bytes;
    std::size_t harmless = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
      bytes[bit / 8] ^= mask;
      const auto decoded = decode_record(bytes);
      if (decoded) {
        ++harmless;
        ASSERT_EQ(decoded->event, event) << "bit " << bit;
        ASSERT_EQ(decoded->chain, encoded.chain) << "bit " << bit;
      }
      bytes[bit / 8] ^= mask;
    }
    EXPECT_LE(harmless, 12u * 8u) << "shape " << shape;
  }
}

TEST(Codec, every_shortened_record_is_refused) {
  EventGenerator generator(8);
  RecordEncoder encoder;
  const core::Bytes bytes = encoder.encode(generator.event(Seq{1}, 7), {}).bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_record(core::BytesView(bytes).first(size));
    // The last bytes of the buffer may be padding.
    if (size + 8 < bytes.size()) {
      EXPECT_FALSE(decoded.has_value()) << size;
    }
  }
  EXPECT_EQ(decode_record(core::Bytes(kRecordBytesMax + 1)).error(), CodecError::kOutOfBounds);
}

core::Bytes timer_record(std::uint8_t timer = 1) {
  core::Event event;
  event.seq = Seq{77};
  event.wall.value = 1'700'000'000'000'000'000;
  event.mono.value = 123'456'789;
  event.source_id = 0x1122334455667788;
  event.body = core::events::TimerFired{static_cast<core::TimerId>(timer), 0xaabbccdd};
  core::Hash32 prev;
  prev.bytes[0] = 9;
  RecordEncoder encoder;
  return encoder.encode(event, prev).bytes;
}

TEST(Codec, chain_is_the_documented_hash) {
  const core::Bytes bytes = timer_record();
  RecordParts parts(bytes);
  EXPECT_EQ(parts.sealed(), bytes) << "sealing an unchanged record changes nothing";
  EXPECT_EQ(parts.header(56), 9) << "kind TimerFired";
  EXPECT_EQ(parts.header(58), 1) << "schema version";
}

TEST(Codec, refuses_kinds_and_versions_of_newer_programs) {
  for (const auto& [offset, value, error] :
       {std::tuple{56, 0, CodecError::kUnknownKind},
        {56, core::kEventKindMax + 1, CodecError::kUnknownKind},
        {57, 1, CodecError::kUnknownKind},
        {58, 0, CodecError::kUnknownVersion},
        {58, 2, CodecError::kUnknownVersion},
        {60, int{core::kLaneCount}, CodecError::kOutOfBounds},
        {61, 7, CodecError::kOutOfBounds},
        {62, 1, CodecError::kOutOfBounds},
        {62, 2, CodecError::kOutOfBounds},
        {40, 1, CodecError::kOutOfBounds},
        {48, 1, CodecError::kOutOfBounds},
        {63, 1, CodecError::kChainMismatch},
        {52, 1, CodecError::kChainMismatch}}) {
    RecordParts parts(timer_record());
    parts.header(static_cast<std::size_t>(offset)) = static_cast<std::uint8_t>(value);
    const auto decoded = decode_record(parts.sealed());
    ASSERT_FALSE(decoded.has_value()) << "offset " << offset << " value " << value;
    EXPECT_EQ(decoded.error(), error) << "offset " << offset << " value " << value;
  }
}

TEST(Codec, refuses_a_payload_of_another_kind_or_no_payload_at_all) {
  RecordParts other_kind(timer_record());
  other_kind.header(56) = 1;  // GenesisRecorded has required fields
  EXPECT_EQ(decode_record(other_kind.sealed()).error(), CodecError::kPayloadNotVerified);
  RecordParts garbage(timer_record());
  for (std::size_t i = 0; i < garbage.payload_size(); ++i) garbage.payload(i) = 0xff;
  EXPECT_EQ(decode_record(garbage.sealed()).error(), CodecError::kPayloadNotVerified);
}

/// Every mutation of the payload under a right hash: decoded within bounds, or refused; never
/// worse.
TEST(Codec, mutated_payloads_under_right_hashes_stay_within_bounds) {
  EventGenerator generator(9);
  RecordEncoder encoder;
  for (const std::size_t shape : {3u, 4u, 5u, 6u}) {
    const core::Bytes bytes = encoder.encode(generator.event(Seq{500}, shape), {}).bytes;
    RecordParts parts(bytes);
    for (std::size_t at = 0; at < parts.payload_size(); ++at) {
      for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
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

TEST(Codec, refuses_to_call_an_unreadable_event_encodable) {
  core::Event event;
  event.seq = Seq{1};
  event.body = core::events::TimerFired{static_cast<core::TimerId>(core::kTimerCount), 0};
  EXPECT_FALSE(encodable(event));
  event.body = core::events::TimerFired{};
  EXPECT_TRUE(encodable(event));
  event.lane = static_cast<core::Lane>(core::kLaneCount);
  EXPECT_FALSE(encodable(event));
  event.lane = core::Lane::kControl;
  event.body = core::events::BootStarted{{}, std::string(core::limits::kDetailBytesMax + 1, 'x')};
  EXPECT_FALSE(encodable(event));
  core::events::CommitmentReceived commitment;
  commitment.raw.resize(core::protocol::kSignedCommitmentBytes + 1);
  event.body = commitment;
  EXPECT_FALSE(encodable(event));
  core::events::ScheduleConfigured schedule;
  schedule.schedule.windows.resize(core::limits::kScheduleWindowsMax);
  event.body = schedule;
  EXPECT_TRUE(encodable(event));
  RecordEncoder encoder;
  EXPECT_EQ(decode_record(encoder.encode(event, {}).bytes)->event, event);
  schedule.schedule.windows.emplace_back();
  event.body = schedule;
  EXPECT_FALSE(encodable(event));
}

}  // namespace
}  // namespace preconf::schemas
