// A client that says exactly what it is told to, over a blocking socket. Nothing of io/ is in it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace preconf::io::test {

struct RawResponse {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the peer has closed.
  bool send(std::string_view bytes);
  /// At least one byte, or empty at the end of the connection. Throws at the deadline.
  std::string receive();
  /// Exactly `size` bytes; throws when the connection ends before.
  std::string receive_exactly(std::size_t size);
  /// One response with Content-Length. Throws when the connection ends before.
  RawResponse response();
  /// Everything until the server closes.
  std::string rest();

  /// POST with a JSON body and its response.
  RawResponse post(std::string_view body, std::string_view extra_headers = {});
  RawResponse get(std::string_view path);

 private:
  int fd_ = -1;
  std::string pending_;
};

/// Accepts one connection after the other on a free port, reads until `until` has come, writes
/// `answer`, closes. For servers that do not speak HTTP.
class RawServer {
 public:
  RawServer(std::string until, std::string answer);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct Impl;
  Impl* impl_;
  std::uint16_t port_ = 0;
};

}  // namespace preconf::io::test
