// Log records. The first byte chooses the entrance: a whole record as read from disk, the payload
// of one kind (a record's own hashes would refuse nearly every mutation), or an event that is
// written and read back.
#include <cstring>
#include <vector>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "schemas/codec/event_codec.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

namespace {

/// FlatBuffers reads in place: the buffer must be aligned, as in the record it comes from.
class Aligned {
 public:
  explicit Aligned(core::BytesView bytes) : words_(bytes.size() / 8 + 1), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  [[nodiscard]] core::BytesView view() const {
    return {reinterpret_cast<const std::uint8_t*>(words_.data()), size_};
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

void check_written(const core::Event& event) {
  if (!schemas::encodable(event)) return;
  static schemas::RecordEncoder encoder;
  const core::Bytes bytes = encoder.encode(event, core::Hash32{}).bytes;
  const auto decoded = schemas::decode_record(bytes);
  PRECONF_ASSERT(decoded.has_value());
  PRECONF_ASSERT(decoded->event == event);
}

void check_record(core::BytesView bytes) {
  const Aligned aligned(bytes);
  const auto decoded = schemas::decode_record(aligned.view());
  if (!decoded) return;
  const bool is_known = core::kind_of(decoded->event.body) != core::EventKind::kIgnorable;
  PRECONF_ASSERT(schemas::encodable(decoded->event) == is_known);
}

template <std::size_t... Is>
void check_payload(std::size_t kind, core::BytesView bytes, std::index_sequence<Is...>) {
  const Aligned aligned(bytes);
  const auto decode = [&aligned]<std::size_t I>() {
    std::variant_alternative_t<I, core::EventBody> body;
    if (!schemas::decode_payload(aligned.view(), body)) return;
    core::Event event;
    event.seq = core::Seq{1};
    event.body = std::move(body);
    check_written(event);
  };
  ((Is == kind ? decode.template operator()<Is>() : static_cast<void>(0)), ...);
}

void check_event(core::BytesView bytes) {
  core::codec::CanonicalReader reader(bytes);
  core::Event event;
  reader.get(event);
  if (reader.at_end()) check_written(event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kKinds = core::kEventKindMax;
  const core::BytesView rest = core::BytesView(data, size).subspan(1);
  if (data[0] == 0xff) {
    check_record(rest);
  } else if (data[0] == 0xfe) {
    check_event(rest);
  } else {
    check_payload(data[0] % kKinds, rest, std::make_index_sequence<kKinds>());
  }
  return 0;
}
