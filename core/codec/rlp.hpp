// Recursive Length Prefix (Ethereum yellow paper, appendix B), strict: every value has exactly one
// accepted encoding. Reading never copies and never recurses; views point into the input.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace preconf::core::codec {

enum class RlpDefect : std::uint8_t {
  kNone = 0,
  kTruncated = 1,     ///< header or payload ends after the input
  kNonCanonical = 2,  ///< a shorter encoding exists, or a length has leading zeros
  kWrongKind = 3,     ///< a list where a string is asked for, or the reverse
  kWrongSize = 4,     ///< a string of another size than the field has, or a number too large
};

struct RlpItem {
  bool is_list = false;
  BytesView payload;  ///< content without header
  BytesView encoded;  ///< header and content
};

/// Where an item's content lies. A byte below 0x80 is its own content: no header, one byte.
struct RlpHeader {
  RlpDefect defect = RlpDefect::kNone;
  bool is_list = false;
  std::size_t header_size = 0;
  std::uint64_t payload_size = 0;  ///< as declared; the input may end before
};

/// The header at the start of `in`, for input that arrives in pieces: only the header itself has to
/// be there. kTruncated when it is not.
[[nodiscard]] RlpHeader read_rlp_header(BytesView in);

/// Reads items one after another. After the first defect every later read yields defaults.
class RlpReader {
 public:
  explicit RlpReader(BytesView in) : in_(in) {}

  [[nodiscard]] RlpDefect defect() const { return defect_; }
  [[nodiscard]] bool ok() const { return defect_ == RlpDefect::kNone; }
  [[nodiscard]] bool at_end() const { return in_.empty(); }
  /// Everything read, nothing left.
  [[nodiscard]] bool done() const { return ok() && at_end(); }
  /// Bytes not read yet.
  [[nodiscard]] BytesView rest() const { return in_; }

  /// The next item of either kind. At the end of the input: kTruncated.
  RlpItem next();
  /// Payload of the next item, which must be a list.
  BytesView list();
  /// Content of the next item, which must be a string.
  BytesView string();
  /// Scalars: big-endian without leading zeros; zero is the empty string.
  std::uint64_t u64();
  U256 u256();
  /// Content of a scalar of at most `size_max` bytes, not read as a number.
  BytesView scalar(std::size_t size_max);
  /// A string of exactly N bytes.
  template <std::size_t N>
  FixedBytes<N> fixed() {
    const BytesView content = string();
    if (content.size() == N) return FixedBytes<N>::from(content);
    fail(RlpDefect::kWrongSize);
    return {};
  }
  /// A string of N bytes or none, as the recipient of a transaction.
  template <std::size_t N>
  std::optional<FixedBytes<N>> fixed_or_empty() {
    const BytesView content = string();
    if (content.empty()) return std::nullopt;
    if (content.size() == N) return FixedBytes<N>::from(content);
    fail(RlpDefect::kWrongSize);
    return std::nullopt;
  }

 private:
  void fail(RlpDefect defect);

  BytesView in_;
  RlpDefect defect_ = RlpDefect::kNone;
};

/// Appends the header of a list with `payload_size` bytes of content.
void append_rlp_list_header(Bytes& out, std::size_t payload_size);
void append_rlp_string(Bytes& out, BytesView content);
void append_rlp_u64(Bytes& out, std::uint64_t value);
void append_rlp_u256(Bytes& out, const U256& value);
/// A list around already encoded items.
[[nodiscard]] Bytes rlp_list_of(BytesView payload);

/// Size of the header in front of a payload of this size (of a list, or of a string other than a
/// single byte below 0x80).
[[nodiscard]] std::size_t rlp_header_size(std::size_t payload_size);

}  // namespace preconf::core::codec
