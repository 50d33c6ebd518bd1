#include "core/codec/trie.hpp"

#include <vector>

#include "core/base/assert.hpp"
#include "core/codec/header.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::core::codec {
namespace {

/// Nodes whose encoding is shorter stand in their parent themselves, others by their hash.
constexpr std::size_t kInlineBelow = 32;
constexpr std::size_t kBranches = 16;
/// rlp(index) of a 64-bit index: one length byte and eight bytes.
constexpr std::size_t kKeyNibblesMax = 18;
constexpr std::uint8_t kOddFlag = 1;
constexpr std::uint8_t kLeafFlag = 2;

/// rlp(index) as half bytes. No key is the beginning of another one: RLP is prefix-free.
struct Key {
  std::array<std::uint8_t, kKeyNibblesMax> nibbles{};
  std::uint8_t size = 0;
};

struct Entry {
  Key key;
  BytesView value;
};
using Entries = std::span<const Entry>;

Key key_of(std::size_t index) {
  Bytes encoded;
  append_rlp_u64(encoded, index);
  Key key;
  for (const std::uint8_t byte : encoded) {
    key.nibbles[key.size++] = byte >> 4;
    key.nibbles[key.size++] = byte & 0x0f;
  }
  return key;
}

/// Appends the compact form of the key's half bytes [from, to).
void append_path(Bytes& out, const Key& key, std::size_t from, std::size_t to, bool leaf) {
  Bytes path;
  const bool odd = (to - from) % 2 != 0;
  const auto flags = static_cast<std::uint8_t>((leaf ? kLeafFlag : 0) | (odd ? kOddFlag : 0));
  path.push_back(static_cast<std::uint8_t>((flags << 4) | (odd ? key.nibbles[from] : 0)));
  for (std::size_t i = from + (odd ? 1 : 0); i < to; i += 2) {
    path.push_back(static_cast<std::uint8_t>((key.nibbles[i] << 4) | key.nibbles[i + 1]));
  }
  append_rlp_string(out, path);
}

void append_reference(Bytes& out, BytesView node) {
  if (node.size() < kInlineBelow) {
    out.insert(out.end(), node.begin(), node.end());
  } else {
    append_rlp_string(out, crypto::keccak256(node).view());
  }
}

/// Half bytes that all keys of the sorted range share, counted from the start of the key.
std::size_t shared_prefix(Entries entries) {
  const Key& first = entries.front().key;
  const Key& last = entries.back().key;
  std::size_t count = 0;
  while (count < first.size && count < last.size && first.nibbles[count] == last.nibbles[count]) {
    ++count;
  }
  return count;
}

Bytes encode_node(Entries entries, std::size_t depth);

// The recursion below is as deep as a key is long: at most kKeyNibblesMax.
// NOLINTNEXTLINE(misc-no-recursion)
Bytes encode_branch(Entries entries, std::size_t depth) {
  Bytes payload;
  payload.reserve(kBranches * (Hash32::kSize + 1) + 1);
  for (std::size_t nibble = 0; nibble < kBranches; ++nibble) {
    std::size_t count = 0;
    while (count < entries.size() && entries[count].key.nibbles[depth] == nibble) ++count;
    if (count == 0) {
      append_rlp_string(payload, {});
    } else {
      append_reference(payload, encode_node(entries.first(count), depth + 1));
    }
    entries = entries.subspan(count);
  }
  PRECONF_ASSERT(entries.empty());
  append_rlp_string(payload, {});  // no key ends at a branch
  return rlp_list_of(payload);
}

/// Encodes the node below `depth` half bytes.
// NOLINTNEXTLINE(misc-no-recursion)
Bytes encode_node(Entries entries, std::size_t depth) {
  Bytes payload;
  if (entries.size() == 1) {
    const Entry& entry = entries.front();
    payload.reserve(entry.value.size() + kInlineBelow);
    append_path(payload, entry.key, depth, entry.key.size, true);
    append_rlp_string(payload, entry.value);
    return rlp_list_of(payload);
  }
  const std::size_t prefix = shared_prefix(entries);
  Bytes branch = encode_branch(entries, prefix);
  if (prefix == depth) return branch;
  append_path(payload, entries.front().key, depth, prefix, false);
  append_reference(payload, branch);
  return rlp_list_of(payload);
}

template <class Value>
Hash32 root_of(std::span<const Value> values) {
  if (values.empty()) return kEmptyTrieRoot;
  std::vector<Entry> entries;
  entries.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    PRECONF_ASSERT(!values[i].empty());
    entries.push_back(Entry{key_of(i), values[i]});
  }
  // Keys sort as their indexes do, except that 0 is 0x80: after 1..127 and before 128 (0x8180).
  constexpr std::size_t kSingleByteKeys = 0x80;
  const auto middle = static_cast<std::ptrdiff_t>(std::min(entries.size(), kSingleByteKeys));
  std::rotate(entries.begin(), entries.begin() + 1, entries.begin() + middle);
  return crypto::keccak256(encode_node(entries, 0));
}

}  // namespace

Hash32 ordered_trie_root(std::span<const BytesView> values) { return root_of(values); }

Hash32 ordered_trie_root(std::span<const Bytes> values) { return root_of(values); }

}  // namespace preconf::core::codec
