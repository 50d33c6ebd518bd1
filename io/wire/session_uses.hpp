// What a stream of a session is used for, from the asking for its protocol to its end.
#pragma once

#include <variant>

#include "io/wire/frame_reader.hpp"
#include "io/wire/ping.hpp"
#include "io/wire/swarm_actions.hpp"

namespace preconf::io::wire {

namespace use {
/// Our half is closed; the peer's is read and dropped until it closes it, too.
struct Linger {
  core::Millis deadline;
};
/// Reads one identify frame: an answer, or a push of the peer.
struct ReadIdentify {
  /// The first ones are told at once, later ones with a pause between: addresses do not change more
  /// often, and a push costs a peer nothing.
  static constexpr std::size_t kFreeMax = 8;
  static constexpr core::Millis kPause{1'000};
  core::Millis deadline;
  FrameReader reader{limits::kIdentifyBytesMax};
};
/// Writes one identify frame once the protocol is agreed on.
struct WriteIdentify {
  SharedBytes frame;
};
struct AnswerPing {
  PingResponder responder;
};
struct AskPing {
  PingDialer dialer;
  std::optional<core::Millis> next;  ///< nothing: not agreed yet, or waiting for an answer
};
struct GossipIn {
  FrameReader reader;
  std::optional<core::Millis> deadline;  ///< of the RPC that is not complete
};
struct GossipOut {};
struct AskPeer {
  RequestRef ref;
  ExchangeProtocol protocol;
  ExchangeReader reader;
  SharedBytes frame;
};
struct AnswerPeer {
  enum class Stage : std::uint8_t {
    kReading,
    kWaiting,   ///< complete, not given out
    kServed,    ///< with the application
    kAnswered,  ///< the answer is being sent
  };
  ExchangeProtocol protocol;
  ExchangeReader reader;
  Stage stage = Stage::kReading;
  InboundRef ref;  ///< set when given out
};
}  // namespace use

using StreamUse =
    std::variant<use::Linger, use::ReadIdentify, use::WriteIdentify, use::AnswerPing, use::AskPing,
                 use::GossipIn, use::GossipOut, use::AskPeer, use::AnswerPeer>;

/// When something is to be done if nothing happens.
[[nodiscard]] std::optional<core::Millis> deadline_of(const StreamUse& use);

}  // namespace preconf::io::wire
