// Configuration, answers and orders of the L1 follower.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/l1_deployment.hpp"
#include "io/rpc/l1_scan_info.hpp"
#include "node/l1/asks.hpp"

namespace preconf::node::l1 {

struct FollowerConfig {
  core::protocol::L1Deployment deployment;
  core::Millis poll{1'000};
  std::uint64_t range_blocks_max = io::l1::kLogRangeBlocksMax;
  /// Headers and logs of single blocks that are asked for at a time.
  std::size_t batch_blocks_max = 32;
  /// Blocks offered beyond the published ones.
  std::size_t ahead_blocks_max = 64;
  /// With so many proposals waiting to be derived, no block is offered.
  std::size_t pending_proposals_max = core::limits::kProposalsPendingMax / 2;
  /// A block that the reducer refused is held back so often, with a delay that grows to a slot,
  /// before it is offered once more: an hour.
  std::uint32_t held_back_max = 300;
  /// Epochs below L1's head of which every block is observed, and the schedule read.
  std::uint64_t schedule_epochs = 3;
  /// No answer about L1's head for so long: not live. No higher head for so long: another endpoint
  /// is asked. Three slots.
  core::Millis silence_max{36'000};
  /// Further than one block behind for so long: not live. One slot. An endpoint whose head is below
  /// another one's for longer, or by more blocks, is blamed.
  core::Millis lag_max{12'000};
  std::uint64_t head_lag_blocks_max = 8;
  /// A head older than this is not L1's: not live; 0: any age is fine (chains that stand still).
  std::uint64_t head_age_max_seconds = 0;
};

/// For metrics and the operator.
struct FollowerStatus {
  std::optional<core::L1BlockNumber> head;  ///< L1's, as seen last
  std::optional<core::L1BlockNumber> tip;   ///< the newest block that was offered or is linked
  core::UnixSeconds head_time;              ///< its timestamp
  bool is_live = false;
  std::uint64_t reorgs = 0;  ///< blocks were taken back
  std::uint64_t reorg_blocks = 0;
  std::uint64_t failures = 0;  ///< requests that brought nothing of use
  std::uint64_t refusals = 0;  ///< blocks that the reducer did not link
  std::uint64_t repeats = 0;   ///< blocks not offered again, because they would be refused again
  std::uint64_t hidden = 0;    ///< blocks whose logs one endpoint kept from us, and another told
  std::uint64_t dropped = 0;   ///< logs that say nothing, more in one block than an event holds
  std::uint64_t blocks = 0;    ///< offered
  std::string trouble;         ///< why the scan does not go on at present; empty: it does
  std::optional<io::L1Refusal> refusal;  ///< when that is why
};

/// What an answer shows of the endpoint that gave it.
enum class Blame : std::uint8_t {
  kNone,
  kBehind,     ///< it does not agree with what is known: another endpoint may
  kFalseLogs,  ///< its logs contradict their header, or the chain of proposals
  kHidesLogs,  ///< not the one that answered a scan last, but the one before: it told no logs
};

/// Which of those that told L1's head is behind another one.
enum class HeadBlame : std::uint8_t {
  kNone,
  kLast,    ///< the one that told it last
  kBefore,  ///< the one before that
};

/// What step() wants done, in this order: inputs are offered, requests sent, and step() is called
/// again after `wake_in`, or earlier when something happened.
struct FollowerActions {
  std::vector<core::EventBody> inputs;  ///< L1TagsObserved, L1BlockObserved
  std::vector<Request> requests;
  Blame blame = Blame::kNone;  ///< of who answered a scan last
  HeadBlame head_blame = HeadBlame::kNone;
  core::Millis wake_in;
};

struct FollowerTime {
  core::Millis mono;
  core::UnixSeconds wall;
};

}  // namespace preconf::node::l1
