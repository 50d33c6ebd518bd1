// Log lines on standard error, as logfmt or JSON. The writing happens on a thread of its own: a
// reader that is slow or gone loses lines, never time of the loop.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "node/config.hpp"

namespace preconf::node::log {

enum class Level : std::uint8_t { kError = 0, kWarning = 1, kInfo = 2, kDebug = 3, kTrace = 4 };

/// Name and value of one field. Names are our own words; values may be anything.
struct Field {
  Field(const char* name_in, std::string_view text) : name(name_in), value(text) {}
  Field(const char* name_in, const char* text) : name(name_in), value(text) {}
  Field(const char* name_in, const std::string& text) : name(name_in), value(text) {}
  Field(const char* name_in, std::uint64_t number) : name(name_in), value(std::to_string(number)) {}
  /// The whole hash, as 0x hex.
  Field(const char* name_in, const core::Hash32& hash);

  const char* name;
  std::string value;
};

/// Before the first line; nothing is written without it. Messages above `verbosity` are dropped.
void set_up(LogFormat format, int verbosity);
/// Writes what is queued and ends the writing thread.
void shut_down();

[[nodiscard]] bool is_on(Level level);
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

/// For tests and for write(): the line without time and level.
[[nodiscard]] std::string format_line(LogFormat format, std::string_view message,
                                      std::initializer_list<Field> fields);

}  // namespace preconf::node::log
