#include <fstream>
#include <set>

#include "core/codec/blob.hpp"
#include "core/codec/manifest.hpp"
#include "core/commands/commands.hpp"
#include "core/decision.hpp"
#include "core/event.hpp"
#include "core/protocol/known_canonical.hpp"
#include "core/protocol/lookahead_table.hpp"
#include "tests/core/vectors.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::core::test {
namespace {

/// Names of the values 0..last; each is a word of its own or "unknown".
template <class Enum>
std::set<std::string> names(unsigned last) {
  std::set<std::string> out;
  for (unsigned value = 0; value <= last; ++value) {
    const std::string name = name_of(static_cast<Enum>(value));
    for (const char c : name) {
      EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') << name;
    }
    if (name == "unknown") continue;
    EXPECT_TRUE(out.insert(name).second) << name;
  }
  return out;
}

TEST(Names, AreDistinctAndSnakeCase) {
  EXPECT_GE(names<Verdict>(255).size(), static_cast<std::size_t>(Verdict::kNotLanded) + 1);
  EXPECT_GE(names<Reason>(1000).size(), 109U);
  EXPECT_EQ(names<events::L1FailureKind>(255).size(), 8U);
  EXPECT_EQ(names<protocol::FallbackSigner>(255).size(), 2U);
  EXPECT_EQ(names<EventKind>(255).size(), std::variant_size_v<EventBody>);
  EXPECT_EQ(names<events::PayloadStatus>(255).size(), 4U);
  EXPECT_GE(names<events::EngineFailureKind>(255).size(), 10U);
  EXPECT_GE(names<TimerId>(255).size(), kTimerCount);
  EXPECT_EQ(names<events::Direction>(255).size(), 2U);
  EXPECT_EQ(names<events::DisconnectReason>(255).size(), 6U);
  EXPECT_EQ(names<events::DialFailureKind>(255).size(), 7U);
  EXPECT_EQ(names<events::PeerConduct>(255).size(), events::kPeerConductCount);
  EXPECT_EQ(names<events::PeerFailureKind>(255).size(), 8U);
  EXPECT_EQ(names<events::PublishResult>(255).size(), 5U);
  EXPECT_EQ(names<protocol::CommitmentDefect>(255).size(), 12U);
  EXPECT_EQ(names<protocol::TxListDefect>(255).size(), 8U);
  EXPECT_EQ(names<protocol::AnchorDefect>(255).size(), 6U);
  EXPECT_EQ(names<protocol::ScheduleDefect>(255).size(), 4U);
  EXPECT_EQ(names<codec::BlobDefect>(255).size(), 7U);
  EXPECT_EQ(names<codec::ManifestDefect>(255).size(), 15U);
  EXPECT_EQ(names<protocol::LogDefect>(255).size(), 9U);
  EXPECT_EQ(names<protocol::SegmentDefect>(255).size(), 10U);
  EXPECT_EQ(names<protocol::DeriveDefect>(255).size(), 4U);
  EXPECT_EQ(names<protocol::CanonicalMismatch>(255).size(), 18U);
  EXPECT_EQ(names<protocol::SlotDefect>(255).size(), 5U);
  EXPECT_STREQ(name_of(Reason::kNumberNotParentPlusOne), "number_not_parent_plus_one");
  EXPECT_STREQ(name_of(protocol::TxListDefect::kRlpNotAList), "rlp_not_a_list");
}

TEST(Names, StatelessReasonsAreTheCommitmentDefects) {
  for (unsigned value = 1; value <= 11; ++value) {
    EXPECT_STREQ(name_of(static_cast<Reason>(1 + value)),
                 name_of(static_cast<protocol::CommitmentDefect>(value)));
  }
}

TEST(Events, KindIsTheAlternative) {
  EXPECT_EQ(kind_of(events::GenesisRecorded{}), EventKind::kGenesisRecorded);
  EXPECT_EQ(kind_of(events::CommitmentReceived{}), EventKind::kCommitmentReceived);
  EXPECT_EQ(kind_of(events::EngineAnswered{}), EventKind::kEngineAnswered);
}

TEST(Events, ContentAndAnsweredCommands) {
  events::TxListReceived received;
  received.facts.hash = filled<32>(1);
  received.facts.compressed_bytes = 9;
  EXPECT_EQ(content_refs(received), std::vector{(ContentRef{filled<32>(1), 9})});
  EXPECT_EQ(answered_command(received), nullptr);

  events::EngineAnswered answer;
  answer.command = CommandId{Seq{5}, 1};
  answer.result = events::HeadsRead{};
  const EventBody heads = answer;
  ASSERT_NE(answered_command(heads), nullptr);
  EXPECT_EQ(*answered_command(heads), (CommandId{Seq{5}, 1}));
  EXPECT_TRUE(content_refs(heads).empty());
  events::PayloadTaken taken;
  taken.payload = ContentRef{filled<32>(2), 7};
  answer.result = taken;
  EXPECT_EQ(content_refs(answer), std::vector{(ContentRef{filled<32>(2), 7})});

  events::BlobReceived blob;
  blob.content = ContentRef{filled<32>(3), 131'072};
  EXPECT_EQ(content_refs(blob), std::vector{blob.content});
  EXPECT_EQ(answered_command(blob), nullptr);
  const EventBody l1 = events::L1Answered{CommandId{Seq{6}, 2}, 0, events::L1Failed{}};
  ASSERT_NE(answered_command(l1), nullptr);
  EXPECT_EQ(*answered_command(l1), (CommandId{Seq{6}, 2}));
  EXPECT_TRUE(content_refs(l1).empty()) << "the blobs have events of their own";
}

TEST(Commands, ClassesAndNames) {
  EXPECT_EQ(class_of(commands::ReadHeads{}), CommandClass::kRead);
  EXPECT_EQ(class_of(commands::ReadBlock{}), CommandClass::kRead);
  EXPECT_EQ(class_of(commands::StartPayload{}), CommandClass::kOverwrite);
  EXPECT_EQ(class_of(commands::GetPayload{}), CommandClass::kJob);
  EXPECT_EQ(class_of(commands::NewPayload{}), CommandClass::kContent);
  EXPECT_EQ(class_of(commands::UpdateForkchoice{}), CommandClass::kOverwrite);
  EXPECT_EQ(class_of(commands::SetTimer{}), CommandClass::kTimer);
  EXPECT_EQ(class_of(commands::RequestHead{}), CommandClass::kRead);
  EXPECT_EQ(class_of(commands::RequestCommitments{}), CommandClass::kRead);
  EXPECT_EQ(class_of(commands::RequestTxList{}), CommandClass::kRead);
  EXPECT_EQ(class_of(commands::PublishCommitment{}), CommandClass::kIrrevocable);
  EXPECT_EQ(class_of(commands::PublishTxList{}), CommandClass::kContent);
  EXPECT_EQ(class_of(commands::BanPeer{}), CommandClass::kLocal);
  EXPECT_EQ(class_of(commands::DisconnectPeer{}), CommandClass::kLocal);
  EXPECT_STREQ(name_of(CommandBody{commands::UpdateForkchoice{}}), "update_forkchoice");
  for (const CommandBody& engine :
       {CommandBody{commands::ReadHeads{}}, CommandBody{commands::UpdateForkchoice{}}}) {
    EXPECT_TRUE(has_outcome(engine) && !is_for_peers(engine));
  }
  EXPECT_TRUE(has_outcome(commands::PublishTxList{}) && is_for_peers(commands::RequestHead{}));
  EXPECT_FALSE(has_outcome(commands::SetTimer{}) || has_outcome(commands::BanPeer{}));
  for (const CommandBody& l1 :
       {CommandBody{commands::ResolveSources{}}, CommandBody{commands::ReadL1Block{}},
        CommandBody{commands::AssembleTxList{}}}) {
    EXPECT_TRUE(has_outcome(l1) && is_for_l1(l1) && !is_for_peers(l1)) << name_of(l1);
    EXPECT_EQ(class_of(l1), CommandClass::kRead) << name_of(l1);
  }
  EXPECT_FALSE(is_for_l1(commands::StartDerivedPayload{}) || is_for_l1(commands::ReadHeads{}));
  EXPECT_FALSE(is_for_peers(commands::WriteOrigin{}) || is_for_peers(commands::ReadCanonical{}));
}

/// The text of a page of docs/, with one space for any white space.
std::string page(const std::string& name) {
  std::ifstream file(preconf::tests::tests_dir() + "/../docs/" + name);
  std::string out;
  for (std::string word; file >> word;) out += (out.empty() ? "" : " ") + word;
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

TEST(NamesInDocs, the_log_format_has_every_verdict_and_reason_with_its_number) {
  const std::string text = page("log_format.md");
  for (unsigned value = 0; value <= 1000; ++value) {
    const char* verdict = value <= 255 ? name_of(static_cast<Verdict>(value)) : "unknown";
    for (const std::string name : {verdict, name_of(static_cast<Reason>(value))}) {
      if (name == "unknown") continue;
      EXPECT_NE(text.find(" " + std::to_string(value) + " `" + name + "`"), std::string::npos)
          << value << " " << name;
    }
  }
}

// The page of the RPC had four of the gate's seven reasons.
TEST(NamesInDocs, the_rpc_page_explains_every_reason_of_the_gate) {
  const std::string text = page("rpc.md");
  std::size_t count = 0;
  for (unsigned value = 0; value <= 1000; ++value) {
    const std::string name = name_of(static_cast<Reason>(value));
    if (!name.starts_with("gate_")) continue;
    ++count;
    EXPECT_NE(text.find("| `" + name + "` | "), std::string::npos) << name;
  }
  EXPECT_EQ(count, 7U);
}

}  // namespace
}  // namespace preconf::core::test
