#include "tests/support/storage_events.hpp"

#include <unistd.h>

#include <stdexcept>

#include "core/crypto/hash.hpp"
#include "core/limits.hpp"

namespace preconf::tests {

namespace events = core::events;
namespace protocol = core::protocol;

TemporaryDirectory::TemporaryDirectory()
    : TemporaryDirectory(std::filesystem::temp_directory_path()) {}
TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent) {
  std::string name = (parent / "preconf-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}
TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

core::Bytes EventGenerator::bytes(std::size_t size) {
  core::Bytes out(size);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  return out;
}

/// Zero, all ones, small and arbitrary numbers are equally frequent.
std::uint64_t EventGenerator::number() {
  switch (below(4)) {
    case 0:
      return 0;
    case 1:
      return ~std::uint64_t{0};
    case 2:
      return below(1000);
    default:
      return random_();
  }
}

std::string EventGenerator::text() {
  const std::size_t size = coin() ? below(20) : core::limits::kDetailBytesMax * below(2);
  const core::Bytes raw = bytes(size);
  return {raw.begin(), raw.end()};
}

protocol::HeaderFacts EventGenerator::header() {
  protocol::HeaderFacts out;
  out.number.value = number();
  out.hash = fixed<32>();
  out.parent_hash = fixed<32>();
  out.timestamp.value = number();
  out.beneficiary = fixed<20>();
  out.mix_hash = fixed<32>();
  out.difficulty.be = fixed<32>();
  out.gas_limit = number();
  out.gas_used = number();
  out.base_fee_wei = number();
  out.extra_data = bytes(below(core::limits::kExtraDataBytesMax + 1));
  return out;
}

core::EventBody EventGenerator::lifecycle(std::size_t shape) {
  switch (shape) {
    case 0: {
      events::GenesisRecorded out;
      out.chain = {number(),   fixed<32>(), {number()}, {number()},
                   number(),   number(),    number(),   static_cast<std::uint8_t>(number()),
                   fixed<20>()};
      out.network = {fixed<32>(), fixed<20>()};
      out.reducer_version = static_cast<std::uint32_t>(number());
      return out;
    }
    case 1:
      return events::BootStarted{fixed<16>(), text()};
    case 2:
      return events::ShutdownRequested{static_cast<std::uint8_t>(number())};
    case 3: {
      events::ScheduleConfigured out;
      out.schedule.version = number();
      for (std::uint64_t i = below(20); i > 0; --i) {
        out.schedule.windows.push_back({{number()}, {number()}, fixed<20>()});
      }
      return out;
    }
    case 4:
      return events::IngressRejected{static_cast<core::SourceKind>(below(7)), text(), number(),
                                     fixed<32>()};
    case 5: {
      events::L1SyncObserved out{coin(), {number()}, std::nullopt};
      if (coin()) out.target_block = core::BlockNumber{number()};
      return out;
    }
    default:
      return events::TimerFired{static_cast<core::TimerId>(below(core::kTimerCount)),
                                static_cast<std::uint32_t>(number())};
  }
}

core::EventBody EventGenerator::ingress(std::size_t shape) {
  if (shape == 7) {
    events::CommitmentReceived out;
    out.raw = bytes(protocol::kSignedCommitmentBytes);
    out.facts = {static_cast<protocol::CommitmentDefect>(below(12)),
                 fixed<32>(),
                 fixed<32>(),
                 fixed<32>(),
                 fixed<20>(),
                 coin(),
                 {number()},
                 {number()},
                 number(),
                 fixed<20>(),
                 {number()},
                 fixed<32>(),
                 fixed<32>(),
                 {number()},
                 {number()},
                 fixed<20>()};
    out.verifier_version = static_cast<std::uint16_t>(number());
    return out;
  }
  events::TxListReceived out;
  out.facts.hash = fixed<32>();
  out.facts.compressed_bytes = static_cast<std::uint32_t>(number());
  out.facts.defect = static_cast<protocol::TxListDefect>(below(8));
  out.facts.inflated_bytes = static_cast<std::uint32_t>(number());
  out.facts.transactions = static_cast<std::uint32_t>(number());
  out.facts.rlp_hash = fixed<32>();
  out.facts.anchor = {static_cast<protocol::AnchorDefect>(below(6)),
                      fixed<20>(),
                      fixed<20>(),
                      number(),
                      number(),
                      number(),
                      {fixed<32>()},
                      {fixed<32>()},
                      coin(),
                      number(),
                      fixed<32>(),
                      fixed<32>()};
  out.verifier_version = static_cast<std::uint16_t>(number());
  return out;
}

events::EngineResult EventGenerator::answer(std::size_t shape) {
  const auto status = static_cast<events::PayloadStatus>(below(4));
  const auto some_hash = [this] {
    return coin() ? std::optional<core::Hash32>(fixed<32>()) : std::nullopt;
  };
  switch (shape) {
    case 9: {
      events::HeadsRead out;
      out.chain_id = number();
      if (coin()) out.latest = header();
      if (coin()) out.safe = core::BlockRef{{number()}, fixed<32>()};
      if (coin()) out.finalized = core::BlockRef{{number()}, fixed<32>()};
      if (coin()) out.head_l1_origin = core::BlockNumber{number()};
      return out;
    }
    case 10: {
      events::BlockRead out;
      out.number.value = number();
      if (coin()) out.block = header();
      if (coin()) {
        out.origin = protocol::OriginRow{{number()},  fixed<32>(), {number()},
                                         fixed<32>(), fixed<8>(),  coin()};
      }
      if (coin()) out.head_l1_origin = core::BlockNumber{number()};
      return out;
    }
    case 11: {
      events::ForkchoiceAnswered out{status, some_hash(), std::nullopt, text()};
      if (coin()) out.payload_id = fixed<8>();
      return out;
    }
    case 12:
      return events::PayloadTaken{header(),
                                  {fixed<32>(), static_cast<std::uint32_t>(number())},
                                  static_cast<std::uint32_t>(number())};
    case 13:
      return events::PayloadJudged{status, some_hash(), text()};
    default:
      return events::EngineFailed{static_cast<events::EngineFailureKind>(below(10)),
                                  static_cast<events::Certainty>(below(3)),
                                  static_cast<std::int32_t>(number()), text()};
  }
}

events::PeerResult EventGenerator::peer_answer(std::size_t shape) {
  switch (shape) {
    case 19:
      return events::HeadReported{{number()}, {number()}};
    case 20:
      return events::CommitmentsDelivered{
          static_cast<std::uint32_t>(number()), {number()}, {number()}};
    case 21:
      return events::TxListDelivered{fixed<32>()};
    case 22:
      return events::TxListMissing{};
    default:
      return events::PeerFailed{static_cast<events::PeerFailureKind>(below(8)), text()};
  }
}

core::EventBody EventGenerator::about_peer(std::size_t shape) {
  switch (shape) {
    case 15:
      return events::PeerConnected{{number()},
                                   bytes(below(core::limits::kPeerIdBytesMax + 1)),
                                   text(),
                                   static_cast<events::Direction>(below(2)),
                                   coin()};
    case 16:
      return events::PeerDisconnected{{number()}, static_cast<events::DisconnectReason>(below(6))};
    case 17:
      return events::DialFailed{text(), static_cast<events::DialFailureKind>(below(7)),
                                static_cast<std::uint32_t>(number())};
    case 18: {
      events::PeerReported out{{number()}, {}};
      for (std::uint64_t i = below(events::kPeerConductCount + 1); i > 0; --i) {
        out.counts.push_back(
            {static_cast<events::PeerConduct>(below(events::kPeerConductCount)), number()});
      }
      return out;
    }
    case 24:
      return events::Published{{{number()}, static_cast<std::uint32_t>(number())},
                               static_cast<std::uint32_t>(number()),
                               static_cast<events::PublishResult>(below(5)),
                               static_cast<std::uint32_t>(number())};
    case 25:
      return events::NetworkStarted{bytes(below(core::limits::kPeerIdBytesMax + 1)), text()};
    default:
      return events::PeerAnswered{{{number()}, static_cast<std::uint32_t>(number())},
                                  static_cast<std::uint32_t>(number()),
                                  peer_answer(shape)};
  }
}

core::Event EventGenerator::event(core::Seq seq, std::size_t shape) {
  core::Event out;
  out.seq = seq;
  out.wall.value = number();
  out.mono.value = number();
  out.lane = static_cast<core::Lane>(below(core::kLaneCount));
  out.source = static_cast<core::SourceKind>(below(7));
  out.source_id = number();
  out.request.value = number();
  if (shape < 7) {
    out.body = lifecycle(shape);
  } else if (shape < 9) {
    out.body = ingress(shape);
  } else if (shape > 30) {
    out.body = about_l1(shape);
  } else if (shape > 25) {
    out.body = events::EngineAnswered{command(), static_cast<std::uint32_t>(number()),
                                      table_answer(shape)};
  } else if (shape > 14) {
    out.body = about_peer(shape);
  } else {
    out.body = events::EngineAnswered{{{number()}, static_cast<std::uint32_t>(number())},
                                      static_cast<std::uint32_t>(number()),
                                      answer(shape)};
  }
  return out;
}

storage::EventBatch EventGenerator::batch(core::Seq first, std::size_t count) {
  storage::EventBatch out;
  for (std::size_t i = 0; i < count; ++i) {
    out.events.push_back(event(core::Seq{first.value + i}));
  }
  return out;
}

storage::Content content_of(core::Bytes bytes) {
  const core::Hash32 hash = core::crypto::keccak256(bytes);
  return {hash, std::make_shared<const core::Bytes>(std::move(bytes))};
}

}  // namespace preconf::tests
