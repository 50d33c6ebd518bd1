// Random events from L1, and the engine's answers about its own tables.
#include "tests/support/storage_events.hpp"

namespace preconf::tests {

namespace events = core::events;
namespace protocol = core::protocol;

events::EngineResult EventGenerator::table_answer(std::size_t shape) {
  switch (shape) {
    case 26: {
      events::CanonicalRead out;
      out.number.value = number();
      if (coin()) {
        protocol::CanonicalBlockFacts block;
        block.header = header();
        block.origin = maybe(protocol::OriginRow{
            {number()}, fixed<32>(), {number()}, fixed<32>(), fixed<8>(), coin()});
        block.first_tx_hash = maybe(core::Hash32{fixed<32>()});
        block.ommers = static_cast<std::uint32_t>(number());
        block.withdrawals = static_cast<std::uint32_t>(number());
        block.blob_gas_used = maybe(number());
        block.excess_blob_gas = maybe(number());
        block.parent_beacon_block_root = maybe(core::Hash32{fixed<32>()});
        block.requests_hash = maybe(core::Hash32{fixed<32>()});
        out.block = block;
      }
      out.signature = maybe(core::Signature65{fixed<65>()});
      out.head_l1_origin = maybe(core::BlockNumber{number()});
      return out;
    }
    case 27:
      return events::NonceRead{number()};
    case 28:
      return events::AnchorStateRead{maybe(core::L1BlockNumber{number()})};
    case 29:
      return events::BatchFound{maybe(core::BlockNumber{number()})};
    default:
      return events::TableWritten{};
  }
}

protocol::ProposedFacts EventGenerator::proposed() {
  protocol::ProposedFacts out{
      {number()}, fixed<20>(), fixed<32>(), {number()}, static_cast<std::uint8_t>(number()), {}};
  for (std::uint64_t i = below(4); i > 0; --i) {
    protocol::DerivationSource& source = out.sources.emplace_back();
    source.is_forced_inclusion = coin();
    source.blobs.offset = static_cast<std::uint32_t>(number());
    source.blobs.timestamp.value = number();
    for (std::uint64_t blob = below(4); blob > 0; --blob) {
      source.blobs.blob_hashes.push_back(fixed<32>());
    }
  }
  return out;
}

events::L1FactBody EventGenerator::l1_fact() {
  switch (below(8)) {
    case 0:
      return proposed();
    case 1:
      return protocol::ProvedFacts{{number()}, {number()}, {number()}, fixed<20>()};
    case 2:
      return protocol::StateRecoveredFacts{{number()}, {number()}, fixed<32>()};
    case 3: {
      protocol::LookaheadFact out{{{number()}, fixed<32>(), {}}, operator_pair()};
      for (std::uint64_t i = below(5); i > 0; --i) {
        out.posted.slots.push_back({fixed<20>(), {number()}, fixed<32>(), {fixed<32>()}});
      }
      return out;
    }
    case 4:
      return protocol::BlacklistChanged{fixed<32>(), {number()}, coin()};
    case 5:
      return protocol::SelectionFact{operator_pair(), operator_pair()};
    case 6:
      return protocol::EpochFact{{number()}, operator_pair()};
    default:
      return events::LogRefused{fixed<32>(), static_cast<protocol::LogDefect>(below(9))};
  }
}

events::SourceFacts EventGenerator::source() {
  events::SourceFacts out;
  out.is_forced_inclusion = coin();
  out.defect = static_cast<core::codec::ManifestDefect>(below(15));
  out.blob_defect = static_cast<core::codec::BlobDefect>(below(7));
  out.manifest_hash = fixed<32>();
  out.offset = static_cast<std::uint32_t>(number());
  for (std::uint64_t i = below(4); i > 0; --i) {
    out.blobs.push_back({fixed<32>(), static_cast<std::uint32_t>(number())});
  }
  for (std::uint64_t i = below(6); i > 0; --i) {
    out.blocks.push_back({{number()},
                          fixed<20>(),
                          {number()},
                          number(),
                          static_cast<std::uint32_t>(number()),
                          static_cast<std::uint32_t>(number()),
                          static_cast<std::uint32_t>(number())});
  }
  return out;
}

events::L1Result EventGenerator::l1_answer(std::size_t shape) {
  switch (shape) {
    case 35: {
      events::SourcesResolved out{{number()}, static_cast<std::uint16_t>(number()), {}};
      for (std::uint64_t i = below(4); i > 0; --i) out.sources.push_back(source());
      return out;
    }
    case 36:
      return events::L1BlockRead{{number()}, maybe(core::Hash32{fixed<32>()}), fixed<32>()};
    case 37:
      return events::TxListAssembled{fixed<32>(), fixed<32>(),
                                     static_cast<std::uint32_t>(number())};
    default:
      return events::L1Failed{static_cast<events::L1FailureKind>(below(8)), fixed<32>(), text()};
  }
}

core::EventBody EventGenerator::about_l1(std::size_t shape) {
  switch (shape) {
    case 31:
      return events::L1DeploymentRecorded{
          {number(), {{number()}, number(), number()}, fixed<20>(), fixed<20>(), fixed<20>()},
          static_cast<protocol::FallbackSigner>(below(2))};
    case 32: {
      events::L1BlockObserved out{{number()}, fixed<32>(), fixed<32>(), fixed<32>(),
                                  {number()}, fixed<32>(), {}};
      for (std::uint64_t i = below(6); i > 0; --i) {
        out.facts.push_back(
            {coin() ? events::kNoLog : static_cast<std::uint32_t>(number()), l1_fact()});
      }
      return out;
    }
    case 33:
      return events::L1TagsObserved{maybe(events::L1Ref{{number()}, fixed<32>()}),
                                    maybe(events::L1Ref{{number()}, fixed<32>()}), coin()};
    case 34:
      return events::BlobReceived{
          fixed<32>(),
          fixed<48>(),
          {fixed<32>(), static_cast<std::uint32_t>(core::codec::kBlobBytes)}};
    case 39:
      return events::CheckpointReached{
          {below(1UL << 48)}, {{number()}, fixed<32>()}, {number()}, {{number()}, fixed<32>()}};
    default:
      return events::L1Answered{command(), static_cast<std::uint32_t>(number()), l1_answer(shape)};
  }
}

}  // namespace preconf::tests
