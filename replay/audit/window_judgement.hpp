// Judging one window, step by step. Private to window_judge.cpp and window_end.cpp.
#pragma once

#include <array>
#include <initializer_list>
#include <vector>

#include "replay/audit/window_judge.hpp"

namespace preconf::replay::audit {

inline constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

/// Seconds from outside may be absurd: they stay below the largest time.
[[nodiscard]] core::WallNanos nanos(core::UnixSeconds time, std::uint64_t plus_seconds = 0);

/// What is gathered while one window is judged.
class WindowJudge {
 public:
  WindowJudge(const OpenWindow& window, const Knowledge& known, ReportBuilder& report);
  void run();

 private:
  struct Judged {
    const Promise* promise;
    BlockLife life;  ///< completed here
    std::array<PredicateCheck, kPredicateCount> predicates;
    bool not_read = false;  ///< whether it landed is unknown: nobody read L1 that far
  };

  void judge_life(Judged& judged);
  [[nodiscard]] Finding finding(Kind kind, Verdict verdict, const BlockLife& life) const;
  void add(Finding found, std::initializer_list<Judged*> about);
  /// Facts from before the first event are no accusation: their events are not here.
  void doubt_what_came_before(Finding& found) const;
  /// The event here with the promise's signed bytes; else the one that brought them once.
  [[nodiscard]] static Moment shown_at(const Promise& promise);
  static void set_actionability(Finding& found, const PredicateCheck& check);
  static void set_offchain(Finding& found, const char* reason);
  static const PredicateCheck& check_of(const Judged& judged, Predicate predicate);

  void judge_equivocations();
  void judge_time(Judged& judged);
  void judge_list(Judged& judged);
  void judge_landing(Judged& judged);
  void count(const Judged& judged);

  // How the window ended, and who acted outside of it: window_end.cpp.
  void judge_blocks_beyond_end();
  [[nodiscard]] Judged* last_admitted();
  void judge_end();
  [[nodiscard]] bool was_ended_before(const Judged& last) const;
  Verdict add_missing_eop(Judged& last, const Promise& continued);
  void judge_signer(Judged& judged);

  const OpenWindow& window_;
  const Knowledge& known_;
  ReportBuilder& report_;
  std::vector<Judged> judged_;
  WindowSummary summary_;
  Latencies latencies_;
};

}  // namespace preconf::replay::audit
