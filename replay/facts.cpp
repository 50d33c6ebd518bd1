#include "replay/facts.hpp"

#include <algorithm>

#include "core/codec/header.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/derivation_rules.hpp"
#include "core/protocol/execution_payload.hpp"
#include "core/protocol/source_manifest.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "replay/payload_json.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
namespace protocol = core::protocol;

std::string content_name(const char* what, const core::Hash32& hash) {
  return std::string(what) + " " + core::to_hex0x(hash.view());
}

FactCheck check_commitment(const ev::CommitmentReceived& received, const Rules& rules) {
  FactCheck check{FactKind::kCommitment, std::nullopt, std::nullopt};
  const auto facts = protocol::verify_commitment(received.raw, rules.network.preconf_domain);
  if (received.facts != facts) {
    check.difference = first_difference(received.facts, facts, "facts");
  } else {
    check.difference = first_difference(received.verifier_version,
                                        protocol::kCommitmentVerifierVersion, "verifier_version");
  }
  return check;
}

FactCheck check_tx_list(const ev::TxListReceived& received, const storage::EventSource& log) {
  FactCheck check{FactKind::kTxList, std::nullopt, std::nullopt};
  const auto bytes = log.content(received.facts.hash);
  if (bytes == nullptr) {
    if (log.removed(received.facts.hash)) return {};  // on purpose: nothing to compare with
    check.missing = content_name("transaction list", received.facts.hash);
    return check;
  }
  const auto facts = protocol::verify_txlist(*bytes);
  if (received.facts != facts) {
    check.difference = first_difference(received.facts, facts, "facts");
  } else {
    check.difference = first_difference(received.verifier_version, protocol::kTxListVerifierVersion,
                                        "verifier_version");
  }
  return check;
}

std::optional<Difference> compare_payload(const ev::PayloadTaken& taken, core::BytesView json,
                                          const Rules& rules) {
  const std::string path = "result.payload_taken.";
  if (auto found =
          first_difference(taken.payload.size_bytes, static_cast<std::uint32_t>(json.size()),
                           path + "payload.size_bytes")) {
    return found;
  }
  const auto stored = read_payload_json(json, rules.chain);
  if (!stored) {
    return Difference{path + "payload", core::to_hex0x(taken.payload.hash.view()), stored.error()};
  }
  const core::codec::Header header = protocol::header_of(stored->fields, rules.chain);
  const core::Hash32 hash = core::codec::hash_header(header);
  if (auto found =
          first_difference(taken.header, protocol::facts_of(header, hash), path + "header")) {
    return found;
  }
  if (auto found =
          first_difference(taken.transactions, stored->transactions, path + "transactions")) {
    return found;
  }
  return first_difference(stored->block_hash, hash, path + "payload.blockHash");
}

FactCheck check_payload(const ev::PayloadTaken& taken, const Rules& rules,
                        const storage::EventSource& log) {
  FactCheck check{FactKind::kPayload, std::nullopt, std::nullopt};
  const auto bytes = log.content(taken.payload.hash);
  if (bytes == nullptr && log.removed(taken.payload.hash)) return {};
  if (bytes == nullptr) {
    check.missing = content_name("payload", taken.payload.hash);
  } else {
    check.difference = compare_payload(taken, *bytes, rules);
  }
  return check;
}

FactCheck check_blob(const ev::BlobReceived& received, const storage::EventSource& log) {
  FactCheck check{FactKind::kBlob, std::nullopt, std::nullopt};
  check.difference =
      first_difference(received.versioned_hash, core::codec::versioned_hash_of(received.commitment),
                       "versioned_hash");
  const auto bytes = log.content(received.content.hash);  // re-hashed by the log
  if (bytes == nullptr) {
    // Nothing of its bytes was recomputed, so it does not count as checked.
    if (!check.difference) check.kind = FactKind::kNone;
    if (log.removed(received.content.hash)) return check;
    check.missing = content_name("blob", received.content.hash);
  } else if (!check.difference) {
    check.difference =
        first_difference(received.content.size_bytes, static_cast<std::uint32_t>(bytes->size()),
                         "content.size_bytes");
  }
  return check;
}

