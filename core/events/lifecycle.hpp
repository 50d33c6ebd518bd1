// Facts about this process and its configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/schedule.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// First event of every log: the rules under which all later ones are judged.
struct GenesisRecorded {
  protocol::ChainProfile chain;
  protocol::NetworkProfile network;
  std::uint32_t reducer_version = 0;
  PRECONF_FIELDS(GenesisRecorded, chain, network, reducer_version);
};

/// A process life begins: commands in flight belong to a dead process, the engine may have changed.
struct BootStarted {
  BootId boot_id;               ///< random
  std::string program_version;  ///< at most limits::kDetailBytesMax bytes
  /// How far the wall clock may be off, ns, as the system estimated it at boot; none = unknown.
  std::optional<std::uint64_t> clock_error_ns = std::nullopt;
  PRECONF_FIELDS(BootStarted, boot_id, program_version, clock_error_ns);
};

/// The operator asked to stop; no command is started after this event.
struct ShutdownRequested {
  std::uint8_t signal = 0;  ///< POSIX signal number, 0 = by RPC or end of run
  PRECONF_FIELDS(ShutdownRequested, signal);
};

/// A schedule table takes effect. Replaces the previous one as a whole.
struct ScheduleConfigured {
  protocol::Schedule schedule;
  PRECONF_FIELDS(ScheduleConfigured, schedule);
};

/// Inputs that were refused before they could become events, summed up per reason and interval, so
/// that a flood of garbage can not grow the log.
struct IngressRejected {
  SourceKind source = SourceKind::kLocal;
  std::string reason;  ///< stable name, at most limits::kDetailBytesMax bytes
  std::uint64_t count = 0;
  Hash32 sample_hash;  ///< keccak256 of one of the refused inputs
  PRECONF_FIELDS(IngressRejected, source, reason, count, sample_hash);
};

/// Events are missing. Written by a repair, offline, in place of what was lost: its own seq is
/// `to` + 1, so that no seq ever names two different events.
struct LogGapRecorded {
  Seq from;                             ///< first seq without an event
  Seq to;                               ///< last one that is known to have been used; from - 1 when
                                        ///< nothing is known to be lost but nothing proves the end
  std::optional<Hash32> chain_at_mark;  ///< chain at the newest event that was witnessed as durable
  std::string reason;                   ///< what was wrong, at most limits::kDetailBytesMax bytes
  bool lost_known = false;  ///< the events are exactly from..to; otherwise there may be more
  PRECONF_FIELDS(LogGapRecorded, from, to, chain_at_mark, reason, lost_known);
};

/// A barrier: from the next event on the rules of another reducer version hold.
struct ReducerActivated {
  std::uint32_t from_version = 0;
  std::uint32_t to_version = 0;
  Hash32 state_hash;  ///< core::state_hash() of the state before this event
  PRECONF_FIELDS(ReducerActivated, from_version, to_version, state_hash);
};

/// An event of a kind that this program does not know, whose writer flagged it as one that may be
/// ignored. Read, never written.
struct IgnorableRecorded {
  std::uint16_t kind = 0;
  std::uint16_t schema_version = 0;
  std::vector<ContentRef> contents;
  PRECONF_FIELDS(IgnorableRecorded, kind, schema_version, contents);
};

}  // namespace preconf::core::events
