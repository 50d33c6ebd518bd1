// What the operator sees of the loop: one log line per decision of interest, and the metrics.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/event.hpp"
#include "io/metrics/metrics.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node {

/// Loop thread only.
class Observer final : public ObserverPort {
 public:
  struct Targets {
    std::function<void(Settled)> settled;
    std::function<void(std::shared_ptr<const io::Published>)> published;
    std::function<void(const Halt&)> halted;
  };
  /// `metrics` outlives the observer.
  Observer(io::Metrics& metrics, Targets targets);

  void on_reduced(const core::Event& event, const core::Outcome& outcome) override;
  void on_settled(Settled settled) override;
  void on_published(std::shared_ptr<const io::Published> published) override;
  void on_halt(const Halt& halt) override;

  /// An engine call of this life ended without a result.
  [[nodiscard]] bool has_engine_failed() const { return has_engine_failed_; }

 private:
  void count(const core::Decision& decision);

  io::Metrics& metrics_;
  Targets targets_;
  bool has_engine_failed_ = false;
  std::array<io::CounterHandle, std::variant_size_v<core::EventBody>> events_;
  std::map<std::uint32_t, io::CounterHandle> decisions_;  ///< by core::counter_key
  io::GaugeHandle last_seq_;
  io::GaugeHandle unsafe_;
  io::GaugeHandle promised_;
  io::GaugeHandle confirmed_;
  io::GaugeHandle is_gate_open_;
  io::GaugeHandle held_;
  io::GaugeHandle in_flight_;
};

}  // namespace preconf::node
