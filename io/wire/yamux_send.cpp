// What is sent. The other half of the machine is yamux.cpp.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/yamux.hpp"

namespace preconf::io::wire {
namespace {

void append(core::Bytes& out, YamuxType type, std::uint16_t flags, std::uint32_t stream,
            std::uint32_t length) {  // NOLINT(bugprone-easily-swappable-parameters): wire order
  append_yamux_header(out, YamuxHeader{0, static_cast<std::uint8_t>(type), flags, stream, length});
}

}  // namespace

std::optional<StreamId> YamuxSession::open_stream() {
  const bool no_ids = next_stream_ > UINT32_MAX - 2;
  if (ended_ || no_ids || unacked_ >= limits::kYamuxAckBacklogMax) return std::nullopt;
  Stream stream;
  stream.send_credit = limits::kYamuxWindowBytesFirst;
  stream.window = limits::kYamuxWindowBytesFirst;
  stream.receive_credit = limits::kYamuxWindowBytesFirst;
  stream.owes_syn = true;
  ++unacked_;
  const std::uint32_t id = next_stream_;
  next_stream_ += 2;
  give_turn(streams_.emplace(id, std::move(stream)).first);
  return StreamId{id};
}

bool YamuxSession::write(StreamId id, SharedBytes data) {
  const auto found = streams_.find(static_cast<std::uint32_t>(id.value));
  if (found == streams_.end() || found->second.finishing) return false;
  if (data->empty()) return true;
  found->second.queued += data->size();
  found->second.queue.push_back(Chunk{std::move(data), 0});
  give_turn(found);
  return true;
}

void YamuxSession::consumed(StreamId id, std::size_t size) {
  const auto found = streams_.find(static_cast<std::uint32_t>(id.value));
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  PRECONF_ASSERT(size + stream.unannounced + stream.receive_credit <= stream.window);
  stream.unannounced += static_cast<std::uint32_t>(size);
  give_turn(found);
}

void YamuxSession::finish(StreamId id) {
  const auto found = streams_.find(static_cast<std::uint32_t>(id.value));
  if (found == streams_.end()) return;
  found->second.finishing = true;
  give_turn(found);
}

void YamuxSession::reset(StreamId id) {
  const auto found = streams_.find(static_cast<std::uint32_t>(id.value));
  if (found == streams_.end()) return;
  const bool unknown_to_peer = found->second.owes_syn;
  if (!unknown_to_peer) resets_.push_back(found->first);
  erase(found);
}

void YamuxSession::go_away(std::uint32_t code) {
  if (ended_) return;
  ended_ = true;
  go_away_ = code;
  streams_.clear();
  turns_.clear();
  pongs_.clear();
  resets_.clear();
  ping_due_ = false;
}

std::size_t YamuxSession::queued_bytes(StreamId id) const {
  const auto found = streams_.find(static_cast<std::uint32_t>(id.value));
  return found == streams_.end() ? 0 : found->second.queued;
}

bool YamuxSession::has_stream(StreamId id) const {
  return streams_.contains(static_cast<std::uint32_t>(id.value));
}

/// Credit is announced by the half window, so that small reads cost no frames.
bool YamuxSession::owes_window(const Stream& stream) {
  return !stream.fin_received && stream.unannounced >= stream.window / 2;
}

bool YamuxSession::owes(const Stream& stream) {
  const bool data = stream.queued > 0 && stream.send_credit > 0;
  const bool fin = stream.finishing && stream.queued == 0 && !stream.fin_sent;
  return stream.owes_syn || stream.owes_ack || owes_window(stream) || data || fin;
}

void YamuxSession::give_turn(Streams::iterator stream) {
  if (stream->second.in_turn || !owes(stream->second)) return;
  stream->second.in_turn = true;
  turns_.push_back(stream->first);
}

bool YamuxSession::has_output() const {
  if (go_away_ || ping_due_ || !pongs_.empty() || !resets_.empty()) return true;
  return std::any_of(turns_.begin(), turns_.end(),
                     [this](std::uint32_t id) { return streams_.contains(id); });
}

void YamuxSession::take_output(core::Bytes& out, std::size_t bytes_max) {
  PRECONF_ASSERT(bytes_max >= limits::kYamuxOutputBytesMin);
  const std::size_t end = out.size() + bytes_max;
  take_control(out, end);
  // The remainder that is left unused is not worth a frame; it is also room for whatever one turn
  // sends besides data.
  while (!turns_.empty() && end - out.size() >= limits::kYamuxOutputBytesMin / 2) {
    const auto stream = streams_.find(turns_.front());
    turns_.pop_front();
    if (stream == streams_.end()) continue;
    stream->second.in_turn = false;
    take_turn(stream, out, end);
  }
}

void YamuxSession::take_control(core::Bytes& out, std::size_t end) {
  const auto room = [&out, end] { return end - out.size() >= kYamuxHeaderBytes; };
  if (go_away_ && room()) {
    append(out, YamuxType::kGoAway, 0, 0, *go_away_);
    go_away_.reset();
  }
  if (ping_due_ && room()) {
    append(out, YamuxType::kPing, kYamuxSyn, 0, ping_value_);
    ping_due_ = false;
  }
  for (; !pongs_.empty() && room(); pongs_.pop_front()) {
    append(out, YamuxType::kPing, kYamuxAck, 0, pongs_.front());
  }
  for (; !resets_.empty() && room(); resets_.pop_front()) {
    append(out, YamuxType::kData, kYamuxRst, resets_.front(), 0);
  }
}

/// At most: one WindowUpdate, one Data frame with a body, one FIN.
void YamuxSession::take_turn(Streams::iterator found, core::Bytes& out, std::size_t end) {
  const std::uint32_t id = found->first;
  Stream& stream = found->second;
  if (owes_window(stream)) take_window(found, out);
  const std::size_t room = end - out.size() - 2 * kYamuxHeaderBytes;  // header and FIN
  std::size_t size = std::min<std::size_t>(stream.queued, stream.send_credit);
  size = std::min({size, room, limits::kYamuxBodySentBytesMax});
  if (size > 0) {
    const auto flags = static_cast<std::uint16_t>((stream.owes_syn ? kYamuxSyn : 0) |
                                                  (stream.owes_ack ? kYamuxAck : 0));
    append(out, YamuxType::kData, flags, id, static_cast<std::uint32_t>(size));
    take_data(stream, out, size);
    stream.owes_syn = false;
    stream.owes_ack = false;
  } else if (stream.owes_syn || stream.owes_ack) {
    take_window(found, out);
  }
  if (stream.finishing && stream.queued == 0 && !stream.fin_sent) {
    append(out, YamuxType::kData, kYamuxFin, id, 0);
    stream.fin_sent = true;
    erase_if_closed(found);
    return;
  }
  give_turn(found);
}

/// Gives back what was consumed. A stream that uses half of its window is given a larger one: it is
/// a bulk transfer, and the window bounds its throughput per round trip.
void YamuxSession::take_window(Streams::iterator found, core::Bytes& out) {
  Stream& stream = found->second;
  std::uint32_t delta = 0;
  if (owes_window(stream)) {
    const std::uint32_t window =
        std::max(stream.window, std::min(config_.window_bytes_max, 2 * stream.window));
    delta = stream.unannounced + (window - stream.window);
    stream.window = window;
    stream.receive_credit += delta;
    stream.unannounced = 0;
  }
  const auto flags = static_cast<std::uint16_t>((stream.owes_syn ? kYamuxSyn : 0) |
                                                (stream.owes_ack ? kYamuxAck : 0));
  append(out, YamuxType::kWindowUpdate, flags, found->first, delta);
  stream.owes_syn = false;
  stream.owes_ack = false;
}

void YamuxSession::take_data(Stream& stream, core::Bytes& out, std::size_t size) {
  stream.queued -= size;
  stream.send_credit -= size;
  while (size > 0) {
    Chunk& chunk = stream.queue.front();
    const auto rest = core::BytesView(*chunk.bytes).subspan(chunk.offset);
    const auto part = rest.first(std::min(size, rest.size()));
    out.insert(out.end(), part.begin(), part.end());
    size -= part.size();
    chunk.offset += part.size();
    if (chunk.offset == chunk.bytes->size()) stream.queue.pop_front();
  }
}

}  // namespace preconf::io::wire
