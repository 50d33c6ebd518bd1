#include "tests/io/support/ws_client.hpp"

#include <stdexcept>

namespace preconf::io::test {

WsClient::WsClient(std::uint16_t port, int receive_buffer_bytes) : raw(port, receive_buffer_bytes) {
  raw.send(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const RawResponse answer = raw.response();
  // The key and its answer are the example of RFC 6455, section 1.3.
  if (answer.status != 101 ||
      answer.headers.at("sec-websocket-accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
    throw std::runtime_error("upgrade refused: " + std::to_string(answer.status));
  }
}

bool WsClient::send_frame(unsigned opcode, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80U | opcode);
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0xFE);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  } else {
    frame += static_cast<char>(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame += static_cast<char>((payload.size() >> shift) & 0xff);
    }
  }
  constexpr std::string_view kMask = "\x11\x22\x33\x44";
  frame += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return raw.send(frame);
}

WsFrame WsClient::receive_frame() {
  const std::string head = raw.receive_exactly(2);
  WsFrame frame;
  frame.opcode = static_cast<unsigned char>(head[0]) & 15U;
  std::size_t size = static_cast<unsigned char>(head[1]) & 127U;
  if (size >= 126) {
    const std::string extended = raw.receive_exactly(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : extended) size = (size << 8) | static_cast<unsigned char>(c);
  }
  if (size > 0) frame.payload = raw.receive_exactly(size);
  return frame;
}

std::string WsClient::receive_text() {
  for (;;) {
    WsFrame frame = receive_frame();
    if (frame.opcode == 1) return std::move(frame.payload);
    if (frame.opcode == 9) {
      send_frame(10, frame.payload);
    } else {
      throw std::runtime_error("unexpected frame " + std::to_string(frame.opcode));
    }
  }
}

unsigned WsClient::receive_close() {
  const WsFrame frame = receive_frame();
  if (frame.opcode != 8 || frame.payload.size() < 2) throw std::runtime_error("no close frame");
  return (static_cast<unsigned char>(frame.payload[0]) << 8U) |
         static_cast<unsigned char>(frame.payload[1]);
}

}  // namespace preconf::io::test
