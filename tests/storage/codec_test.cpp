// The codec: every kind comes back as it was, and nothing damaged comes back at all.
#include "schemas/codec/event_codec.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::schemas {
namespace {

using core::Seq;
using tests::EventGenerator;

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
    RC_ASSERT(!decode_record_into(core::BytesView(shifted).subspan(1), reused).has_value());
    RC_ASSERT(reused.event == event);
  }
}

}  // namespace
}  // namespace preconf::schemas
