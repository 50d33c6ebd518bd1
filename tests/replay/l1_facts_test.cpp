// What replay --verify recomputes of events from L1, and what the tools say about L1's rules.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/source_manifest.hpp"
#include "replay/facts.hpp"
#include "replay/operands.hpp"
#include "replay/rules.hpp"

namespace preconf::replay {
namespace {

namespace codec = core::codec;
namespace ev = core::events;
namespace protocol = core::protocol;
using core::Bytes;
using core::Hash32;

/// A log of contents alone.
struct Contents final : storage::EventSource {
  storage::LogPosition base() const override { return {}; }
  storage::LogPosition end() const override { return {}; }
  std::unique_ptr<storage::LogReader> read(core::Seq) const override { return nullptr; }
  std::optional<Hash32> chain_at(core::Seq) const override { return std::nullopt; }
  std::optional<Bytes> record(core::Seq) const override { return std::nullopt; }
  std::shared_ptr<const Bytes> content(const Hash32& hash) const override {
    const auto found = contents.find(hash);
    return found == contents.end() ? nullptr : found->second;
  }
  core::ContentRef add(Bytes bytes) {
    const core::ContentRef ref{core::crypto::keccak256(bytes),
                               static_cast<std::uint32_t>(bytes.size())};
    contents[ref.hash] = std::make_shared<const Bytes>(std::move(bytes));
    return ref;
  }
  std::map<Hash32, std::shared_ptr<const Bytes>> contents;
};

FactCheck check(core::EventBody body, const Contents& log) {
  core::Event event;
  event.seq = core::Seq{9};
  event.body = std::move(body);
  return check_facts(event, Rules{}, log);
}

TEST(L1Facts, a_blob_is_what_its_commitment_names) {
  Contents log;
  ev::BlobReceived received;
  received.commitment.bytes.fill(7);
  received.versioned_hash = codec::versioned_hash_of(received.commitment);
  received.content = log.add(codec::encode_blob(Bytes{1, 2, 3}));
  const FactCheck good = check(received, log);
  EXPECT_EQ(good.kind, FactKind::kBlob);
  EXPECT_FALSE(good.difference || good.missing);

  ev::BlobReceived other = received;
  other.commitment.bytes[0] = 8;
  const FactCheck bad = check(other, log);
  ASSERT_TRUE(bad.difference.has_value());
  EXPECT_EQ(bad.difference->path, "versioned_hash");
  other = received;
  other.content.size_bytes -= 1;
  EXPECT_TRUE(check(other, log).difference.has_value());
  EXPECT_TRUE(check(received, Contents{}).missing.has_value());
}

/// An answer about one source of one blob with two blocks.
struct Resolved {
  Resolved() {
    std::vector<codec::BlockToPropose> blocks(2);
    blocks[0].block.timestamp = core::UnixSeconds{100};
    blocks[1].block.gas_limit = 5;
    const Bytes manifest = codec::encode_manifest(blocks);
    const Bytes blob = codec::encode_blob(manifest);
    protocol::DerivationSource asked;
    asked.blobs.blob_hashes.resize(1);
    const core::BytesView views[] = {blob};
    const auto found =
        protocol::resolve_source(asked, views, {384, core::limits::kManifestBytesMax});
    EXPECT_EQ(found.defect, codec::ManifestDefect::kNone);
    ev::SourceFacts source;
    source.manifest_hash = core::crypto::keccak256(found.manifest.bytes);
    source.blobs.push_back(log.add(blob));
    source.blocks = found.manifest.blocks;
    ev::SourceFacts none;
    none.defect = codec::ManifestDefect::kNoBlobs;
    none.blocks = codec::default_manifest().blocks;
    answer.decoder_version = protocol::kManifestDecoderVersion;
    answer.sources = {source, none};
  }
  [[nodiscard]] FactCheck checked() const { return check(ev::L1Answered{{}, 0, answer}, log); }
  Contents log;
  ev::SourcesResolved answer;
};

TEST(L1Facts, sources_follow_from_their_blobs) {
  const Resolved resolved;
  const FactCheck good = resolved.checked();
  EXPECT_EQ(good.kind, FactKind::kSources);
  EXPECT_FALSE(good.difference) << good.difference->path;
  EXPECT_FALSE(good.missing);
}

TEST(L1Facts, every_changed_part_of_a_source_is_found) {
  const auto is_found = [](const std::function<void(ev::SourceFacts&)>& change) {
    Resolved resolved;
    change(resolved.answer.sources[0]);
    const FactCheck found = resolved.checked();
    return found.difference && found.difference->path.find("sources.0") != std::string::npos;
  };
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) { source.manifest_hash.bytes[3] ^= 1; }));
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) { ++source.blocks[1].gas_limit; }));
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) { source.blocks.pop_back(); }));
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) { source.offset = 1; }));
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) { source.is_forced_inclusion = true; }));
  EXPECT_TRUE(is_found([](ev::SourceFacts& source) {
    source.defect = codec::ManifestDefect::kZlib;
    source.manifest_hash = {};
    source.blocks = codec::default_manifest().blocks;
  }));
  Resolved older;
  older.answer.decoder_version = 0;
  EXPECT_TRUE(older.checked().difference.has_value());
}

TEST(L1Facts, a_lost_blob_is_missing_and_nothing_is_claimed_about_its_source) {
  Resolved resolved;
  resolved.log.contents.clear();
  const FactCheck found = resolved.checked();
  EXPECT_FALSE(found.difference.has_value());
  EXPECT_TRUE(found.missing.has_value());
}

TEST(L1Rules, every_reason_has_a_sentence_and_every_verdict_a_meaning) {
  std::size_t reasons = 0;
  for (unsigned value = 1; value < 1'000; ++value) {
    const auto reason = static_cast<core::Reason>(value);
    if (core::name_of(reason) == std::string("unknown")) continue;
    ++reasons;
    EXPECT_NE(rule_of(reason).text, std::string()) << core::name_of(reason);
    EXPECT_NE(rule_of(reason).source, std::string()) << core::name_of(reason);
  }
  EXPECT_GT(reasons, 100u);
  for (unsigned value = 0; value < 256; ++value) {
    const auto verdict = static_cast<core::Verdict>(value);
    const std::string name = core::name_of(verdict);
    if (name == "unknown") continue;
    EXPECT_NE(meaning_of(verdict), name);
  }
}

TEST(L1Rules, operands_have_names_and_enums_their_words) {
  core::Decision decision;
  decision.verdict = core::Verdict::kDerivedBuilt;
  decision.a = 12;
  decision.b = static_cast<std::uint64_t>(protocol::CanonicalMismatch::kTimestamp);
  EXPECT_EQ(operands_text(decision), "proposal 12, chain_differed_in timestamp");
  decision.verdict = core::Verdict::kL1BlockRefused;
  decision.reason = core::Reason::kL1Unlinked;
  decision.b = 7;
  EXPECT_EQ(operands_text(decision), "l1_number 12, newest_linked 7");
}

}  // namespace
}  // namespace preconf::replay
