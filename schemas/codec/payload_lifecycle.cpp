// Payloads of lifecycle, L1 and timer events.
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/generated/l1_generated.h"
#include "schemas/generated/lifecycle_generated.h"
#include "schemas/generated/timer_generated.h"

namespace preconf::schemas {

using flatbuffers::FlatBufferBuilder;

void encode_payload(FlatBufferBuilder& builder, const core::events::GenesisRecorded& in) {
  const core::protocol::ChainProfile& chain = in.chain;
  const fbs::Hash32 genesis_hash = to_fbs(chain.genesis_hash);
  const fbs::Address anchor_address = to_fbs(chain.anchor_address);
  const auto chain_offset = fbs::CreateChainProfile(
      builder, chain.chain_id, &genesis_hash, chain.shasta_time.value, chain.unzen_time.value,
      chain.min_base_fee_wei, chain.anchor_lag_max, chain.timestamp_lag_max,
      chain.base_fee_sharing_pctg, &anchor_address);
  const fbs::Hash32 domain = to_fbs(in.network.preconf_domain);
  const fbs::Address slasher = to_fbs(in.network.slasher_address);
  const auto network_offset = fbs::CreateNetworkProfile(builder, &domain, &slasher);
  builder.Finish(
      fbs::CreateGenesisRecorded(builder, chain_offset, network_offset, in.reducer_version));
}

bool decode_payload(core::BytesView bytes, core::events::GenesisRecorded& out) {
  const auto* table = verified_root<fbs::GenesisRecorded>(bytes);
  if (table == nullptr) return false;
  const fbs::ChainProfile& chain = *table->chain();
  out.chain.chain_id = chain.chain_id();
  out.chain.genesis_hash = to_core(*chain.genesis_hash());
  out.chain.shasta_time.value = chain.shasta_time();
  out.chain.unzen_time.value = chain.unzen_time();
  out.chain.min_base_fee_wei = chain.min_base_fee_wei();
  out.chain.anchor_lag_max = chain.anchor_lag_max();
  out.chain.timestamp_lag_max = chain.timestamp_lag_max();
  out.chain.base_fee_sharing_pctg = chain.base_fee_sharing_pctg();
  out.chain.anchor_address = to_core(*chain.anchor_address());
  out.network.preconf_domain = to_core(*table->network()->preconf_domain());
  out.network.slasher_address = to_core(*table->network()->slasher_address());
  out.reducer_version = table->reducer_version();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::BootStarted& in) {
  const fbs::BootId boot_id = to_fbs(in.boot_id);
  const auto version = text(builder, in.program_version);
  fbs::ClockQualityBuilder clock(builder);
  if (in.clock_error_ns) clock.add_error_ns(*in.clock_error_ns);
  const auto clock_offset = clock.Finish();
  builder.Finish(fbs::CreateBootStarted(builder, &boot_id, version, clock_offset));
}

bool decode_payload(core::BytesView bytes, core::events::BootStarted& out) {
  const auto* table = verified_root<fbs::BootStarted>(bytes);
  if (table == nullptr) return false;
  out.boot_id = to_core(*table->boot_id());
  assign(out.program_version, table->program_version());
  out.clock_error_ns.reset();
  if (table->clock()->error_ns()) out.clock_error_ns = *table->clock()->error_ns();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::ShutdownRequested& in) {
  builder.Finish(fbs::CreateShutdownRequested(builder, in.signal));
}

bool decode_payload(core::BytesView bytes, core::events::ShutdownRequested& out) {
  const auto* table = verified_root<fbs::ShutdownRequested>(bytes);
  if (table == nullptr) return false;
  out.signal = table->signal();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::ScheduleConfigured& in) {
  const auto& windows = in.schedule.windows;
  fbs::Window* slots = nullptr;
  const auto offset =
      builder.CreateUninitializedVectorOfStructs<fbs::Window>(windows.size(), &slots);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    slots[i] =
        fbs::Window(windows[i].start.value, windows[i].end.value, to_fbs(windows[i].committer));
  }
  builder.Finish(fbs::CreateScheduleConfigured(builder, in.schedule.version, offset));
}

