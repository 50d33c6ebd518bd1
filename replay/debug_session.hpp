// `preconf debug`: going back and forth in a history, by commands of text.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/cli/inspection.hpp"
#include "replay/state_path.hpp"

namespace preconf::replay {

/// What one line of input did.
enum class DebugResult : std::uint8_t {
  kDone,
  kRefused,  ///< a message was printed; nothing moved
  kQuit,
  kBroken,  ///< the log could not be read
};

class DebugSession {
 public:
  /// Requires that `log` is open; it and the streams outlive the session.
  DebugSession(Inspection& log, std::ostream& out) : log_(log), out_(out) {}

  /// Stands after the log's first event.
  [[nodiscard]] bool start();
  /// Does what one line says. An empty line and what follows '#' say nothing.
  [[nodiscard]] DebugResult run(std::string_view line);

 private:
  using Words = std::vector<std::string>;
  struct Watch {
    StatePath path;
    std::string value;  ///< JSON, where the session stands
  };
  struct Order {
    const char* name;
    std::size_t words_min;  ///< after the name
    std::size_t words_max;
    const char* usage;
    const char* help;
    DebugResult (DebugSession::*run)(const Words& words);
  };
  static const std::vector<Order>& orders();

  DebugResult next(const Words& words);
  DebugResult back(const Words& words);
  DebugResult go_to(const Words& words);
  DebugResult event(const Words& words);
  DebugResult state(const Words& words);
  DebugResult diff(const Words& words);
  DebugResult watch(const Words& words);
  DebugResult unwatch(const Words& words);
  DebugResult go_on(const Words& words);
  DebugResult heads(const Words& words);
  DebugResult queue(const Words& words);
  DebugResult why(const Words& words);
  DebugResult help(const Words& words);
  DebugResult quit(const Words& words);

  DebugResult refuse(const std::string& why);
  [[nodiscard]] std::optional<core::Seq> position(const std::string& text);
  DebugResult move_to(core::Seq seq);
  DebugResult step_to(core::Seq seq);
  void tell_place();
  void read_watches();
  [[nodiscard]] bool tell_changed_watches();

  /// The last event at or before `until` that changed the field; none: no event here did.
  struct Changed {
    core::Seq seq;
    std::string before;
    std::string after;
  };
  [[nodiscard]] std::optional<std::optional<Changed>> last_change(const StatePath& path);
  [[nodiscard]] std::optional<std::optional<Changed>> last_change_between(const StatePath& path,
                                                                          core::Seq after,
                                                                          core::Seq until);

  Inspection& log_;
  std::ostream& out_;
  std::optional<Walker> walker_;
  std::vector<Watch> watches_;
};

}  // namespace preconf::replay
