// Proposals that another implementation made (tests/e2e/make_proposals.mjs): whole ones and ones
// broken in each way. From the log and the blobs of L1 to the attributes of every block.
#include <simdjson.h>

#include <cstdlib>
#include <map>

#include "core/codec/blob.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/source_manifest.hpp"
#include "tests/core/vectors.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::core::test {
namespace {

using protocol::DerivationParent;
using simdjson::dom::element;

std::string text(element object, const char* key) {
  return std::string(std::string_view(object[key].get_string()));
}
std::uint64_t num(element object, const char* key) { return number(text(object, key)); }
Hash32 hash(element object, const char* key) { return hash32(text(object, key)); }
Hash32 keccak_of(const std::string& words) {
  return crypto::keccak256(
      BytesView(reinterpret_cast<const std::uint8_t*>(words.data()), words.size()));
}

struct Proposal {
  protocol::ChainProfile chain;
  protocol::ProposedFacts log;
  protocol::ProposalFacts facts;
  DerivationParent parent;
  std::uint64_t nonce = 0;
};

Proposal read_proposal(element one) {
  Proposal out;
  out.chain = protocol::chain_profile(text(one, "chain")).value();
  std::vector<Hash32> topics;
  for (const element topic : one["log"]["topics"].get_array()) {
    topics.push_back(hash32(std::string(std::string_view(topic.get_string()))));
  }
  const Bytes data = bytes(text(one["log"], "data").substr(2));
  const auto read = protocol::read_proposed(topics, data);
  EXPECT_TRUE(read.has_value());
  out.log = read ? *read : protocol::ProposedFacts{};
  const auto again = protocol::encode_proposed(out.log);
  EXPECT_EQ(again.topics, topics);
  EXPECT_EQ(again.data, data);
  const element landed = one["landed"];
  const protocol::LandedAt at{UnixSeconds{num(landed, "timestamp")},
                              L1BlockNumber{num(landed, "number")}, hash(landed, "hash"),
                              hash(landed, "parentHash")};
  EXPECT_EQ(protocol::proposal_hash(out.log, at), hash(one["log"], "proposalHash"));
  out.facts = protocol::proposal_of(out.log, at);

  const element parent = one["parent"];
  out.parent.header.number = BlockNumber{num(parent, "number")};
  out.parent.header.hash = hash(parent, "hash");
  out.parent.header.timestamp = UnixSeconds{num(parent, "timestamp")};
  out.parent.header.gas_limit = num(parent, "gasLimit");
  out.parent.header.gas_used = num(parent, "gasUsed");
  out.parent.header.base_fee_wei = num(parent, "baseFee");
  out.parent.header.difficulty = u256(text(parent, "difficulty"));
  out.parent.block_time_seconds = num(parent, "blockTime");
  out.parent.anchor_block_number = L1BlockNumber{num(parent, "anchor")};
  out.nonce = one["nonce"].get_uint64();
  return out;
}

/// The blobs of one source; their commitments give the hashes that the log names.
std::vector<Bytes> read_blobs(element list, const protocol::DerivationSource& source) {
  std::vector<Bytes> blobs;
  for (const element one : list.get_array()) {
    const auto commitment = fixed<48>(text(one, "commitment"));
    EXPECT_EQ(codec::versioned_hash_of(commitment), hash(one, "hash"));
    EXPECT_EQ(source.blobs.blob_hashes.at(blobs.size()), hash(one, "hash"));
    Bytes blob(codec::kBlobBytes);
    for (const element run : one["runs"].get_array()) {
      const Bytes part = bytes(std::string(std::string_view(run.at(1).get_string())));
      const auto position = static_cast<std::ptrdiff_t>(run.at(0).get_uint64().value());
      std::copy(part.begin(), part.end(), blob.begin() + position);
    }
    blobs.push_back(std::move(blob));
  }
  EXPECT_EQ(blobs.size(), source.blobs.blob_hashes.size());
  return blobs;
}

/// What the other side invents for an engine's answer.
protocol::HeaderFacts produced(const protocol::DerivedBlock& block,
                               const protocol::ChainProfile& chain) {
  const auto& attributes = block.attributes;
  protocol::HeaderFacts out;
  out.number = attributes.block_number;
  Bytes named(attributes.payload_id.bytes.begin(), attributes.payload_id.bytes.end());
  named.insert(named.end(), attributes.tx_list_rlp_hash.bytes.begin(),
               attributes.tx_list_rlp_hash.bytes.end());
  out.hash = crypto::keccak256(named);
  out.timestamp = attributes.timestamp;
  out.gas_limit = attributes.gas_limit;
  out.base_fee_wei = attributes.base_fee_wei;
  out.gas_used =
      (attributes.timestamp.value * 7919 + attributes.block_number.value) % attributes.gas_limit;
  if (protocol::unzen_active(chain, attributes.timestamp)) {
    out.difficulty = U256::from_u64(attributes.block_number.value + 1000);
  }
  return out;
}

protocol::DerivedBlock derive(Proposal& proposal, const codec::BlockManifest& block,
                              BytesView transactions) {
  const std::string anchor = std::to_string(block.anchor_block_number.value);
  protocol::AnchorFactsFromChains chains;
  chains.call = {block.anchor_block_number, keccak_of("l1 hash " + anchor),
                 keccak_of("l1 state " + anchor)};
  chains.golden_nonce = proposal.nonce++;
  const auto derived = protocol::derive_block(proposal.parent, proposal.facts, block, transactions,
                                              chains, proposal.chain);
  EXPECT_TRUE(derived.has_value());
  proposal.parent = protocol::parent_after(proposal.parent, produced(*derived, proposal.chain),
                                           block.anchor_block_number);
  return *derived;
}

void expect_block(element expected, const protocol::DerivedBlock& derived,
                  const codec::BlockManifest& block) {
  const auto& attributes = derived.attributes;
  EXPECT_EQ(attributes.block_number.value, num(expected, "number"));
  EXPECT_EQ(attributes.timestamp.value, num(expected, "timestamp"));
  EXPECT_EQ(attributes.fee_recipient, address(text(expected, "coinbase")));
  EXPECT_EQ(attributes.gas_limit, num(expected, "gasLimit"));
  EXPECT_EQ(attributes.base_fee_wei, num(expected, "baseFee"));
  EXPECT_EQ(attributes.prev_randao, hash(expected, "mixHash"));
  EXPECT_EQ(hex(attributes.extra_data), text(expected, "extraData").substr(2));
  EXPECT_EQ(block.anchor_block_number.value, num(expected, "anchor"));
  EXPECT_EQ(block.transactions, expected["transactions"].get_uint64().value());
  EXPECT_EQ(crypto::keccak256(derived.anchor_tx), hash(expected, "anchorTxHash"));
  EXPECT_EQ(attributes.tx_list_rlp_hash, hash(expected, "rlpHash"));
  EXPECT_EQ(hex(attributes.payload_id), text(expected, "payloadId").substr(2));
}

/// Derives one source on top of what came before, and compares. Returns why the manifest was not
/// used.
std::string check_source(Proposal& proposal, std::size_t index, element blobs, element expected) {
  const auto& source = proposal.log.sources.at(index);
  const auto raw = read_blobs(blobs, source);
  const std::vector<BytesView> views(raw.begin(), raw.end());
  const codec::ManifestBounds bounds{
      protocol::blocks_per_source_max(proposal.chain, proposal.facts.landed.timestamp),
      limits::kManifestBytesMax};
  const auto resolved = protocol::resolve_source(source, views, bounds);
  EXPECT_EQ(!codec::is_default(resolved.manifest.blocks), bool(expected["decoded"].get_bool()));
  const auto segment =
      protocol::prepare_segment(proposal.parent, proposal.facts, source.is_forced_inclusion,
                                resolved.manifest.blocks, proposal.chain);
  EXPECT_EQ(segment.is_replaced, bool(expected["replaced"].get_bool()));
  EXPECT_EQ(segment.blocks.size(), expected["count"].get_uint64().value());
  const auto shown = expected["blocks"].get_array();
  auto next_shown = shown.begin();
  Bytes digested;
  for (const codec::BlockManifest& block : segment.blocks) {
    const auto derived = derive(proposal, block, resolved.manifest.transactions_of(block));
    for (const BytesView part :
         {derived.attributes.payload_id.view(), derived.attributes.tx_list_rlp_hash.view()}) {
      digested.insert(digested.end(), part.begin(), part.end());
    }
    if (next_shown == shown.end()) continue;
    expect_block(*next_shown, derived, block);
    ++next_shown;
  }
  EXPECT_EQ(crypto::keccak256(digested), hash(expected, "digest"));
  if (resolved.defect != codec::ManifestDefect::kNone) return codec::name_of(resolved.defect);
  return protocol::name_of(segment.defect);
}

TEST(IndependentProposals, FromLogAndBlobsToTheAttributesOfEveryBlock) {
  simdjson::dom::parser parser;
  const char* other = std::getenv("PRECONF_PROPOSALS");  // of another seed
  const element document = parser.load(
      other != nullptr ? std::string(other)
                       : preconf::tests::tests_dir() + "/vectors/independent_proposals.json");
  std::size_t proposals = 0;
  std::map<std::string, std::size_t> reasons;
  for (const element one : document["proposals"].get_array()) {
    SCOPED_TRACE(text(one, "kind") + " " + std::to_string(proposals));
    ++proposals;
    Proposal proposal = read_proposal(one);
    const auto expected = one["expected"].get_array();
    ASSERT_EQ(proposal.log.sources.size(), expected.size());
    std::string reason;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      reason = check_source(proposal, i, one["blobs"].at(i), expected.at(i));
    }
    ++reasons[reason];
    if (HasFailure()) return;
  }
  EXPECT_GE(proposals, 200U);
  // Every way to refuse a manifest but the bound of this program is among them.
  const std::vector<std::string> all{"none",
                                     "too_short",
                                     "version",
                                     "size_beyond_end",
                                     "zlib",
                                     "rlp",
                                     "rlp_truncated",
                                     "trailing_bytes",
                                     "transaction",
                                     "too_many_blocks",
                                     "no_blobs",
                                     "offset",
                                     "blob",
                                     "forced_block_count",
                                     "no_blocks",
                                     "no_time_left",
                                     "timestamp_too_early",
                                     "timestamp_too_late",
                                     "anchor_backwards",
                                     "anchor_too_new",
                                     "anchor_too_old",
                                     "anchor_stagnant",
                                     "gas_limit"};
  for (const std::string& reason : all) EXPECT_GT(reasons[reason], 0U) << reason;
  EXPECT_EQ(reasons.size(), all.size());
}

}  // namespace
}  // namespace preconf::core::test
