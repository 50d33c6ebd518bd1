// What the preconf_* API needs from the node. Implemented in node/; tests bring their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/decision.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/schedule.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "core/status.hpp"
#include "io/rpc/l1_scan_info.hpp"
#include "io/rpc/l1_view.hpp"
#include "io/rpc/network_info.hpp"

namespace preconf::io {

/// What readers see: replaced as a whole, never changed.
struct Published {
  core::Status status;
  std::shared_ptr<const core::protocol::Schedule> schedule;  ///< null: none known
  std::shared_ptr<const L1View> l1;                          ///< null: L1 is not followed
};

struct SubmittedCommitment {
  core::Bytes raw;  ///< exactly core::protocol::kSignedCommitmentBytes
  core::protocol::CommitmentFacts facts;
};
struct SubmittedTxList {
  std::shared_ptr<const core::Bytes> compressed;
  core::protocol::TxListFacts facts;  ///< facts.hash == keccak256(*compressed)
};

/// One submission; at least one part. With both, the transaction list is appended first.
struct Submission {
  std::optional<SubmittedCommitment> commitment;
  std::optional<SubmittedTxList> tx_list;
  std::uint64_t source_id = 0;  ///< RPC connection
};

/// Why a submission did not become events.
enum class SubmitRefusal : std::uint8_t { kBusy, kShuttingDown };
[[nodiscard]] const char* name_of(SubmitRefusal refusal);

/// Durable verdicts on one submission: every decision of the events that carried its parts.
struct SubmitAnswer {
  core::Seq commitment_seq;  ///< 0 when there was none
  core::Seq tx_list_seq;     ///< 0 when there was none
  std::vector<core::Decision> commitment_decisions;
  std::vector<core::Decision> tx_list_decisions;
};
using SubmitCallback = std::function<void(core::Result<SubmitAnswer, SubmitRefusal>)>;

/// Is the process alive in the sense that restarting it would not help? Reasons are stable names.
struct Liveness {
  bool alive = true;
  std::vector<std::string> reasons;  ///< why not
};

/// All functions may be called from any thread and never wait.
class PreconfBackend {
 public:
  virtual ~PreconfBackend() = default;

  /// Latest published state; null before the first one.
  [[nodiscard]] virtual std::shared_ptr<const Published> published() const = 0;

  /// Hands over to the loop. `callback` runs exactly once, on any thread, when the admission
  /// decisions are durable or the submission was refused.
  virtual void submit(Submission submission, SubmitCallback callback) = 0;

  /// An input that was refused before it could become an event (summed up in the log).
  virtual void count_refused(std::string_view reason, const core::Hash32& sample) = 0;

  /// Signing domain and slasher of this network.
  [[nodiscard]] virtual core::protocol::NetworkProfile network() const = 0;

  [[nodiscard]] virtual Liveness liveness() const = 0;

  /// How L1 is read; nothing: it is not.
  [[nodiscard]] virtual std::optional<L1ScanInfo> l1_scan() const { return std::nullopt; }

  /// The libp2p host; nothing: the node runs without one.
  [[nodiscard]] virtual std::optional<NetworkInfo> network_info() const { return std::nullopt; }
};

}  // namespace preconf::io
