#include "io/wire/req_resp.hpp"

#include "core/base/assert.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

struct Bounds {
  std::size_t request;
  std::size_t response;
};

Bounds bounds_of(ExchangeProtocol protocol) {
  switch (protocol) {
    case ExchangeProtocol::kGetHead:
      return {limits::kGetHeadRequestBytesMax, limits::kGetHeadResponseBytesMax};
    case ExchangeProtocol::kGetCommitmentsByNumber:
      return {limits::kGetCommitmentsRequestBytesMax, limits::kGetCommitmentsResponseBytesMax};
    case ExchangeProtocol::kGetRawTxList:
      return {limits::kGetRawTxListRequestBytesMax, limits::kGetRawTxListResponseBytesMax};
  }
  return {0, 0};
}

core::Millis deadline_from(core::Millis now) {
  return core::Millis{now.value + limits::kExchangeTimeout.value};
}

}  // namespace

std::string_view name_of(ExchangeProtocol protocol) {
  switch (protocol) {
    case ExchangeProtocol::kGetHead:
      return "get_head";
    case ExchangeProtocol::kGetCommitmentsByNumber:
      return "get_commitments_by_number";
    case ExchangeProtocol::kGetRawTxList:
      return "get_raw_txlist";
  }
  return "unknown";
}

std::string protocol_id(ExchangeProtocol protocol, std::uint64_t chain_id) {
  std::string id = "/taiko/" + std::to_string(chain_id) + "/preconf/1/";
  id += name_of(protocol);
  return id;
}

std::size_t request_bytes_max(ExchangeProtocol protocol) { return bounds_of(protocol).request; }
std::size_t response_bytes_max(ExchangeProtocol protocol) { return bounds_of(protocol).response; }

SharedBytes frame_of(core::BytesView body) {
  core::Bytes frame;
  frame.reserve(uvarint_size(body.size()) + body.size());
  put_uvarint(frame, body.size());
  frame.insert(frame.end(), body.begin(), body.end());
  return share(std::move(frame));
}

const char* name_of(ExchangeFailure failure) {
  switch (failure) {
    case ExchangeFailure::kNotConnected:
      return "not_connected";
    case ExchangeFailure::kTooMany:
      return "too_many_exchanges";
    case ExchangeFailure::kRequestTooLarge:
      return "request_too_large";
    case ExchangeFailure::kUnsupportedProtocol:
      return "unsupported_protocol";
    case ExchangeFailure::kNegotiation:
      return "negotiation";
    case ExchangeFailure::kTimeout:
      return "timeout";
    case ExchangeFailure::kFrameTooLarge:
      return "frame_too_large";
    case ExchangeFailure::kFrameLength:
      return "frame_length";
    case ExchangeFailure::kCut:
      return "cut";
    case ExchangeFailure::kReset:
      return "reset";
    case ExchangeFailure::kConnectionClosed:
      return "connection_closed";
  }
  return "unknown";
}

ExchangeReader::Status ExchangeReader::on_data(core::BytesView in) {
  if (status_ != Status::kReading) return status_;
  switch (reader_.next(in, body_)) {
    case FrameReader::Status::kNeedMore:
      return status_;
    case FrameReader::Status::kFrame:
      return status_ = Status::kComplete;
    case FrameReader::Status::kTooLarge:
      return fail(ExchangeFailure::kFrameTooLarge);
    case FrameReader::Status::kBadLength:
      return fail(ExchangeFailure::kFrameLength);
  }
  return status_;
}

ExchangeReader::Status ExchangeReader::on_end() {
  return status_ == Status::kReading ? fail(ExchangeFailure::kCut) : status_;
}

ExchangeReader::Status ExchangeReader::on_time(core::Millis now) {
  const bool late = status_ == Status::kReading && now >= deadline_;
  return late ? fail(ExchangeFailure::kTimeout) : status_;
}

ExchangeReader::Status ExchangeReader::fail(ExchangeFailure failure) {
  failure_ = failure;
  return status_ = Status::kFailed;
}

ExchangeReader response_reader(ExchangeProtocol protocol, core::Millis now) {
  return {response_bytes_max(protocol), deadline_from(now)};
}

ExchangeReader request_reader(ExchangeProtocol protocol, core::Millis now) {
  return {request_bytes_max(protocol), deadline_from(now)};
}

}  // namespace preconf::io::wire
