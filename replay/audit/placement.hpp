// Whose time a commitment claims, by a schedule table.
#pragma once

#include <optional>

#include "core/protocol/commitment.hpp"
#include "core/protocol/schedule.hpp"
#include "replay/audit/promise_book.hpp"

namespace preconf::replay::audit {

struct Placement {
  enum class Kind : std::uint8_t {
    kScheduled,       ///< signer and window end are those of a window it may use
    kWrongSigner,     ///< the window of the timestamp belongs to another key
    kWindowMismatch,  ///< right signer, another window end
    kPending,         ///< after the end of the table
    kNoWindow,        ///< nobody owns that time
  };
  Kind kind = Kind::kNoWindow;
  std::optional<WindowKey> needs_end_of;     ///< kScheduled: only when this window was ended
  core::UnixSeconds needs_end_since;         ///< when that window began
  std::uint64_t version = 0;                 ///< of the table
  core::Address expected;                    ///< owner of the timestamp's window
  std::optional<core::Address> next_signer;  ///< owner of the window after the claimed one
};

/// P2P specification 4.2: the window of the timestamp, or the one after it, which may begin early
/// once the window of the timestamp was ended.
[[nodiscard]] Placement place(const core::protocol::Schedule& schedule,
                              const core::protocol::CommitmentFacts& facts);

}  // namespace preconf::replay::audit
