#include "core/codec/abi.hpp"

#include "core/base/assert.hpp"

namespace preconf::core::codec {
namespace {

constexpr std::size_t kAddressPadding = kAbiWordBytes - Address::kSize;

}  // namespace

void AbiReader::fail(AbiDefect defect) {
  if (*defect_ == AbiDefect::kNone) *defect_ = defect;
}

Hash32 AbiReader::word() {
  if (*defect_ != AbiDefect::kNone) return {};
  if (tuple_.size() - at_ < kAbiWordBytes) {
    fail(AbiDefect::kTruncated);
    return {};
  }
  const Hash32 out = Hash32::from(tuple_.subspan(at_));
  at_ += kAbiWordBytes;
  return out;
}

std::uint64_t AbiReader::uint(unsigned bits) {
  PRECONF_ASSERT(bits > 0 && bits <= 64);
  const U256 value{word()};
  if (!value.fits_u64() || (bits < 64 && value.low_u64() >> bits != 0)) {
    fail(AbiDefect::kDirtyPadding);
    return 0;
  }
  return value.low_u64();
}

Address AbiReader::address() {
  const Hash32 padded = word();
  const BytesView padding = padded.view().first(kAddressPadding);
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) {
    fail(AbiDefect::kDirtyPadding);
    return {};
  }
  return Address::from(padded.view().subspan(kAddressPadding));
}

bool AbiReader::boolean() { return uint(1) != 0; }

AbiReader AbiReader::tuple() {
  const U256 offset{word()};
  if (!offset.fits_u64() || offset.low_u64() > tuple_.size()) {
    fail(AbiDefect::kTruncated);
    return AbiReader{{}, *defect_};
  }
  return AbiReader{tuple_.subspan(offset.low_u64()), *defect_};
}

AbiArray AbiReader::array(std::size_t count_max, std::size_t words) {
  AbiReader target = tuple();
  const U256 count{target.word()};
  const BytesView elements = target.tuple_.subspan(target.at_);
  // Divided, not multiplied: a hostile count must not overflow.
  if (!count.fits_u64() || count.low_u64() > elements.size() / (words * kAbiWordBytes)) {
    fail(AbiDefect::kTruncated);
  } else if (count.low_u64() > count_max) {
    fail(AbiDefect::kTooMany);
  }
  if (*defect_ != AbiDefect::kNone) return AbiArray{AbiReader{{}, *defect_}, 0};
  return AbiArray{AbiReader{elements, *defect_}, static_cast<std::size_t>(count.low_u64())};
}

void append_abi_u64(Bytes& out, std::uint64_t value) {
  append_abi_word(out, U256::from_u64(value).be);
}

void append_abi_word(Bytes& out, const Hash32& word) {
  out.insert(out.end(), word.bytes.begin(), word.bytes.end());
}

void append_abi_address(Bytes& out, const Address& address) {
  out.insert(out.end(), kAddressPadding, 0);
  out.insert(out.end(), address.bytes.begin(), address.bytes.end());
}

}  // namespace preconf::core::codec
