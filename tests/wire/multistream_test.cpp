#include "io/wire/multistream.hpp"

#include <gtest/gtest.h>

#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using Status = MultistreamStatus;

const std::vector<std::string> kNoise{"/noise"};
const std::vector<std::string> kMeshsub{"/meshsub/1.2.0", "/meshsub/1.1.0", "/floodsub/1.0.0"};
const std::string kHeader("\x13/multistream/1.0.0\n");

std::string wire(std::string_view text) {
  return std::string(1, static_cast<char>(text.size() + 1)) + std::string(text) + "\n";
}

template <class Machine>
std::string output_of(Machine& machine) {
  Bytes out;
  machine.take_output(out);
  return std::string(as_text(out));
}

/// Feeds `text`; what the machine left of it.
template <class Machine>
std::string feed(Machine& machine, std::string_view text, Status expected) {
  BytesView in = as_bytes(text);
  EXPECT_EQ(machine.on_bytes(in), expected);
  return std::string(as_text(in));
}

// Bytes of the libp2p connection establishment specification.
TEST(Multistream, FirstFlightOfTheDialer) {
  MultistreamDialer dialer(kNoise);
  EXPECT_EQ(output_of(dialer), std::string("\x13/multistream/1.0.0\n\x07/noise\n"));
  EXPECT_EQ(output_of(dialer), "");
}

TEST(Multistream, AgreesAndLeavesTheRest) {
  MultistreamListener listener(kNoise);
  const std::string early = kHeader + wire("/noise") + "first noise frame";
  EXPECT_EQ(feed(listener, early, Status::kAgreed), "first noise frame");
  EXPECT_EQ(output_of(listener), kHeader + wire("/noise"));
  MultistreamDialer dialer(kNoise);
  EXPECT_EQ(feed(dialer, early, Status::kAgreed), "first noise frame");
  // What comes later is not touched either.
  EXPECT_EQ(feed(dialer, "more", Status::kAgreed), "more");
}

TEST(Multistream, EveryCutOfALazyDialogue) {
  const std::string stream = kHeader + wire("/meshsub/9") + wire("/meshsub/1.1.0") + "payload";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    MultistreamListener listener(kMeshsub);
    std::string rest;
    bool agreed = false;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      BytesView in = as_bytes(piece);
      agreed = listener.on_bytes(in) == Status::kAgreed;
      rest += as_text(in);
    }
    EXPECT_TRUE(agreed) << cut;
    EXPECT_EQ(rest, "payload") << cut;
    EXPECT_EQ(listener.agreed(), 1U);
    EXPECT_EQ(output_of(listener), kHeader + wire("na") + wire("/meshsub/1.1.0")) << cut;
  }
}

TEST(Multistream, ByteByByteBothMachinesMeet) {
  const std::vector<std::string> known{"/floodsub/1.0.0", "/meshsub/1.1.0"};
  MultistreamDialer dialer(kMeshsub);
  MultistreamListener listener(known);
  Status at_dialer = Status::kNegotiating;
  Status at_listener = Status::kNegotiating;
  for (int round = 0; round < 10 && at_dialer == Status::kNegotiating; ++round) {
    for (const char c : output_of(dialer)) {
      BytesView in = as_bytes({&c, 1});
      at_listener = listener.on_bytes(in);
    }
    for (const char c : output_of(listener)) {
      BytesView in = as_bytes({&c, 1});
      at_dialer = dialer.on_bytes(in);
    }
  }
  EXPECT_EQ(at_dialer, Status::kAgreed);
  EXPECT_EQ(at_listener, Status::kAgreed);
  EXPECT_EQ(kMeshsub[dialer.agreed()], "/meshsub/1.1.0");
  EXPECT_EQ(known[listener.agreed()], "/meshsub/1.1.0");
}

TEST(Multistream, DialerTriesAllAndGivesUp) {
  MultistreamDialer dialer(kMeshsub);
  (void)output_of(dialer);
  EXPECT_EQ(feed(dialer, kHeader + wire("na"), Status::kNegotiating), "");
  EXPECT_EQ(output_of(dialer), wire("/meshsub/1.1.0"));
  EXPECT_EQ(feed(dialer, wire("na"), Status::kNegotiating), "");
  EXPECT_EQ(output_of(dialer), wire("/floodsub/1.0.0"));
  (void)feed(dialer, wire("na"), Status::kFailed);
  EXPECT_EQ(dialer.error(), MultistreamError::kNoCommonProtocol);
  EXPECT_EQ(output_of(dialer), "");
}

