// Raw transactions and anchor calls.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/transaction.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto transaction = codec::decode_transaction(input)) {
    PRECONF_ASSERT(transaction->data.size() < size);
    PRECONF_ASSERT(transaction->signature.bytes[64] <= 1);
    const auto sender = codec::recover_sender(*transaction);
    PRECONF_ASSERT(sender == codec::recover_sender(*transaction));
    if (const auto call = protocol::decode_anchor_call(transaction->data)) {
      const Bytes again = protocol::encode_anchor_call(*call);
      PRECONF_ASSERT(std::ranges::equal(again, transaction->data));
    }
  }
  if (const auto call = protocol::decode_anchor_call(input)) {
    PRECONF_ASSERT(std::ranges::equal(protocol::encode_anchor_call(*call), input));
  }
  return 0;
}
