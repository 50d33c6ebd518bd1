#include "storage/snapshot_codec.hpp"

#include <algorithm>
#include <array>

#include "core/crypto/hash.hpp"

namespace preconf::storage {

namespace {

// docs/log_format.md, section 7.
constexpr std::array<std::uint8_t, 8> kMagic = {'P', 'C', 'S', 'N', 'A', 'P', '1', '\n'};
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kHeaderBytes = 96;
constexpr std::size_t kTrailerBytes = 32;

/// Fills a byte string of known size from the front.
class Filler {
 public:
  explicit Filler(core::Bytes& out) : out_(out.data()) {}
  template <class Integer>
  void put(Integer value) {
    for (std::size_t i = 0; i < sizeof(value); ++i) {
      *out_++ = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
  void put_bytes(core::BytesView bytes) { out_ = std::copy(bytes.begin(), bytes.end(), out_); }

 private:
  std::uint8_t* out_;
};

template <class Integer>
Integer get(core::BytesView in) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) value |= Integer{in[i]} << (8 * i);
  return value;
}

}  // namespace

core::Bytes encode_snapshot(const Snapshot& snapshot) {
  const std::size_t checked = kHeaderBytes + snapshot.state.size();
  core::Bytes out(checked + kTrailerBytes);
  Filler filler(out);
  filler.put_bytes(kMagic);
  filler.put(kFormatVersion);
  filler.put(snapshot.reducer_version);
  filler.put(snapshot.position.seq.value);
  filler.put_bytes(snapshot.position.chain.view());
  filler.put_bytes(snapshot.state_hash.view());
  filler.put(std::uint64_t{snapshot.state.size()});
  filler.put_bytes(snapshot.state);
  const core::Hash32 checksum = core::crypto::sha256(core::BytesView(out).first(checked));
  filler.put_bytes(checksum.view());
  return out;
}

std::optional<Snapshot> decode_snapshot(core::BytesView in, core::Seq seq) {
  if (in.size() < kHeaderBytes + kTrailerBytes) return std::nullopt;
  const core::BytesView checked = in.first(in.size() - kTrailerBytes);
  if (!std::equal(kMagic.begin(), kMagic.end(), in.begin())) return std::nullopt;
  if (get<std::uint32_t>(in.subspan(8)) != kFormatVersion) return std::nullopt;
  if (get<std::uint64_t>(in.subspan(16)) != seq.value) return std::nullopt;
  if (get<std::uint64_t>(in.subspan(88)) != checked.size() - kHeaderBytes) return std::nullopt;
  if (core::crypto::sha256(checked) != core::Hash32::from(in.last(kTrailerBytes))) {
    return std::nullopt;
  }
  Snapshot out;
  out.reducer_version = get<std::uint32_t>(in.subspan(12));
  out.position.seq = seq;
  out.position.chain = core::Hash32::from(in.subspan(24));
  out.state_hash = core::Hash32::from(in.subspan(56));
  out.state.assign(checked.begin() + kHeaderBytes, checked.end());
  return out;
}

}  // namespace preconf::storage