TEST(Multistream, ListIsAnswered) {
  MultistreamListener listener(kMeshsub);
  EXPECT_EQ(feed(listener, kHeader + wire("ls") + wire("/meshsub/1.2.0"), Status::kAgreed), "");
  std::string names;
  for (const std::string& protocol : kMeshsub) names += wire(protocol);
  const std::string list = std::string(1, static_cast<char>(names.size() + 1)) + names + "\n";
  EXPECT_EQ(output_of(listener), kHeader + list + wire("/meshsub/1.2.0"));
}

// One error at every step of both dialogues; each ends the stream with its name.
TEST(Multistream, ListenerErrorsAtEveryStep) {
  const std::string zero(1, '\0');
  const std::string long_form("\x87\x00/noise\n", 9);
  const std::pair<std::string, MultistreamError> bad[] = {
      {wire("/multistream/2.0.0"), MultistreamError::kBadHeader},
      {wire("/noise"), MultistreamError::kBadHeader},
      {wire("na"), MultistreamError::kBadHeader},
      {zero, MultistreamError::kBadLength},
      {"\xff\xff\x03", MultistreamError::kBadLength},
      {"\xff\x7f", MultistreamError::kTooLong},
      {"\x81\x08", MultistreamError::kTooLong},
      {"\x13/multistream/1.0.0x", MultistreamError::kNoNewline},
      {kHeader + zero, MultistreamError::kBadLength},
      {kHeader + long_form, MultistreamError::kBadLength},
      {kHeader + "\x06/noise", MultistreamError::kNoNewline},
      {kHeader + wire("noise"), MultistreamError::kBadProposal},
      {kHeader + wire(""), MultistreamError::kBadProposal},
      {kHeader + wire("na"), MultistreamError::kBadProposal},
      {kHeader + wire("/mplex/6.7.0") + wire("x"), MultistreamError::kBadProposal}};
  for (const auto& [stream, error] : bad) {
    MultistreamListener listener(kNoise);
    (void)feed(listener, stream, Status::kFailed);
    ASSERT_TRUE(listener.error());
    EXPECT_EQ(*listener.error(), error) << core::to_hex(as_bytes(stream));
    (void)feed(listener, kHeader, Status::kFailed);  // final
  }
}

TEST(Multistream, DialerErrorsAtEveryStep) {
  const std::pair<std::string, MultistreamError> bad[] = {
      {wire("/noise"), MultistreamError::kBadHeader},
      {wire("na"), MultistreamError::kBadHeader},
      {kHeader + kHeader, MultistreamError::kUnexpectedAnswer},
      {kHeader + wire("/tls/1.0.0"), MultistreamError::kUnexpectedAnswer},
      {kHeader + wire("/noise "), MultistreamError::kUnexpectedAnswer},
      {kHeader + wire("ls"), MultistreamError::kUnexpectedAnswer},
      {kHeader + wire("na"), MultistreamError::kNoCommonProtocol},
      {kHeader + "\x07/noise/", MultistreamError::kNoNewline},
      {kHeader + std::string("\x80\x00", 2), MultistreamError::kBadLength},
      {kHeader + "\xff\x7f", MultistreamError::kTooLong}};
  for (const auto& [stream, error] : bad) {
    MultistreamDialer dialer(kNoise);
    (void)feed(dialer, stream, Status::kFailed);
    ASSERT_TRUE(dialer.error());
    EXPECT_EQ(*dialer.error(), error) << core::to_hex(as_bytes(stream));
  }
}

TEST(Multistream, EveryPrefixOfADialogueWaits) {
  const std::string stream = kHeader + wire("/noise");
  for (std::size_t size = 0; size < stream.size(); ++size) {
    MultistreamListener listener(kNoise);
    EXPECT_EQ(feed(listener, stream.substr(0, size), Status::kNegotiating), "");
    MultistreamDialer dialer(kNoise);
    EXPECT_EQ(feed(dialer, stream.substr(0, size), Status::kNegotiating), "");
  }
}

TEST(Multistream, QuestionsAreBounded) {
  MultistreamListener listener(kNoise);
  (void)feed(listener, kHeader, Status::kNegotiating);
  for (std::size_t i = 0; i < limits::kMultistreamProposalsMax; ++i) {
    (void)feed(listener, wire(i % 2 == 0 ? "/x" : "ls"), Status::kNegotiating);
  }
  (void)feed(listener, wire("/noise"), Status::kFailed);
  EXPECT_EQ(listener.error(), MultistreamError::kTooManyProposals);
}

}  // namespace
}  // namespace preconf::io::wire
