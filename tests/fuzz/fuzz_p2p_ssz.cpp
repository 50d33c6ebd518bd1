// The containers that nodes exchange: what is accepted is the only encoding of its value, and no
// view leaves the input.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/p2p_ssz.hpp"
#include "core/limits.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

bool is_inside(BytesView part, BytesView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_fixed(BytesView in) {
  if (codec::decode_get_head_request(in)) {
    PRECONF_ASSERT(std::ranges::equal(codec::encode_get_head_request().view(), in));
  }
  if (const auto head = codec::decode_preconf_head(in)) {
    PRECONF_ASSERT(std::ranges::equal(codec::encode_preconf_head(*head).view(), in));
  }
  if (const auto request = codec::decode_get_commitments_request(in)) {
    PRECONF_ASSERT(std::ranges::equal(codec::encode_get_commitments_request(*request).view(), in));
  }
  if (const auto hash = codec::decode_get_raw_tx_list_request(in)) {
    PRECONF_ASSERT(std::ranges::equal(hash->view(), in));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView in(data, size);
  check_fixed(in);
  if (const auto list = codec::decode_raw_tx_list(in)) {
    PRECONF_ASSERT(is_inside(list->txlist, in) && list->txlist.size() <= limits::kTxListBytesMax);
    PRECONF_ASSERT(std::ranges::equal(codec::encode_raw_tx_list(*list), in));
  }
  if (const auto list = codec::decode_commitment_list(in)) {
    PRECONF_ASSERT(is_inside(list->packed, in));
    PRECONF_ASSERT(list->size() <= protocol::kCommitmentsPerResponseMax);
    PRECONF_ASSERT(std::ranges::equal(codec::encode_commitment_list(list->packed), in));
  }
  return 0;
}
