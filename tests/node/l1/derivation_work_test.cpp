// Commands to L1 against stand-in nodes on real sockets: one outcome each, blobs before the answer
// that names them.
#include "node/l1/derivation_work.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <utility>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "tests/io/support/stub_http.hpp"
#include "tests/support/l1_header_json.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

namespace ev = core::events;
namespace commands = core::commands;
using io::HttpRequest;
using io::HttpResponse;
using io::test::LoopThread;
using io::test::StubHttp;

struct Store final : node::ContentStorePort {
  std::shared_ptr<const core::Bytes> load(const core::Hash32& hash) override {
    const auto found = contents.find(hash);
    return found == contents.end() ? nullptr : found->second;
  }
  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> contents;
};

struct DerivationWorkTest : testing::Test {
  DerivationWorkTest() {
    commitment.bytes.fill(5);
    l1_header.number = 7;
    l1_header.state_root.bytes.fill(0xcc);
    hash = core::codec::versioned_hash_of(commitment);
    core::codec::BlockToPropose block;
    block.block.timestamp = core::UnixSeconds{1'700'000'024};
    const core::Bytes payload = core::codec::encode_manifest(std::vector{block});
    blob = core::codec::encode_blob(payload);
    beacon = std::make_unique<StubHttp>(thread.loop, [this](const HttpRequest& request) {
      if (is_gone || request.target != "/eth/v1/beacon/blob_sidecars/2") {
        return HttpResponse{.status = 404, .body = "{}"};
      }
      return HttpResponse{.status = 200, .body = sidecar(blob)};
    });
    l1 = std::make_unique<StubHttp>(thread.loop, [this](const HttpRequest& request) {
      const std::string result =
          request.body.find("eth_chainId") != std::string::npos ? "\"0x1\"" : header_text();
      return HttpResponse{.status = 200,
                          .body = R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}"};
    });
    connect({l1->url()});
  }
  void connect(std::vector<std::string> urls) {
    thread.call([this, &urls] {
      work.reset();
      io::l1::L1ClientOptions client_options;
      client_options.urls = std::move(urls);
      client_options.chain_id = 1;
      client = std::make_unique<io::l1::L1Client>(thread.loop, client_options);
      io::l1::BeaconClientOptions beacon_options;
      beacon_options.beacon_urls = {beacon->url()};
      for (const auto& other : other_beacons) beacon_options.beacon_urls.push_back(other->url());
      beacon_options.clock.genesis = core::UnixSeconds{1'700'000'000};
      beacon_client = std::make_unique<io::l1::BeaconClient>(thread.loop, beacon_options);
      work = std::make_unique<node::l1::DerivationWork>(node::l1::DerivationWork::Parts{
          thread.loop, *client, *beacon_client, workers, store, *log, lists,
          *core::protocol::chain_profile("devnet"), [this](node::Input input) {
            const bool is_answer = std::holds_alternative<ev::L1Answered>(input.body);
            inputs.push_back(std::move(input));
            if (is_answer && answered) std::exchange(answered, {})(0);
          }});
      return 0;
    });
  }
  ~DerivationWorkTest() override {
    thread.join();
    work.reset();
    beacon_client.reset();
    client.reset();
  }
  /// The outcome; everything delivered since the last call is in `inputs`.
  ev::L1Result run(core::CommandBody body) {
    io::test::Once<int> done;
    thread.loop.post([this, body, set = done.set()] {
      inputs.clear();
      answered = set;
      work->start(core::Command{{core::Seq{++last_seq}, 3}, 1, body});
    });
    (void)done.get();
    const auto& answer = std::get<ev::L1Answered>(inputs.back().body);
    EXPECT_EQ(answer.command, (core::CommandId{core::Seq{last_seq}, 3}));
    for (const node::Input& input : inputs) {
      EXPECT_EQ(input.lane, core::Lane::kL1);
      EXPECT_EQ(input.source, core::SourceKind::kL1);
    }
    return answer.result;
  }
  commands::ResolveSources resolve() const {
    commands::ResolveSources out;
    out.id = core::ProposalId{3};
    out.blocks_per_source_max = 192;
    core::protocol::DerivationSource source;
    source.blobs.blob_hashes = {hash};
    source.blobs.timestamp = core::UnixSeconds{1'700'000'024};
    out.sources = {source};
    return out;
  }

  /// Of the slot's blob, whatever its bytes are.
  std::string sidecar(core::BytesView bytes) const {
    return R"({"data":[{"kzg_commitment":")" + core::to_hex0x(commitment.view()) + R"(","blob":")" +
           core::to_hex0x(bytes) + "\"}]}";
  }
  /// Another beacon node, which has these bytes; none: it does not have the blob.
  StubHttp& add_beacon(const core::Bytes& bytes) {
    other_beacons.push_back(std::make_unique<StubHttp>(
        thread.loop, [text = bytes.empty() ? "" : sidecar(bytes)](const HttpRequest& request) {
          const bool is_it = !text.empty() && request.target == "/eth/v1/beacon/blob_sidecars/2";
          return is_it ? HttpResponse{.status = 200, .body = text}
                       : HttpResponse{.status = 404, .body = "{}"};
        }));
    connect({l1->url()});
    return *other_beacons.back();
  }
  /// What the first beacon node has from now on.
  void give_beacon(core::Bytes bytes) {
    thread.call([this, &bytes] {
      blob = std::move(bytes);
      return 0;
    });
  }

  LoopThread thread;
  core::codec::KzgCommitment commitment;
  core::Hash32 hash;
  core::Bytes blob;
  std::atomic<bool> is_gone{false};
  /// Forged: another state root under the same hash.
  std::string header_text() const {
    std::string text = l1_header_json(l1_header);
    if (is_header_forged)
      text.replace(text.find("\"stateRoot\":\"0xcc"), 17, "\"stateRoot\":\"0xdd");
    return text;
  }

  core::codec::Header l1_header;
  bool is_header_forged = false;
  std::unique_ptr<StubHttp> beacon;
  std::vector<std::unique_ptr<StubHttp>> other_beacons;
  std::unique_ptr<StubHttp> l1;
  std::unique_ptr<io::l1::L1Client> client;
  std::unique_ptr<io::l1::BeaconClient> beacon_client;
  Store store;
  TemporaryDirectory directory;
  std::unique_ptr<storage::EventLog> log =
      *storage::EventLog::open(directory.path(), storage::OpenMode::kCreate);
  node::l1::BytesCache lists{1 << 20};
  std::vector<node::Input> inputs;
  std::function<void(int)> answered;
  std::uint64_t last_seq = 0;
  std::unique_ptr<node::l1::DerivationWork> work;
  io::WorkerPool workers{1, 8};  // last: its jobs use everything
};

TEST_F(DerivationWorkTest, BlobsComeBeforeTheAnswerAndOnce) {
  const auto first = run(resolve());
  const auto& resolved = std::get<ev::SourcesResolved>(first);
  ASSERT_EQ(inputs.size(), 2U);
  const auto& received = std::get<ev::BlobReceived>(inputs[0].body);
  EXPECT_EQ(received.versioned_hash, hash);
  EXPECT_EQ(received.commitment, commitment);
  ASSERT_EQ(inputs[0].contents.size(), 1U);
  EXPECT_EQ(*inputs[0].contents[0].bytes, blob);
  EXPECT_EQ(inputs[0].contents[0].hash, core::crypto::keccak256(blob));
  EXPECT_EQ(resolved.sources.at(0).blobs, std::vector{received.content});
  EXPECT_EQ(resolved.sources.at(0).blocks.at(0).timestamp.value, 1'700'000'024U);
  // Asked for again, as after a reorg: nothing is fetched and nothing enters the log twice.
  const std::size_t requests = beacon->requests().size();
  const auto second = run(resolve());
  EXPECT_EQ(second, first);
  EXPECT_EQ(inputs.size(), 1U);
  EXPECT_EQ(beacon->requests().size(), requests);
}

TEST_F(DerivationWorkTest, AMissingBlobIsNamedAndNeverADefault) {
  is_gone = true;
  const auto failed = std::get<ev::L1Failed>(run(resolve()));
  EXPECT_EQ(failed.kind, ev::L1FailureKind::kBlobMissing);
  EXPECT_EQ(failed.hash, hash);
  EXPECT_EQ(inputs.size(), 1U);
  is_gone = false;
  EXPECT_TRUE(std::holds_alternative<ev::SourcesResolved>(run(resolve())));
}

// The index of versioned hashes was empty in each new life: what beacon nodes do not serve any more
// could not be derived again, although its bytes were on the disk.
TEST_F(DerivationWorkTest, ABlobThatAnEarlierLifeFetchedIsFoundInTheLog) {
  is_gone = true;
  const core::ContentRef ref{core::crypto::keccak256(blob),
                             static_cast<std::uint32_t>(blob.size())};
  storage::EventBatch batch;
  batch.events.resize(3);
  for (std::size_t i = 0; i < 3; ++i) batch.events[i].seq = core::Seq{i + 1};
  batch.events[1].body = ev::BlobReceived{hash, commitment, ref};
  const storage::EventBatch* batches[] = {&batch};
  ASSERT_TRUE(log->append(batches, {}, false));
  store.contents[ref.hash] = std::make_shared<const core::Bytes>(blob);
  const auto resolved = std::get<ev::SourcesResolved>(run(resolve()));
  EXPECT_EQ(resolved.sources.at(0).blobs, std::vector{ref});
  EXPECT_EQ(inputs.size(), 1U) << "the log has it already";
  const std::size_t requests = beacon->requests().size();
  EXPECT_TRUE(std::holds_alternative<ev::SourcesResolved>(run(resolve())));
  EXPECT_EQ(beacon->requests().size(), requests);
  // What the store lost is missing again, and not looked for in the log for ever.
  store.contents.clear();
  connect({l1->url()});
  EXPECT_EQ(std::get<ev::L1Failed>(run(resolve())).kind, ev::L1FailureKind::kContentMissing);
  EXPECT_EQ(std::get<ev::L1Failed>(run(resolve())).kind, ev::L1FailureKind::kBlobMissing);
}

TEST_F(DerivationWorkTest, BlobsThatDidArriveStayWhenAnotherIsMissing) {
  core::codec::KzgCommitment other;
  other.bytes.fill(6);
  commands::ResolveSources command = resolve();
  command.sources[0].blobs.blob_hashes.push_back(core::codec::versioned_hash_of(other));
  const auto failed = std::get<ev::L1Failed>(run(command));
  EXPECT_EQ(failed.kind, ev::L1FailureKind::kBlobMissing);
  EXPECT_EQ(failed.hash, command.sources[0].blobs.blob_hashes[1]);
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(std::get<ev::BlobReceived>(inputs[0].body).versioned_hash, hash);
  EXPECT_EQ(*inputs[0].contents.at(0).bytes, blob);
  // Recorded, so nobody needs to have it any more, and it enters the log once.
  is_gone = true;
  EXPECT_EQ(std::get<ev::L1Failed>(run(command)).hash, failed.hash);
  EXPECT_EQ(inputs.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<ev::SourcesResolved>(run(resolve())));
}

// That the bytes belong to the commitment is believed, so damage on the way became the default
// manifest: another chain than everybody else's, in silence.
TEST_F(DerivationWorkTest, ADamagedBlobIsReplacedByWhatAnotherSourceHas) {
  const core::Bytes good = blob;
  const core::Bytes damaged(core::codec::kBlobBytes, 0);
  add_beacon(good);
  give_beacon(damaged);
  const auto resolved = std::get<ev::SourcesResolved>(run(resolve()));
  EXPECT_EQ(resolved.sources.at(0).defect, core::codec::ManifestDefect::kNone);
  EXPECT_EQ(resolved.sources.at(0).blobs.at(0).hash, core::crypto::keccak256(good));
  ASSERT_EQ(inputs.size(), 2U) << "the damaged one does not enter the log";
  EXPECT_EQ(*inputs[0].contents.at(0).bytes, good);
}

TEST_F(DerivationWorkTest, ABlobThatIsGarbageEverywhereIsTheDefault) {
  const core::Bytes garbage(core::codec::kBlobBytes, 0);
  give_beacon(garbage);
  const auto only = std::get<ev::SourcesResolved>(run(resolve()));
  EXPECT_NE(only.sources.at(0).defect, core::codec::ManifestDefect::kNone);
  EXPECT_EQ(beacon->requests().size(), 1U) << "nobody else can be asked";
  StubHttp& other = add_beacon(garbage);
  EXPECT_EQ(std::get<ev::SourcesResolved>(run(resolve())), only);
  EXPECT_EQ(inputs.size(), 2U);
  EXPECT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(beacon->requests().size(), 2U);
  // Known now: neither is asked again.
  EXPECT_EQ(std::get<ev::SourcesResolved>(run(resolve())), only);
  EXPECT_EQ(other.requests().size(), 1U);
}

TEST_F(DerivationWorkTest, WhenNobodyElseHasItTheOneAnswerCounts) {
  give_beacon(core::Bytes(core::codec::kBlobBytes, 0));
  StubHttp& other = add_beacon({});
  const auto resolved = std::get<ev::SourcesResolved>(run(resolve()));
  EXPECT_NE(resolved.sources.at(0).defect, core::codec::ManifestDefect::kNone);
  EXPECT_FALSE(other.requests().empty());
  EXPECT_EQ(inputs.size(), 2U);
}

TEST_F(DerivationWorkTest, TwoKindsOfGarbageUnderOneCommitmentAreWaitedFor) {
  const core::Bytes good = blob;
  give_beacon(core::Bytes(core::codec::kBlobBytes, 0));
  const StubHttp& other = add_beacon(core::Bytes(core::codec::kBlobBytes, 0xff));
  const auto failed = std::get<ev::L1Failed>(run(resolve()));
  EXPECT_EQ(failed.kind, ev::L1FailureKind::kBlobMismatch);
  EXPECT_EQ(failed.hash, hash);
  EXPECT_NE(failed.detail.find(beacon->url()), std::string::npos) << failed.detail;
  EXPECT_NE(failed.detail.find(other.url()), std::string::npos) << failed.detail;
  EXPECT_EQ(inputs.size(), 1U) << "neither enters the log";
  give_beacon(good);
  const auto resolved = std::get<ev::SourcesResolved>(run(resolve()));
  EXPECT_EQ(resolved.sources.at(0).defect, core::codec::ManifestDefect::kNone);
}

TEST_F(DerivationWorkTest, TooManyBlobsAreNotFetched) {
  commands::ResolveSources command = resolve();
  command.sources[0].blobs.blob_hashes.assign(257, hash);
  const auto failed = std::get<ev::L1Failed>(run(command));
  EXPECT_EQ(failed.kind, ev::L1FailureKind::kTooManyBlobs);
  EXPECT_TRUE(beacon->requests().empty());
}

TEST_F(DerivationWorkTest, ReadsABlock) {
  const auto read = std::get<ev::L1BlockRead>(run(commands::ReadL1Block{core::L1BlockNumber{7}}));
  EXPECT_EQ(read.number.value, 7U);
  ASSERT_TRUE(read.hash);
  EXPECT_EQ(*read.hash, core::codec::hash_header(l1_header));
  EXPECT_EQ(read.state_root, l1_header.state_root);
  // A node that answers with another block is not believed.
  const auto other = run(commands::ReadL1Block{core::L1BlockNumber{8}});
  EXPECT_EQ(std::get<ev::L1Failed>(other).kind, ev::L1FailureKind::kMalformed);
}

TEST_F(DerivationWorkTest, ABlockThatDoesNotHashToItsNameIsNotBelieved) {
  is_header_forged = true;
  const auto forged = run(commands::ReadL1Block{core::L1BlockNumber{7}});
  EXPECT_EQ(std::get<ev::L1Failed>(forged).kind, ev::L1FailureKind::kMalformed);
  EXPECT_NE(std::get<ev::L1Failed>(forged).detail.find("does not hash"), std::string::npos);
  // The endpoint rests: another one would be asked.
  EXPECT_EQ(std::get<ev::L1Failed>(run(commands::ReadL1Block{core::L1BlockNumber{7}})).kind,
            ev::L1FailureKind::kUnavailable);
}

/// As an endpoint that says this of every block.
std::unique_ptr<StubHttp> serve(io::EventLoop& loop, std::string member) {
  return std::make_unique<StubHttp>(loop, [member = std::move(member)](const HttpRequest& request) {
    const bool is_check = request.body.find("eth_chainId") != std::string::npos;
    return HttpResponse{
        .status = 200,
        .body = R"({"jsonrpc":"2.0","id":1,)" + (is_check ? R"("result":"0x1")" : member) + "}"};
  });
}

TEST_F(DerivationWorkTest, ABlockThatAnEndpointCanNotReadIsReadFromTheNextOne) {
  const auto broken = serve(thread.loop, R"("error":{"code":-32603,"message":"internal error"})");
  connect({broken->url(), l1->url()});
  const auto read = std::get<ev::L1BlockRead>(run(commands::ReadL1Block{core::L1BlockNumber{7}}));
  EXPECT_EQ(read.hash, core::codec::hash_header(l1_header));
}

TEST_F(DerivationWorkTest, AnEndpointWithoutTheBlockIsNotAskedAgainAtOnce) {
  for (const char* member :
       {R"("error":{"code":-32000,"message":"unknown block"})", R"("result":null)"}) {
    const auto behind = serve(thread.loop, member);
    connect({behind->url(), l1->url()});
    const auto first = run(commands::ReadL1Block{core::L1BlockNumber{7}});
    const auto* none = std::get_if<ev::L1BlockRead>(&first);
    EXPECT_TRUE(none == nullptr || !none->hash);
    const auto read = std::get<ev::L1BlockRead>(run(commands::ReadL1Block{core::L1BlockNumber{7}}));
    EXPECT_EQ(read.hash, core::codec::hash_header(l1_header));
  }
}

TEST_F(DerivationWorkTest, AssemblesOnTheWorker) {
  commands::AssembleTxList command;
  command.base_fee_wei = 25'000'000;
  const auto list = std::get<ev::TxListAssembled>(run(command));
  EXPECT_NE(lists.find(list.rlp_hash), nullptr);
}

}  // namespace
}  // namespace preconf::tests
