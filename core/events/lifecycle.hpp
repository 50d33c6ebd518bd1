// Facts about this process and its configuration.
#pragma once

#include <string>

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
  PRECONF_FIELDS(BootStarted, boot_id, program_version);
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

}  // namespace preconf::core::events
