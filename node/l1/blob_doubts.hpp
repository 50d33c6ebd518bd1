// Blobs that may have been damaged on their way. That bytes belong to a commitment is believed; but
// bytes from which no manifest can be read are either what the proposer posted, and then everybody
// has the same, or one source's damage. So another source is asked before the default manifest
// stands in for them. A forged manifest that can be read is not found like this.
#pragma once

#include <string>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/events/l1.hpp"
#include "io/l1/beacon_json.hpp"

namespace preconf::node::l1 {

/// Blobs that one L1 block carried.
struct BlobGroup {
  core::UnixSeconds timestamp;
  std::vector<core::Hash32> hashes;
};

/// Those of the blobs just fetched, each once, that a default manifest, or that nothing can be
/// said, is owed to. `result` answers the command; anything but a manifest's defect doubts nothing.
[[nodiscard]] std::vector<BlobGroup> doubted_blobs(const core::commands::ResolveSources& command,
                                                   const core::events::L1Result& result,
                                                   const std::vector<io::l1::FetchedBlob>& fetched);

/// Who served the blobs of this group.
[[nodiscard]] std::vector<std::string> sources_of(const BlobGroup& group,
                                                  const std::vector<io::l1::FetchedBlob>& fetched);

/// Two sources have different bytes under one commitment.
struct BlobContradiction {
  core::Hash32 versioned_hash;
  std::string first;   ///< URL
  std::string second;  ///< URL; its bytes stand in `fetched` now
};

/// Compares what another source has; where that differs it takes the first one's place.
[[nodiscard]] std::vector<BlobContradiction> take_second_opinion(
    std::vector<io::l1::FetchedBlob>& fetched, const std::vector<io::l1::FetchedBlob>& second);

}  // namespace preconf::node::l1
