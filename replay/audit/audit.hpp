// `preconf audit`: judges a history offline, in one pass.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "core/types.hpp"
#include "replay/audit/report.hpp"
#include "replay/history.hpp"

namespace preconf::replay::audit {

/// Which facts are computed again from the signed bytes, on all cores.
enum class Verification : std::uint8_t {
  kNone,        ///< trust what the log recorded
  kSignatures,  ///< commitments: hashes, signer and fields of the 382 bytes
  kAll,         ///< transaction lists and payloads, too
};

/// Receives what is too much to keep, as soon as it is final: every promise of a scheduled signer
/// and every window, windows in the order of their end.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_block(const BlockLife& life) = 0;
  virtual void on_window(const WindowSummary& window) = 0;
};

struct AuditOptions {
  std::filesystem::path path;  ///< data directory or capture
  Verification verification = Verification::kSignatures;
  std::size_t workers = 0;  ///< threads that recompute facts; 0 = one per core
  Bounds bounds;
  Sink* sink = nullptr;                        ///< may be null; outlives the audit
  std::optional<std::uint32_t> compare_rules;  ///< decide a second time under this reducer version
  std::optional<core::UnixSeconds> schedule_at;  ///< look up who was scheduled then
};

struct AuditProgress {
  core::Seq seq;
  core::Seq first;
  core::Seq last;
};

/// Opens the log read-only and judges it. A damaged or cut log is judged as far as it can be read;
/// the report then says what is missing. `on_progress` is called on this thread, now and then.
///
/// Memory: bounded by `options.bounds` (about 500 bytes per open promise), the reducer's own bounds
/// and a few runs of events; independent of the length of the log.
[[nodiscard]] AuditReport audit(const AuditOptions& options,
                                const std::function<void(const AuditProgress&)>& on_progress);

/// The same for a history that is open already.
[[nodiscard]] AuditReport audit(const History& history, const AuditOptions& options);

}  // namespace preconf::replay::audit
