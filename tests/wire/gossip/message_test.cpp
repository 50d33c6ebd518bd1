// Ids and signatures of gossip messages.
#include "io/wire/gossipsub/message.hpp"

#include <gtest/gtest.h>
#include <snappy.h>

#include "core/crypto/hash.hpp"
#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/message_id.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {
namespace {

using core::to_hex;
using core::test::bytes;

constexpr auto kContent = MessageIdFormula::kContent;
constexpr auto kTopicAndContent = MessageIdFormula::kTopicAndContent;

/// Taiko's sample list c0 as a RawTxListGossip: hash, offset, one byte.
Bytes sample_list() {
  return bytes("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d4934724000000c0");
}
const Bytes kSnappyHello = bytes("051068656c6c6f");

// Computed with an independent SHA-256 and Snappy for the permissionless network.
TEST(MessageId, PermissionlessNetwork) {
  const auto id = [](const Bytes& data) { return to_hex(message_id(kContent, "t", data).view()); };
  EXPECT_EQ(id(sample_list()), "d2c003d8545ab3b64eda420a2ef3bdb6760c282b");
  EXPECT_EQ(id(Bytes(32, 0xff)), "4d1b0966bb64cb4b607ec009251202daf8c1dc67");
  EXPECT_EQ(id(kSnappyHello), "79d62a59d0e47597aeb73cb85ba034c3f67f90e8");
}

/// The sample commitment of the reference implementation's unit tests with `signature`.
Bytes sample_commitment(const std::string& signature) {
  const auto number = [](const char* low_byte) { return low_byte + std::string(62, '0'); };
  const auto repeat = [](const char* byte, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += byte;
    return out;
  };
  return bytes("00" + number("01") + number("02") + number("03") + repeat("00", 20) + number("04") +
               repeat("01", 32) + repeat("02", 32) + number("05") + repeat("03", 20) +
               number("06") + repeat("09", 20) + signature);
}

TEST(MessageId, SignedCommitments) {
  const auto id = [](const std::string& signature) {
    return to_hex(message_id(kContent, kTopic, sample_commitment(signature)).view());
  };
  EXPECT_EQ(id("4da5e52178bf00ccaa8aade4ab33775816b8b898d2f264503bc1fdf63a3b0400"
               "65a0b6b41b0d150f6558aaee8fb7a35b7ce6ec46008de3fc37eb501b1775c2b601"),
            "2be4f511b5504cbe5c8af952f9321d7681cafd31");
  EXPECT_EQ(id("a2bffdc7e90fb26a57931d27f1679108610d65a9f97011c368cdd11d4e271a62"
               "5e6757b46f519ec68db13b0a307173c8c3516743b98e99273c07420ecd5f4b9400"),
            "77fdd208d5faef3ac7802737384392d5e9b0d9dc");
}

// The same for the whitelist network, where the topic is a part of it.
TEST(MessageId, WhitelistNetwork) {
  const auto id = [](std::string_view topic, const Bytes& data) {
    return to_hex(message_id(kTopicAndContent, topic, data).view());
  };
  EXPECT_EQ(id("/taiko/167000/0/preconfBlocks", kSnappyHello),
            "91f58c5989696d36d79a4e20827b49def7ed908b");
  EXPECT_EQ(id("/taiko/167000/0/requestPreconfBlocks", Bytes(32, 0xff)),
            "2d33aa18add21ad3d3b693c293803c9167d3e94b");
  EXPECT_EQ(id("/taiko/167000/0/requestEndOfSequencingPreconfBlocks", bytes("0000000000000005")),
            "7b6fc1e34b9cdee7152b8ffe98e54bbba5bf473c");
}

MessageId of_domain(std::uint8_t domain, BytesView content) {
  core::crypto::Sha256 hash;
  hash.update(std::array<std::uint8_t, 4>{domain, 0, 0, 0});
  hash.update(content);
  return MessageId::from(hash.finish().view());
}

TEST(MessageId, OnlyOneWholeSnappyBlockIsDecompressed) {
  const auto is_plain = [](const Bytes& data) {
    return message_id(kContent, "", data) == of_domain(0, data);
  };
  EXPECT_TRUE(is_plain({}));
  EXPECT_EQ(message_id(kContent, "", bytes("00")), of_domain(1, {}));
  Bytes longer = kSnappyHello;
  longer.push_back(0);
  EXPECT_TRUE(is_plain(longer)) << "a byte behind the block";
  EXPECT_TRUE(is_plain(bytes("061068656c6c6f"))) << "announces more than it has";
  EXPECT_TRUE(is_plain(bytes("041068656c6c6f"))) << "announces less than it has";
  EXPECT_TRUE(is_plain(bytes("0510"))) << "ends inside a literal";
  EXPECT_TRUE(is_plain(bytes("ffffffff0f"))) << "announces 4 GiB and has nothing";
  EXPECT_TRUE(is_plain(bytes("ffffffffffff01"))) << "announces more than 32 bits";
}

TEST(MessageId, ABlockThatDecompressesBeyondTheBoundIsTakenAsItIs) {
  const auto compressed = [](std::size_t size) {
    const std::string plain(size, 'a');
    std::string out;
    snappy::Compress(plain.data(), plain.size(), &out);
    return Bytes(out.begin(), out.end());
  };
  const Bytes largest = compressed(gossip_limits::kSnappyBytesMax);
  EXPECT_EQ(message_id(kContent, "", largest),
            of_domain(1, Bytes(gossip_limits::kSnappyBytesMax, 'a')));
  const Bytes larger = compressed(gossip_limits::kSnappyBytesMax + 1);
  EXPECT_EQ(message_id(kContent, "", larger), of_domain(0, larger));
}

Identity spec_identity() {
  const auto secret =
      core::test::hash32("7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d");
  return Identity::from_secret(KeyType::kEd25519, secret).value();
}

// Signed with an independent Ed25519: the sample list, sequence number 1, and the whole frame.
constexpr const char* kVectorFrame =
    "ba0112b7010a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
    "12251dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d4934724000000c0"
    "1a080000000000000001221a2f7461696b6f2f3136373030302f302f72617754784c69737473"
    "2a401d29f2f5e8a16c6984c14cb6ed2322ccbfeb2e6a4c86b9098e35fbf8cc23ab45cb0776a01054030732366bab"
    "bc50522b60b97eeff15b0f9116c5d5d0f5c9200f";

TEST(StrictSign, SignsAsTheVector) {
  const auto message =
      sign_message(spec_identity(), 1, kOtherTopic, sample_list(), id_of(sample_list()));
  EXPECT_EQ(to_hex(*message->frame), kVectorFrame);
  EXPECT_EQ(to_hex(message->data), to_hex(sample_list()));
  EXPECT_EQ(message->author, spec_identity().peer_id());
  EXPECT_EQ(message->size_bytes, 0xb7U);
}

MessageFields fields_of(const Bytes& rpc_frame, Rpc& rpc) {
  EXPECT_TRUE(decode_rpc(rpc_frame, RpcScope::kAll, GossipConfig{}, rpc));
  return rpc.messages.at(0);
}

TEST(StrictSign, VerifiesTheVectorAndKeepsItsBytes) {
  const Bytes frame = bytes(kVectorFrame);
  Rpc rpc;
  const Bytes content(frame.begin() + 2, frame.end());
  const MessageFields fields = fields_of(content, rpc);
  const auto envelope = check_envelope(fields);
  ASSERT_TRUE(envelope);
  const auto message = verify_message(fields, *envelope, MessageId{});
  ASSERT_TRUE(message);
  EXPECT_EQ(*(*message)->frame, frame);
  EXPECT_EQ((*message)->topic, kOtherTopic);
}

/// What StrictSign says about a message.
std::optional<GossipFault> fault_of(const MessageParts& parts) {
  const Bytes frame = rpc_message(parts);
  Rpc rpc;
  const MessageFields fields = fields_of(frame, rpc);
  const auto envelope = check_envelope(fields);
  if (!envelope) return envelope.error();
  const auto message = verify_message(fields, *envelope, MessageId{});
  return message ? std::nullopt : std::optional(message.error());
}

MessageParts good() { return signed_parts(identity_of(1), 7, kTopic, data_of(1)); }

TEST(StrictSign, NamesEveryRefusal) {
  EXPECT_EQ(fault_of(good()), std::nullopt);
  auto parts = good();
  parts.has_from = false;
  EXPECT_EQ(fault_of(parts), GossipFault::kFromMissing);
  parts = good();
  parts.from.pop_back();
  EXPECT_EQ(fault_of(parts), GossipFault::kFromInvalid);
  parts = good();
  parts.from.clear();
  EXPECT_EQ(fault_of(parts), GossipFault::kFromInvalid);
  parts = good();
  parts.has_seqno = false;
  EXPECT_EQ(fault_of(parts), GossipFault::kSeqnoMissing);
  for (const std::size_t size : {1U, 7U, 9U}) {
    parts = good();
    parts.seqno.resize(size);
    EXPECT_EQ(fault_of(parts), GossipFault::kSeqnoInvalid);
  }
  parts = good();
  parts.has_signature = false;
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureMissing);
  parts = good();
  parts.signature.clear();
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
  parts = good();
  parts.from = bytes("1220" + std::string(64, '7'));
  EXPECT_EQ(fault_of(parts), GossipFault::kKeyMissing);
  parts = good();
  parts.has_key = true;
  parts.key = encode(identity_of(2).public_key());
  EXPECT_EQ(fault_of(parts), GossipFault::kKeyMismatch);
}

