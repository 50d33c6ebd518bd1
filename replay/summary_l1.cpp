// Phrases of events from L1.
#include <fmt/format.h>

#include "replay/log_tools.hpp"
#include "replay/phrases.hpp"

namespace preconf::replay {

namespace ev = core::events;

std::string quoted(const std::string& text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string count(std::uint64_t n, const char* noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

namespace {

std::string tag_of(const std::optional<ev::L1Ref>& tag) {
  return tag ? std::to_string(tag->number.value) : "unknown";
}

struct FactPhrase {
  std::string operator()(const core::protocol::ProposedFacts& proposed) const {
    return fmt::format("proposal {} ({})", proposed.id.value,
                       count(proposed.sources.size(), "source"));
  }
  std::string operator()(const core::protocol::ProvedFacts& proved) const {
    return fmt::format("proof up to proposal {}", proved.last.value);
  }
  std::string operator()(const core::protocol::StateRecoveredFacts& recovered) const {
    return fmt::format("inbox reset, next proposal {}", recovered.next.value);
  }
  std::string operator()(const core::protocol::LookaheadFact& fact) const {
    return fmt::format("lookahead of epoch {} ({})", fact.posted.epoch.value,
                       count(fact.posted.slots.size(), "slot"));
  }
  std::string operator()(const core::protocol::BlacklistChanged& changed) const {
    return fmt::format("{} {}", brief(changed.registration_root),
                       changed.is_listed ? "blacklisted" : "not blacklisted any more");
  }
  std::string operator()(const core::protocol::SelectionFact& fact) const {
    return fmt::format("whitelist selects {}", brief(fact.current.proposer));
  }
  std::string operator()(const core::protocol::EpochFact& fact) const {
    return fmt::format("no lookahead for epoch {}", fact.epoch.value);
  }
  std::string operator()(const ev::LogRefused& refused) const {
    return fmt::format("log {} refused: {}", brief(refused.topic),
                       core::protocol::name_of(refused.defect));
  }
};

struct L1Phrase {
  std::string operator()(const ev::SourcesResolved& resolved) const {
    std::size_t blocks = 0;
    std::size_t defaults = 0;
    for (const ev::SourceFacts& source : resolved.sources) {
      blocks += source.blocks.size();
      if (source.defect != core::codec::ManifestDefect::kNone) ++defaults;
    }
    return fmt::format("proposal {}, {}, {}{}", resolved.id.value,
                       count(resolved.sources.size(), "source"), count(blocks, "block"),
                       defaults == 0 ? "" : fmt::format(", {} by default", defaults));
  }
  std::string operator()(const ev::L1BlockRead& read) const {
    if (!read.hash) return fmt::format("no L1 block {}", read.number.value);
    return fmt::format("L1 block {} {}", read.number.value, brief(*read.hash));
  }
  std::string operator()(const ev::TxListAssembled& assembled) const {
    return fmt::format("{}, {} bytes", brief(assembled.rlp_hash), assembled.bytes);
  }
  std::string operator()(const ev::L1Failed& failed) const {
    return fmt::format("{}{} {}", ev::name_of(failed.kind),
                       failed.hash.is_zero() ? "" : " " + brief(failed.hash),
                       quoted(failed.detail));
  }
};

}  // namespace

std::string l1_phrase(const ev::L1DeploymentRecorded& recorded) {
  return fmt::format("L1 chain {}, inbox {}", recorded.deployment.l1_chain_id,
                     core::to_hex0x(recorded.deployment.inbox.view()));
}

std::string l1_phrase(const ev::L1BlockObserved& block) {
  std::string out = fmt::format("L1 block {} {} on {}", block.number.value, brief(block.hash),
                                block.previous.is_zero() ? "nothing" : brief(block.previous));
  constexpr std::size_t kFactsShown = 4;
  for (std::size_t i = 0; i < block.facts.size() && i < kFactsShown; ++i) {
    out += ", " + std::visit(FactPhrase{}, block.facts[i].body);
  }
  if (block.facts.size() > kFactsShown) {
    out += fmt::format(", {} more", block.facts.size() - kFactsShown);
  }
  return out;
}

std::string l1_phrase(const ev::L1TagsObserved& tags) {
  return fmt::format("safe {}, finalized {}, scanner {}", tag_of(tags.safe), tag_of(tags.finalized),
                     tags.is_live ? "live" : "not live");
}

std::string l1_phrase(const ev::BlobReceived& blob) {
  return fmt::format("blob {}, content {}", brief(blob.versioned_hash), brief(blob.content.hash));
}

std::string l1_phrase(const ev::CheckpointReached& reached) {
  return fmt::format("block {} {}, the last of proposal {}, proven in L1 block {}",
                     reached.block.number.value, brief(reached.block.hash), reached.proposal.value,
                     reached.proven.number.value);
}

std::string summary_of(const core::events::L1Result& result) {
  return std::string(alternative_name(result)) + ", " + std::visit(L1Phrase{}, result);
}

}  // namespace preconf::replay
