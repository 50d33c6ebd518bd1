#include "core/protocol/commitment.hpp"

#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/protocol/chain_profile.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::CommitmentDefect;
using protocol::CommitmentFacts;
using protocol::Preconfirmation;
using protocol::SignedCommitment;

Hash32 domain() { return protocol::permissionless_network(Address{}).preconf_domain; }

Bytes signed_bytes(SignedCommitment commitment, std::uint8_t key_byte = 1) {
  const Hash32 digest = protocol::signing_hash(commitment, domain());
  commitment.signature = *crypto::sign(digest, filled<32>(key_byte));
  const auto encoded = codec::encode_signed_commitment(commitment);
  return Bytes(encoded.bytes.begin(), encoded.bytes.end());
}

CommitmentFacts verify(const Bytes& raw) { return protocol::verify_commitment(raw, domain()); }

/// Case A of the reference table: EOP only, block 1.
SignedCommitment case_a() {
  SignedCommitment commitment;
  commitment.preconf.eop = true;
  commitment.preconf.block_number = U256::from_u64(1);
  commitment.preconf.timestamp = U256::from_u64(100);
  commitment.preconf.submission_window_end = U256::from_u64(200);
  return commitment;
}

SignedCommitment case_b() {
  SignedCommitment commitment;
  Preconfirmation& preconf = commitment.preconf;
  preconf.block_number = U256::from_u64(1);
  preconf.timestamp = U256::from_u64(2);
  preconf.gas_limit = U256::from_u64(3);
  preconf.anchor_block_number = U256::from_u64(4);
  preconf.raw_tx_list_hash = filled<32>(1);
  preconf.parent_preconfirmation_hash = filled<32>(2);
  preconf.submission_window_end = U256::from_u64(5);
  preconf.prover_auth = filled<20>(3);
  preconf.proposal_id = U256::from_u64(6);
  commitment.slasher_address = filled<20>(9);
  return commitment;
}

TEST(Commitment, HashOfTheDefaultPreconfirmation) {
  EXPECT_EQ(hex(crypto::keccak256(codec::encode_preconfirmation({}).view())),
            "208e54a8f48eda5e6c8abc9109dd424449a2d3534c0a0fe0c54c0c355569284d");
}

TEST(Commitment, CaseA) {
  EXPECT_EQ(hex(protocol::signing_hash(case_a(), domain())),
            "04ea608583c233d0b6a07de7e0e935acc352aeee236ef3c7a78e0edf09e22905");
  const Bytes raw = signed_bytes(case_a());
  EXPECT_EQ(to_hex(BytesView{raw}.last(65)),
            "e0b7bd7e4b84d8132abc3d3ed8f50e91c9f604effc6bc0cbadee6b9b748097ef"
            "75c60f5b6d3a9a835af7206633e59f7891876fcf1f926465105257362b4a16c101");
  const CommitmentFacts facts = verify(raw);
  EXPECT_EQ(facts.defect, CommitmentDefect::kNone);
  EXPECT_EQ(hex(facts.preconf_hash),
            "d7f8d37512cf0e36dd421aff0a73d6ec568141a774e06d54566fe842c1e3fa8f");
  EXPECT_EQ(hex(facts.commitment_hash),
            "cd9265e908621a2e956e275d71425cb54e36d186c5d86cdff536c8aaa1a89289");
  EXPECT_EQ(hex(facts.signer), "1a642f0e3c3af545e7acbd38b07251b3990914f1");
  EXPECT_TRUE(facts.eop_only());
  EXPECT_EQ(facts.block_number, BlockNumber{1});
  EXPECT_EQ(facts.timestamp, UnixSeconds{100});
  EXPECT_EQ(facts.window_end, UnixSeconds{200});
}

