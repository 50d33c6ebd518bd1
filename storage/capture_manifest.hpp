// What a capture says about itself (docs/capture_format.md, section 3).
#pragma once

#include <optional>
#include <string>

#include "storage/event_source.hpp"

namespace preconf::storage {

struct CaptureManifest {
  std::uint32_t format = 1;
  LogPosition base;  ///< just before the first record
  LogPosition end;   ///< the last record
  std::uint64_t events = 0;
  std::uint64_t digests = 0;  ///< events with an effects digest
  core::WallNanos first_wall;
  core::WallNanos last_wall;
  std::uint64_t contents = 0;
  std::uint64_t content_bytes = 0;
  std::uint64_t contents_missing = 0;  ///< the source did not have them, either
  std::uint64_t contents_removed = 0;  ///< not here, and it is written down why
  std::uint64_t snapshots = 0;
  std::uint32_t reducer_version = 0;
  bool content_redacted = false;               ///< left out on purpose
  std::optional<core::Hash32> log_id;          ///< chain of event 1
  std::optional<core::Hash32> profile_digest;  ///< of chain and network profile
  std::string program;
  std::string note;
};

/// Canonical JSON: keys sorted, no white space.
[[nodiscard]] std::string to_json(const CaptureManifest& manifest);
/// Nothing when a key is missing or has a wrong type, or the text is not JSON.
[[nodiscard]] std::optional<CaptureManifest> parse_manifest(core::BytesView json);

}  // namespace preconf::storage
