#include "node/devnet/l1_views.hpp"

#include <algorithm>
#include <array>

#include "core/base/hex_literal.hpp"
#include "core/codec/abi.hpp"

namespace preconf::node::devnet {
namespace {

using core::Address;
using core::Bytes;
using core::Hash32;
using core::UnixSeconds;
using core::codec::append_abi_address;
using core::codec::append_abi_u64;
using core::codec::append_abi_word;
namespace protocol = core::protocol;

using Selector = core::FixedBytes<4>;
using Answer = std::optional<Bytes>;

constexpr std::uint64_t kBeaconRootTries = 32;
/// EIP-4788.
constexpr Address kBeaconRoots = core::fixed_hex("000f3df6d732807ef1319fb7b8bb8522d0beac02");

Bytes one_word(std::uint64_t value) {
  Bytes out;
  append_abi_u64(out, value);
  return out;
}
Bytes one_word(const Address& value) {
  Bytes out;
  append_abi_address(out, value);
  return out;
}

/// Reads the arguments after the selector.
struct Arguments {
  explicit Arguments(core::BytesView data) : reader(data, defect) {}
  core::codec::AbiDefect defect = core::codec::AbiDefect::kNone;
  core::codec::AbiReader reader;
  [[nodiscard]] bool ok() const { return defect == core::codec::AbiDefect::kNone; }
};

Answer core_state(const L1ViewContext& context, core::BytesView) {
  const protocol::CoreState& state = context.contracts.inbox;
  Bytes out;
  append_abi_u64(out, state.next.value);
  append_abi_u64(out, state.last_proposal_block.value);
  append_abi_u64(out, state.last_finalized.value);
  append_abi_u64(out, state.last_finalized_time.value);
  append_abi_u64(out, state.last_checkpoint_time.value);
  append_abi_word(out, state.last_finalized_block_hash);
  return out;
}

Answer activation_timestamp(const L1ViewContext& context, core::BytesView) {
  return one_word(context.contracts.activated.value);
}

Answer forced_inclusion_state(const L1ViewContext& context, core::BytesView) {
  Bytes out;
  append_abi_u64(out, 0);
  append_abi_u64(out, context.contracts.forced.size());
  return out;
}

/// The first beacon root that the contract finds, as far as its block knows them.
Hash32 randomness(const L1ViewContext& context, UnixSeconds epoch) {
  const protocol::EpochClock& clock = context.deployment.clock;
  UnixSeconds query = protocol::first_randomness_query(clock, epoch);
  for (std::uint64_t i = 0; i < kBeaconRootTries && query <= context.block_time; ++i) {
    const Hash32 root = context.beacon_root(query);
    if (!root.is_zero()) return root;
    query.value += clock.slot_seconds;
  }
  return {};
}

Answer operator_for(const L1ViewContext& context, std::uint64_t epochs_ahead) {
  const protocol::EpochClock& clock = context.deployment.clock;
  const UnixSeconds epoch{protocol::epoch_of(clock, context.block_time).value +
                          epochs_ahead * clock.epoch_seconds()};
  const L1Contracts& contracts = context.contracts;
  const auto index = protocol::selected_operator(contracts.operators, randomness(context, epoch),
                                                 epoch, contracts.latest_activation);
  return one_word(index ? contracts.operators[*index].proposer : Address{});
}
Answer operator_for_current(const L1ViewContext& context, core::BytesView) {
  return operator_for(context, 0);
}
Answer operator_for_next(const L1ViewContext& context, core::BytesView) {
  return operator_for(context, 1);
}

Answer operators(const L1ViewContext& context, core::BytesView data) {
  Arguments arguments(data);
  const Address proposer = arguments.reader.address();
  if (!arguments.ok()) return std::nullopt;
  const auto& known = context.contracts.operators;
  const auto found = std::find_if(
      known.begin(), known.end(),
      [&proposer](const protocol::WhitelistOperator& one) { return one.proposer == proposer; });
  Bytes out;
  const bool is_known = found != known.end();
  append_abi_u64(out, is_known ? found->active_since.value : 0);
  append_abi_u64(out, 0);
  append_abi_u64(out, is_known ? static_cast<std::uint64_t>(found - known.begin()) : 0);
  append_abi_address(out, is_known ? found->sequencer : Address{});
  return out;
}

Answer operator_mapping(const L1ViewContext& context, core::BytesView data) {
  Arguments arguments(data);
  const core::U256 index = arguments.reader.u256();
  if (!arguments.ok()) return std::nullopt;
  const auto& known = context.contracts.operators;
  const bool is_known = index.fits_u64() && index.low_u64() < known.size();
  return one_word(is_known ? known[index.low_u64()].proposer : Address{});
}

Answer operator_count(const L1ViewContext& context, core::BytesView) {
  return one_word(context.contracts.operators.size());
}

Answer latest_activation(const L1ViewContext& context, core::BytesView) {
  return one_word(context.contracts.latest_activation.value);
}

Answer epoch_start(const L1ViewContext& context, core::BytesView data) {
  Arguments arguments(data);
  const std::uint64_t ahead = arguments.reader.uint(32);
  if (!arguments.ok()) return std::nullopt;
  const protocol::EpochClock& clock = context.deployment.clock;
  return one_word(protocol::epoch_of(clock, context.block_time).value +
                  ahead * clock.epoch_seconds());
}

Answer lookahead_hash(const L1ViewContext& context, core::BytesView data) {
  Arguments arguments(data);
  const core::U256 epoch = arguments.reader.u256();
  if (!arguments.ok()) return std::nullopt;
  Bytes out;
  const auto& known = context.contracts.lookaheads;
  const auto found = epoch.fits_u64() ? known.find(UnixSeconds{epoch.low_u64()}) : known.end();
  append_abi_word(out, found == known.end() ? Hash32{} : found->second);
  return out;
}

Answer is_lookahead_required(const L1ViewContext& context, core::BytesView) {
  const protocol::EpochClock& clock = context.deployment.clock;
  const UnixSeconds next = protocol::next_epoch(clock, context.block_time);
  return one_word(context.contracts.lookaheads.contains(next) ? 0 : 1);
}

Answer is_blacklisted(const L1ViewContext& context, core::BytesView data) {
  Arguments arguments(data);
  const Hash32 root = arguments.reader.word();
  if (!arguments.ok()) return std::nullopt;
  const auto found = context.contracts.blacklist.find(root);
  return one_word(found != context.contracts.blacklist.end() && found->second ? 1 : 0);
}

struct View {
  Selector selector;
  Answer (*run)(const L1ViewContext&, core::BytesView);
};

constexpr std::array kInboxViews = {
    View{protocol::kGetCoreStateSelector, core_state},
    View{protocol::kActivationTimestampSelector, activation_timestamp},
    View{core::fixed_hex("5ccc1718"), forced_inclusion_state},
};
constexpr std::array kWhitelistViews = {
    View{core::fixed_hex("343f0a68"), operator_for_current},
    View{core::fixed_hex("72a8a551"), operator_for_next},
    View{core::fixed_hex("13e7c9d8"), operators},
    View{core::fixed_hex("cecad1f7"), operator_mapping},
    View{core::fixed_hex("7c6f3158"), operator_count},
    View{core::fixed_hex("7f918e2c"), latest_activation},
    View{core::fixed_hex("42b83b8e"), epoch_start},
};
constexpr std::array kLookaheadViews = {
    View{core::fixed_hex("ae41501a"), lookahead_hash},
    View{core::fixed_hex("23c0b1ab"), is_lookahead_required},
    View{core::fixed_hex("fd40a5fe"), is_blacklisted},
};

Answer run_view(std::span<const View> views, const L1ViewContext& context, core::BytesView data) {
  if (data.size() < Selector::kSize) return std::nullopt;
  const Selector selector = Selector::from(data);
  for (const View& view : views) {
    if (view.selector == selector) return view.run(context, data.subspan(Selector::kSize));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Bytes> answer_l1_view(const L1ViewContext& context, const Address& to,
                                    core::BytesView data) {
  const protocol::L1Deployment& deployment = context.deployment;
  if (to == deployment.inbox) return run_view(kInboxViews, context, data);
  if (to == deployment.preconf_whitelist) return run_view(kWhitelistViews, context, data);
  if (!deployment.lookahead_store.is_zero() && to == deployment.lookahead_store) {
    return run_view(kLookaheadViews, context, data);
  }
  if (to == kBeaconRoots) {
    Arguments arguments(data);
    const core::U256 time = arguments.reader.u256();
    if (!arguments.ok() || data.size() != 32 || !time.fits_u64()) return std::nullopt;
    const Hash32 root = context.beacon_root(UnixSeconds{time.low_u64()});
    if (root.is_zero()) return std::nullopt;
    return Bytes(root.bytes.begin(), root.bytes.end());
  }
  return Bytes{};
}

}  // namespace preconf::node::devnet
