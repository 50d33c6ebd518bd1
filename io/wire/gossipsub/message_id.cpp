#include "io/wire/gossipsub/message_id.hpp"

#include <snappy.h>

#include <optional>

#include "core/crypto/hash.hpp"
#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/protobuf.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::array<std::uint8_t, 4> kDomainValidSnappy = {1, 0, 0, 0};
constexpr std::array<std::uint8_t, 4> kDomainInvalidSnappy = {0, 0, 0, 0};

/// The content of a snappy block. A length is believed after the whole block was checked against
/// it, so a few bytes can not make us allocate megabytes.
std::optional<Bytes> snappy_content(BytesView data) {
  const auto* text = reinterpret_cast<const char*>(data.data());
  std::size_t size = 0;
  if (data.empty() || !snappy::GetUncompressedLength(text, data.size(), &size)) {
    return std::nullopt;
  }
  if (size > gossip_limits::kSnappyBytesMax) return std::nullopt;
  if (!snappy::IsValidCompressedBuffer(text, data.size())) return std::nullopt;
  Bytes content(size);
  char* out = reinterpret_cast<char*>(content.data());
  char nothing = 0;
  if (!snappy::RawUncompress(text, data.size(), size == 0 ? &nothing : out)) return std::nullopt;
  return content;
}

}  // namespace

MessageId message_id(MessageIdFormula formula, std::string_view topic, BytesView data) {
  const std::optional<Bytes> content = snappy_content(data);
  core::crypto::Sha256 hash;
  hash.update(content ? kDomainValidSnappy : kDomainInvalidSnappy);
  if (formula == MessageIdFormula::kTopicAndContent) {
    std::array<std::uint8_t, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<std::uint8_t>(std::uint64_t{topic.size()} >> (8 * i));
    }
    hash.update(length);
    hash.update(as_bytes(topic));
  }
  hash.update(content ? BytesView{*content} : data);
  return MessageId::from(hash.finish().view());
}

}  // namespace preconf::io::wire
