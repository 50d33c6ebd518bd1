#include "node/log.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "core/base/hex.hpp"

namespace preconf::node::log {
namespace {

/// Lines that wait for a slow reader; above it the oldest are dropped.
constexpr std::size_t kLinesWaitingMax = 8'192;

struct Target {
  std::shared_ptr<spdlog::async_logger> logger;
  LogFormat format = LogFormat::kLogfmt;
};

Target& target() {
  static Target instance;
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kError:
      return spdlog::level::err;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kTrace:
      return spdlog::level::trace;
  }
  return spdlog::level::info;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  append_escaped(out, text);
  out.push_back('"');
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

}  // namespace

Field::Field(const char* name_in, const core::Hash32& hash)
    : name(name_in), value(core::to_hex0x(hash.view())) {}

void set_up(LogFormat format, int verbosity) {
  spdlog::init_thread_pool(kLinesWaitingMax, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger =
      std::make_shared<spdlog::async_logger>("node", std::move(sink), spdlog::thread_pool(),
                                             spdlog::async_overflow_policy::overrun_oldest);
  const char* pattern = format == LogFormat::kJson
                            ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                            : "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  logger->set_level(to_spdlog(static_cast<Level>(std::clamp(verbosity, 0, 4))));
  target() = {std::move(logger), format};
}

void shut_down() {
  // First the writing thread ends, then what it writes with goes away.
  spdlog::shutdown();
  target().logger.reset();
}

bool is_on(Level level) {
  const auto& logger = target().logger;
  return logger && logger->should_log(to_spdlog(level));
}

std::string format_line(LogFormat format, std::string_view message,
                        std::initializer_list<Field> fields) {
  std::string out;
  if (format == LogFormat::kJson) {
    out += "\"msg\":";
    append_quoted(out, message);
    for (const Field& field : fields) {
      out.push_back(',');
      append_quoted(out, field.name);
      out.push_back(':');
      append_quoted(out, field.value);
    }
    return out;
  }
  out += "msg=";
  append_quoted(out, message);
  for (const Field& field : fields) {
    out.push_back(' ');
    out += field.name;
    out.push_back('=');
    if (is_plain(field.value)) {
      out += field.value;
    } else {
      append_quoted(out, field.value);
    }
  }
  return out;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!is_on(level)) return;
  target().logger->log(to_spdlog(level), format_line(target().format, message, fields));
}

}  // namespace preconf::node::log
