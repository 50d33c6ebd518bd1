#include "core/codec/ssz.hpp"

namespace preconf::core::codec {
namespace {

using protocol::Preconfirmation;
using protocol::SignedCommitment;

/// Writes fields one after another into storage that is known to be large enough.
class FixedWriter {
 public:
  explicit FixedWriter(std::uint8_t* cursor) : cursor_(cursor) {}

  void put(bool value) { *cursor_++ = value ? 1 : 0; }
  void put(const U256& value) {
    cursor_ = std::reverse_copy(value.be.bytes.begin(), value.be.bytes.end(), cursor_);
  }
  template <std::size_t N>
  void put(const FixedBytes<N>& value) {
    cursor_ = std::copy(value.bytes.begin(), value.bytes.end(), cursor_);
  }

 private:
  std::uint8_t* cursor_;
};

/// Reads fields one after another from bytes that are known to be long enough.
class FixedReader {
 public:
  explicit FixedReader(const std::uint8_t* cursor) : cursor_(cursor) {}

  [[nodiscard]] bool ok() const { return ok_; }

  void get(bool& value) {
    const std::uint8_t byte = *cursor_++;
    ok_ = ok_ && byte <= 1;
    value = byte == 1;
  }
  void get(U256& value) {
    std::reverse_copy(cursor_, cursor_ + 32, value.be.bytes.begin());
    cursor_ += 32;
  }
  template <std::size_t N>
  void get(FixedBytes<N>& value) {
    std::copy_n(cursor_, N, value.bytes.begin());
    cursor_ += N;
  }

 private:
  const std::uint8_t* cursor_;
  bool ok_ = true;
};

void write(FixedWriter& writer, const Preconfirmation& preconf) {
  Preconfirmation::each_field(preconf,
                              [&writer](const char*, const auto& field) { writer.put(field); });
}

void read(FixedReader& reader, Preconfirmation& preconf) {
  Preconfirmation::each_field(preconf, [&reader](const char*, auto& field) { reader.get(field); });
}

}  // namespace

PreconfirmationSsz encode_preconfirmation(const Preconfirmation& preconf) {
  PreconfirmationSsz out;
  FixedWriter writer(out.data());
  write(writer, preconf);
  return out;
}

PreconfCommitmentSsz encode_preconf_commitment(const SignedCommitment& commitment) {
  PreconfCommitmentSsz out;
  FixedWriter writer(out.data());
  write(writer, commitment.preconf);
  writer.put(commitment.slasher_address);
  return out;
}

SignedCommitmentSsz encode_signed_commitment(const SignedCommitment& commitment) {
  SignedCommitmentSsz out;
  FixedWriter writer(out.data());
  write(writer, commitment.preconf);
  writer.put(commitment.slasher_address);
  writer.put(commitment.signature);
  return out;
}

Result<Preconfirmation, SszDefect> decode_preconfirmation(BytesView bytes) {
  if (bytes.size() != protocol::kPreconfirmationBytes) return Unexpected{SszDefect::kWrongSize};
  Preconfirmation preconf;
  FixedReader reader(bytes.data());
  read(reader, preconf);
  if (!reader.ok()) return Unexpected{SszDefect::kNonCanonicalBool};
  return preconf;
}

Result<SignedCommitment, SszDefect> decode_signed_commitment(BytesView bytes) {
  if (bytes.size() != protocol::kSignedCommitmentBytes) return Unexpected{SszDefect::kWrongSize};
  SignedCommitment commitment;
  FixedReader reader(bytes.data());
  read(reader, commitment.preconf);
  reader.get(commitment.slasher_address);
  reader.get(commitment.signature);
  if (!reader.ok()) return Unexpected{SszDefect::kNonCanonicalBool};
  return commitment;
}

}  // namespace preconf::core::codec
