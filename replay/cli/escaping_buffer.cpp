#include "replay/cli/escaping_buffer.hpp"

#include "replay/printable.hpp"

namespace preconf::replay {

EscapingBuffer::~EscapingBuffer() { static_cast<void>(EscapingBuffer::sync()); }

bool EscapingBuffer::pass_on() {
  std::string text;
  append_printable(text, line_);
  line_.clear();
  const auto size = static_cast<std::streamsize>(text.size());
  return target_.sputn(text.data(), size) == size;
}

EscapingBuffer::int_type EscapingBuffer::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) {
    return traits_type::not_eof(character);
  }
  line_ += traits_type::to_char_type(character);
  const bool is_good = line_.back() != '\n' || pass_on();
  return is_good ? character : traits_type::eof();
}

std::streamsize EscapingBuffer::xsputn(const char* text, std::streamsize size) {
  line_.append(text, static_cast<std::size_t>(size));
  const bool is_good = line_.empty() || line_.back() != '\n' || pass_on();
  return is_good ? size : 0;
}

int EscapingBuffer::sync() {
  const bool is_good = line_.empty() || pass_on();
  return target_.pubsync() == 0 && is_good ? 0 : -1;
}

}  // namespace preconf::replay
