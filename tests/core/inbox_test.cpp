#include "core/protocol/inbox.hpp"

#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::DerivationSource;
using protocol::LogDefect;
using protocol::ProposedFacts;

Hash32 keccak_of(std::string_view text) {
  return crypto::keccak256(
      BytesView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}
Hash32 topic_of(std::uint64_t value) { return U256::from_u64(value).be; }

/// Proposal 11 of the derivation rules, as its log's data section is printed there.
struct WorkedLog {
  std::vector<Hash32> topics{protocol::kProposedTopic, topic_of(11), topic_of(0xaa)};
  Bytes data;

  WorkedLog() {
    data = Bytes(32, 0xcd);
    const std::string zeros(56, '0');
    for (const char* last : {"00000000", "0000004b", "00000080", "00000001", "00000020", "00000000",
                             "00000040", "00000060", "00000000", "69cf6700", "00000001"}) {
      const Bytes word = bytes(zeros + last);
      data.insert(data.end(), word.begin(), word.end());
    }
    data.push_back(0x01);
    data.insert(data.end(), 31, 0xab);
  }
  [[nodiscard]] Result<ProposedFacts, LogDefect> read() const {
    return protocol::read_proposed(topics, data);
  }
};

LogDefect defect_of(const Result<ProposedFacts, LogDefect>& result) {
  return result ? LogDefect::kNone : result.error();
}

TEST(Inbox, TopicsAndSelectorsAreTheHashesOfTheSignatures) {
  EXPECT_EQ(protocol::kProposedTopic, keccak_of("Proposed(uint48,address,bytes32,uint48,uint8,"
                                                "(bool,(bytes32[],uint24,uint48))[])"));
  EXPECT_EQ(protocol::kProvedTopic, keccak_of("Proved(uint48,uint48,uint48,address)"));
  EXPECT_EQ(protocol::kStateRecoveredTopic, keccak_of("StateRecovered(uint48,uint48,bytes32)"));
  EXPECT_EQ(protocol::kGetCoreStateSelector,
            FixedBytes<4>::from(keccak_of("getCoreState()").view()));
  EXPECT_EQ(protocol::kActivationTimestampSelector,
            FixedBytes<4>::from(keccak_of("activationTimestamp()").view()));
}

TEST(Inbox, WorkedProposedLog) {
  const WorkedLog log;
  const auto read = log.read();
  ASSERT_TRUE(read.has_value()) << protocol::name_of(read.error());
  EXPECT_EQ(read->id, ProposalId{11});
  EXPECT_EQ(hex(read->proposer), "00000000000000000000000000000000000000aa");
  EXPECT_EQ(read->parent_proposal_hash, filled<32>(0xcd));
  EXPECT_EQ(read->submission_window_end, UnixSeconds{0});
  EXPECT_EQ(read->base_fee_sharing_pctg, 75);
  ASSERT_EQ(read->sources.size(), 1U);
  EXPECT_FALSE(read->sources[0].is_forced_inclusion);
  EXPECT_EQ(read->sources[0].blobs.offset, 0U);
  EXPECT_EQ(read->sources[0].blobs.timestamp, UnixSeconds{1775200000});
  ASSERT_EQ(read->sources[0].blobs.blob_hashes.size(), 1U);
  EXPECT_EQ(read->sources[0].blobs.blob_hashes[0].bytes[0], 1);
  EXPECT_EQ(read->sources[0].blobs.blob_hashes[0].bytes[31], 0xab);
  const auto again = protocol::encode_proposed(*read);
  EXPECT_EQ(again.topics, log.topics);
  EXPECT_EQ(hex(again.data), hex(log.data));
}

ProposedFacts with_sources(std::size_t sources, std::size_t hashes) {
  ProposedFacts out;
  out.id = ProposalId{kUint48Max};
  out.proposer = filled<20>(0x11);
  out.submission_window_end = UnixSeconds{kUint48Max};
  out.base_fee_sharing_pctg = 100;
  for (std::size_t i = 0; i < sources; ++i) {
    DerivationSource source;
    source.is_forced_inclusion = i + 1 < sources;
    source.blobs.offset = static_cast<std::uint32_t>(0xffffff - i);
    source.blobs.timestamp = UnixSeconds{1775200000 + i};
    for (std::size_t j = 0; j < hashes + i % 3; ++j) {
      source.blobs.blob_hashes.push_back(topic_of(i * 100 + j + 1));
    }
    out.sources.push_back(source);
  }
  return out;
}

TEST(Inbox, ZeroOneAndElevenSourcesWithSeveralHashesEach) {
  for (const std::size_t sources : {1U, 11U}) {
    for (const std::size_t hashes : {0U, 1U, 6U}) {
      const ProposedFacts facts = with_sources(sources, hashes);
      const auto log = protocol::encode_proposed(facts);
      const auto read = protocol::read_proposed(log.topics, log.data);
      ASSERT_TRUE(read.has_value()) << sources << " " << hashes;
      EXPECT_EQ(*read, facts);
    }
  }
  ProposedFacts activation;  // id 0: no sources, no proposer
  const auto log = protocol::encode_proposed(activation);
  ASSERT_TRUE(protocol::read_proposed(log.topics, log.data).has_value());
  activation.id = ProposalId{1};
  const auto empty = protocol::encode_proposed(activation);
  EXPECT_EQ(defect_of(protocol::read_proposed(empty.topics, empty.data)), LogDefect::kEmptySources);
}

TEST(Inbox, MoreSourcesOrBlobsThanTheBoundAreRefused) {
  const auto defect = [](std::size_t sources, std::size_t hashes) {
    const auto log = protocol::encode_proposed(with_sources(sources, hashes));
    return defect_of(protocol::read_proposed(log.topics, log.data));
  };
  EXPECT_EQ(defect(limits::kProposalSourcesMax, 1), LogDefect::kNone);
  EXPECT_EQ(defect(limits::kProposalSourcesMax + 1, 1), LogDefect::kTooMany);
  EXPECT_EQ(defect(1, limits::kSourceBlobsMax), LogDefect::kNone);
  EXPECT_EQ(defect(1, limits::kSourceBlobsMax + 1), LogDefect::kTooMany);
}

TEST(Inbox, OtherTopicsAreRefused) {
  WorkedLog log;
  log.topics.pop_back();
  EXPECT_EQ(defect_of(log.read()), LogDefect::kTopics);
  log.topics = {};
  EXPECT_EQ(defect_of(log.read()), LogDefect::kTopics);
  log = WorkedLog{};
  log.topics[0].bytes[31] ^= 1;
  EXPECT_EQ(defect_of(log.read()), LogDefect::kTopics);
  log = WorkedLog{};
  log.topics[1].bytes[25] = 1;  // 2^48
  EXPECT_EQ(defect_of(log.read()), LogDefect::kDirtyPadding);
  log = WorkedLog{};
  log.topics[2].bytes[0] = 1;
  EXPECT_EQ(defect_of(log.read()), LogDefect::kDirtyPadding);
}

TEST(Inbox, EveryCutAndEveryExtraByteIsRefused) {
  const WorkedLog whole;
  for (std::size_t size = 0; size < whole.data.size(); ++size) {
    WorkedLog log;
    log.data.resize(size);
    EXPECT_EQ(defect_of(log.read()), LogDefect::kTruncated) << size;
  }
  WorkedLog log;
  log.data.push_back(0);
  EXPECT_EQ(defect_of(log.read()), LogDefect::kNotCanonical);
}

TEST(Inbox, EveryFlippedBitIsRefusedOrChangesAValue) {
  const auto whole = WorkedLog{}.read();
  for (std::size_t bit = 0; bit < 8 * WorkedLog{}.data.size(); ++bit) {
    WorkedLog log;
    log.data[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto read = log.read();
    EXPECT_TRUE(!read || *read != *whole) << bit;
  }
}

TEST(Inbox, ProposalHashes) {
  EXPECT_EQ(hex(protocol::proposal_hash({}, {})),
            "33f24551a517a7ba147890b98c4a2bceece321d529229377a7e34668acd8fa83");
  protocol::LandedAt landed;
  landed.timestamp = UnixSeconds{1775200000};
  landed.block_number = L1BlockNumber{24789200};
  landed.parent_hash = filled<32>(0xef);
  EXPECT_EQ(hex(protocol::proposal_hash(*WorkedLog{}.read(), landed)),
            "95133806c31158e5f76001b68766a1a3eea7ff945e49a7009383f3afb2106946");
}

TEST(Inbox, OriginBlockIsTheOneBefore) {
  EXPECT_EQ(protocol::origin_of({{}, L1BlockNumber{9}, {}, {}}), L1BlockNumber{8});
  EXPECT_EQ(protocol::origin_of({{}, L1BlockNumber{0}, {}, {}}), L1BlockNumber{0});
}

TEST(Inbox, ProvedLog) {
  const std::vector<Hash32> topics{protocol::kProvedTopic, topic_of(0xbb)};
  Bytes data;
  for (const std::uint64_t value : {5U, 6U, 9U}) {
    const Hash32 word = topic_of(value);
    data.insert(data.end(), word.bytes.begin(), word.bytes.end());
  }
  const auto read = protocol::read_proved(topics, data);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->first, ProposalId{5});
  EXPECT_EQ(read->first_new, ProposalId{6});
  EXPECT_EQ(read->last, ProposalId{9});
  EXPECT_EQ(hex(read->prover), "00000000000000000000000000000000000000bb");
  EXPECT_EQ(protocol::read_proved(topics, BytesView(data).first(95)).error(),
            LogDefect::kTruncated);
  data.resize(128);
  EXPECT_EQ(protocol::read_proved(topics, data).error(), LogDefect::kNotCanonical);
  EXPECT_EQ(protocol::read_proved({}, data).error(), LogDefect::kTopics);
}

TEST(Inbox, StateRecoveredLogMayGoBack) {
  const std::vector<Hash32> topics{protocol::kStateRecoveredTopic};
  Bytes data;
  for (const Hash32& word : {topic_of(20), topic_of(3), filled<32>(7)}) {
    data.insert(data.end(), word.bytes.begin(), word.bytes.end());
  }
  const auto read = protocol::read_state_recovered(topics, data);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->next, ProposalId{20});
  EXPECT_EQ(read->last_finalized, ProposalId{3});
  EXPECT_EQ(read->last_finalized_block_hash, filled<32>(7));
}

TEST(Inbox, CoreStateAndWhatItFinalizes) {
  Bytes data;
  for (const std::uint64_t value : {12U, 500U, 8U, 1000U, 900U}) {
    const Hash32 word = topic_of(value);
    data.insert(data.end(), word.bytes.begin(), word.bytes.end());
  }
  data.insert(data.end(), 32, 0x44);
  const auto state = protocol::read_core_state(data);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->next, ProposalId{12});
  EXPECT_EQ(state->last_proposal_block, L1BlockNumber{500});
  EXPECT_EQ(state->last_finalized, ProposalId{8});
  EXPECT_EQ(state->last_finalized_time, UnixSeconds{1000});
  EXPECT_EQ(state->last_checkpoint_time, UnixSeconds{900});
  EXPECT_EQ(state->last_finalized_block_hash, filled<32>(0x44));
  EXPECT_EQ(protocol::finalized_before(*state, ProposalId{9}), ProposalId{8});
  EXPECT_EQ(protocol::finalized_before(*state, ProposalId{8}), std::nullopt);
  data.pop_back();
  EXPECT_FALSE(protocol::read_core_state(data).has_value());
}

}  // namespace
}  // namespace preconf::core::test
