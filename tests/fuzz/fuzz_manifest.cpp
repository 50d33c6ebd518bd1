// Manifests. The first byte chooses how the rest is read: as the decoded blobs hold it (words and
// zlib stream), or as the inflated RLP, because mutations of a zlib stream rarely survive its
// checksum. The second byte sets the bound on the inflated size, so that both sides of it are seen.
#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/manifest.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/segment.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

constexpr std::size_t kBlocksMax = 5;
constexpr std::size_t kNoBound = std::size_t{1} << 20;

/// Every manifest is produced or replaced by one block; what is produced obeys the rules.
void check_segment(const codec::Manifest& manifest) {
  const auto chain = protocol::chain_profile("devnet").value();
  protocol::DerivationParent parent;
  parent.header.number = BlockNumber{7};
  parent.header.gas_limit = 31'000'000;
  parent.header.timestamp = UnixSeconds{1'700'000'000};
  parent.anchor_block_number = L1BlockNumber{1000};
  protocol::ProposalFacts proposal;
  proposal.landed.timestamp = UnixSeconds{1'700'000'100};
  proposal.landed.block_number = L1BlockNumber{1100};
  const auto segment = protocol::prepare_segment(parent, proposal, false, manifest.blocks, chain);
  PRECONF_ASSERT(!segment.blocks.empty());
  PRECONF_ASSERT(segment.is_replaced == (segment.defect != protocol::SegmentDefect::kNone));
  for (const auto& block : segment.blocks)
    PRECONF_ASSERT(block.timestamp > parent.header.timestamp);
}

codec::ManifestDefect check_payload(BytesView payload, std::size_t bytes_max) {
  const auto decoded = codec::decode_manifest(payload, 0, {kBlocksMax, bytes_max});
  if (!decoded) return decoded.error();
  PRECONF_ASSERT(decoded->blocks.size() <= kBlocksMax);
  PRECONF_ASSERT(decoded->bytes.size() <= bytes_max);
  std::vector<codec::BlockToPropose> again;
  for (const auto& block : decoded->blocks) {
    const BytesView items = decoded->transactions_of(block);
    again.push_back({block, Bytes(items.begin(), items.end())});
  }
  const Bytes encoded = codec::encode_manifest(again);
  const auto twice = codec::decode_manifest(encoded, 0, {kBlocksMax, bytes_max});
  PRECONF_ASSERT(twice && twice->bytes == decoded->bytes && twice->blocks == decoded->blocks);
  check_segment(*decoded);
  return codec::ManifestDefect::kNone;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t bytes_max = 1 + std::size_t{data[1]} * 8;
  const BytesView rest = BytesView(data, size).subspan(2);
  if (data[0] % 2 == 0) {
    check_payload(rest, kNoBound);
    return 0;
  }
  Bytes payload(64);
  const Bytes stream = codec::deflate_bytes(rest);
  payload[31] = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    payload[63 - i] = static_cast<std::uint8_t>(std::uint64_t{stream.size()} >> (8 * i));
  }
  payload.insert(payload.end(), stream.begin(), stream.end());
  const auto whole = check_payload(payload, kNoBound);
  const auto bounded = check_payload(payload, bytes_max);
  // The bound turns an answer into "undecided", never into another answer about a good manifest.
  using codec::ManifestDefect;
  if (whole == ManifestDefect::kNone) {
    PRECONF_ASSERT(bounded == ManifestDefect::kNone || bounded == ManifestDefect::kTooLarge);
  } else {
    PRECONF_ASSERT(bounded != ManifestDefect::kNone);
  }
  return 0;
}
