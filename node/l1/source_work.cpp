#include "node/l1/source_work.hpp"

#include <string>
#include <utility>

#include "core/crypto/hash.hpp"
#include "core/events/l1_bounds.hpp"
#include "core/limits.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/source_manifest.hpp"

namespace preconf::node::l1 {

namespace events = core::events;
namespace protocol = core::protocol;
using core::codec::ManifestDefect;
using events::L1FailureKind;

namespace {

struct LoadedBlobs {
  std::vector<std::shared_ptr<const core::Bytes>> held;
  std::vector<core::BytesView> views;
};

core::Result<LoadedBlobs, events::L1Failed> load_blobs(const SourceBlobs& blobs,
                                                       const BlobLoader& load) {
  LoadedBlobs out;
  for (const core::ContentRef& blob : blobs) {
    out.held.push_back(load(blob.hash));
    if (out.held.back() == nullptr) {
      return core::Unexpected{l1_failed(L1FailureKind::kContentMissing,
                                        "a blob is not in the content store", blob.hash)};
    }
    out.views.emplace_back(*out.held.back());
  }
  return out;
}

core::Result<std::shared_ptr<const core::Bytes>, events::L1Failed> manifest_of(
    const core::commands::AssembleTxList& command, const BlobLoader& load, BytesCache& manifests) {
  if (auto kept = manifests.find(command.source.manifest_hash)) return kept;
  const auto loaded = load_blobs(command.source.blobs, load);
  if (!loaded) return core::Unexpected{loaded.error()};
  protocol::DerivationSource source;
  source.is_forced_inclusion = command.source.is_forced_inclusion;
  source.blobs.blob_hashes.resize(command.source.blobs.size());  // their number is what counts
  source.blobs.offset = command.source.offset;
  auto found = protocol::resolve_source(
      source, loaded->views, {command.blocks_per_source_max, core::limits::kManifestBytesMax});
  if (found.defect != ManifestDefect::kNone ||
      core::crypto::keccak256(found.manifest.bytes) != command.source.manifest_hash) {
    return core::Unexpected{l1_failed(L1FailureKind::kBlobMismatch,
                                      "the stored blobs hold another manifest than before",
                                      command.source.manifest_hash)};
  }
  auto bytes = std::make_shared<const core::Bytes>(std::move(found.manifest.bytes));
  manifests.put(command.source.manifest_hash, bytes);
  return bytes;
}

}  // namespace

events::L1Failed l1_failed(L1FailureKind kind, std::string detail, const core::Hash32& hash) {
  if (detail.size() > core::limits::kDetailBytesMax) detail.resize(core::limits::kDetailBytesMax);
  return {kind, hash, std::move(detail)};
}

events::L1Result resolve_sources(const core::commands::ResolveSources& command,
                                 const std::vector<SourceBlobs>& blobs, const BlobLoader& load,
                                 BytesCache& manifests) {
  events::SourcesResolved out;
  out.id = command.id;
  out.decoder_version = protocol::kManifestDecoderVersion;
  for (std::size_t i = 0; i < command.sources.size(); ++i) {
    const protocol::DerivationSource& source = command.sources[i];
    const auto loaded = load_blobs(blobs[i], load);
    if (!loaded) return loaded.error();
    auto found = protocol::resolve_source(
        source, loaded->views, {command.blocks_per_source_max, core::limits::kManifestBytesMax});
    if (found.is_undecided()) {
      return l1_failed(L1FailureKind::kUndecided,
                       "the manifest of source " + std::to_string(i) + " is over our bound");
    }
    events::SourceFacts facts;
    facts.is_forced_inclusion = source.is_forced_inclusion;
    facts.defect = found.defect;
    facts.blob_defect = found.blob_defect;
    facts.blobs = blobs[i];
    facts.offset = source.blobs.offset;
    facts.blocks = std::move(found.manifest.blocks);
    if (found.defect == ManifestDefect::kNone) {
      auto bytes = std::make_shared<const core::Bytes>(std::move(found.manifest.bytes));
      facts.manifest_hash = core::crypto::keccak256(*bytes);
      manifests.put(facts.manifest_hash, std::move(bytes));
    }
    out.sources.push_back(std::move(facts));
  }
  if (!events::fits_one_event(out.sources)) {
    return l1_failed(L1FailureKind::kUndecided, "more blocks than one event holds");
  }
  return out;
}

events::L1Result assemble_list(const core::commands::AssembleTxList& command,
                               const protocol::ChainProfile& chain, const BlobLoader& load,
                               BytesCache& manifests, BytesCache& lists) {
  std::shared_ptr<const core::Bytes> manifest;
  core::BytesView transactions;
  if (command.transactions_bytes > 0) {
    auto found = manifest_of(command, load, manifests);
    if (!found) return found.error();
    manifest = *found;
    const std::uint64_t end =
        std::uint64_t{command.transactions_offset} + command.transactions_bytes;
    if (end > manifest->size()) {
      return l1_failed(L1FailureKind::kMalformed, "transactions outside of their manifest",
                       command.source.manifest_hash);
    }
    transactions =
        core::BytesView(*manifest).subspan(command.transactions_offset, command.transactions_bytes);
  }
  protocol::AnchorTxInput input;
  input.chain_id = chain.chain_id;
  input.nonce = command.anchor_nonce;
  input.base_fee_wei = command.base_fee_wei;
  input.anchor_address = chain.anchor_address;
  input.call = {command.anchor_number, command.anchor_hash, command.anchor_state_root};
  const core::Bytes anchor = protocol::build_anchor_tx(input);
  auto list = std::make_shared<const core::Bytes>(protocol::assemble_tx_list(anchor, transactions));
  events::TxListAssembled out;
  out.rlp_hash = core::crypto::keccak256(*list);
  out.anchor_tx_hash = core::crypto::keccak256(anchor);
  out.bytes = static_cast<std::uint32_t>(list->size());
  lists.put(out.rlp_hash, std::move(list));
  return out;
}

}  // namespace preconf::node::l1
