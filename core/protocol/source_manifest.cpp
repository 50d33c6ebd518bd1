#include "core/protocol/source_manifest.hpp"

#include "core/base/assert.hpp"
#include "core/protocol/derivation_rules.hpp"

namespace preconf::core::protocol {
namespace {

using codec::ManifestDefect;

SourceManifest default_because(ManifestDefect defect,
                               codec::BlobDefect blob = codec::BlobDefect::kNone) {
  return SourceManifest{codec::default_manifest(), defect, blob};
}

}  // namespace

ManifestDefect defect_without_blobs(const DerivationSource& source) {
  if (source.blobs.blob_hashes.empty()) return ManifestDefect::kNoBlobs;
  if (source.blobs.offset > kSourceOffsetMax) return ManifestDefect::kOffset;
  return ManifestDefect::kNone;
}

SourceManifest resolve_source(const DerivationSource& source, std::span<const BytesView> blobs,
                              codec::ManifestBounds bounds) {
  if (const auto defect = defect_without_blobs(source); defect != ManifestDefect::kNone) {
    return default_because(defect);
  }
  PRECONF_ASSERT(blobs.size() == source.blobs.blob_hashes.size());
  Bytes payload;
  payload.reserve(blobs.size() * codec::kBlobPayloadBytesMax);
  for (const BytesView blob : blobs) {
    const auto decoded = codec::decode_blob(blob, payload);
    if (!decoded) return default_because(ManifestDefect::kBlob, decoded.error());
  }
  auto manifest = codec::decode_manifest(payload, source.blobs.offset, bounds);
  if (!manifest) return default_because(manifest.error());
  if (source.is_forced_inclusion && manifest->blocks.size() != 1) {
    return default_because(ManifestDefect::kForcedBlockCount);
  }
  return SourceManifest{std::move(*manifest), ManifestDefect::kNone, codec::BlobDefect::kNone};
}

}  // namespace preconf::core::protocol
