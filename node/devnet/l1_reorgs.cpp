#include "node/devnet/l1_reorgs.hpp"

#include <array>
#include <utility>

namespace preconf::node::devnet {

std::optional<ReorgVariant> reorg_variant_from(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, ReorgVariant>, 4> kNames = {{
      {"keep", ReorgVariant::kKeep},
      {"move", ReorgVariant::kMove},
      {"drop", ReorgVariant::kDrop},
      {"change", ReorgVariant::kChange},
  }};
  for (const auto& [known, variant] : kNames) {
    if (known == name) return variant;
  }
  return std::nullopt;
}

l1_call::Propose contradicting_proposal(L1Chain& chain, const l1_call::Propose& proposal,
                                        Contradiction kind) {
  std::vector<core::BytesView> blobs;
  for (const core::Hash32& hash : proposal.blobs) {
    const L1Blob* blob = chain.blob(hash);
    if (blob == nullptr) return proposal;
    blobs.emplace_back(blob->bytes);
  }
  auto blocks = read_proposed_blocks(blobs, proposal.offset);
  if (!blocks || blocks->empty()) return proposal;
  contradict(blocks->back(), kind);
  l1_call::Propose changed = proposal;
  changed.blobs.clear();
  changed.offset = 0;
  for (core::Bytes& blob : blobs_of_payload(core::codec::encode_manifest(*blocks))) {
    changed.blobs.push_back(chain.add_blob(std::move(blob)));
  }
  return changed;
}

L1Reorg reorg_plan(L1Chain& chain, std::uint64_t depth, ReorgVariant variant) {
  L1Reorg plan;
  plan.depth = depth;
  switch (variant) {
    case ReorgVariant::kKeep:
      break;
    case ReorgVariant::kMove:
      plan.shift = 1;
      break;
    case ReorgVariant::kDrop:
      plan.edit = [](const L1Call&) { return std::optional<L1Call>{}; };
      break;
    case ReorgVariant::kChange:
      plan.edit = [&chain](const L1Call& call) -> std::optional<L1Call> {
        const auto* proposal = std::get_if<l1_call::Propose>(&call);
        if (proposal == nullptr) return call;
        return contradicting_proposal(chain, *proposal, Contradiction::kCoinbase);
      };
      break;
  }
  return plan;
}

}  // namespace preconf::node::devnet
