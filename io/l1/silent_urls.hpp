// Which servers let a request run out of time, and for how long they are asked last because of it.
// No I/O, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/types.hpp"

namespace preconf::io::l1 {

class SilentUrls {
 public:
  /// A request to it had no answer in time: for kSilentShunFirstMs, doubling with each time in a
  /// row up to kSilentShunMaxMs, it is asked only after all others.
  void on_silent(const std::string& url, core::Millis now);
  /// It answered, whatever it said: silence begins anew.
  void on_answered(const std::string& url);

  /// How long it is asked last; 0: it has its place.
  [[nodiscard]] core::Millis shunned_for(const std::string& url, core::Millis now) const;
  /// Servers that did not answer when they were asked last.
  [[nodiscard]] std::size_t size() const { return silent_.size(); }

 private:
  struct Silence {
    std::uint32_t times = 0;     ///< in a row
    core::Millis shunned_until;  ///< monotonic
  };
  std::map<std::string, Silence> silent_;  ///< of URLs that the operator named
};

}  // namespace preconf::io::l1
