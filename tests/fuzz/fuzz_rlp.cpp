// RLP: the first byte seeds the choice of what is asked for, the rest is read.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/rlp.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

/// Every accepted item is the only encoding of its content.
void check_item(const codec::RlpItem& item) {
  Bytes again;
  if (item.is_list) {
    again = codec::rlp_list_of(item.payload);
  } else {
    codec::append_rlp_string(again, item.payload);
  }
  PRECONF_ASSERT(std::ranges::equal(again, item.encoded));
}

void check_u64(codec::RlpReader& reader) {
  const BytesView before = reader.rest();
  const std::uint64_t value = reader.u64();
  if (!reader.ok()) return;
  Bytes again;
  codec::append_rlp_u64(again, value);
  PRECONF_ASSERT(std::ranges::equal(again, before.first(before.size() - reader.rest().size())));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  codec::RlpReader reader(BytesView(data, size).subspan(1));
  std::uint8_t choice = data[0];
  while (reader.ok() && !reader.at_end()) {
    choice = static_cast<std::uint8_t>(choice * 5 + 1);
    const std::size_t before = reader.rest().size();
    switch (choice >> 5) {
      case 0:
        check_u64(reader);
        break;
      case 1:
        (void)reader.u256();
        break;
      case 2:
        (void)reader.fixed<20>();
        break;
      case 3:
        (void)reader.fixed_or_empty<20>();
        break;
      case 4:
        reader = codec::RlpReader(reader.list());
        break;
      default: {
        const codec::RlpItem item = reader.next();
        if (reader.ok()) check_item(item);
        break;
      }
    }
    PRECONF_ASSERT(!reader.ok() || reader.rest().size() < before);
  }
  return 0;
}
