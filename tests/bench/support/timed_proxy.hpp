// A TCP relay that remembers when the first bytes of a request came: an observer between a node and
// its engine that neither knows of.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/bench/support/samples.hpp"

namespace preconf::bench {

class TimedProxy {
 public:
  /// Listens on a free port of 127.0.0.1 and relays to `target_port` there.
  explicit TimedProxy(std::uint16_t target_port);
  ~TimedProxy();
  TimedProxy(const TimedProxy&) = delete;
  TimedProxy& operator=(const TimedProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// From now on the next bytes towards the target count as first.
  void arm();
  /// When they came; nothing: none since arm().
  [[nodiscard]] std::optional<Clock::time_point> first_bytes() const;

 private:
  struct Relay {
    int client = -1;
    int target = -1;
  };
  void run();
  void accept_one();
  /// False when one side has ended.
  bool move_bytes(int from, int to, bool is_request);

  std::uint16_t target_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::vector<Relay> relays_;  // only the thread
  mutable std::mutex mutex_;
  bool is_armed_ = false;
  std::optional<Clock::time_point> first_;
  std::thread thread_;
};

}  // namespace preconf::bench
