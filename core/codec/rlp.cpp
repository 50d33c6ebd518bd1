#include "core/codec/rlp.hpp"

namespace preconf::core::codec {
namespace {

// First bytes: [0, 80) one byte itself; [80, b8) short string; [b8, c0) long string; [c0, f8) short
// list; [f8, ff] long list. "Long" means more than 55 bytes; the length follows, big-endian.
constexpr std::uint8_t kStringBase = 0x80;
constexpr std::uint8_t kListBase = 0xc0;
constexpr std::size_t kShortMax = 55;

struct Header {
  RlpDefect defect = RlpDefect::kNone;
  std::size_t header_size = 0;
  std::size_t payload_size = 0;
};

/// Header of a string or list whose first byte is not below 0x80. Requires a non-empty input.
Header read_header(BytesView in, std::uint8_t base) {
  const std::size_t code = std::size_t{in[0]} - base;
  if (code <= kShortMax) return {RlpDefect::kNone, 1, code};
  const std::size_t length_size = code - kShortMax;  // 1..8
  if (in.size() - 1 < length_size) return {RlpDefect::kTruncated, 0, 0};
  if (in[1] == 0) return {RlpDefect::kNonCanonical, 0, 0};
  std::uint64_t length = 0;
  for (std::size_t i = 1; i <= length_size; ++i) length = (length << 8) | in[i];
  if (length <= kShortMax) return {RlpDefect::kNonCanonical, 0, 0};
  return {RlpDefect::kNone, 1 + length_size, length};
}

std::size_t significant_bytes(std::uint64_t value) {
  std::size_t count = 0;
  for (; value != 0; value >>= 8) ++count;
  return count;
}

void append_header(Bytes& out, std::uint8_t base, std::size_t payload_size) {
  if (payload_size <= kShortMax) {
    out.push_back(static_cast<std::uint8_t>(base + payload_size));
    return;
  }
  const std::size_t count = significant_bytes(payload_size);
  out.push_back(static_cast<std::uint8_t>(base + kShortMax + count));
  for (std::size_t i = count; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(payload_size >> (8 * i)));
  }
}

}  // namespace

RlpHeader read_rlp_header(BytesView in) {
  if (in.empty()) return {RlpDefect::kTruncated, false, 0, 0};
  if (in[0] < kStringBase) return {RlpDefect::kNone, false, 0, 1};
  const bool is_list = in[0] >= kListBase;
  const Header header = read_header(in, is_list ? kListBase : kStringBase);
  return {header.defect, is_list, header.header_size, header.payload_size};
}

void RlpReader::fail(RlpDefect defect) {
  if (ok()) defect_ = defect;
  in_ = {};
}

RlpItem RlpReader::next() {
  if (in_.empty()) {
    fail(RlpDefect::kTruncated);
    return {};
  }
  const std::uint8_t first = in_[0];
  RlpItem item;
  if (first < kStringBase) {
    item.payload = item.encoded = in_.first(1);
  } else {
    item.is_list = first >= kListBase;
    const Header header = read_header(in_, item.is_list ? kListBase : kStringBase);
    if (header.defect != RlpDefect::kNone) {
      fail(header.defect);
      return {};
    }
    // By subtraction: a hostile length must not overflow.
    if (in_.size() - header.header_size < header.payload_size) {
      fail(RlpDefect::kTruncated);
      return {};
    }
    item.payload = in_.subspan(header.header_size, header.payload_size);
    item.encoded = in_.first(header.header_size + header.payload_size);
    if (!item.is_list && item.payload.size() == 1 && item.payload[0] < kStringBase) {
      fail(RlpDefect::kNonCanonical);
      return {};
    }
  }
  in_ = in_.subspan(item.encoded.size());
  return item;
}

BytesView RlpReader::list() {
  const RlpItem item = next();
  if (ok() && !item.is_list) fail(RlpDefect::kWrongKind);
  return ok() ? item.payload : BytesView{};
}

BytesView RlpReader::string() {
  const RlpItem item = next();
  if (item.is_list) fail(RlpDefect::kWrongKind);
  return ok() ? item.payload : BytesView{};
}

BytesView RlpReader::scalar(std::size_t size_max) {
  const BytesView content = string();
  if (!content.empty() && content[0] == 0) fail(RlpDefect::kNonCanonical);
  if (content.size() > size_max) fail(RlpDefect::kWrongSize);
  return ok() ? content : BytesView{};
}

std::uint64_t RlpReader::u64() {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : scalar(sizeof value)) value = (value << 8) | byte;
  return value;
}

U256 RlpReader::u256() {
  U256 value;
  const BytesView content = scalar(value.be.kSize);
  std::copy(content.begin(), content.end(),
            value.be.bytes.end() - static_cast<std::ptrdiff_t>(content.size()));
  return value;
}

void append_rlp_list_header(Bytes& out, std::size_t payload_size) {
  append_header(out, kListBase, payload_size);
}

void append_rlp_string(Bytes& out, BytesView content) {
  if (content.size() != 1 || content[0] >= kStringBase) {
    append_header(out, kStringBase, content.size());
  }
  out.insert(out.end(), content.begin(), content.end());
}

void append_rlp_u64(Bytes& out, std::uint64_t value) {
  append_rlp_u256(out, U256::from_u64(value));
}

void append_rlp_u256(Bytes& out, const U256& value) {
  const auto& bytes = value.be.bytes;
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
  append_rlp_string(out, BytesView{first, bytes.end()});
}

Bytes rlp_list_of(BytesView payload) {
  Bytes out;
  out.reserve(rlp_header_size(payload.size()) + payload.size());
  append_rlp_list_header(out, payload.size());
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::size_t rlp_header_size(std::size_t payload_size) {
  return payload_size <= kShortMax ? 1 : 1 + significant_bytes(payload_size);
}

}  // namespace preconf::core::codec
