// Answers of a beacon node and of blob servers; pure, bounded. Source: Ethereum Beacon APIs
// (getGenesis, getSpec, getBlobSidecars, getBlobs, getBlockV2), EIP-4844 versioned hashes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/codec/blob.hpp"
#include "core/protocol/l1_deployment.hpp"

namespace preconf::io::l1 {

struct FetchedBlob {
  core::Hash32 versioned_hash;  ///< versioned_hash_of(commitment)
  core::codec::KzgCommitment commitment;
  std::shared_ptr<const core::Bytes> bytes;  ///< exactly codec::kBlobBytes
  std::string from = {};                     ///< URL of who served it; empty: not known here
};

/// What an answer is not, for a person.
using BeaconDefect = std::string;

/// data.genesis_time.
[[nodiscard]] core::Result<core::UnixSeconds, BeaconDefect> genesis_from(std::string_view body);
/// Slot and epoch lengths; the genesis stays zero.
[[nodiscard]] core::Result<core::protocol::EpochClock, BeaconDefect> spec_from(
    std::string_view body);

/// Those of the wanted blobs that a blob_sidecars answer has. A sidecar that can not be read makes
/// the answer bad as a whole.
[[nodiscard]] core::Result<std::vector<FetchedBlob>, BeaconDefect> sidecars_from(
    std::string_view body, std::span<const core::Hash32> wanted);

/// KZG commitments of a block, in its order.
[[nodiscard]] core::Result<std::vector<core::codec::KzgCommitment>, BeaconDefect> commitments_from(
    std::string_view body);
/// Those of the wanted blobs that a blobs answer has: it lists the bytes alone, in the order of the
/// block's `commitments`, either of all of them or only of the wanted ones.
[[nodiscard]] core::Result<std::vector<FetchedBlob>, BeaconDefect> blobs_from(
    std::string_view body, std::span<const core::codec::KzgCommitment> commitments,
    std::span<const core::Hash32> wanted);

/// A blob server's answer to /blobs/{hash}. Nothing: its commitment has another hash.
[[nodiscard]] core::Result<std::optional<FetchedBlob>, BeaconDefect> server_blob_from(
    std::string_view body, const core::Hash32& wanted);

}  // namespace preconf::io::l1
