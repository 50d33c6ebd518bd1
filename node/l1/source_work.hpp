// The pure part of the derivation's commands, for a worker thread: blobs to manifests, manifests to
// transaction lists.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/protocol/chain_profile.hpp"
#include "node/l1/bytes_cache.hpp"

namespace preconf::node::l1 {

/// Bytes of a blob by the hash of its content; null: nobody has them.
using BlobLoader =
    std::function<std::shared_ptr<const core::Bytes>(const core::Hash32& content_hash)>;

/// What is needed of the blobs of one source. Empty: none.
using SourceBlobs = std::vector<core::ContentRef>;

/// SourcesResolved | L1Failed. `blobs`: of each source, in the order of its hashes. Manifests that
/// count are put into `manifests`, inflated, by their hash.
[[nodiscard]] core::events::L1Result resolve_sources(const core::commands::ResolveSources& command,
                                                     const std::vector<SourceBlobs>& blobs,
                                                     const BlobLoader& load, BytesCache& manifests);

/// TxListAssembled | L1Failed. The list is put into `lists` by its hash. A manifest that is not in
/// `manifests` (any more) is decoded again from its blobs.
[[nodiscard]] core::events::L1Result assemble_list(const core::commands::AssembleTxList& command,
                                                   const core::protocol::ChainProfile& chain,
                                                   const BlobLoader& load, BytesCache& manifests,
                                                   BytesCache& lists);

[[nodiscard]] core::events::L1Failed l1_failed(core::events::L1FailureKind kind, std::string detail,
                                               const core::Hash32& hash = {});

}  // namespace preconf::node::l1
