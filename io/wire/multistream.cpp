#include "io/wire/multistream.hpp"

#include "core/base/assert.hpp"
#include "io/wire/protobuf.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::string_view kHeader = "/multistream/1.0.0";
constexpr std::string_view kRefused = "na";
constexpr std::string_view kList = "ls";
constexpr std::uint8_t kNewline = '\n';

void put_message(Bytes& out, std::string_view text) {
  put_uvarint(out, text.size() + 1);
  const BytesView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
  out.push_back(kNewline);
}

void move_output(Bytes& from, Bytes& to) {
  to.insert(to.end(), from.begin(), from.end());
  from.clear();
}

}  // namespace

bool MultistreamReader::read_length(BytesView& in) {
  while (!in.empty()) {
    length_[length_size_++] = in.front();
    in = in.subspan(1);
    const auto read = read_uvarint(BytesView{length_}.first(length_size_), length_.size());
    if (!read && read.error() == VarintError::kIncomplete) continue;
    if (!read || read->value == 0) {
      error_ = MultistreamError::kBadLength;
      return false;
    }
    if (read->value > limits::kMultistreamMessageBytesMax) {
      error_ = MultistreamError::kTooLong;
      return false;
    }
    size_ = static_cast<std::uint16_t>(read->value);
    message_.clear();
    return true;
  }
  return false;
}

std::optional<std::string_view> MultistreamReader::next(BytesView& in) {
  if (error_) return std::nullopt;
  if (size_ == 0 && !read_length(in)) return std::nullopt;
  const std::size_t missing = size_ - message_.size();
  const BytesView piece = in.first(std::min(in.size(), missing));
  message_.insert(message_.end(), piece.begin(), piece.end());
  in = in.subspan(piece.size());
  if (message_.size() < size_) return std::nullopt;
  size_ = 0;
  length_size_ = 0;
  if (message_.back() != kNewline) {
    error_ = MultistreamError::kNoNewline;
    return std::nullopt;
  }
  return as_text(BytesView{message_}.first(message_.size() - 1));
}

MultistreamDialer::MultistreamDialer(std::span<const std::string> protocols)
    : protocols_(protocols) {
  PRECONF_ASSERT(!protocols.empty());
  put_message(output_, kHeader);
  put_message(output_, protocols_.front());
}

MultistreamStatus MultistreamDialer::fail(MultistreamError error) {
  error_ = error;
  return status_ = MultistreamStatus::kFailed;
}

MultistreamStatus MultistreamDialer::on_answer(std::string_view answer) {
  if (!has_header_) {
    if (answer != kHeader) return fail(MultistreamError::kBadHeader);
    has_header_ = true;
    return status_;
  }
  if (answer == protocols_[proposal_]) return status_ = MultistreamStatus::kAgreed;
  if (answer != kRefused) return fail(MultistreamError::kUnexpectedAnswer);
  if (proposal_ + 1 == protocols_.size()) return fail(MultistreamError::kNoCommonProtocol);
  put_message(output_, protocols_[++proposal_]);
  return status_;
}

MultistreamStatus MultistreamDialer::on_bytes(BytesView& in) {
  while (status_ == MultistreamStatus::kNegotiating) {
    const auto answer = reader_.next(in);
    if (reader_.error()) return fail(*reader_.error());
    if (!answer) break;
    (void)on_answer(*answer);
  }
  return status_;
}

void MultistreamDialer::take_output(Bytes& out) { move_output(output_, out); }

MultistreamStatus MultistreamListener::fail(MultistreamError error) {
  error_ = error;
  return status_ = MultistreamStatus::kFailed;
}

/// One message that holds the messages of all names, and a newline of its own.
void MultistreamListener::answer_list() {
  Bytes names;
  for (const std::string& protocol : protocols_) put_message(names, protocol);
  put_uvarint(output_, names.size() + 1);
  output_.insert(output_.end(), names.begin(), names.end());
  output_.push_back(kNewline);
}

MultistreamStatus MultistreamListener::on_message(std::string_view message) {
  if (!has_header_) {
    if (message != kHeader) return fail(MultistreamError::kBadHeader);
    has_header_ = true;
    put_message(output_, kHeader);
    return status_;
  }
  if (++questions_ > limits::kMultistreamProposalsMax) {
    return fail(MultistreamError::kTooManyProposals);
  }
  if (message == kList) {
    answer_list();
    return status_;
  }
  if (message.empty() || message.front() != '/') return fail(MultistreamError::kBadProposal);
  for (std::size_t i = 0; i < protocols_.size(); ++i) {
    if (message != protocols_[i]) continue;
    agreed_ = i;
    put_message(output_, message);
    return status_ = MultistreamStatus::kAgreed;
  }
  put_message(output_, kRefused);
  return status_;
}

MultistreamStatus MultistreamListener::on_bytes(BytesView& in) {
  while (status_ == MultistreamStatus::kNegotiating) {
    const auto message = reader_.next(in);
    if (reader_.error()) return fail(*reader_.error());
    if (!message) break;
    (void)on_message(*message);
  }
  return status_;
}

void MultistreamListener::take_output(Bytes& out) { move_output(output_, out); }

}  // namespace preconf::io::wire