/// What the blobs of `source` say when a source may have `blocks_max` blocks.
ev::SourceFacts resolve_again(const ev::SourceFacts& source, std::span<const core::BytesView> blobs,
                              std::size_t blocks_max) {
  protocol::DerivationSource asked;
  asked.is_forced_inclusion = source.is_forced_inclusion;
  asked.blobs.blob_hashes.resize(blobs.size());  // how many there are is all that counts
  asked.blobs.offset = source.offset;
  const auto found =
      protocol::resolve_source(asked, blobs, {blocks_max, core::limits::kManifestBytesMax});
  ev::SourceFacts out = source;
  out.defect = found.defect;
  out.blob_defect = found.blob_defect;
  out.manifest_hash = {};
  if (found.defect == core::codec::ManifestDefect::kNone) {
    out.manifest_hash = core::crypto::keccak256(found.manifest.bytes);
  }
  out.blocks = found.manifest.blocks;
  return out;
}

/// The answer does not say how many blocks a source may have: the fork at the proposal's time does.
/// What follows from the rules of either fork is right.
std::optional<Difference> compare_source(const ev::SourceFacts& source,
                                         std::span<const core::BytesView> blobs, const Rules& rules,
                                         const std::string& path) {
  const std::size_t early = protocol::blocks_per_source_max(rules.chain, {});
  const std::size_t late = protocol::blocks_per_source_max(rules.chain, {~std::uint64_t{0}});
  ev::SourceFacts again = resolve_again(source, blobs, early);
  if (again == source) return std::nullopt;
  if (late != early) again = resolve_again(source, blobs, late);
  return first_difference(source, again, path);
}

/// A source whose blobs were removed on purpose is passed over.
FactCheck check_sources(const ev::SourcesResolved& resolved, const Rules& rules,
                        const storage::EventSource& log) {
  FactCheck check{FactKind::kSources, std::nullopt, std::nullopt};
  for (std::size_t i = 0; i < resolved.sources.size() && !check.difference; ++i) {
    const ev::SourceFacts& source = resolved.sources[i];
    std::vector<decltype(log.content({}))> held;
    std::vector<core::BytesView> blobs;
    for (const core::ContentRef& blob : source.blobs) {
      held.push_back(log.content(blob.hash));
      if (held.back() != nullptr) blobs.emplace_back(*held.back());
      if (held.back() == nullptr && !log.removed(blob.hash)) {
        check.missing = content_name("blob", blob.hash);
      }
    }
    // Without blobs the source's hashes are not known here, only that none was needed.
    if (blobs.size() != source.blobs.size()) check.kind = FactKind::kNone;
    if (source.blobs.empty() || blobs.size() != source.blobs.size()) continue;
    check.difference = compare_source(source, blobs, rules,
                                      "result.sources_resolved.sources." + std::to_string(i));
  }
  if (!check.difference) {
    check.difference = first_difference(resolved.decoder_version, protocol::kManifestDecoderVersion,
                                        "result.sources_resolved.decoder_version");
  }
  return check;
}

}  // namespace

FactKind fact_kind_of(const core::EventBody& body) {
  if (std::holds_alternative<ev::CommitmentReceived>(body)) return FactKind::kCommitment;
  if (std::holds_alternative<ev::TxListReceived>(body)) return FactKind::kTxList;
  if (std::holds_alternative<ev::BlobReceived>(body)) return FactKind::kBlob;
  if (const auto* l1 = std::get_if<ev::L1Answered>(&body)) {
    const bool is_resolved = std::holds_alternative<ev::SourcesResolved>(l1->result);
    return is_resolved ? FactKind::kSources : FactKind::kNone;
  }
  const auto* answer = std::get_if<ev::EngineAnswered>(&body);
  const bool is_payload =
      answer != nullptr && std::holds_alternative<ev::PayloadTaken>(answer->result);
  return is_payload ? FactKind::kPayload : FactKind::kNone;
}

FactCheck check_facts(const core::Event& event, const Rules& rules,
                      const storage::EventSource& log) {
  if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
    return check_commitment(*received, rules);
  }
  if (const auto* received = std::get_if<ev::TxListReceived>(&event.body)) {
    return check_tx_list(*received, log);
  }
  if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
    if (const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result)) {
      return check_payload(*taken, rules, log);
    }
  }
  if (const auto* received = std::get_if<ev::BlobReceived>(&event.body)) {
    return check_blob(*received, log);
  }
  if (const auto* answer = std::get_if<ev::L1Answered>(&event.body)) {
    if (const auto* resolved = std::get_if<ev::SourcesResolved>(&answer->result)) {
      return check_sources(*resolved, rules, log);
    }
  }
  return {};
}

}  // namespace preconf::replay
