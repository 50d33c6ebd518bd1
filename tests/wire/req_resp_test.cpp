#include "io/wire/req_resp.hpp"

#include <gtest/gtest.h>

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;
using Status = ExchangeReader::Status;

constexpr Millis kNow{5'000};

TEST(ReqResp, ProtocolIdsAreThoseOfTheNetwork) {
  EXPECT_EQ(protocol_id(ExchangeProtocol::kGetHead, 167'000), "/taiko/167000/preconf/1/get_head");
  EXPECT_EQ(protocol_id(ExchangeProtocol::kGetCommitmentsByNumber, 167'000),
            "/taiko/167000/preconf/1/get_commitments_by_number");
  EXPECT_EQ(protocol_id(ExchangeProtocol::kGetRawTxList, 1), "/taiko/1/preconf/1/get_raw_txlist");
}

TEST(ReqResp, FramesOfUsualSizes) {
  EXPECT_EQ(*frame_of(Bytes{4, 0, 0, 0}), (Bytes{4, 4, 0, 0, 0}));
  const SharedBytes one = frame_of(Bytes(386));
  EXPECT_EQ(Bytes(one->begin(), one->begin() + 2), (Bytes{0x82, 0x03}));
  const SharedBytes commitments = frame_of(Bytes(97'796));
  EXPECT_EQ(Bytes(commitments->begin(), commitments->begin() + 3), (Bytes{0x84, 0xfc, 0x05}));
  const SharedBytes list = frame_of(Bytes(2'097'188));
  EXPECT_EQ(Bytes(list->begin(), list->begin() + 4), (Bytes{0xa4, 0x80, 0x80, 0x01}));
}

TEST(ReqResp, OneFrameInAnyPieces) {
  const SharedBytes frame = frame_of(Bytes(300, 9));
  for (std::size_t piece = 1; piece < 310; piece += 7) {
    ExchangeReader reader = response_reader(ExchangeProtocol::kGetHead, kNow);
    BytesView rest(*frame);
    while (!rest.empty()) {
      const BytesView part = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(part.size());
      ASSERT_EQ(reader.on_data(part), rest.empty() ? Status::kComplete : Status::kReading);
    }
    EXPECT_EQ(reader.on_end(), Status::kComplete);
    EXPECT_EQ(reader.on_time(Millis{1'000'000}), Status::kComplete);
    EXPECT_EQ(reader.take_body(), Bytes(300, 9));
  }
}

TEST(ReqResp, WhatComesBehindTheFrameIsIgnored) {
  ExchangeReader reader = request_reader(ExchangeProtocol::kGetHead, kNow);
  EXPECT_EQ(reader.on_data(Bytes{4, 4, 0, 0, 0, 1, 2, 3}), Status::kComplete);
  EXPECT_EQ(reader.on_data(Bytes{5, 5}), Status::kComplete);
  EXPECT_EQ(reader.take_body(), (Bytes{4, 0, 0, 0}));
}

struct Bound {
  ExchangeProtocol protocol;
  std::size_t request;
  std::size_t response;
};

TEST(ReqResp, EachProtocolHasItsBounds) {
  for (const Bound& bound : {Bound{ExchangeProtocol::kGetHead, 128, 65'536},
                             Bound{ExchangeProtocol::kGetCommitmentsByNumber, 512, 1'048'576},
                             Bound{ExchangeProtocol::kGetRawTxList, 256, 2'101'248}}) {
    EXPECT_EQ(request_bytes_max(bound.protocol), bound.request);
    EXPECT_EQ(response_bytes_max(bound.protocol), bound.response);
    ExchangeReader fits = request_reader(bound.protocol, kNow);
    EXPECT_EQ(fits.on_data(*frame_of(Bytes(bound.request))), Status::kComplete);
    ExchangeReader request = request_reader(bound.protocol, kNow);
    EXPECT_EQ(request.on_data(*frame_of(Bytes(bound.request + 1))), Status::kFailed);
    EXPECT_EQ(request.failure(), ExchangeFailure::kFrameTooLarge);
    ExchangeReader response = response_reader(bound.protocol, kNow);
    EXPECT_EQ(response.on_data(*frame_of(Bytes(bound.response + 1))), Status::kFailed);
    EXPECT_EQ(response.failure(), ExchangeFailure::kFrameTooLarge);
  }
}

TEST(ReqResp, EveryFailureIsNamed) {
  ExchangeReader length = response_reader(ExchangeProtocol::kGetHead, kNow);
  EXPECT_EQ(length.on_data(Bytes{0x84, 0x00}), Status::kFailed);
  EXPECT_EQ(length.failure(), ExchangeFailure::kFrameLength);

  ExchangeReader nothing = response_reader(ExchangeProtocol::kGetHead, kNow);
  EXPECT_EQ(nothing.on_end(), Status::kFailed);
  EXPECT_EQ(nothing.failure(), ExchangeFailure::kCut);

  ExchangeReader cut = response_reader(ExchangeProtocol::kGetHead, kNow);
  EXPECT_EQ(cut.on_data(Bytes{4, 4, 0}), Status::kReading);
  EXPECT_EQ(cut.on_end(), Status::kFailed);
  EXPECT_EQ(cut.failure(), ExchangeFailure::kCut);
  EXPECT_EQ(cut.on_data(Bytes{0, 0}), Status::kFailed);
}

TEST(ReqResp, TimeRunsFromTheOpening) {
  ExchangeReader reader = response_reader(ExchangeProtocol::kGetRawTxList, kNow);
  EXPECT_EQ(reader.deadline(), Millis{15'000});
  EXPECT_EQ(reader.on_time(Millis{14'999}), Status::kReading);
  EXPECT_EQ(reader.on_time(Millis{15'000}), Status::kFailed);
  EXPECT_EQ(reader.failure(), ExchangeFailure::kTimeout);
}

}  // namespace
}  // namespace preconf::io::wire::test
