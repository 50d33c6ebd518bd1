// Peer ids (libp2p peer ids specification): the multihash of an encoded public key.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "io/wire/limits.hpp"

namespace preconf::io::wire {

/// A multihash: code, size, digest. Either identity (00 | n | n <= 42 bytes, an encoded public
/// key) or SHA-256 (12 20 | 32 bytes). A value: no allocation, ordered, comparable.
class PeerId {
 public:
  /// No id; empty view.
  PeerId() = default;

  [[nodiscard]] core::BytesView view() const { return core::BytesView{bytes_}.first(size_); }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  friend bool operator==(const PeerId&, const PeerId&) = default;
  friend std::strong_ordering operator<=>(const PeerId&, const PeerId&) = default;

 private:
  friend std::optional<PeerId> peer_id_from_bytes(core::BytesView multihash);

  std::array<std::uint8_t, limits::kPeerIdBytesMax> bytes_{};  ///< zero behind size_
  std::uint8_t size_ = 0;
};

/// Nothing when `multihash` is not exactly one of the two forms.
[[nodiscard]] std::optional<PeerId> peer_id_from_bytes(core::BytesView multihash);
/// Reads the base58 text of a multihash ("12D3KooW...", "16Uiu2HA...", "Qm...").
[[nodiscard]] std::optional<PeerId> parse_peer_id(std::string_view text);
/// Base58 of the multihash; empty for no id.
[[nodiscard]] std::string to_text(const PeerId& id);

}  // namespace preconf::io::wire
