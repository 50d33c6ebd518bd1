// A promise against the proposal that L1 has: the block in its manifest, decoded again.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/derivation_rules.hpp"
#include "core/protocol/extra_data.hpp"
#include "core/protocol/source_manifest.hpp"
#include "replay/evidence/predicate_parts.hpp"
#include "replay/promise_on_l1.hpp"

namespace preconf::replay::evidence {
namespace {

namespace ev = core::events;
namespace protocol = core::protocol;
using core::Seq;
using core::protocol::CommitmentFacts;
using core::protocol::HeaderFacts;

template <class Body>
const Body* body_at(const Facts& facts, Seq seq) {
  const auto found = std::ranges::find(facts.events, seq, &core::Event::seq);
  return found == facts.events.end() ? nullptr : std::get_if<Body>(&found->body);
}

template <class Result>
const Result* l1_result_at(const Facts& facts, const std::optional<Seq>& seq) {
  const auto* answer = seq ? body_at<ev::L1Answered>(facts, *seq) : nullptr;
  return answer == nullptr ? nullptr : std::get_if<Result>(&answer->result);
}

const core::Bytes* content_of(const Facts& facts, const core::Hash32& hash) {
  const auto found = facts.contents.find(hash);
  return found == facts.contents.end() ? nullptr : found->second;
}

/// The block of a source that L1 has.
struct Described {
  core::codec::BlockManifest block;
  std::optional<core::Bytes> transactions;  ///< RLP items after the anchor's; none: no blobs here
  bool is_default = false;
};

class OnL1 {
 public:
  OnL1(const Signed& accused, const Facts& facts)
      : accused_(accused.facts), facts_(facts), landing_(*facts.landing) {}

  PredicateResult judge() {
    block_ = body_at<ev::L1BlockObserved>(facts_, landing_.l1_block);
    if (block_ != nullptr) find_proposal();
    if (proposed_ == nullptr) {
      return no(fmt::format("event {} shows no L1 block with proposal {} and its source {}",
                            landing_.l1_block.value, landing_.proposal.value, landing_.source));
    }
    if (const std::string trouble = describe(); !trouble.empty()) return no(trouble);
    find_header();
    if (header_ == nullptr && !is_tied_by_time()) {
      return no(fmt::format("no record ties block {} to proposal {}", accused_.block_number.value,
                            landing_.proposal.value));
    }
    compare();
    if (differences_.empty()) {
      return no(fmt::format("block {} of proposal {} has everything that was promised and is here",
                            accused_.block_number.value, landing_.proposal.value));
    }
    PredicateResult result = yes(fmt::format(
        "proposal {} in L1 block {} ({}, event {}) has another block {}: {}",
        landing_.proposal.value, block_->number.value, core::to_hex0x(block_->hash.view()),
        landing_.l1_block.value, accused_.block_number.value, text_of(differences_)));
    result.not_shown = std::move(not_shown_);
    result.not_shown.push_back(
        fmt::format("that L1 has block {} with this log: the node's L1 endpoint stands for it",
                    core::to_hex0x(block_->hash.view())));
    return result;
  }

 private:
  void find_proposal() {
    for (const ev::L1Fact& fact : block_->facts) {
      const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body);
      const bool is_it = proposed != nullptr && proposed->id == landing_.proposal &&
                         landing_.source < proposed->sources.size();
      if (is_it) proposed_ = proposed;
    }
  }

  /// The block from the blobs when they are here, else as the node read it. Not empty: what is
  /// wrong with what is here.
  std::string describe() {
    const protocol::DerivationSource& source = proposed_->sources[landing_.source];
    std::vector<core::BytesView> blobs;
    if (landing_.blobs.size() == source.blobs.blob_hashes.size()) {
      for (std::size_t i = 0; i < landing_.blobs.size(); ++i) {
        const auto* blob = body_at<ev::BlobReceived>(facts_, landing_.blobs[i]);
        const bool is_it = blob != nullptr && blob->versioned_hash == source.blobs.blob_hashes[i] &&
                           core::codec::versioned_hash_of(blob->commitment) == blob->versioned_hash;
        if (!is_it) return fmt::format("event {} is no blob of it", landing_.blobs[i].value);
        const core::Bytes* bytes = content_of(facts_, blob->content.hash);
        if (bytes != nullptr) blobs.emplace_back(*bytes);
      }
    }
    if (blobs.size() == source.blobs.blob_hashes.size()) return describe_from(source, blobs);
    not_shown_.push_back("that the proposal's blobs say so: they are not here");
    const auto* resolved = l1_result_at<ev::SourcesResolved>(facts_, landing_.sources);
    if (resolved == nullptr || resolved->id != landing_.proposal ||
        landing_.source >= resolved->sources.size()) {
      return {};
    }
    const ev::SourceFacts& read = resolved->sources[landing_.source];
    if (landing_.block >= read.blocks.size()) return "its source has fewer blocks";
    const bool is_default = read.defect != core::codec::ManifestDefect::kNone;
    described_ = Described{read.blocks[landing_.block], std::nullopt, is_default};
    return {};
  }

