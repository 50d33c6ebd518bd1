#include "io/wire/peer_id.hpp"

#include "io/wire/base58.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::uint8_t kIdentityCode = 0x00;
constexpr std::uint8_t kSha256Code = 0x12;
constexpr std::uint8_t kSha256Bytes = 32;

}  // namespace

std::optional<PeerId> peer_id_from_bytes(core::BytesView multihash) {
  if (multihash.size() < 2 || multihash.size() > limits::kPeerIdBytesMax) return std::nullopt;
  // Both codes and both sizes are varints of one byte.
  const std::uint8_t code = multihash[0];
  const std::size_t digest_bytes = multihash[1];
  if (digest_bytes != multihash.size() - 2) return std::nullopt;
  const bool identity = code == kIdentityCode && digest_bytes <= limits::kInlineKeyBytesMax;
  if (!identity && !(code == kSha256Code && digest_bytes == kSha256Bytes)) return std::nullopt;
  PeerId id;
  std::copy(multihash.begin(), multihash.end(), id.bytes_.begin());
  id.size_ = static_cast<std::uint8_t>(multihash.size());
  return id;
}

std::optional<PeerId> parse_peer_id(std::string_view text) {
  const auto bytes = from_base58(text, limits::kBase58TextMax);
  if (!bytes) return std::nullopt;
  return peer_id_from_bytes(*bytes);
}

std::string to_text(const PeerId& id) { return to_base58(id.view()); }

}  // namespace preconf::io::wire