TEST(Commitment, CaseB) {
  EXPECT_EQ(hex(protocol::signing_hash(case_b(), domain())),
            "b6ac8179d56980777268aacd2a9ed3da614c578b90c943a669bf37d5e16afa11");
  const Bytes raw = signed_bytes(case_b());
  EXPECT_EQ(to_hex(BytesView{raw}.last(65)),
            "de64689a2116719e6d6d52944e0446de6104666869d2b6172f840f8413b277b4"
            "76db941130fb083dbb4ac851faffeaab89559b4bff5e1bc51b4943d5dfb4d72801");
  const CommitmentFacts facts = verify(raw);
  EXPECT_EQ(facts.defect, CommitmentDefect::kNone);
  EXPECT_EQ(hex(facts.preconf_hash),
            "50b482774130cb78613c8df21212a69a5c11d1eef07f2747fe4753661e4072d6");
  EXPECT_EQ(facts.gas_limit, 3U);
  EXPECT_EQ(facts.anchor_block_number, L1BlockNumber{4});
  EXPECT_EQ(facts.raw_tx_list_hash, filled<32>(1));
  EXPECT_EQ(facts.parent_preconf_hash, filled<32>(2));
  EXPECT_EQ(facts.window_end, UnixSeconds{5});
  EXPECT_EQ(facts.proposal_id, ProposalId{6});
  EXPECT_EQ(facts.slasher, filled<20>(9));
  EXPECT_FALSE(facts.eop);
}

TEST(Commitment, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("commitments.txt", 11)) {
    const Bytes raw = bytes(row[10]);
    const CommitmentFacts facts = verify(raw);
    EXPECT_EQ(facts.defect, CommitmentDefect::kNone) << name_of(facts.defect);
    EXPECT_EQ(hex(facts.signer), row[0]);
    EXPECT_EQ(hex(facts.preconf_hash), row[1]);
    EXPECT_EQ(hex(facts.content_hash), row[2]);
    EXPECT_EQ(hex(facts.commitment_hash), row[4]);
    EXPECT_EQ(facts.eop, row[5] == "1");
    EXPECT_EQ(facts.block_number.value, number(row[6]));
    EXPECT_EQ(facts.timestamp.value, number(row[7]));
    EXPECT_EQ(facts.anchor_block_number.value, number(row[8]));
    EXPECT_EQ(facts.proposal_id.value, number(row[9]));

    const auto decoded = codec::decode_signed_commitment(raw);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(hex(protocol::signing_hash(*decoded, domain())), row[3]);
    EXPECT_EQ(hex(codec::encode_signed_commitment(*decoded)), row[10]);
    const auto preconf = codec::decode_preconfirmation(BytesView{raw}.first(297));
    ASSERT_TRUE(preconf.has_value());
    EXPECT_EQ(*preconf, decoded->preconf);
  }
}

TEST(Commitment, WrongSize) {
  const Bytes good = signed_bytes(case_b());
  for (const std::size_t size : {0U, 1U, 297U, 317U, 381U, 383U, 764U}) {
    Bytes raw = good;
    raw.resize(size);
    const CommitmentFacts facts = verify(raw);
    CommitmentFacts expected;
    expected.defect = CommitmentDefect::kWrongSize;
    EXPECT_EQ(facts, expected) << size;
    EXPECT_EQ(codec::decode_signed_commitment(raw).error(), codec::SszDefect::kWrongSize);
  }
  EXPECT_EQ(codec::decode_preconfirmation(BytesView{good}.first(296)).error(),
            codec::SszDefect::kWrongSize);
}

/// The hashes name the bytes even when they are refused, and nothing else is set.
void expect_only_hashes(const Bytes& raw, CommitmentDefect defect) {
  CommitmentFacts expected;
  expected.defect = defect;
  expected.preconf_hash = crypto::keccak256(BytesView{raw}.first(297));
  expected.content_hash = crypto::keccak256(BytesView{raw}.first(317));
  expected.commitment_hash = crypto::keccak256(raw);
  const CommitmentFacts facts = verify(raw);
  EXPECT_EQ(facts, expected) << name_of(facts.defect);
}

TEST(Commitment, NonCanonicalBool) {
  for (const std::uint8_t byte : Bytes{2, 128, 255}) {
    Bytes raw = signed_bytes(case_b());
    raw[0] = byte;
    expect_only_hashes(raw, CommitmentDefect::kNonCanonicalBool);
    EXPECT_EQ(codec::decode_signed_commitment(raw).error(), codec::SszDefect::kNonCanonicalBool);
  }
}

