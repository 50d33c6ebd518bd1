#include "node/l1/blob_doubts.hpp"

#include <algorithm>
#include <set>

namespace preconf::node::l1 {

namespace events = core::events;
using io::l1::FetchedBlob;

namespace {

const FetchedBlob* find(const std::vector<FetchedBlob>& blobs, const core::Hash32& hash) {
  const auto found = std::ranges::find(blobs, hash, &FetchedBlob::versioned_hash);
  return found == blobs.end() ? nullptr : &*found;
}

}  // namespace

std::vector<BlobGroup> doubted_blobs(const core::commands::ResolveSources& command,
                                     const events::L1Result& result,
                                     const std::vector<FetchedBlob>& fetched) {
  const auto* resolved = std::get_if<events::SourcesResolved>(&result);
  const auto* failed = std::get_if<events::L1Failed>(&result);
  const bool is_undecided = failed != nullptr && failed->kind == events::L1FailureKind::kUndecided;
  std::vector<BlobGroup> out;
  std::set<core::Hash32> seen;
  for (std::size_t i = 0; i < command.sources.size(); ++i) {
    const bool is_doubted =
        is_undecided || (resolved != nullptr && i < resolved->sources.size() &&
                         resolved->sources[i].defect != core::codec::ManifestDefect::kNone);
    if (!is_doubted) continue;
    const auto& blobs = command.sources[i].blobs;
    for (const core::Hash32& hash : blobs.blob_hashes) {
      if (find(fetched, hash) == nullptr || !seen.insert(hash).second) continue;
      if (out.empty() || out.back().timestamp != blobs.timestamp) {
        out.push_back({blobs.timestamp, {}});
      }
      out.back().hashes.push_back(hash);
    }
  }
  return out;
}

std::vector<std::string> sources_of(const BlobGroup& group,
                                    const std::vector<FetchedBlob>& fetched) {
  std::set<std::string> urls;
  for (const core::Hash32& hash : group.hashes) {
    if (const FetchedBlob* blob = find(fetched, hash)) urls.insert(blob->from);
  }
  return {urls.begin(), urls.end()};
}

std::vector<BlobContradiction> take_second_opinion(std::vector<FetchedBlob>& fetched,
                                                   const std::vector<FetchedBlob>& second) {
  std::vector<BlobContradiction> out;
  for (FetchedBlob& blob : fetched) {
    const FetchedBlob* other = find(second, blob.versioned_hash);
    if (other == nullptr || *other->bytes == *blob.bytes) continue;
    out.push_back({blob.versioned_hash, blob.from, other->from});
    blob = *other;
  }
  return out;
}

}  // namespace preconf::node::l1
