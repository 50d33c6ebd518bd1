// Messages with the user's own words or text of a log in them must not drive a terminal.
#pragma once

#include <streambuf>
#include <string>

namespace preconf::replay {

/// Passes text on line by line, control characters but line breaks and tabs escaped as in JSON,
/// bytes that are not UTF-8 as \ufffd. Flushing ends a line early; a sequence that is cut there
/// counts as broken.
class EscapingBuffer final : public std::streambuf {
 public:
  explicit EscapingBuffer(std::streambuf& target) : target_(target) {}
  ~EscapingBuffer() override;
  EscapingBuffer(const EscapingBuffer&) = delete;
  EscapingBuffer& operator=(const EscapingBuffer&) = delete;

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  [[nodiscard]] bool pass_on();

  std::streambuf& target_;
  std::string line_;
};

}  // namespace preconf::replay
