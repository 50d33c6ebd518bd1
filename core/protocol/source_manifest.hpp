// From a derivation source and its blobs to the manifest that counts.
#pragma once

#include <span>

#include "core/codec/blob.hpp"
#include "core/codec/manifest.hpp"
#include "core/protocol/inbox.hpp"

namespace preconf::core::protocol {

/// Does the source need its blobs, or is the answer the default manifest without looking?
[[nodiscard]] codec::ManifestDefect defect_without_blobs(const DerivationSource& source);

struct SourceManifest {
  codec::Manifest manifest;  ///< the default one when `defect` says why
  codec::ManifestDefect defect = codec::ManifestDefect::kNone;
  codec::BlobDefect blob_defect = codec::BlobDefect::kNone;  ///< of the first blob that has one

  /// Nothing can be said: neither the manifest nor the default may be used.
  [[nodiscard]] bool is_undecided() const { return defect == codec::ManifestDefect::kTooLarge; }
};

/// Version of resolve_source's answers; recorded beside them.
inline constexpr std::uint16_t kManifestDecoderVersion = 1;

/// `blobs` are those that source.blobs.blob_hashes names, in that order, each checked against its
/// hash; a blob that is missing is no reason to call this. Requires as many blobs as hashes unless
/// defect_without_blobs(source) says that none is needed.
[[nodiscard]] SourceManifest resolve_source(const DerivationSource& source,
                                            std::span<const BytesView> blobs,
                                            codec::ManifestBounds bounds);

}  // namespace preconf::core::protocol
