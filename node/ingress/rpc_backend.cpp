#include "node/ingress/rpc_backend.hpp"

#include <utility>

namespace preconf::node {
namespace {

// Both parts of a submission travel in one lane, so that they stay next to each other and in order.
Input make_input(core::EventBody body, std::uint64_t source_id, std::uint64_t request,
                 core::Lane lane) {
  Input input;
  input.body = std::move(body);
  input.lane = lane;
  input.source = core::SourceKind::kRpc;
  input.source_id = source_id;
  input.request = core::RequestId{request};
  return input;
}

using Refused = core::Unexpected<io::SubmitRefusal>;

}  // namespace

RpcBackend::RpcBackend(InputQueue& inputs, RejectedIngress& rejected,
                       core::protocol::NetworkProfile network)
    : inputs_(inputs), rejected_(rejected), network_(network) {}

std::shared_ptr<const io::Published> RpcBackend::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void RpcBackend::submit(io::Submission submission, io::SubmitCallback callback) {
  const core::Lane lane = submission.commitment ? core::Lane::kCommitment : core::Lane::kTxList;
  auto waiting = std::make_shared<Waiting>();
  std::vector<Input> inputs;
  std::vector<std::uint64_t> ids;
  io::SubmitRefusal refusal = io::SubmitRefusal::kBusy;
  {
    const std::lock_guard lock(mutex_);
    if (is_shutting_down_) {
      refusal = io::SubmitRefusal::kShuttingDown;
    } else {
      waiting->callback = std::move(callback);
      const auto add = [&](core::EventBody body, bool is_commitment) {
        ids.push_back(++last_request_);
        waiting_.emplace(last_request_, Part{waiting, is_commitment});
        ++waiting->parts_open;
        inputs.push_back(make_input(std::move(body), submission.source_id, last_request_, lane));
      };
      if (submission.tx_list) {
        const core::Hash32 hash = submission.tx_list->facts.hash;
        add(core::events::TxListReceived{std::move(submission.tx_list->facts),
                                         core::protocol::kTxListVerifierVersion},
            false);
        inputs.back().contents.push_back({hash, std::move(submission.tx_list->compressed)});
      }
      if (submission.commitment) {
        add(core::events::CommitmentReceived{std::move(submission.commitment->raw),
                                             std::move(submission.commitment->facts),
                                             core::protocol::kCommitmentVerifierVersion},
            true);
      }
    }
  }
  if (!inputs.empty()) {
    if (inputs_.offer(std::move(inputs))) return;
    const std::lock_guard lock(mutex_);
    // Taken out by shut_down() meanwhile: then that has answered.
    bool is_ours = false;
    for (const std::uint64_t id : ids) is_ours = waiting_.erase(id) > 0 || is_ours;
    if (!is_ours) return;
    callback = std::move(waiting->callback);
  }
  callback(Refused{refusal});
}

void RpcBackend::count_refused(std::string_view reason, const core::Hash32& sample) {
  rejected_.count(reason, sample);
}

std::optional<io::NetworkInfo> RpcBackend::network_info() const {
  if (!network_info_) return std::nullopt;
  return network_info_();
}

std::optional<io::L1ScanInfo> RpcBackend::l1_scan() const {
  if (!l1_scan_) return std::nullopt;
  return l1_scan_();
}

io::Liveness RpcBackend::liveness() const {
  const std::lock_guard lock(mutex_);
  return {dead_reasons_.empty(), dead_reasons_};
}

void RpcBackend::settle(const Settled& settled) {
  if (settled.request.value == 0) return;
  std::shared_ptr<Waiting> done;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(settled.request.value);
    if (found == waiting_.end()) return;
    const Part part = std::move(found->second);
    waiting_.erase(found);
    io::SubmitAnswer& answer = part.waiting->answer;
    (part.is_commitment ? answer.commitment_seq : answer.tx_list_seq) = settled.seq;
    (part.is_commitment ? answer.commitment_decisions : answer.tx_list_decisions) =
        settled.decisions;
    if (--part.waiting->parts_open > 0) return;
    done = part.waiting;
  }
  done->callback(std::move(done->answer));
}

void RpcBackend::publish(std::shared_ptr<const io::Published> published) {
  const std::lock_guard lock(mutex_);
  published_ = std::move(published);
}

void RpcBackend::shut_down() {
  std::map<std::uint64_t, Part> refused;
  {
    const std::lock_guard lock(mutex_);
    is_shutting_down_ = true;
    refused.swap(waiting_);
  }
  for (auto& [id, part] : refused) {
    if (!part.waiting->callback) continue;
    std::exchange(part.waiting->callback, {})(Refused{io::SubmitRefusal::kShuttingDown});
  }
}

void RpcBackend::declare_dead(std::string reason) {
  const std::lock_guard lock(mutex_);
  dead_reasons_.push_back(std::move(reason));
}

}  // namespace preconf::node
