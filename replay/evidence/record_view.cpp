#include "replay/evidence/record_view.hpp"

#include <array>

#include "core/crypto/hash.hpp"

namespace preconf::replay::evidence {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::array<std::uint8_t, 16> kChainDomain = {'p', 'r', 'e', 'c', 'o', 'n', 'f', '/',
                                                       'l', 'o', 'g', '/', '1', 0,   0,   0};

std::uint64_t number_at(core::BytesView bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[offset + i];
  return value;
}

/// A FlatBuffers table: where its fields are.
class Table {
 public:
  /// The root table of a buffer.
  static std::optional<Table> root(core::BytesView bytes) {
    if (bytes.size() < 8) return std::nullopt;
    const std::size_t at = number_at(bytes, 0, 4);
    if (at > bytes.size() || bytes.size() - at < 4) return std::nullopt;
    const auto back =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(number_at(bytes, at, 4)));
    const std::int64_t vtable = static_cast<std::int64_t>(at) - back;
    if (vtable < 0 || static_cast<std::size_t>(vtable) + 4 > bytes.size()) return std::nullopt;
    const auto start = static_cast<std::size_t>(vtable);
    const std::size_t size = number_at(bytes, start, 2);
    if (size < 4 || size > bytes.size() - start) return std::nullopt;
    return Table(bytes, at, start, size);
  }

  /// `size` bytes of an inline struct.
  [[nodiscard]] std::optional<core::BytesView> inline_bytes(std::size_t id,
                                                            std::size_t size) const {
    const std::size_t at = field(id);
    if (at == 0 || at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    return bytes_.subspan(at, size);
  }
  /// The bytes of a vector with items of `item` bytes; empty when it is absent.
  [[nodiscard]] std::optional<core::BytesView> vector(std::size_t id, std::size_t item) const {
    const std::size_t at = field(id);
    if (at == 0) return core::BytesView{};
    if (at > bytes_.size() || bytes_.size() - at < 4) return std::nullopt;
    const std::size_t start = at + number_at(bytes_, at, 4);
    if (start > bytes_.size() || bytes_.size() - start < 4) return std::nullopt;
    const std::size_t count = number_at(bytes_, start, 4);
    if ((bytes_.size() - start - 4) / item < count) return std::nullopt;
    return bytes_.subspan(start + 4, count * item);
  }

 private:
  Table(core::BytesView bytes, std::size_t at, std::size_t vtable, std::size_t size)
      : bytes_(bytes), at_(at), vtable_(vtable), vtable_size_(size) {}
  [[nodiscard]] std::size_t field(std::size_t id) const {
    const std::size_t slot = 4 + 2 * id;
    if (slot + 2 > vtable_size_) return 0;
    const std::size_t offset = number_at(bytes_, vtable_ + slot, 2);
    return offset == 0 ? 0 : at_ + offset;
  }

  core::BytesView bytes_;
  std::size_t at_;
  std::size_t vtable_;
  std::size_t vtable_size_;
};

}  // namespace

core::Seq Stub::seq() const { return core::Seq{number_at(header.view(), 0, 8)}; }
core::WallNanos Stub::wall() const { return core::WallNanos{number_at(header.view(), 8, 8)}; }
std::uint16_t Stub::kind() const {
  return static_cast<std::uint16_t>(number_at(header.view(), 56, 2));
}
bool Stub::refers_to(const core::Hash32& content) const {
  for (std::size_t at = 0; at < refs.size(); at += kRefBytes) {
    if (std::equal(content.bytes.begin(), content.bytes.end(), refs.data() + at)) return true;
  }
  return false;
}

std::optional<Stub> stub_of(core::BytesView record) {
  const auto table = Table::root(record);
  if (!table) return std::nullopt;
  const auto header = table->inline_bytes(0, kHeaderBytes);
  const auto refs = table->vector(2, kRefBytes);
  const auto payload_hash = table->inline_bytes(3, kHashBytes);
  if (!header || !refs || !payload_hash || refs->size() > kRefsMax * kRefBytes ||
      (*header)[63] * kRefBytes != refs->size()) {
    return std::nullopt;
  }
  return Stub{core::FixedBytes<kHeaderBytes>::from(*header),
              core::Bytes(refs->begin(), refs->end()), core::Hash32::from(*payload_hash)};
}

core::Hash32 chain_after(const core::Hash32& prev_chain, const Stub& stub) {
  core::crypto::Sha256 hash;
  hash.update(kChainDomain);
  hash.update(stub.header.view());
  hash.update(stub.refs);
  hash.update(stub.payload_hash.view());
  hash.update(prev_chain.view());
  return hash.finish();
}

void append_stub(core::Bytes& out, const Stub& stub) {
  out.insert(out.end(), stub.header.bytes.begin(), stub.header.bytes.end());
  out.insert(out.end(), stub.refs.begin(), stub.refs.end());
  out.insert(out.end(), stub.payload_hash.bytes.begin(), stub.payload_hash.bytes.end());
}

std::optional<std::vector<Stub>> read_stubs(core::BytesView bytes) {
  std::vector<Stub> stubs;
  while (!bytes.empty()) {
    if (bytes.size() < kHeaderBytes + kHashBytes) return std::nullopt;
    const std::size_t refs = bytes[63] * kRefBytes;
    if (refs > kRefsMax * kRefBytes || bytes.size() < kHeaderBytes + refs + kHashBytes) {
      return std::nullopt;
    }
    const core::BytesView ref_bytes = bytes.subspan(kHeaderBytes, refs);
    stubs.push_back(Stub{core::FixedBytes<kHeaderBytes>::from(bytes),
                         core::Bytes(ref_bytes.begin(), ref_bytes.end()),
                         core::Hash32::from(bytes.subspan(kHeaderBytes + refs))});
    bytes = bytes.subspan(kHeaderBytes + refs + kHashBytes);
  }
  return stubs;
}

}  // namespace preconf::replay::evidence
