// What of a stored record its chain hash covers, read without the generated code: a second opinion
// on the same bytes (docs/log_format.md, sections 3 and 4).
#pragma once

#include <optional>
#include <vector>

#include "core/types.hpp"

namespace preconf::replay::evidence {

inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kRefBytes = 36;
inline constexpr std::size_t kRefsMax = 16;

/// The part of a record that is enough to compute the chain: header, content references and the
/// hash of the payload.
struct Stub {
  core::FixedBytes<kHeaderBytes> header;
  core::Bytes refs;  ///< a multiple of kRefBytes
  core::Hash32 payload_hash;

  [[nodiscard]] core::Seq seq() const;
  [[nodiscard]] core::WallNanos wall() const;
  [[nodiscard]] std::uint16_t kind() const;
  /// Does the event refer to this content?
  [[nodiscard]] bool refers_to(const core::Hash32& content) const;
  friend bool operator==(const Stub&, const Stub&) = default;
};

/// The stub of a record; nothing when the bytes are no envelope.
[[nodiscard]] std::optional<Stub> stub_of(core::BytesView record);

/// The chain hash after the stub's record.
[[nodiscard]] core::Hash32 chain_after(const core::Hash32& prev_chain, const Stub& stub);

/// header | refs | payload_hash, one after the other.
void append_stub(core::Bytes& out, const Stub& stub);
/// Stubs as append_stub() wrote them; nothing when the bytes do not end with a whole one.
[[nodiscard]] std::optional<std::vector<Stub>> read_stubs(core::BytesView bytes);

}  // namespace preconf::replay::evidence
