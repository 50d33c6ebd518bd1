#include "node/devnet/engine_json.hpp"

#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "core/codec/base64.hpp"
#include "core/limits.hpp"
#include "core/protocol/execution_payload.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::node::devnet {
namespace {

using core::Hash32;
using io::JsonValue;

constexpr std::size_t kTransactionsMax = core::limits::kTxListTransactionsMax;
constexpr std::size_t kTxListBytesMax = 16 * 1024 * 1024;

/// Reads the members of one object and remembers the first that is missing or wrong.
class ObjectReader {
 public:
  explicit ObjectReader(JsonValue object) : object_(object) {
    if (object.kind() != io::JsonKind::kObject) defect_ = "not an object";
  }

  [[nodiscard]] const std::string& defect() const { return defect_; }
  [[nodiscard]] JsonValue member(std::string_view name) const { return object_.get(name); }
  [[nodiscard]] bool has(std::string_view name) const {
    const JsonValue value = member(name);
    return !value.missing() && !value.is_null();
  }
  void fail(std::string_view name, std::string_view what) {
    if (defect_.empty()) defect_ = fmt::format("{} field `{}`", what, name);
  }

  template <std::size_t N>
  core::FixedBytes<N> fixed(std::string_view name) {
    return required<core::FixedBytes<N>>(name, [](JsonValue v) { return io::as_fixed<N>(v); });
  }
  std::uint64_t quantity(std::string_view name) {
    return required<std::uint64_t>(name, [](JsonValue v) { return io::as_quantity_u64(v); });
  }
  core::U256 quantity256(std::string_view name) {
    return required<core::U256>(name, [](JsonValue v) { return io::as_quantity_u256(v); });
  }
  std::uint64_t number(std::string_view name) {
    return required<std::uint64_t>(name, [](JsonValue v) { return v.as_u64(); });
  }
  core::Bytes data(std::string_view name, std::size_t bytes_max) {
    return required<core::Bytes>(name,
                                 [bytes_max](JsonValue v) { return io::as_data(v, bytes_max); });
  }

 private:
  template <class T, class Read>
  T required(std::string_view name, Read&& read) {
    const JsonValue value = member(name);
    if (value.missing()) {
      fail(name, "missing");
      return T{};
    }
    auto result = read(value);
    if (!result) {
      fail(name, "invalid");
      return T{};
    }
    return std::move(*result);
  }

  JsonValue object_;
  std::string defect_;
};

template <class T>
Parsed<T> finish(const ObjectReader& reader, T value) {
  if (!reader.defect().empty()) return core::Unexpected<std::string>{reader.defect()};
  return value;
}

std::optional<core::PayloadId> payload_id_from_numbers(JsonValue value) {
  if (value.kind() != io::JsonKind::kArray || value.size() != core::PayloadId::kSize) return {};
  core::PayloadId id;
  std::size_t index = 0;
  bool good = true;
  value.each_element([&](JsonValue element) {
    const auto number = element.as_u64();
    good = number && *number <= 0xff;
    if (good) id.bytes[index++] = static_cast<std::uint8_t>(*number);
    return good;
  });
  if (!good) return std::nullopt;
  return id;
}

/// blockMetadata of the attributes.
void read_metadata(JsonValue value, BuildRequest& request, ObjectReader& outer) {
  ObjectReader metadata(value);
  request.gas_limit = metadata.number("gasLimit");
  const core::Address beneficiary = metadata.fixed<20>("beneficiary");
  const Hash32 mix_hash = metadata.fixed<32>("mixHash");
  const std::uint64_t timestamp = metadata.quantity("timestamp");
  if (metadata.has("txList")) request.tx_list = metadata.data("txList", kTxListBytesMax);
  const auto extra = metadata.member("extraData").as_string();
  const auto decoded =
      extra && extra->size() <= 1024 ? core::codec::decode_base64(*extra) : std::nullopt;
  if (decoded) {
    request.extra_data = *decoded;
  } else {
    metadata.fail("extraData", "missing or not base64:");
  }
  if (!metadata.defect().empty()) outer.fail("blockMetadata", metadata.defect() + " in");
  // The engine builds with the metadata's beneficiary and the attributes' prevRandao; a client that
  // sends two different values has a bug that must not stay hidden.
  if (beneficiary != request.fee_recipient) outer.fail("beneficiary", "contradicting");
  if (mix_hash != request.prev_randao) outer.fail("mixHash", "contradicting");
  if (timestamp != request.timestamp.value) outer.fail("timestamp", "contradicting");
}

}  // namespace

Parsed<core::commands::ForkchoiceState> forkchoice_state_from(JsonValue value) {
  ObjectReader reader(value);
  core::commands::ForkchoiceState state;
  state.head = reader.fixed<32>("headBlockHash");
  state.safe = reader.fixed<32>("safeBlockHash");
  state.finalized = reader.fixed<32>("finalizedBlockHash");
  return finish(reader, state);
}

