#include "node/devnet/faults.hpp"

#include <algorithm>

namespace preconf::node::devnet {
namespace {

constexpr std::array<const char*, kFaultKinds> kNames = {"timeout", "drop",   "http",  "garbage",
                                                         "huge",    "status", "error", "slow"};

bool matches(std::string_view pattern, std::string_view method) {
  if (!pattern.ends_with('*')) return pattern == method;
  pattern.remove_suffix(1);
  return method.starts_with(pattern);
}

}  // namespace

const char* name_of(FaultKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kFaultKinds ? kNames[index] : "unknown";
}

std::optional<FaultKind> fault_kind_from(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FaultKind>(found - kNames.begin());
}

bool acts_by_default(FaultKind kind) {
  return kind == FaultKind::kDrop || kind == FaultKind::kGarbage || kind == FaultKind::kHuge ||
         kind == FaultKind::kSlow;
}

bool FaultTable::add(Fault fault) {
  if (faults_.size() >= kFaultsMax || fault.times == 0) return false;
  faults_.push_back(std::move(fault));
  return true;
}

std::optional<Fault> FaultTable::take(std::string_view method) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!matches(fault->method, method)) continue;
    if (fault->skip > 0) {
      --fault->skip;
      continue;
    }
    Fault hit = *fault;
    if (--fault->times == 0) faults_.erase(fault);
    ++fired_[static_cast<std::size_t>(hit.kind)];
    return hit;
  }
  return std::nullopt;
}

std::size_t FaultTable::clear() {
  const std::size_t count = faults_.size();
  faults_.clear();
  return count;
}

}  // namespace preconf::node::devnet
