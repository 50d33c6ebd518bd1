// What a yamux session reports.
#pragma once

#include <variant>

#include "core/base/bytes.hpp"
#include "core/types.hpp"

namespace preconf::io::wire {

/// A stream of one session: odd when the dialer opened it. Fits 32 bits, never reused by us.
using StreamId = core::Strong<struct StreamIdTag>;

/// Why a session ended. Everything but kPingTimeout is a violation by the peer.
enum class YamuxError : std::uint8_t {
  kVersion = 1,     ///< not version 0
  kFrameType,       ///< above GoAway
  kStreamZero,      ///< Data or WindowUpdate of the session itself
  kSessionFrame,    ///< Ping or GoAway of a stream
  kWrongParity,     ///< SYN with an id that is ours to give
  kStreamReused,    ///< SYN with the id of a live stream
  kBodyTooLarge,    ///< Data frame above kYamuxBodyBytesMax
  kWindowExceeded,  ///< more data than we gave credit for
  kWindowOverflow,  ///< credit above 2^32 - 1
  kDataAfterFin,    ///< data on a half that was closed
  kPingFlags,       ///< neither exactly SYN nor exactly ACK
  kPingUnexpected,  ///< an answer to a ping that we did not send
  kControlFlood,    ///< asks for more answers than it reads
  kPingTimeout,     ///< no answer to a ping: the peer is gone
};
[[nodiscard]] const char* name_of(YamuxError error);

namespace yamux {
struct StreamOpened {
  StreamId stream;  ///< by the peer
};
struct StreamData {
  StreamId stream;
  core::BytesView data;  ///< a part of the input, valid until the input is gone; never empty
};
struct StreamEnded {
  StreamId stream;  ///< FIN: no data follows; our half stays open
};
struct StreamReset {
  StreamId stream;  ///< by the peer; the id is dead
};
struct GoneAway {
  std::uint32_t code = 0;  ///< 0 normal, 1 protocol error, 2 internal error
};
struct Failed {
  YamuxError error;  ///< a GoAway waits in the output; nothing more is read
};
}  // namespace yamux

using YamuxEvent = std::variant<yamux::StreamOpened, yamux::StreamData, yamux::StreamEnded,
                                yamux::StreamReset, yamux::GoneAway, yamux::Failed>;

}  // namespace preconf::io::wire