Parsed<StoredOrigin> origin_from(JsonValue value) {
  ObjectReader reader(value);
  StoredOrigin origin;
  origin.block_id = reader.quantity(reader.has("blockId") ? "blockId" : "blockID");
  origin.l2_block_hash = reader.fixed<32>("l2BlockHash");
  if (reader.has("l1BlockHeight")) origin.l1_block_height = reader.quantity256("l1BlockHeight");
  if (reader.has("l1BlockHash")) origin.l1_block_hash = reader.fixed<32>("l1BlockHash");
  const auto id = payload_id_from_numbers(reader.member(
      reader.has("buildPayloadArgsId") ? "buildPayloadArgsId" : "buildPayloadArgsID"));
  if (id) {
    origin.build_payload_args_id = *id;
  } else {
    reader.fail("buildPayloadArgsId", "missing or invalid");
  }
  const auto forced = reader.member("isForcedInclusion").as_bool();
  if (!forced) reader.fail("isForcedInclusion", "missing or invalid");
  origin.is_forced_inclusion = forced.value_or(false);
  origin.signature = reader.fixed<65>("signature");
  return finish(reader, origin);
}

Parsed<BuildRequest> build_request_from(JsonValue value) {
  ObjectReader reader(value);
  BuildRequest request;
  request.timestamp = core::UnixSeconds{reader.quantity("timestamp")};
  request.prev_randao = reader.fixed<32>("prevRandao");
  request.fee_recipient = reader.fixed<20>("suggestedFeeRecipient");
  request.withdrawals_present = reader.has("withdrawals");
  if (request.withdrawals_present && reader.member("withdrawals").size() != 0) {
    reader.fail("withdrawals", "non-empty");
  }
  if (reader.has("parentBeaconBlockRoot")) {
    request.parent_beacon_block_root = reader.fixed<32>("parentBeaconBlockRoot");
  }
  request.base_fee_wei = reader.quantity("baseFeePerGas");
  read_metadata(reader.member("blockMetadata"), request, reader);
  if (reader.has("anchorTransaction")) {
    request.anchor_transaction = reader.data("anchorTransaction", kTxListBytesMax);
  }
  auto origin = origin_from(reader.member("l1Origin"));
  if (!origin) {
    reader.fail("l1Origin", origin.error() + " in");
  } else {
    request.origin = *origin;
  }
  return finish(reader, std::move(request));
}

Parsed<PayloadClaim> payload_claim_from(JsonValue value,
                                        const core::protocol::ChainProfile& chain) {
  ObjectReader reader(value);
  PayloadClaim claim;
  core::codec::Header& header = claim.header;
  header.parent_hash = reader.fixed<32>("parentHash");
  header.beneficiary = reader.fixed<20>("feeRecipient");
  header.state_root = reader.fixed<32>("stateRoot");
  header.receipts_root = reader.fixed<32>("receiptsRoot");
  header.logs_bloom = reader.fixed<256>("logsBloom");
  header.mix_hash = reader.fixed<32>("prevRandao");
  header.number = reader.quantity("blockNumber");
  header.gas_limit = reader.quantity("gasLimit");
  header.gas_used = reader.quantity("gasUsed");
  header.timestamp = reader.quantity("timestamp");
  header.extra_data = reader.data("extraData", 1024);
  header.base_fee_wei = reader.quantity("baseFeePerGas");
  claim.block_hash = reader.fixed<32>("blockHash");
  claim.tx_hash = reader.has("txHash") ? reader.fixed<32>("txHash") : Hash32{};
  if (reader.has("withdrawalsHash")) claim.withdrawals_hash = reader.fixed<32>("withdrawalsHash");
  if (reader.has("headerDifficulty")) {
    const JsonValue difficulty = reader.member("headerDifficulty");
    const auto number = difficulty.as_u64();
    header.difficulty =
        number ? core::U256::from_u64(*number) : reader.quantity256("headerDifficulty");
    claim.difficulty_given = true;
  }
  const JsonValue transactions = reader.member("transactions");
  if (transactions.kind() != io::JsonKind::kArray || transactions.size() > kTransactionsMax) {
    reader.fail("transactions", "missing or invalid");
  }
  claim.transactions.reserve(transactions.size());
  transactions.each_element([&](JsonValue element) {
    auto raw = io::as_data(element, kTxListBytesMax);
    if (!raw) {
      reader.fail("transactions", "invalid");
      return false;
    }
    claim.transactions.push_back(std::move(*raw));
    return true;
  });
  core::protocol::set_taiko_constants(header, chain);
  return finish(reader, std::move(claim));
}

}  // namespace preconf::node::devnet
