// What the beacon side of the simulated L1 answers.
#include <fmt/format.h>

#include <charconv>

#include "core/base/hex.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/beacon_server.hpp"

namespace preconf::node::devnet {
namespace {

using core::Hash32;
using io::HttpResponse;

HttpResponse failure(unsigned status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  io::JsonWriter out;
  out.begin_object().key("code").number(status).key("message").text(message).end_object();
  response.body = out.take();
  return response;
}

HttpResponse json(io::JsonWriter& out) {
  HttpResponse response;
  response.body = out.take();
  return response;
}

HttpResponse genesis(const L1Node& node) {
  io::JsonWriter out;
  out.begin_object().key("data").begin_object();
  out.key("genesis_time").text(fmt::format("{}", node.chain.deployment().clock.genesis.value));
  out.key("genesis_validators_root").data(Hash32{}.view());
  out.key("genesis_fork_version").text("0x00000000").end_object().end_object();
  return json(out);
}

HttpResponse spec(const L1Node& node) {
  const core::protocol::EpochClock& clock = node.chain.deployment().clock;
  io::JsonWriter out;
  out.begin_object().key("data").begin_object();
  out.key("SECONDS_PER_SLOT").text(fmt::format("{}", clock.slot_seconds));
  out.key("SLOTS_PER_EPOCH").text(fmt::format("{}", clock.slots_per_epoch));
  out.key("DEPOSIT_CHAIN_ID").text(fmt::format("{}", node.chain.deployment().l1_chain_id));
  out.end_object().end_object();
  return json(out);
}

/// The canonical block of a slot (decimal), or of "head", "finalized" and "genesis".
const L1Block* block_of(const L1Node& node, std::string_view id, bool& is_readable) {
  is_readable = true;
  if (id == "head") return &node.latest();
  if (id == "finalized") return node.chain.finalized();
  if (id == "genesis") return node.chain.canonical(core::L1BlockNumber{0});
  std::uint64_t slot = 0;
  const char* const end = id.data() + id.size();
  const auto [last, error] = std::from_chars(id.data(), end, slot);
  is_readable = error == std::errc{} && last == end;
  constexpr std::uint64_t kSlotMax = std::uint64_t{1} << 40;
  if (!is_readable || slot > kSlotMax) return nullptr;
  const core::protocol::EpochClock& clock = node.chain.deployment().clock;
  const L1Block* block =
      node.chain.at_time(core::UnixSeconds{clock.genesis.value + slot * clock.slot_seconds});
  return block != nullptr && block->number() > node.latest().number() ? nullptr : block;
}

/// The commitment that one side tells for a blob.
core::codec::KzgCommitment told_commitment(const BlobService& service, const Hash32& hash,
                                           const L1Blob& blob) {
  core::codec::KzgCommitment commitment = blob.commitment;
  if (service.wrong.contains(hash)) commitment.bytes.back() ^= 0x01;
  return commitment;
}

void write_finality(io::JsonWriter& out, const L1Node& node, const L1Block& block) {
  const L1Block* finalized = node.chain.finalized();
  out.key("execution_optimistic").boolean(false);
  out.key("finalized").boolean(finalized != nullptr && block.number() <= finalized->number());
}

HttpResponse sidecars(L1Node& node, const L1Block& block) {
  const BlobService& service = node.blobs_of(BlobSide::kBeacon);
  io::JsonWriter out(2 * core::codec::kBlobBytes * block.blobs.size() + 4'096);
  out.begin_object().key("version").text("electra");
  write_finality(out, node, block);
  out.key("data").begin_array();
  std::size_t index = 0;
  for (const Hash32& hash : block.blobs) {
    const L1Blob* blob = node.chain.blob(hash);
    const std::size_t at = index++;
    if (blob == nullptr || service.hides(hash)) continue;
    out.begin_object().key("index").text(fmt::format("{}", at));
    out.key("blob").data(blob->bytes);
    out.key("kzg_commitment").data(told_commitment(service, hash, *blob).view());
    out.key("kzg_proof").data(core::codec::KzgCommitment{}.view());
    out.end_object();
  }
  out.end_array().end_object();
  return json(out);
}

/// Blobs alone, in the block's order; those that the query names, if it names some.
HttpResponse blobs(L1Node& node, const L1Block& block, std::string_view query) {
  const BlobService& service = node.blobs_of(BlobSide::kBeacon);
  const bool has_filter = query.find("versioned_hashes=") != std::string_view::npos;
  io::JsonWriter out;
  out.begin_object();
  write_finality(out, node, block);
  out.key("data").begin_array();
  for (const Hash32& hash : block.blobs) {
    const L1Blob* blob = node.chain.blob(hash);
    if (has_filter && query.find(core::to_hex0x(hash.view())) == std::string_view::npos) continue;
    // This endpoint has all of them or none.
    if (blob == nullptr || service.hides(hash)) return failure(404, "blobs not available");
    out.data(blob->bytes);
  }
  out.end_array().end_object();
  return json(out);
}

HttpResponse beacon_block(L1Node& node, const L1Block& block) {
  const BlobService& service = node.blobs_of(BlobSide::kBeacon);
  const core::protocol::EpochClock& clock = node.chain.deployment().clock;
  const auto slot = core::protocol::slot_of(clock, block.timestamp());
  io::JsonWriter out;
  out.begin_object().key("version").text("electra");
  write_finality(out, node, block);
  out.key("data").begin_object().key("message").begin_object();
  out.key("slot").text(fmt::format("{}", slot.value_or(0)));
  out.key("parent_root").data(block.header.parent_beacon_block_root.value_or(Hash32{}).view());
  out.key("body").begin_object();
  out.key("blob_kzg_commitments").begin_array();
  for (const Hash32& hash : block.blobs) {
    const L1Blob* blob = node.chain.blob(hash);
    if (blob != nullptr) out.data(told_commitment(service, hash, *blob).view());
  }
  out.end_array();
  out.key("execution_payload").begin_object();
  out.key("block_number").text(fmt::format("{}", block.header.number));
  out.key("block_hash").data(block.hash.view());
  out.key("parent_hash").data(block.header.parent_hash.view());
  out.key("timestamp").text(fmt::format("{}", block.header.timestamp));
  out.end_object().end_object().end_object().end_object().end_object();
  return json(out);
}

HttpResponse server_blob(L1Node& node, std::string_view name) {
  const BlobService& service = node.blobs_of(BlobSide::kBlobServer);
  const auto hash = core::fixed_from_hex<32>(name);
  if (!hash) return failure(400, "not a versioned hash");
  const L1Blob* blob = node.chain.blob(*hash);
  if (blob == nullptr || service.hides(*hash)) return failure(404, "blob not found");
  io::JsonWriter out(2 * core::codec::kBlobBytes + 512);
  out.begin_object().key("versionedHash").data(hash->view());
  out.key("commitment").data(told_commitment(service, *hash, *blob).view());
  out.key("proof").data(core::codec::KzgCommitment{}.view());
  out.key("data").data(blob->bytes).end_object();
  return json(out);
}

struct BlockEndpoint {
  std::string_view prefix;
  const char* name;
  HttpResponse (*run)(L1Node&, const L1Block&, std::string_view query);
};

constexpr BlockEndpoint kBlockEndpoints[] = {
    {"/eth/v1/beacon/blob_sidecars/", "beacon_blob_sidecars",
     [](L1Node& node, const L1Block& block, std::string_view) { return sidecars(node, block); }},
    {"/eth/v1/beacon/blobs/", "beacon_blobs", blobs},
    {"/eth/v2/beacon/blocks/", "beacon_blocks",
     [](L1Node& node, const L1Block& block, std::string_view) {
       return beacon_block(node, block);
     }},
};

}  // namespace

HttpResponse answer_beacon(L1Node& node, std::string_view target, std::string& endpoint) {
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  const std::string_view query =
      question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
  if (path == "/eth/v1/beacon/genesis") {
    endpoint = "beacon_genesis";
    return genesis(node);
  }
  if (path == "/eth/v1/config/spec") {
    endpoint = "beacon_spec";
    return spec(node);
  }
  if (path == "/eth/v1/node/syncing" || path == "/eth/v1/node/health") {
    endpoint = "beacon_node";
    HttpResponse response;
    response.body = R"({"data":{"is_syncing":false,"is_optimistic":false,"el_offline":false}})";
    return response;
  }
  constexpr std::string_view kServerPrefix = "/blobs/";
  if (path.starts_with(kServerPrefix)) {
    endpoint = "blob_server";
    return server_blob(node, path.substr(kServerPrefix.size()));
  }
  for (const BlockEndpoint& candidate : kBlockEndpoints) {
    if (!path.starts_with(candidate.prefix)) continue;
    endpoint = candidate.name;
    bool is_readable = false;
    const L1Block* block = block_of(node, path.substr(candidate.prefix.size()), is_readable);
    if (!is_readable) return failure(400, "invalid block id");
    if (block == nullptr) return failure(404, "block not found");
    return candidate.run(node, *block, query);
  }
  endpoint = "beacon_unknown";
  return failure(404, "no such endpoint");
}

}  // namespace preconf::node::devnet
