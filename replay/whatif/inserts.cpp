#include "replay/whatif/inserts.hpp"

#include "core/codec/base64.hpp"
#include "core/limits.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "replay/whatif/inserts_l1.hpp"
#include "replay/whatif/json_values.hpp"

namespace preconf::replay {
namespace {

using Body = InsertedBody;
using Failure = core::Unexpected<std::string>;
namespace ev = core::events;

Body commitment_of(std::string_view text, const core::Hash32& domain) {
  const auto raw = core::from_hex(text);
  if (!raw || raw->size() != core::protocol::kSignedCommitmentBytes) {
    return Failure{"commitment: 382 bytes of hex are expected"};
  }
  return core::EventBody{ev::CommitmentReceived{*raw,
                                                core::protocol::verify_commitment(*raw, domain),
                                                core::protocol::kCommitmentVerifierVersion}};
}

Body list_of(std::string_view text) {
  const auto bytes =
      text.starts_with("0x") ? core::from_hex(text) : core::codec::decode_base64(text);
  if (!bytes || bytes->size() > core::limits::kTxListBytesMax) {
    return Failure{"txlist: hex or base64 of at most 2 MiB is expected"};
  }
  return core::EventBody{ev::TxListReceived{core::protocol::verify_txlist(*bytes),
                                            core::protocol::kTxListVerifierVersion}};
}

Body l1_of(simdjson::dom::element object) {
  ev::L1SyncObserved observed;
  const auto proposal = json_number(object, "target_proposal");
  if (object["scanner_live"].get_bool().get(observed.scanner_live) != simdjson::SUCCESS ||
      !proposal) {
    return Failure{"l1: scanner_live and target_proposal are expected"};
  }
  observed.target_proposal = core::ProposalId{*proposal};
  if (const auto block = json_number(object, "target_block")) {
    observed.target_block = core::BlockNumber{*block};
  }
  return core::EventBody{observed};
}

Body body_of(simdjson::dom::element root, const core::Hash32& domain) {
  std::string_view text;
  simdjson::dom::element object;
  if (root["commitment"].get_string().get(text) == simdjson::SUCCESS) {
    return commitment_of(text, domain);
  }
  if (root["txlist"].get_string().get(text) == simdjson::SUCCESS) return list_of(text);
  if (root["schedule"].get(object) == simdjson::SUCCESS) {
    const auto schedule = json_schedule(object);
    if (!schedule) return Failure{"schedule: version and windows are expected"};
    return core::EventBody{ev::ScheduleConfigured{*schedule}};
  }
  if (root["l1"].get(object) == simdjson::SUCCESS) return l1_of(object);
  if (root["l1_block"].get(object) == simdjson::SUCCESS) return l1_block_of(object);
  if (root["l1_tags"].get(object) == simdjson::SUCCESS) return l1_tags_of(object);
  return Failure{"one of commitment, txlist, schedule, l1, l1_block and l1_tags is expected"};
}

}  // namespace

core::Result<std::multimap<core::Seq, core::EventBody>, std::string> read_inserts(
    std::string_view text, const core::Hash32& domain) {
  if (text.size() > kInsertsBytesMax) return Failure{"the file is too long"};
  std::multimap<core::Seq, core::EventBody> inserts;
  simdjson::dom::parser parser;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = "line " + std::to_string(number) + ": ";
    simdjson::dom::element root;
    if (parser.parse(line).get(root) != simdjson::SUCCESS || !root.is_object()) {
      return Failure{where + "not a JSON object"};
    }
    const auto after = json_number(root, "after");
    if (!after || *after == 0) return Failure{where + "\"after\": a seq is expected"};
    auto body = body_of(root, domain);
    if (!body) return Failure{where + body.error()};
    if (inserts.size() == kInsertsMax) return Failure{where + "too many inputs"};
    inserts.emplace(core::Seq{*after}, std::move(body).value());
  }
  return inserts;
}

}  // namespace preconf::replay