TEST(StrictSign, EveryPartIsCoveredByTheSignature) {
  for (std::size_t i = 0; i < 64; ++i) {
    auto parts = good();
    parts.signature[i] ^= 1;
    EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid) << i;
  }
  auto parts = good();
  parts.data[0] ^= 1;
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
  parts = good();
  parts.seqno[7] ^= 1;
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
  parts = good();
  parts.topic = kOtherTopic;
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
  parts = good();
  const BytesView other = identity_of(2).peer_id().view();
  parts.from.assign(other.begin(), other.end());
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
}

TEST(StrictSign, AnAttachedKeyMayBeTheAuthorsOrRubbish) {
  auto parts = good();
  parts.has_key = true;
  parts.key = encode(identity_of(1).public_key());
  EXPECT_EQ(fault_of(parts), std::nullopt);
  parts.key = bytes("ffff");
  EXPECT_EQ(fault_of(parts), std::nullopt) << "the deployed peers fall back to the inlined key";
}

TEST(StrictSign, AnEmptySequenceNumberIsSignedAsPresent) {
  auto parts = good();
  parts.seqno.clear();
  parts.has_signature = false;
  const BytesView prefix = as_bytes("libp2p-pubsub:");
  Bytes preimage(prefix.begin(), prefix.end());
  const Bytes encoded = encode_message(parts);
  EXPECT_NE(to_hex(encoded).find("1a00"), std::string::npos);
  preimage.insert(preimage.end(), encoded.begin(), encoded.end());
  parts.signature = identity_of(1).sign(preimage);
  parts.has_signature = true;
  EXPECT_EQ(fault_of(parts), std::nullopt);
}

