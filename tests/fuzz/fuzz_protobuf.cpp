// Protocol Buffers: fields lie inside the message, and what they say survives writing and reading.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit
using preconf::core::Bytes;
using preconf::core::BytesView;

namespace {

/// Writes the fields that a writer can write; the size it should take.
std::size_t rewrite(BytesView message, Bytes& out) {
  ProtoReader reader(message);
  ProtoWriter writer(out);
  std::size_t size = 0;
  while (const auto field = reader.next()) {
    PRECONF_ASSERT(field->number > 0);
    if (field->type == WireType::kBytes) {
      PRECONF_ASSERT(field->bytes.empty() || (field->bytes.data() >= message.data() &&
                                              field->bytes.data() + field->bytes.size() <=
                                                  message.data() + message.size()));
      writer.bytes(field->number, field->bytes);
      size += ProtoWriter::bytes_size(field->number, field->bytes.size());
    } else {
      writer.varint(field->number, field->varint);
      size += ProtoWriter::varint_size(field->number, field->varint);
    }
  }
  PRECONF_ASSERT(!reader.next());
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes once;
  PRECONF_ASSERT(rewrite(BytesView(data, size), once) == once.size());
  Bytes twice;
  (void)rewrite(once, twice);
  PRECONF_ASSERT(once == twice);
  return 0;
}
