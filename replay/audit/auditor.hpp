// The one pass of an audit: events in order, with what they cause, become promises, blocks and
// findings.
#pragma once

#include <deque>
#include <set>

#include "replay/audit/placement.hpp"
#include "replay/audit/window_judge.hpp"

namespace preconf::replay::audit {

class Auditor {
 public:
  /// `log` and `report` outlive the auditor.
  Auditor(const storage::EventSource& log, AuditReport& report, Sink* sink);

  /// The state before the first event: what it knows came before the log begins. Findings that
  /// rest on such facts alone are no accusations, as their events are not here.
  void begin(const core::State& state);
  /// The next event, what it caused, and the state after it.
  void note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
            const core::State& state);
  /// Events that existed and can not be read, after the last one noted.
  void note_lost(core::Seq from, core::Seq to, const std::string& why);
  /// Closes every window and completes the report.
  void finish();

 private:
  struct Pending {
    core::protocol::CommitmentFacts facts;
    Moment moment;
    core::SourceKind source;
    std::uint64_t source_id;
    bool is_before = false;  ///< known from the state before the first event
  };
  void take_held(const core::State& state);
  void on_commitment(const core::Event& event, const core::events::CommitmentReceived& received,
                     const core::State& state);
  void judge(const Pending& commitment, const core::protocol::Schedule& schedule);
  void accept(const Pending& commitment, const Placement& placement);
  void accuse_stranger(const Pending& commitment, const Placement& placement);
  void retry_pending(const core::protocol::Schedule& schedule);
  void on_l1_verdict(const core::Event& event, const core::Decision& decision,
                     const core::State& state);
  void on_decision(const core::Event& event, const core::Decision& decision,
                   const core::State& state);
  void on_admitted(Promise& promise, const Moment& moment);
  void follow_chain(const core::Event& event, const core::State& state);
  void on_replacement(const Replacement& replacement, core::WallNanos wall);
  void close_oldest();
  [[nodiscard]] Knowledge known() const;

  static constexpr std::size_t kPendingMax = 4'096;
  static constexpr std::size_t kStrangersMax = 65'536;

  const storage::EventSource& log_;
  AuditReport& report_;
  ReportBuilder builder_;
  CoverageTracker coverage_;
  L1Reading l1_;
  PromiseBook book_;
  ChainView chain_;
  core::Hash32 head_;  ///< last head of this node
  std::deque<Pending> pending_;
  std::set<std::pair<core::Hash32, core::Address>> strangers_;  ///< found already
  std::deque<std::pair<core::Hash32, core::Address>> strangers_order_;
};

}  // namespace preconf::replay::audit
