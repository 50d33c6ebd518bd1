// A WebSocket client (RFC 6455) over RawClient: enough to talk, and to misbehave.
#pragma once

#include <string>
#include <string_view>

#include "tests/io/support/raw_client.hpp"

namespace preconf::io::test {

struct WsFrame {
  unsigned opcode = 0;  ///< 1 text, 2 binary, 8 close, 9 ping, 10 pong
  std::string payload;
};

class WsClient {
 public:
  /// Connects and upgrades; throws when the server refuses.
  explicit WsClient(std::uint16_t port, int receive_buffer_bytes = 0);

  bool send_text(std::string_view text) { return send_frame(1, text); }
  bool send_frame(unsigned opcode, std::string_view payload);
  /// The next frame of any kind. Throws when the connection ends.
  WsFrame receive_frame();
  /// The next text; pings are answered on the way.
  std::string receive_text();
  /// Close code of the close frame that comes next.
  unsigned receive_close();

  RawClient raw;
};

}  // namespace preconf::io::test
