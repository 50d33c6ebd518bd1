#include "replay/call_height.hpp"

namespace preconf::replay {
namespace {

namespace cmd = core::commands;
using Height = std::optional<core::BlockNumber>;

/// What the command says itself.
struct Named {
  Height operator()(const cmd::ReadBlock& read) const { return read.number; }
  Height operator()(const cmd::ReadCanonical& read) const { return read.number; }
  Height operator()(const cmd::WriteOrigin& write) const { return write.row.block_number; }
  Height operator()(const cmd::SetHeadL1Origin& set) const { return set.number; }
  Height operator()(const cmd::SetBatchLastBlock& set) const { return set.last_block; }
  template <class Other>
  Height operator()(const Other&) const {
    return std::nullopt;
  }
};

/// The block that a plan brings on its way, when `command` is the one it waits for.
struct Planned {
  const core::CommandId& command;
  Height operator()(const core::ApplyPlan& plan) const {
    return about(plan.command, plan.attributes.block_number);
  }
  Height operator()(const core::DerivePlan& plan) const {
    return about(plan.command, plan.attributes.block_number);
  }
  Height operator()(const core::SettlePlan& plan) const {
    if (plan.step == core::SettleStep::kLabels) return std::nullopt;
    return about(plan.command, plan.target.number);
  }
  Height operator()(const core::ResumePlan& plan) const {
    if (plan.step != core::ResumeStep::kAnchor) return std::nullopt;
    return about(plan.command, plan.parent.number);
  }
  Height operator()(const core::LaneIdle&) const { return std::nullopt; }
  Height operator()(const core::ConsistencyPlan&) const { return std::nullopt; }

 private:
  [[nodiscard]] Height about(const core::CommandId& in_flight, core::BlockNumber number) const {
    return in_flight == command ? Height(number) : std::nullopt;
  }
};

}  // namespace

Height height_of_call(const core::Command& command, const core::State& state) {
  if (core::is_for_peers(command.body) || core::is_for_l1(command.body)) return std::nullopt;
  if (const Height named = std::visit(Named{}, command.body)) return named;
  return std::visit(Planned{command.id}, state.lane);
}

}  // namespace preconf::replay
