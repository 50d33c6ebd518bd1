#include "io/rpc/publish.hpp"

#include <utility>

#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

using core::Unexpected;
using core::protocol::CommitmentDefect;

namespace {

/// Hex text of any length that the request bound lets through: a list that is too large is answered
/// as such, not as a malformed parameter.
constexpr std::size_t kDataBytesMax = 16 * 1024 * 1024;

/// Members of the parameter object, as far as the method has them.
struct Params {
  core::Bytes commitment;
  core::Hash32 tx_list_hash;
  core::Bytes tx_list;
};

PublishRefusal bad_params(std::string_view what) {
  return {{preconf_code::kInvalidParams, "Invalid params: " + std::string(what)}, {}, {}};
}

PublishRefusal invalid(std::string message, std::string reason, const core::Hash32& sample) {
  return {{preconf_code::kInvalidCommitment, std::move(message)}, std::move(reason), sample};
}

core::Result<Params, PublishRefusal> read_params(PublishMethod method, JsonValue params) {
  if (params.kind() != JsonKind::kArray || params.size() != 1 ||
      params.at(0).kind() != JsonKind::kObject) {
    return Unexpected{bad_params("exactly one object expected")};
  }
  const JsonValue object = params.at(0);
  Params read;
  if (method != PublishMethod::kTxList &&
      !take(as_data(object.get("commitment"), kDataBytesMax), read.commitment)) {
    return Unexpected{bad_params("commitment must be 0x hex bytes")};
  }
  if (method == PublishMethod::kCommitment) return read;
  if (!take(as_fixed<32>(object.get("txListHash")), read.tx_list_hash)) {
    return Unexpected{bad_params("txListHash must be 32 bytes of 0x hex")};
  }
  if (!take(as_data(object.get("txList"), kDataBytesMax), read.tx_list)) {
    return Unexpected{bad_params("txList must be 0x hex bytes")};
  }
  return read;
}

/// Steps 2 and 3: size, then hash.
core::Result<SubmittedTxList, PublishRefusal> check_tx_list(core::Bytes bytes,
                                                            const core::Hash32& stated) {
  if (bytes.size() > core::limits::kTxListBytesMax) {
    return Unexpected{invalid("txlist too large", "txlist_too_large", stated)};
  }
  SubmittedTxList list;
  list.facts = core::protocol::verify_txlist(bytes);
  if (list.facts.hash != stated) {
    return Unexpected{invalid("tx_list_hash mismatch: expected " + core::to_hex0x(stated.view()) +
                                  ", got " + core::to_hex0x(list.facts.hash.view()),
                              "txlist_hash_mismatch", list.facts.hash)};
  }
  list.compressed = std::make_shared<const core::Bytes>(std::move(bytes));
  return list;
}

PublishRefusal refuse_commitment(CommitmentDefect defect, core::BytesView raw) {
  return {refusal_of(defect), std::string("commitment_") + name_of(defect),
          core::crypto::keccak256(raw)};
}

/// Step 1: is it SSZ at all?
core::Result<core::protocol::SignedCommitment, PublishRefusal> decode(core::BytesView raw) {
  const auto decoded = core::codec::decode_signed_commitment(raw);
  if (decoded) return *decoded;
  return Unexpected{refuse_commitment(decoded.error() == core::codec::SszDefect::kWrongSize
                                          ? CommitmentDefect::kWrongSize
                                          : CommitmentDefect::kNonCanonicalBool,
                                      raw)};
}

/// Step 5: signature, values, slasher.
core::Result<SubmittedCommitment, PublishRefusal> verify(
    core::Bytes raw, const core::protocol::NetworkProfile& network) {
  SubmittedCommitment commitment;
  commitment.facts = core::protocol::verify_commitment(raw, network.preconf_domain);
  if (commitment.facts.defect != CommitmentDefect::kNone) {
    return Unexpected{refuse_commitment(commitment.facts.defect, raw)};
  }
  if (commitment.facts.slasher != network.slasher_address) {
    return Unexpected{PublishRefusal{
        {preconf_code::kInvalidSigner, "signer mismatch: commitment names another slasher"},
        "commitment_slasher_mismatch",
        commitment.facts.commitment_hash}};
  }
  commitment.raw = std::move(raw);
  return commitment;
}

core::Result<PublishChecked, PublishRefusal> check_block(
    Params params, const core::protocol::NetworkProfile& network) {
  const auto decoded = decode(params.commitment);
  if (!decoded) return Unexpected{decoded.error()};
  auto list = check_tx_list(std::move(params.tx_list), params.tx_list_hash);
  if (!list) return Unexpected{list.error()};
  const auto& preconf = decoded->preconf;
  const bool eop_only = preconf.eop && preconf.raw_tx_list_hash.is_zero();
  if (!eop_only && preconf.raw_tx_list_hash != list->facts.hash) {
    return Unexpected{invalid("commitment raw_tx_list_hash mismatch: commitment contains " +
                                  core::to_hex0x(preconf.raw_tx_list_hash.view()) +
                                  ", txlist hashes to " + core::to_hex0x(list->facts.hash.view()),
                              "commitment_txlist_mismatch", list->facts.hash)};
  }
  auto commitment = verify(std::move(params.commitment), network);
  if (!commitment) return Unexpected{commitment.error()};
  PublishChecked checked;
  checked.commitment_hash = commitment->facts.commitment_hash;
  checked.tx_list_hash = list->facts.hash;
  checked.submission.commitment = std::move(commitment).value();
  // An EOP without a block comes with a list only because the method wants one.
  if (!eop_only) checked.submission.tx_list = std::move(list).value();
  return checked;
}

}  // namespace

