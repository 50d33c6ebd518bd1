// Transaction lists. The first byte chooses how the rest is read: as it travels (zlib), or as the
// inflated RLP list, because mutations of a zlib stream rarely survive its checksum.
#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "core/codec/transaction.hpp"
#include "core/codec/txlist.hpp"
#include "core/limits.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

void check_list(BytesView rlp) {
  const auto split = codec::split_txlist(rlp);
  if (!split) return;
  PRECONF_ASSERT(split->size() <= limits::kTxListTransactionsMax);
  std::vector<Bytes> transactions;
  for (const BytesView one : *split) {
    if (!codec::decode_transaction(one)) return;  // only real transactions have one list form
    transactions.emplace_back(one.begin(), one.end());
  }
  const Bytes again = codec::encode_txlist(transactions);
  PRECONF_ASSERT(rlp.size() >= again.size() && std::ranges::equal(again, rlp.first(again.size())));
}

void check_stream(BytesView compressed) {
  const auto facts = protocol::verify_txlist(compressed);
  PRECONF_ASSERT(facts == protocol::verify_txlist(compressed));
  PRECONF_ASSERT(facts.inflated_bytes <= limits::kTxListInflatedBytesMax + 1);
  if (const auto inflated = codec::inflate_txlist(compressed)) {
    PRECONF_ASSERT(inflated->size() <= limits::kTxListInflatedBytesMax);
    check_list(*inflated);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView rest = BytesView(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    check_stream(rest);
  } else {
    check_list(rest);
    check_stream(codec::deflate_bytes(rest));
  }
  return 0;
}
