#include "io/l1/beacon_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/hex.hpp"
#include "io/json/json_reader.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

using core::Unexpected;
using core::codec::KzgCommitment;

namespace {

core::Result<JsonDocument, BeaconDefect> parse(std::string_view body) {
  auto document = JsonDocument::parse(body, {.bytes_max = kSidecarsBytesMax, .depth_max = 32});
  if (document) return std::move(document).value();
  return Unexpected{BeaconDefect("not JSON: ") + name_of(document.error())};
}

/// Beacon nodes write numbers as decimal strings.
std::optional<std::uint64_t> decimal_of(JsonValue value) {
  const auto text = value.as_string();
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [last, failure] = std::from_chars(text->data(), end, number);
  if (failure != std::errc{} || last != end) return std::nullopt;
  return number;
}

std::optional<KzgCommitment> commitment_of(JsonValue value) {
  const auto text = value.as_string();
  if (!text) return std::nullopt;
  return core::fixed_from_hex<48>(*text);
}

std::shared_ptr<const core::Bytes> blob_of(JsonValue value) {
  const auto text = value.as_string();
  // Bounded before it is decoded: with or without prefix.
  if (!text || text->size() > 2 * core::codec::kBlobBytes + 2) return nullptr;
  auto bytes = core::from_hex(*text);
  if (!bytes || bytes->size() != core::codec::kBlobBytes) return nullptr;
  return std::make_shared<const core::Bytes>(std::move(*bytes));
}

bool is_among(std::span<const core::Hash32> wanted, const core::Hash32& hash) {
  return std::find(wanted.begin(), wanted.end(), hash) != wanted.end();
}

bool is_there(const std::vector<FetchedBlob>& found, const core::Hash32& hash) {
  return std::any_of(found.begin(), found.end(),
                     [&hash](const FetchedBlob& blob) { return blob.versioned_hash == hash; });
}

}  // namespace

core::Result<core::UnixSeconds, BeaconDefect> genesis_from(std::string_view body) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const auto time = decimal_of(document->root().get("data").get("genesis_time"));
  if (!time) return Unexpected{BeaconDefect("genesis: bad or missing genesis_time")};
  return core::UnixSeconds{*time};
}

core::Result<core::protocol::EpochClock, BeaconDefect> spec_from(std::string_view body) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const JsonValue data = document->root().get("data");
  const auto seconds = decimal_of(data.get("SECONDS_PER_SLOT"));
  if (!seconds) return Unexpected{BeaconDefect("spec: bad or missing SECONDS_PER_SLOT")};
  const auto slots = decimal_of(data.get("SLOTS_PER_EPOCH"));
  if (!slots) return Unexpected{BeaconDefect("spec: bad or missing SLOTS_PER_EPOCH")};
  core::protocol::EpochClock clock;
  clock.slot_seconds = *seconds;
  clock.slots_per_epoch = *slots;
  if (!core::protocol::is_usable(clock)) return Unexpected{BeaconDefect("spec: slots of no use")};
  return clock;
}

core::Result<std::vector<FetchedBlob>, BeaconDefect> sidecars_from(
    std::string_view body, std::span<const core::Hash32> wanted) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const JsonValue data = document->root().get("data");
  if (data.kind() != JsonKind::kArray || data.size() > kBlobsPerSlotMax) {
    return Unexpected{BeaconDefect("sidecars: no array of them")};
  }
  std::vector<FetchedBlob> found;
  const char* bad = nullptr;
  data.each_element([&](JsonValue sidecar) {
    const auto commitment = commitment_of(sidecar.get("kzg_commitment"));
    if (!commitment) bad = "sidecar: bad or missing kzg_commitment";
    if (bad != nullptr) return false;
    const core::Hash32 hash = core::codec::versioned_hash_of(*commitment);
    if (!is_among(wanted, hash) || is_there(found, hash)) return true;
    auto bytes = blob_of(sidecar.get("blob"));
    if (!bytes) bad = "sidecar: blob is not 131072 bytes of hex";
    if (bytes) found.push_back({hash, *commitment, std::move(bytes)});
    return bad == nullptr;
  });
  if (bad != nullptr) return Unexpected{BeaconDefect(bad)};
  return found;
}

core::Result<std::vector<KzgCommitment>, BeaconDefect> commitments_from(std::string_view body) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const JsonValue list =
      document->root().get("data").get("message").get("body").get("blob_kzg_commitments");
  if (list.kind() != JsonKind::kArray || list.size() > kBlobsPerSlotMax) {
    return Unexpected{BeaconDefect("block: no blob_kzg_commitments")};
  }
  std::vector<KzgCommitment> out;
  bool is_sound = true;
  list.each_element([&](JsonValue element) {
    const auto commitment = commitment_of(element);
    is_sound = commitment.has_value();
    if (is_sound) out.push_back(*commitment);
    return is_sound;
  });
  if (!is_sound) return Unexpected{BeaconDefect("block: bad blob_kzg_commitments")};
  return out;
}

core::Result<std::vector<FetchedBlob>, BeaconDefect> blobs_from(
    std::string_view body, std::span<const KzgCommitment> commitments,
    std::span<const core::Hash32> wanted) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const JsonValue data = document->root().get("data");
  if (data.kind() != JsonKind::kArray) return Unexpected{BeaconDefect("blobs: no array")};
  std::vector<KzgCommitment> listed;
  for (const KzgCommitment& commitment : commitments) {
    if (is_among(wanted, core::codec::versioned_hash_of(commitment))) listed.push_back(commitment);
  }
  // Nodes that do not know the filter list every blob of the block.
  if (data.size() == commitments.size()) listed.assign(commitments.begin(), commitments.end());
  if (data.size() != listed.size()) {
    return Unexpected{BeaconDefect("blobs: another number than the block has commitments")};
  }
  std::vector<FetchedBlob> found;
  std::size_t at = 0;
  const char* bad = nullptr;
  data.each_element([&](JsonValue element) {
    const KzgCommitment& commitment = listed[at++];
    const core::Hash32 hash = core::codec::versioned_hash_of(commitment);
    if (!is_among(wanted, hash) || is_there(found, hash)) return true;
    auto bytes = blob_of(element);
    if (!bytes) bad = "blobs: one is not 131072 bytes of hex";
    if (bytes) found.push_back({hash, commitment, std::move(bytes)});
    return bad == nullptr;
  });
  if (bad != nullptr) return Unexpected{BeaconDefect(bad)};
  return found;
}

core::Result<std::optional<FetchedBlob>, BeaconDefect> server_blob_from(
    std::string_view body, const core::Hash32& wanted) {
  const auto document = parse(body);
  if (!document) return Unexpected{document.error()};
  const JsonValue root = document->root();
  const auto commitment = commitment_of(root.get("commitment"));
  if (!commitment) return Unexpected{BeaconDefect("blob server: bad or missing commitment")};
  if (core::codec::versioned_hash_of(*commitment) != wanted) return std::optional<FetchedBlob>{};
  auto bytes = blob_of(root.get("data"));
  if (!bytes) return Unexpected{BeaconDefect("blob server: data is not 131072 bytes of hex")};
  return std::optional<FetchedBlob>{FetchedBlob{wanted, *commitment, std::move(bytes)}};
}

}  // namespace preconf::io::l1
