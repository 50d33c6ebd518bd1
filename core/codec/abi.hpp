// Solidity ABI (contract ABI specification, "strict mode" encoding) of log data and call results:
// 32-byte words, dynamic values behind offsets. Reading is bounded by the input and by the counts
// that the caller allows; a value that its type can not hold is refused.
#pragma once

#include "core/base/bytes.hpp"
#include "core/types.hpp"

namespace preconf::core::codec {

inline constexpr std::size_t kAbiWordBytes = 32;

enum class AbiDefect : std::uint8_t {
  kNone = 0,
  kTruncated = 1,     ///< a word, an offset or an array lies outside the data
  kDirtyPadding = 2,  ///< bits beyond the type are set (uint48, address, bool, ...)
  kTooMany = 3,       ///< an array has more elements than the protocol allows
};

class AbiReader;

/// The elements of a dynamic array; offsets inside it count from its first element.
struct AbiArray;

/// Reads the head of one tuple word by word. All readers of one input share `defect`: after the
/// first one every read yields defaults, so one check at the end is enough.
class AbiReader {
 public:
  /// `tuple` begins at the head of the tuple and reaches to the end of the data.
  AbiReader(BytesView tuple, AbiDefect& defect) : tuple_(tuple), defect_(&defect) {}

  Hash32 word();
  U256 u256() { return U256{word()}; }
  /// An unsigned integer of `bits` <= 64 bits.
  std::uint64_t uint(unsigned bits);
  Address address();
  bool boolean();
  /// The dynamic tuple that the next word points to.
  AbiReader tuple();
  /// The dynamic array that the next word points to: at most `count_max` elements of at least
  /// `words` words each in the array's head (1 for dynamic elements).
  AbiArray array(std::size_t count_max, std::size_t words);

 private:
  void fail(AbiDefect defect);

  BytesView tuple_;
  std::size_t at_ = 0;
  AbiDefect* defect_;
};

struct AbiArray {
  AbiReader elements;
  std::size_t count = 0;
};

void append_abi_u64(Bytes& out, std::uint64_t value);
void append_abi_word(Bytes& out, const Hash32& word);
void append_abi_address(Bytes& out, const Address& address);

}  // namespace preconf::core::codec
