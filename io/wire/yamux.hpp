// One yamux session (libp2p specifications, yamux/1.0.0): many streams over one ordered channel.
//
// A sans-I/O machine: plaintext goes in through read(), frames come out of take_output(). Nothing
// that arrives is stored here: the bytes of a Data frame are handed on as views of the input, also
// when the frame is cut, so receiving copies no body. Sending copies each byte once, into the
// output. Memory is bounded by the number of streams and by what the caller queues.
//
// Both habits of the field are understood: SYN, ACK, FIN and RST on Data (rust-yamux) and on
// WindowUpdate (js). What is sent: SYN and ACK on the first frame of a stream, FIN and RST as
// empty Data frames of their own, bodies of at most 16 KiB.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "io/wire/limits.hpp"
#include "io/wire/shared_bytes.hpp"
#include "io/wire/yamux_events.hpp"
#include "io/wire/yamux_frame.hpp"

namespace preconf::io::wire {

/// The dialer of the connection is the yamux client.
enum class YamuxRole : std::uint8_t { kDialer, kListener };

struct YamuxConfig {
  /// Credit per stream that the peer is given at most. At least the 256 KiB of the protocol.
  std::uint32_t window_bytes_max = limits::kYamuxWindowBytesMax;
  std::size_t inbound_streams_max = limits::kYamuxInboundStreamsMax;
  core::Millis ping_interval = limits::kYamuxPingInterval;
  core::Millis ping_timeout = limits::kYamuxPingTimeout;
};

class YamuxSession {
 public:
  YamuxSession(YamuxRole role, const YamuxConfig& config, core::Millis now);

  /// Consumes from `in` up to the next event, or all of it. Call until it returns nothing.
  [[nodiscard]] std::optional<YamuxEvent> read(core::BytesView& in, core::Millis now);

  /// Nothing when the peer has kYamuxAckBacklogMax of ours to acknowledge, or the session ended.
  /// The peer learns of the stream with its first frame.
  [[nodiscard]] std::optional<StreamId> open_stream();
  /// Queues all of `data` behind what waits. False: the stream is unknown or finished. The caller
  /// bounds what it queues by queued_bytes().
  [[nodiscard]] bool write(StreamId stream, SharedBytes data);
  /// Tells that `size` bytes of StreamData were taken, which lets the peer send more. Without it
  /// the peer is stopped by its window: that is the back-pressure of a stream.
  void consumed(StreamId stream, std::size_t size);
  /// FIN behind what is queued. The stream is forgotten when both halves are closed.
  void finish(StreamId stream);
  /// RST now, instead of what is queued. The stream is forgotten at once.
  void reset(StreamId stream);
  /// The last frame of the session: everything queued is dropped. Codes: yamux::GoneAway.
  void go_away(std::uint32_t code);

  /// 0 when the stream is unknown.
  [[nodiscard]] std::size_t queued_bytes(StreamId stream) const;
  [[nodiscard]] bool has_stream(StreamId stream) const;
  [[nodiscard]] std::size_t stream_count() const { return streams_.size(); }
  [[nodiscard]] bool ended() const { return ended_; }
  /// Inbound streams that were refused because there were too many.
  [[nodiscard]] std::uint64_t refused_streams() const { return refused_streams_; }
  /// Round trip of the last ping.
  [[nodiscard]] std::optional<core::Millis> round_trip() const { return round_trip_; }

  /// Appends whole frames, at most `bytes_max` bytes, which is at least kYamuxOutputBytesMin.
  /// Streams take turns by frame.
  void take_output(core::Bytes& out, std::size_t bytes_max);
  [[nodiscard]] bool has_output() const;

  /// When on_time() has something to do: the next ping, or its time-out.
  [[nodiscard]] core::Millis next_deadline() const;
  [[nodiscard]] std::optional<YamuxEvent> on_time(core::Millis now);

 private:
  struct Chunk {
    SharedBytes bytes;
    std::size_t offset = 0;
  };
  struct Stream {
    std::deque<Chunk> queue;
    std::size_t queued = 0;         ///< bytes in the queue
    std::uint64_t send_credit = 0;  ///< what the peer lets us send; fits 32 bits
    std::uint32_t window = 0;       ///< what we let the peer have in flight
    std::uint32_t receive_credit = 0;
    std::uint32_t unannounced = 0;  ///< consumed, and the peer does not know
    bool owes_syn = false;
    bool owes_ack = false;
    bool acked = false;  ///< of ours: the peer has seen it
    bool finishing = false;
    bool fin_sent = false;
    bool fin_received = false;
    bool in_turn = false;  ///< in turns_
  };
  using Streams = std::map<std::uint32_t, Stream>;

  /// How far the frame at hand is: its header, its flags, its body, its FIN.
  enum class Phase : std::uint8_t { kHeader, kFrame, kBody, kEnd };

  std::optional<YamuxEvent> on_header(core::Millis now);
  std::optional<YamuxEvent> on_syn();
  std::optional<YamuxEvent> on_reset();
  std::optional<YamuxEvent> on_ping(core::Millis now);
  std::optional<YamuxEvent> on_go_away();
  std::optional<YamuxEvent> on_frame();
  std::optional<YamuxEvent> on_body(core::BytesView& in);
  std::optional<YamuxEvent> on_end();
  void skip_frame();
  YamuxEvent fail(YamuxError error);
  void erase(Streams::iterator stream);
  void erase_if_closed(Streams::iterator stream);
  [[nodiscard]] bool is_ours(std::uint32_t id) const;
  [[nodiscard]] static bool owes_window(const Stream& stream);
  [[nodiscard]] static bool owes(const Stream& stream);
  void give_turn(Streams::iterator stream);
  void take_control(core::Bytes& out, std::size_t end);
  void take_turn(Streams::iterator stream, core::Bytes& out, std::size_t end);
  void take_window(Streams::iterator stream, core::Bytes& out);
  static void take_data(Stream& stream, core::Bytes& out, std::size_t size);

  YamuxRole role_;
  YamuxConfig config_;
  Streams streams_;
  std::deque<std::uint32_t> turns_;  ///< streams with something to send, each once
  std::uint32_t next_stream_;
  std::size_t unacked_ = 0;  ///< of ours
  std::size_t inbound_ = 0;
  std::uint64_t refused_streams_ = 0;

  std::array<std::uint8_t, kYamuxHeaderBytes> header_bytes_{};
  std::size_t header_size_ = 0;
  YamuxHeader header_;  ///< of the frame at hand
  Phase phase_ = Phase::kHeader;
  std::uint32_t body_left_ = 0;
  bool ended_ = false;

  std::deque<std::uint32_t> pongs_;   ///< values to answer
  std::deque<std::uint32_t> resets_;  ///< streams to reset
  std::optional<std::uint32_t> go_away_;
  bool ping_due_ = false;
  bool ping_waits_ = false;
  std::uint32_t ping_value_ = 0;
  core::Millis ping_at_;
  core::Millis ping_sent_;
  std::optional<core::Millis> round_trip_;
};

}  // namespace preconf::io::wire