  std::string describe_from(const protocol::DerivationSource& source,
                            std::span<const core::BytesView> blobs) {
    std::size_t blocks_max = protocol::kBlocksPerSourceMaxUnzen;
    if (const auto* genesis = body_at<ev::GenesisRecorded>(facts_, Seq{1})) {
      blocks_max = protocol::blocks_per_source_max(genesis->chain, block_->timestamp);
    }
    const protocol::SourceManifest found =
        protocol::resolve_source(source, blobs, {blocks_max, core::limits::kManifestBytesMax});
    if (found.is_undecided()) return "its manifest is over our bound";
    if (landing_.block >= found.manifest.blocks.size()) return "its source has fewer blocks";
    Described described{found.manifest.blocks[landing_.block], std::nullopt,
                        found.defect != core::codec::ManifestDefect::kNone};
    if (!described.is_default) {
      const core::BytesView items = found.manifest.transactions_of(described.block);
      described.transactions = core::Bytes(items.begin(), items.end());
    }
    described_ = std::move(described);
    not_shown_.push_back("that the blobs belong to their commitments: no KZG proof is here");
    return {};
  }

  /// The engine's block of that height which names the proposal; the last one that is here.
  void find_header() {
    for (const core::Event& event : facts_.events) {
      for (const HeaderFacts& header : headers_in(event)) {
        const bool is_it = header.number == accused_.block_number &&
                           core::protocol::proposal_in(header.extra_data) == landing_.proposal;
        if (is_it && event.seq >= landing_.verdict) headers_.push_back(header);
      }
    }
    if (!headers_.empty()) header_ = &headers_.back();
  }

  [[nodiscard]] bool is_tied_by_time() const {
    return described_ && !described_->is_default && accused_.proposal_id == landing_.proposal &&
           accused_.timestamp == described_->block.timestamp;
  }

  /// Is the engine's block the described one? Not when the source's default took its place.
  [[nodiscard]] bool is_as_written() const {
    if (!described_ || described_->is_default) return false;
    if (header_ == nullptr) return true;  // tied by time
    const core::codec::BlockManifest& block = described_->block;
    return header_->timestamp == block.timestamp && header_->beneficiary == block.coinbase &&
           header_->gas_limit == block.gas_limit + protocol::kAnchorGasLimit;
  }

  template <class T>
  void differ(const char* field, const T& promised, const T& on_l1) {
    compare_member(differences_, field, promised, on_l1);
  }

  void compare() {
    differ("proposal_id", accused_.proposal_id.value, landing_.proposal.value);
    const bool as_written = is_as_written();
    if (as_written) {
      const core::codec::BlockManifest& block = described_->block;
      differ("timestamp", accused_.timestamp.value, block.timestamp.value);
      differ("coinbase", accused_.coinbase, block.coinbase);
      differ("gas_limit", accused_.gas_limit, block.gas_limit + protocol::kAnchorGasLimit);
      differ("anchor_block_number", accused_.anchor_block_number.value,
             block.anchor_block_number.value);
    } else {
      differ("timestamp", accused_.timestamp.value, header_->timestamp.value);
      differ("coinbase", accused_.coinbase, header_->beneficiary);
      differ("gas_limit", accused_.gas_limit, header_->gas_limit);
      not_shown_.push_back(
          "that the proposal's source says so: the engine's header, which names the proposal, "
          "stands for it");
    }
    compare_lists(as_written);
  }

  void compare_lists(bool as_written) {
    const core::Bytes* list = content_of(facts_, accused_.raw_tx_list_hash);
    const auto rlp = list == nullptr ? std::nullopt : inflated(*list);
    if (!rlp) {
      not_shown_.push_back("the promised transactions: their list is not here");
      return;
    }
    if (as_written && described_->transactions) {
      core::codec::RlpReader reader(*rlp);
      core::codec::RlpReader items(reader.list());
      items.next();  // the anchor's
      if (!items.ok()) return;
      differ("transactions_without_anchor", core::crypto::keccak256(items.rest()),
             core::crypto::keccak256(*described_->transactions));
    } else if (const auto* derived = l1_result_at<ev::TxListAssembled>(facts_, landing_.list)) {
      differ("transactions", core::crypto::keccak256(*rlp), derived->rlp_hash);
      not_shown_.push_back("that the derived list has this hash: the node's word stands for it");
    }
  }

  static std::optional<core::Bytes> inflated(const core::Bytes& compressed) {
    auto rlp = core::codec::inflate_txlist(compressed);
    return rlp ? std::optional(std::move(rlp).value()) : std::nullopt;
  }

  const CommitmentFacts& accused_;
  const Facts& facts_;
  const L1Landing& landing_;
  const ev::L1BlockObserved* block_ = nullptr;
  const protocol::ProposedFacts* proposed_ = nullptr;
  std::optional<Described> described_;
  std::vector<HeaderFacts> headers_;
  const HeaderFacts* header_ = nullptr;
  std::vector<PromiseDifference> differences_;
  std::vector<std::string> not_shown_;
};

}  // namespace

PredicateResult contradiction_on_l1(const Signed& accused, const Facts& facts) {
  return OnL1(accused, facts).judge();
}

}  // namespace preconf::replay::evidence
