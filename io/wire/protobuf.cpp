#include "io/wire/protobuf.hpp"

#include "io/wire/limits.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

constexpr unsigned kTypeBits = 3;
constexpr std::uint64_t kTypeMask = (1U << kTypeBits) - 1;

std::uint64_t key_of(std::uint32_t field, WireType type) {
  return (std::uint64_t{field} << kTypeBits) | static_cast<std::uint64_t>(type);
}

}  // namespace

std::optional<ProtoReader::Field> ProtoReader::fail(ProtoError error) {
  error_ = error;
  rest_ = {};
  return std::nullopt;
}

bool ProtoReader::read_number(std::uint64_t& value) {
  const auto read = read_padded_uvarint(rest_, limits::kVarintBytesMax);
  if (!read) {
    const bool cut = read.error() == VarintError::kIncomplete;
    (void)fail(cut ? ProtoError::kTruncated : ProtoError::kBadVarint);
    return false;
  }
  value = read->value;
  rest_ = rest_.subspan(read->size);
  return true;
}

bool ProtoReader::read_fixed(std::size_t size, std::uint64_t& value) {
  if (rest_.size() < size) {
    (void)fail(ProtoError::kTruncated);
    return false;
  }
  value = 0;
  for (std::size_t i = size; i-- > 0;) value = (value << 8) | rest_[i];
  rest_ = rest_.subspan(size);
  return true;
}

bool ProtoReader::read_value(Field& field) {
  switch (field.type) {
    case WireType::kVarint:
      return read_number(field.varint);
    case WireType::kFixed64:
      return read_fixed(8, field.varint);
    case WireType::kFixed32:
      return read_fixed(4, field.varint);
    case WireType::kBytes: {
      std::uint64_t size = 0;
      if (!read_number(size)) return false;
      if (size > rest_.size()) {
        (void)fail(ProtoError::kTruncated);
        return false;
      }
      field.bytes = rest_.first(static_cast<std::size_t>(size));
      rest_ = rest_.subspan(field.bytes.size());
      return true;
    }
  }
  (void)fail(ProtoError::kBadWireType);
  return false;
}

std::optional<ProtoReader::Field> ProtoReader::next() {
  if (rest_.empty()) return std::nullopt;
  std::uint64_t key = 0;
  if (!read_number(key)) return std::nullopt;
  const std::uint64_t number = key >> kTypeBits;
  if (number == 0 || number > limits::kProtoFieldMax) return fail(ProtoError::kBadField);
  Field field;
  field.number = static_cast<std::uint32_t>(number);
  field.type = static_cast<WireType>(key & kTypeMask);
  if (!read_value(field)) return std::nullopt;
  return field;
}

void ProtoWriter::varint(std::uint32_t field, std::uint64_t value) {
  put_uvarint(*out_, key_of(field, WireType::kVarint));
  put_uvarint(*out_, value);
}

void ProtoWriter::begin(std::uint32_t field, std::size_t size) {
  put_uvarint(*out_, key_of(field, WireType::kBytes));
  put_uvarint(*out_, size);
}

void ProtoWriter::bytes(std::uint32_t field, core::BytesView value) {
  begin(field, value.size());
  out_->insert(out_->end(), value.begin(), value.end());
}

void ProtoWriter::text(std::uint32_t field, std::string_view value) {
  bytes(field, as_bytes(value));
}

std::size_t ProtoWriter::bytes_size(std::uint32_t field, std::size_t size) {
  return uvarint_size(key_of(field, WireType::kBytes)) + uvarint_size(size) + size;
}

std::size_t ProtoWriter::varint_size(std::uint32_t field, std::uint64_t value) {
  return uvarint_size(key_of(field, WireType::kVarint)) + uvarint_size(value);
}

}  // namespace preconf::io::wire
