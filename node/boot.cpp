#include "node/boot.hpp"

#include <random>
#include <utility>

#include "core/base/hex.hpp"
#include "core/state.hpp"
#include "node/clock_quality.hpp"
#include "node/exit_codes.hpp"
#include "node/version.hpp"

namespace preconf::node {
namespace {

using Failed = core::Unexpected<BootFailure>;

BootFailure failure_of(const RecoveryFailure& failure) {
  switch (failure.code) {
    case RecoveryError::kStorage:
      return {exit_code_of(failure.storage), describe(failure.storage)};
    case RecoveryError::kDivergence:
      return {kExitDivergence,
              "this program folds the log differently than it was recorded, at "
              "seq " +
                  std::to_string(failure.seq.value) + ": " + failure.detail};
    case RecoveryError::kReducerVersion:
      return {kExitFailure, failure.detail};
    case RecoveryError::kNoGenesis:
      return {kExitDamaged, failure.detail};
  }
  return {kExitFailure, failure.detail};
}

/// The first member that differs, with both values. Requires that one does.
std::string deployment_difference(const core::protocol::L1Deployment& recorded,
                                  const core::protocol::L1Deployment& configured) {
  const auto both = [](const char* name, const std::string& ours, const std::string& theirs) {
    return std::string(name) + " is " + ours + " there, configured is " + theirs;
  };
  if (recorded.l1_chain_id != configured.l1_chain_id) {
    return both("l1_chain_id", std::to_string(recorded.l1_chain_id),
                std::to_string(configured.l1_chain_id));
  }
  using Member = core::Address core::protocol::L1Deployment::*;
  using Deployment = core::protocol::L1Deployment;
  for (const auto& [name, member] :
       {std::pair<const char*, Member>{"inbox", &Deployment::inbox},
        std::pair<const char*, Member>{"preconf_whitelist", &Deployment::preconf_whitelist},
        std::pair<const char*, Member>{"lookahead_store", &Deployment::lookahead_store}}) {
    if (recorded.*member == configured.*member) continue;
    return both(name, core::to_hex0x((recorded.*member).view()),
                core::to_hex0x((configured.*member).view()));
  }
  return "genesis_time, slot_seconds or slots_per_epoch";
}

/// What differs between the recorded rules and the configured ones; empty: nothing.
std::string genesis_mismatch(const NodeConfig& config, const core::State& state) {
  if (state.chain.chain_id != config.chain.chain_id) {
    return "--chain: the log in " + config.datadir.string() + " is of chain id " +
           std::to_string(state.chain.chain_id) + ", configured is " +
           std::to_string(config.chain.chain_id);
  }
  if (state.chain != config.chain) {
    return "--chain: the log in " + config.datadir.string() +
           " was begun with other rules for chain id " + std::to_string(state.chain.chain_id);
  }
  if (state.network.slasher_address != config.network.slasher_address) {
    return "--preconf.slasher: the log in " + config.datadir.string() + " names " +
           core::to_hex0x(state.network.slasher_address.view()) + ", configured is " +
           core::to_hex0x(config.network.slasher_address.view());
  }
  if (state.network != config.network) return "--preconf.slasher: other network rules in the log";
  const core::L1State& l1 = state.l1_chain;
  if (config.l1 && l1.is_followed && l1.deployment != config.l1->deployment) {
    return "--l1.deployment: the log in " + config.datadir.string() +
           " follows another deployment: " +
           deployment_difference(l1.deployment, config.l1->deployment);
  }
  if (config.l1 && l1.is_followed && l1.fallback_signer != config.l1->fallback_signer) {
    return "--l1.fallback-signer: the log in " + config.datadir.string() + " has the other one";
  }
  if (!config.l1 && l1.is_followed) {
    return "--l1.http is required: the log in " + config.datadir.string() + " follows L1";
  }
  return {};
}

core::BootId random_boot_id() {
  std::random_device source;
  core::BootId out;
  for (std::uint8_t& byte : out.bytes) byte = static_cast<std::uint8_t>(source());
  return out;
}

Input control_input(core::EventBody body) {
  Input input;
  input.body = std::move(body);
  input.lane = core::Lane::kControl;
  return input;
}

}  // namespace

int exit_code_of(const storage::StorageFailure& failure) {
  switch (failure.code) {
    case storage::StorageError::kIo:
    case storage::StorageError::kLocked:
    case storage::StorageError::kNotFound:
      return kExitFailure;
    case storage::StorageError::kFormat:
    case storage::StorageError::kDamaged:
    case storage::StorageError::kTailLost:
    case storage::StorageError::kUnknownKind:
    case storage::StorageError::kUndecodable:
    case storage::StorageError::kContentMissing:
    case storage::StorageError::kPruned:
    case storage::StorageError::kStale:
    case storage::StorageError::kAlreadySigned:
      return kExitDamaged;
  }
  return kExitFailure;
}

std::string describe(const storage::StorageFailure& failure) {
  std::string out = storage::name_of(failure.code);
  if (failure.seq.value != 0) out += " at seq " + std::to_string(failure.seq.value);
  if (!failure.detail.empty()) out += ": " + failure.detail;
  return out;
}

core::Result<Booted, BootFailure> boot(const NodeConfig& config) {
  Booted out;
  auto log = storage::EventLog::open(config.datadir, storage::OpenMode::kCreate);
  if (!log) {
    return Failed{{exit_code_of(log.error()),
                   "--datadir " + config.datadir.string() + ": " + describe(log.error())}};
  }
  out.log = std::move(*log);
  out.snapshots = std::make_unique<storage::SnapshotStore>(config.datadir / "snapshots");
  auto recovered = recover(*out.log, *out.snapshots);
  if (!recovered) return Failed{failure_of(recovered.error())};
  out.recovered = std::move(*recovered);

  const core::State& state = *out.recovered.state;
  if (state.last_seq.value > 0) {
    if (std::string mismatch = genesis_mismatch(config, state); !mismatch.empty()) {
      return Failed{{kExitFailure, std::move(mismatch)}};
    }
  }
  if (!out.recovered.missing_digests.empty()) {
    const auto written = out.log->append({}, out.recovered.missing_digests, false);
    if (!written) return Failed{{exit_code_of(written.error()), describe(written.error())}};
  }
  return out;
}

std::vector<Input> first_inputs(const NodeConfig& config, const core::State& state,
                                const std::optional<core::events::CheckpointReached>& checkpoint) {
  std::vector<Input> out;
  if (state.last_seq.value == 0) {
    out.push_back(control_input(
        core::events::GenesisRecorded{config.chain, config.network, core::kReducerVersion}));
  } else if (state.reducer_version < core::kReducerVersion) {
    // From here on the newest rules hold; every program that folds this log learns it here.
    out.push_back(control_input(core::events::ReducerActivated{
        state.reducer_version, core::kReducerVersion, core::state_hash(state)}));
  }
  out.push_back(control_input(
      core::events::BootStarted{random_boot_id(), program_version(), clock_error_ns()}));
  if (config.schedule && *config.schedule != state.schedule) {
    out.push_back(control_input(core::events::ScheduleConfigured{*config.schedule}));
  }
  if (config.l1 && !state.l1_chain.is_followed) {
    out.push_back(control_input(
        core::events::L1DeploymentRecorded{config.l1->deployment, config.l1->fallback_signer}));
  }
  if (checkpoint) out.push_back(control_input(*checkpoint));
  if (config.static_proposals) {
    core::events::L1SyncObserved l1;
    l1.scanner_live = true;
    l1.target_proposal = core::ProposalId{*config.static_proposals};
    // At every boot: what an earlier life observed of L1 says nothing about now.
    out.push_back(control_input(l1));
  }
  return out;
}

}  // namespace preconf::node