core::Result<PublishChecked, PublishRefusal> check_publish(
    PublishMethod method, JsonValue params, const core::protocol::NetworkProfile& network) {
  auto read = read_params(method, params);
  if (!read) return Unexpected{read.error()};
  if (method == PublishMethod::kBlock) return check_block(std::move(read).value(), network);
  PublishChecked checked;
  if (method == PublishMethod::kTxList) {
    auto list = check_tx_list(std::move(read->tx_list), read->tx_list_hash);
    if (!list) return Unexpected{list.error()};
    checked.tx_list_hash = list->facts.hash;
    checked.submission.tx_list = std::move(list).value();
    return checked;
  }
  const auto decoded = decode(read->commitment);
  if (!decoded) return Unexpected{decoded.error()};
  auto commitment = verify(std::move(read->commitment), network);
  if (!commitment) return Unexpected{commitment.error()};
  checked.commitment_hash = commitment->facts.commitment_hash;
  checked.tx_list_hash = commitment->facts.raw_tx_list_hash;
  checked.submission.commitment = std::move(commitment).value();
  return checked;
}

PublishOutcome outcome_of(PublishMethod method, const SubmitAnswer& answer,
                          const core::Hash32& preconf_hash, const core::Hash32& tx_list_hash) {
  if (method == PublishMethod::kTxList) {
    return {admission_of(answer.tx_list_decisions, tx_list_hash), answer.tx_list_seq};
  }
  PublishOutcome outcome{admission_of(answer.commitment_decisions, preconf_hash),
                         answer.commitment_seq};
  if (method != PublishMethod::kBlock || outcome.admission.refusal) return outcome;
  // The first version of the API takes everything it can hold; the second one promises a block,
  // which needs a signer that the schedule knows.
  if (outcome.admission.verdict == core::Verdict::kPendingSchedule) {
    outcome.admission.refusal = {preconf_code::kLookaheadUnavailable,
                                 "lookahead unavailable: no window covers the timestamp yet"};
  } else if (answer.tx_list_seq.value != 0) {
    const Admission list = admission_of(answer.tx_list_decisions, tx_list_hash);
    if (list.refusal) outcome.admission = list;
  }
  return outcome;
}

}  // namespace preconf::io
