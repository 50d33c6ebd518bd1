// Signed commitments: any bytes give facts, and what decodes has exactly one encoding.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/ssz.hpp"
#include "core/protocol/commitment.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const auto facts = protocol::verify_commitment(input, Hash32{});
  PRECONF_ASSERT(facts == protocol::verify_commitment(input, Hash32{}));
  if (const auto decoded = codec::decode_signed_commitment(input)) {
    const auto again = codec::encode_signed_commitment(*decoded);
    PRECONF_ASSERT(std::ranges::equal(again.view(), input));
  } else {
    PRECONF_ASSERT(facts.defect != protocol::CommitmentDefect::kNone);
  }
  if (const auto decoded = codec::decode_preconfirmation(input)) {
    PRECONF_ASSERT(std::ranges::equal(codec::encode_preconfirmation(*decoded).view(), input));
  }
  if (facts.defect == protocol::CommitmentDefect::kNone) {
    PRECONF_ASSERT(!facts.signer.is_zero());
    PRECONF_ASSERT(facts.proposal_id.value <= kUint48Max);
    PRECONF_ASSERT(facts.anchor_block_number.value <= kUint48Max);
    PRECONF_ASSERT(facts.eop || !facts.raw_tx_list_hash.is_zero());
  }
  return 0;
}
