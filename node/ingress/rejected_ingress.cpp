#include "node/ingress/rejected_ingress.hpp"

#include <utility>

#include "core/limits.hpp"

namespace preconf::node {

void RejectedIngress::count(std::string_view reason, const core::Hash32& sample) {
  reason = reason.substr(0, core::limits::kDetailBytesMax);
  const std::lock_guard lock(mutex_);
  auto found = sums_.find(reason);
  if (found == sums_.end()) {
    if (sums_.size() >= kRejectedReasonsMax) reason = "other";
    found = sums_.try_emplace(std::string(reason), Sum{0, sample}).first;
  }
  ++found->second.count;
}

void RejectedIngress::flush(InputQueue& inputs, core::Lane lane) {
  const std::lock_guard lock(mutex_);
  for (auto sum = sums_.begin(); sum != sums_.end();) {
    Input input;
    input.body = core::events::IngressRejected{core::SourceKind::kRpc, sum->first,
                                               sum->second.count, sum->second.sample};
    input.lane = lane;
    input.source = core::SourceKind::kRpc;
    sum = inputs.offer(std::move(input)) ? sums_.erase(sum) : std::next(sum);
  }
}

}  // namespace preconf::node
