#include "replay/facts.hpp"

#include "core/codec/header.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/execution_payload.hpp"
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

}  // namespace

FactKind fact_kind_of(const core::EventBody& body) {
  if (std::holds_alternative<ev::CommitmentReceived>(body)) return FactKind::kCommitment;
  if (std::holds_alternative<ev::TxListReceived>(body)) return FactKind::kTxList;
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
  return {};
}

}  // namespace preconf::replay