TEST(Commitment, SignatureFormat) {
  const Bytes good = signed_bytes(case_b());
  for (const std::uint8_t v : Bytes{4, 27, 28, 255}) {
    Bytes raw = good;
    raw.back() = v;
    expect_only_hashes(raw, CommitmentDefect::kSignatureFormat);
  }
  for (const std::uint8_t byte : Bytes{0x00, 0xff}) {
    for (const std::ptrdiff_t at : {317, 349}) {
      Bytes raw = good;
      std::fill_n(raw.begin() + at, 32, byte);
      expect_only_hashes(raw, CommitmentDefect::kSignatureFormat);
    }
  }
}

TEST(Commitment, SignatureUnrecoverable) {
  // r = 5 is in range, yet no curve point has this x coordinate.
  Bytes raw = signed_bytes(case_b());
  std::fill_n(raw.begin() + 317, 32, std::uint8_t{0});
  raw[348] = 5;
  raw.back() = 0;
  expect_only_hashes(raw, CommitmentDefect::kSignatureUnrecoverable);
  // Recovery id 2 and 3 mean r + n, which leaves the field for nearly every r.
  raw = signed_bytes(case_b());
  raw.back() = 2;
  expect_only_hashes(raw, CommitmentDefect::kSignatureUnrecoverable);
}

TEST(Commitment, ValueDefectsKeepTheSigner) {
  const U256 over_u64 = u256(std::string(47, '0') + "1" + std::string(16, '0'));
  const U256 over_u48 = U256::from_u64(kUint48Max + 1);
  const auto expect = [](const SignedCommitment& commitment, CommitmentDefect defect) {
    const CommitmentFacts facts = verify(signed_bytes(commitment, 2));
    EXPECT_EQ(facts.defect, defect) << name_of(facts.defect);
    EXPECT_EQ(hex(facts.signer), "5050a4f4b3f9338c3472dcc01a87c76a144b3c9c");
    EXPECT_EQ(facts.block_number, BlockNumber{});
    EXPECT_EQ(facts.raw_tx_list_hash, Hash32{});
  };
  SignedCommitment commitment = case_b();
  commitment.preconf.raw_tx_list_hash = {};
  expect(commitment, CommitmentDefect::kEopTxListMismatch);
  commitment = case_b();
  commitment.preconf.block_number = over_u64;
  expect(commitment, CommitmentDefect::kBlockNumberRange);
  commitment = case_b();
  commitment.preconf.timestamp = over_u64;
  expect(commitment, CommitmentDefect::kTimestampRange);
  commitment = case_b();
  commitment.preconf.gas_limit = over_u64;
  expect(commitment, CommitmentDefect::kGasLimitRange);
  commitment = case_b();
  commitment.preconf.anchor_block_number = over_u48;
  expect(commitment, CommitmentDefect::kAnchorBlockNumberRange);
  commitment = case_b();
  commitment.preconf.submission_window_end = U256{filled<32>(0xff)};
  expect(commitment, CommitmentDefect::kWindowEndRange);
  commitment = case_b();
  commitment.preconf.proposal_id = over_u48;
  expect(commitment, CommitmentDefect::kProposalIdRange);
}

TEST(Commitment, LargestValuesAreAccepted) {
  SignedCommitment commitment = case_b();
  const U256 largest = U256::from_u64(~std::uint64_t{0});
  commitment.preconf.block_number = largest;
  commitment.preconf.timestamp = largest;
  commitment.preconf.gas_limit = largest;
  commitment.preconf.anchor_block_number = U256::from_u64(kUint48Max);
  commitment.preconf.submission_window_end = largest;
  commitment.preconf.proposal_id = U256::from_u64(kUint48Max);
  EXPECT_EQ(verify(signed_bytes(commitment)).defect, CommitmentDefect::kNone);
}

TEST(Commitment, LastBlockOfAWindowIsNotEopOnly) {
  SignedCommitment commitment = case_b();
  commitment.preconf.eop = true;
  const CommitmentFacts facts = verify(signed_bytes(commitment));
  EXPECT_EQ(facts.defect, CommitmentDefect::kNone);
  EXPECT_TRUE(facts.eop);
  EXPECT_FALSE(facts.eop_only());
}

TEST(Commitment, TheDomainIsSigned) {
  const Bytes raw = signed_bytes(case_b());
  const CommitmentFacts facts = protocol::verify_commitment(raw, filled<32>(0x42));
  EXPECT_NE(facts.signer, verify(raw).signer);
  EXPECT_EQ(facts.content_hash, verify(raw).content_hash);
}

}  // namespace
}  // namespace preconf::core::test
