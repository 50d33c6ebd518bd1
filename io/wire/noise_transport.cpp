#include "io/wire/noise_transport.hpp"

#include "io/wire/limits.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::size_t kLengthBytes = 2;

std::size_t record_size(BytesView start) {
  return kLengthBytes + ((std::size_t{start[0]} << 8) | start[1]);
}

}  // namespace

bool NoiseTransport::open(BytesView record, Bytes& plaintext) {
  const BytesView sealed = record.subspan(kLengthBytes);
  if (sealed.size() < kAeadTagBytes) {
    error_ = NoiseError::kTooShort;
  } else if (!ciphers_.receive.open({}, sealed, plaintext)) {
    error_ = NoiseError::kNotAuthentic;
  }
  return !error_;
}

/// The next whole record, from `in` itself where that holds all of it; empty when none is whole.
BytesView NoiseTransport::take_record(BytesView& in) {
  if (record_.empty() && in.size() >= kLengthBytes && in.size() >= record_size(in)) {
    const BytesView record = in.first(record_size(in));
    in = in.subspan(record.size());
    return record;
  }
  while (record_.size() < kLengthBytes && !in.empty()) {
    record_.push_back(in.front());
    in = in.subspan(1);
  }
  if (record_.size() < kLengthBytes) return {};
  const std::size_t missing = record_size(record_) - record_.size();
  const BytesView piece = in.first(std::min(in.size(), missing));
  record_.insert(record_.end(), piece.begin(), piece.end());
  in = in.subspan(piece.size());
  return piece.size() == missing ? BytesView{record_} : BytesView{};
}

bool NoiseTransport::on_bytes(BytesView in, Bytes& plaintext) {
  while (!error_ && !in.empty()) {
    const BytesView record = take_record(in);
    if (record.empty()) break;
    const bool opened = open(record, plaintext);
    if (!record_.empty()) record_ = Bytes();  // "= {}" would keep the memory
    if (!opened) return false;
  }
  return !error_;
}

void NoiseTransport::seal(BytesView plaintext, Bytes& out) {
  while (!plaintext.empty()) {
    const BytesView piece =
        plaintext.first(std::min(plaintext.size(), limits::kNoisePlaintextBytesMax));
    plaintext = plaintext.subspan(piece.size());
    const std::size_t size = piece.size() + kAeadTagBytes;
    out.push_back(static_cast<std::uint8_t>(size >> 8));
    out.push_back(static_cast<std::uint8_t>(size & 0xff));
    ciphers_.send.seal({}, piece, out);
  }
}

}  // namespace preconf::io::wire