bool decode_payload(core::BytesView bytes, core::events::ScheduleConfigured& out) {
  const auto* table = verified_root<fbs::ScheduleConfigured>(bytes);
  if (table == nullptr || !structs_aligned(table->windows())) return false;
  out.schedule.version = table->version();
  out.schedule.windows.clear();
  if (table->windows() == nullptr) return true;
  out.schedule.windows.reserve(table->windows()->size());
  for (const fbs::Window* window : *table->windows()) {
    core::protocol::Window& slot = out.schedule.windows.emplace_back();
    slot.start.value = window->start();
    slot.end.value = window->end();
    slot.committer = to_core(window->committer());
  }
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::IngressRejected& in) {
  const auto reason = text(builder, in.reason);
  const fbs::Hash32 sample = to_fbs(in.sample_hash);
  builder.Finish(fbs::CreateIngressRejected(builder, static_cast<std::uint8_t>(in.source), reason,
                                            in.count, &sample));
}

bool decode_payload(core::BytesView bytes, core::events::IngressRejected& out) {
  const auto* table = verified_root<fbs::IngressRejected>(bytes);
  if (table == nullptr) return false;
  out.source = static_cast<core::SourceKind>(table->source());
  assign(out.reason, table->reason());
  out.count = table->count();
  out.sample_hash = to_core(*table->sample_hash());
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::LogGapRecorded& in) {
  const fbs::Hash32 chain = to_fbs(in.chain_at_mark.value_or(core::Hash32{}));
  const auto reason = text(builder, in.reason);
  builder.Finish(fbs::CreateLogGapRecorded(builder, in.from.value, in.to.value,
                                           in.chain_at_mark ? &chain : nullptr, reason,
                                           in.lost_known));
}

bool decode_payload(core::BytesView bytes, core::events::LogGapRecorded& out) {
  const auto* table = verified_root<fbs::LogGapRecorded>(bytes);
  if (table == nullptr) return false;
  out.from.value = table->from();
  out.to.value = table->to();
  out.chain_at_mark.reset();
  if (table->chain_at_mark() != nullptr) out.chain_at_mark = to_core(*table->chain_at_mark());
  assign(out.reason, table->reason());
  out.lost_known = table->lost_known();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::ReducerActivated& in) {
  const fbs::Hash32 hash = to_fbs(in.state_hash);
  builder.Finish(fbs::CreateReducerActivated(builder, in.from_version, in.to_version, &hash));
}

bool decode_payload(core::BytesView bytes, core::events::ReducerActivated& out) {
  const auto* table = verified_root<fbs::ReducerActivated>(bytes);
  if (table == nullptr) return false;
  out.from_version = table->from_version();
  out.to_version = table->to_version();
  out.state_hash = to_core(*table->state_hash());
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::L1SyncObserved& in) {
  fbs::L1SyncObservedBuilder table(builder);
  if (in.target_block) table.add_target_block(in.target_block->value);
  table.add_target_proposal(in.target_proposal.value);
  table.add_scanner_live(in.scanner_live);
  builder.Finish(table.Finish());
}

bool decode_payload(core::BytesView bytes, core::events::L1SyncObserved& out) {
  const auto* table = verified_root<fbs::L1SyncObserved>(bytes);
  if (table == nullptr) return false;
  out.scanner_live = table->scanner_live();
  out.target_proposal.value = table->target_proposal();
  out.target_block.reset();
  if (table->target_block()) out.target_block = core::BlockNumber{*table->target_block()};
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::TimerFired& in) {
  builder.Finish(
      fbs::CreateTimerFired(builder, static_cast<std::uint8_t>(in.timer), in.generation));
}

bool decode_payload(core::BytesView bytes, core::events::TimerFired& out) {
  const auto* table = verified_root<fbs::TimerFired>(bytes);
  if (table == nullptr) return false;
  out.timer = static_cast<core::TimerId>(table->timer());
  out.generation = table->generation();
  return true;
}

}  // namespace preconf::schemas