TEST(StrictSign, Secp256k1AuthorsSignDer) {
  Identity::Secret secret;
  secret.bytes.fill(3);
  const Identity author = Identity::from_secret(KeyType::kSecp256k1, secret).value();
  auto parts = signed_parts(author, 1, kTopic, data_of(1));
  EXPECT_EQ(parts.signature[0], 0x30);
  EXPECT_EQ(fault_of(parts), std::nullopt);
  parts.signature.back() ^= 1;
  EXPECT_EQ(fault_of(parts), GossipFault::kSignatureInvalid);
}

// Fields in any order and unknown ones: verified and forwarded in the canonical encoding.
TEST(StrictSign, AnyEncodingBecomesTheCanonicalOne) {
  const auto parts = good();
  Bytes shuffled;
  ProtoWriter writer(shuffled);
  writer.bytes(5, parts.signature);
  writer.varint(99, 1);
  writer.text(4, parts.topic);
  writer.bytes(3, bytes("00"));  // overtaken by the one below
  writer.bytes(2, parts.data);
  writer.bytes(3, parts.seqno);
  writer.bytes(1, parts.from);
  Bytes frame;
  ProtoWriter(frame).bytes(2, shuffled);
  Rpc rpc;
  const MessageFields fields = fields_of(frame, rpc);
  const auto envelope = check_envelope(fields);
  ASSERT_TRUE(envelope);
  const auto message = verify_message(fields, *envelope, MessageId{});
  ASSERT_TRUE(message);
  const Bytes canonical = rpc_message(parts);
  const Bytes& kept = *(*message)->frame;
  EXPECT_EQ(Bytes(kept.end() - static_cast<std::ptrdiff_t>(canonical.size()), kept.end()),
            canonical);
}

TEST(StrictSign, SizesAroundTheLengthPrefixes) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 2'097'152U}) {
    const Bytes data(size, 0xff);
    const auto message = sign_message(identity_of(1), 1, kTopic, data, MessageId{});
    EXPECT_TRUE(std::ranges::equal(message->data, data)) << size;
    const Bytes expected = rpc_message(signed_parts(identity_of(1), 1, kTopic, data));
    const Bytes& frame = *message->frame;
    ASSERT_GT(frame.size(), expected.size());
    EXPECT_EQ(Bytes(frame.end() - static_cast<std::ptrdiff_t>(expected.size()), frame.end()),
              expected);
  }
}

}  // namespace
}  // namespace preconf::io::wire::test
