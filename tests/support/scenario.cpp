#include "tests/support/scenario.hpp"

#include <functional>
#include <map>
#include <memory>
#include <sstream>

#include "core/status.hpp"
#include "tests/support/network.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

namespace {

class Scenario {
 public:
  Scenario();
  void run_line(const std::string& line);
  [[nodiscard]] std::string text() const { return text_; }

 private:
  using Words = std::vector<std::string>;
  using Handler = std::function<void(Scenario&, const Words&)>;
  static const std::map<std::string, Handler>& handlers();

  void print_new_events();
  void print(const Decision& decision);
  [[nodiscard]] std::string name_of_hash(const Hash32& hash) const;
  [[nodiscard]] const Promise& promise(const Words& words, std::size_t at);
  void fail(const std::string& what) { text_ += "  ! " + what + "\n"; }

  void define(const Words& words);
  void change(const Words& words);
  void answer(const Words& words);
  void engine(const Words& words);
  void l1(const Words& words);
  void show(const Words& words);
  void network(const Words& words);
  void peer(const Words& words);
  void gossip(const Words& words);
  void by_rpc(const Words& words);
  void waits(const Words& words);
  void schedule_until(const Words& words);

  ModelEngine engine_{167001};
  World world_{engine_};
  Preconfer preconfer_;
  std::unique_ptr<Network> network_;
  Archive archive_;  ///< what every peer has
  std::map<std::string, PeerNumber> peers_;
  std::map<std::string, Promise> promises_;
  std::map<Hash32, std::string> names_;
  std::size_t printed_decisions_ = 0;
  std::size_t printed_events_ = 0;
  std::string text_;
};

std::uint64_t number(const std::vector<std::string>& words, std::size_t at,
                     std::uint64_t otherwise = 0) {
  return at < words.size() ? std::stoull(words[at]) : otherwise;
}

Scenario::Scenario() { printed_events_ = world_.log.size(); }

std::string Scenario::name_of_hash(const Hash32& hash) const {
  const auto name = names_.find(hash);
  return name == names_.end() ? "?" : name->second;
}

const Promise& Scenario::promise(const Words& words, std::size_t at) {
  static const Promise kNone{};
  if (at < words.size()) {
    const auto found = promises_.find(words[at]);
    if (found != promises_.end()) return found->second;
  }
  fail("no such block");
  return kNone;
}

void Scenario::print(const Decision& decision) {
  std::string line = "  " + std::string(name_of(decision.verdict));
  if (decision.reason != Reason::kNone) line += " " + std::string(name_of(decision.reason));
  const std::string subject = name_of_hash(decision.subject);
  if (subject != "?") line += " " + subject;
  if (decision.number.value != 0) line += " #" + std::to_string(decision.number.value);
  const bool operands =
      decision.reason != Reason::kNone || decision.verdict == Verdict::kBoundaryMoved;
  if (operands) line += " (" + std::to_string(decision.a) + ", " + std::to_string(decision.b) + ")";
  text_ += line + "\n";
}

void Scenario::print_new_events() {
  for (; printed_decisions_ < world_.decisions.size(); ++printed_decisions_) {
    print(world_.decisions[printed_decisions_]);
  }
  for (const Command& command : world_.outstanding) {
    if (command.id.cause.value <= printed_events_) continue;
    text_ += "  -> " + std::string(name_of(command.body)) + "\n";
  }
  printed_events_ = world_.log.size();
}

// block NAME [salt=N] [eop] | rival NAME | eop_only NAME: defines, nothing is sent
void Scenario::define(const Words& words) {
  if (words.size() < 2) return fail("needs a name");
  Promise made;
  if (words[0] == "rival") {
    made = preconfer_.variant(3, 99);
  } else if (words[0] == "eop_only") {
    made.facts = preconfer_.eop_only();
    preconfer_.parent_preconf = made.facts.preconf_hash;
  } else {
    made = preconfer_.next_block(2, 0, words.size() > 2 && words[2] == "eop");
  }
  names_[made.facts.preconf_hash] = words[1];
  names_[made.list.hash] = "list of " + words[1];
  promises_[words[1]] = made;
}

// change NAME field value: alters a defined block; the chain built on it does not follow
void Scenario::change(const Words& words) {
  if (words.size() < 4 || !promises_.contains(words[1])) return fail("change NAME FIELD VALUE");
  Promise& made = promises_[words[1]];
  const std::uint64_t value = number(words, 3);
  const std::string& field = words[2];
  if (field == "number")
    made.facts.block_number = BlockNumber{value};
  else if (field == "timestamp")
    made.facts.timestamp = UnixSeconds{value};
  else if (field == "gas_limit")
    made.facts.gas_limit = value;
  else if (field == "signer")
    made.facts.signer = address_number(static_cast<std::uint8_t>(value));
  else if (field == "window_end")
    made.facts.window_end = UnixSeconds{value};
  else if (field == "list_defect")
    made.list.defect = static_cast<protocol::TxListDefect>(value);
  else if (field == "list_anchor")
    made.list.anchor.anchor_block_number = value;
  else
    return fail("unknown field");
  seal(made.facts);
  names_[made.facts.preconf_hash] = words[1];
  if (words.size() > 4) preconfer_.parent_preconf = made.facts.preconf_hash;
}

// answer [ok|lost|invalid|syncing|garbage|refused|unauthorized|other_header]
void Scenario::answer(const Words& words) {
  if (world_.outstanding.empty()) return fail("no command waits");
  const std::string how = words.size() > 1 ? words[1] : "ok";
  using Kind = ev::EngineFailureKind;
  if (how == "ok") {
    world_.answer_next();
  } else if (how == "lost") {
    world_.lose_next_answer();
  } else if (how == "invalid") {
    world_.answer_next_with(ev::PayloadJudged{ev::PayloadStatus::kInvalid, {}, "bad block"});
  } else if (how == "syncing") {
    world_.answer_next_with(ev::ForkchoiceAnswered{});
  } else if (how == "garbage") {
    world_.answer_next_with(ev::EngineFailed{Kind::kMalformed, ev::Certainty::kAnswered, 0, ""});
  } else if (how == "refused") {
    world_.answer_next_with(ev::EngineFailed{Kind::kConnect, ev::Certainty::kNotSent, 0, ""});
  } else if (how == "unauthorized") {
    world_.answer_next_with(
        ev::EngineFailed{Kind::kUnauthorized, ev::Certainty::kAnswered, 401, ""});
  } else {
    fail("unknown answer");
  }
}

// engine lose N | engine origin N | engine chain N | engine forget_jobs
void Scenario::engine(const Words& words) {
  if (words.size() < 2) return fail("engine WHAT");
  if (words[1] == "lose")
    engine_.lose_blocks(number(words, 2));
  else if (words[1] == "origin")
    engine_.head_l1_origin = BlockNumber{number(words, 2)};
  else if (words[1] == "chain")
    engine_.chain_id = number(words, 2);
  else if (words[1] == "forget_jobs")
    engine_.jobs.clear();
  else
    fail("unknown engine event");
}

// l1 live|lost [proposals [last_block]]
void Scenario::l1(const Words& words) {
  ev::L1SyncObserved observed{words.size() > 1 && words[1] == "live", ProposalId{number(words, 2)},
                              std::nullopt};
  if (words.size() > 3) observed.target_block = BlockNumber{number(words, 3)};
  world_.feed(observed);
}

// schedule [windows]: the model's table, cut to a number of windows
void Scenario::schedule_until(const Words& words) {
  protocol::Schedule schedule = model_schedule();
  schedule.windows.resize(number(words, 1, schedule.windows.size()));
  world_.feed(ev::ScheduleConfigured{schedule});
}

void Scenario::show(const Words&) {
  const State& state = world_.state;
  std::string line = "  head ";
  line += state.heads.unsafe ? std::to_string(state.heads.unsafe->number.value) : "-";
  line +=
      state.heads.unsafe && state.heads.unsafe->hash == preconfer_.tip.hash ? " = honest tip" : "";
  line += ", engine " + std::to_string(engine_.head().number.value) + ", writes " +
          std::to_string(engine_.writes) + ", held " + std::to_string(state.book.held.size()) +
          ", evidence " + std::to_string(state.evidence.size()) + ", gate " +
          (state.gate.open ? "open" : name_of(state.gate.reason));
  text_ += line + "\n";
}

// network on | network subscribers N: the libp2p host starts; whom a publication reaches
void Scenario::network(const Words& words) {
  if (words.size() > 2 && words[1] == "subscribers") {
    if (network_) network_->subscribers = static_cast<std::uint32_t>(number(words, 2));
  } else if (network_) {
    network_->restart();
  } else {
    network_ = std::make_unique<Network>(world_);
  }
}

// peer NAME MANNER | peer NAME gone | peers have NAME
void Scenario::peer(const Words& words) {
  if (!network_ || words.size() < 3) return fail("needs a network, a name and a manner");
  if (words[0] == "peers") {
    const Promise& known = promise(words, 2);
    if (known.list.hash.is_zero()) {
      archive_.add(known.facts);
    } else {
      archive_.add(known);
    }
    return;
  }
  if (words[2] == "gone") return network_->disconnect(peers_[words[1]]);
  for (std::size_t i = 0; i < kMannerCount; ++i) {
    const auto manner = static_cast<Manner>(i);
    if (words[2] != manner_name(manner)) continue;
    peers_[words[1]] = network_->connect(archive_, manner);
    return;
  }
  fail("unknown manner");
}

// gossip PEER txlist|commitment NAME
void Scenario::gossip(const Words& words) {
  if (!network_ || words.size() < 4) return fail("gossip PEER WHAT NAME");
  const Promise& known = promise(words, 3);
  if (words[2] == "txlist") {
    network_->gossip(peers_[words[1]], known.list);
  } else {
    network_->gossip(peers_[words[1]], known.facts);
  }
}

// rpc NAME: list and commitment come over RPC
void Scenario::by_rpc(const Words& words) {
  const Promise& known = promise(words, 1);
  world_.feed_from(SourceKind::kRpc, 1, ev::TxListReceived{known.list, 1});
  world_.feed_from(SourceKind::kRpc, 1,
                   ev::CommitmentReceived{Bytes(protocol::kSignedCommitmentBytes), known.facts, 1});
}

// waits: what the status says the node waits for
void Scenario::waits(const Words&) {
  for (const Waiting& one : make_status(world_.state).waiting_on) {
    text_ += "  waits for " + one.what;
    if (one.number.value != 0) text_ += " #" + std::to_string(one.number.value);
    text_ += "\n";
  }
}

const std::map<std::string, Scenario::Handler>& Scenario::handlers() {
  static const std::map<std::string, Handler> kHandlers{
      {"boot", [](Scenario& s, const Words&) { s.world_.feed(ev::BootStarted{}); }},
      {"l1", [](Scenario& s, const Words& w) { s.l1(w); }},
      {"schedule", [](Scenario& s, const Words& w) { s.schedule_until(w); }},
      {"stop", [](Scenario& s, const Words&) { s.world_.feed(ev::ShutdownRequested{15}); }},
      {"block", [](Scenario& s, const Words& w) { s.define(w); }},
      {"rival", [](Scenario& s, const Words& w) { s.define(w); }},
      {"eop_only", [](Scenario& s, const Words& w) { s.define(w); }},
      {"change", [](Scenario& s, const Words& w) { s.change(w); }},
      {"commitment",
       [](Scenario& s, const Words& w) { s.world_.commitment(s.promise(w, 1).facts); }},
      {"txlist", [](Scenario& s, const Words& w) { s.world_.txlist(s.promise(w, 1).list); }},
      {"answer", [](Scenario& s, const Words& w) { s.answer(w); }},
      {"settle", [](Scenario& s, const Words&) { s.world_.settle(); }},
      {"timer",
       [](Scenario& s, const Words&) {
         if (!s.world_.fire_next_timer()) s.fail("no timer is armed");
       }},
      {"engine", [](Scenario& s, const Words& w) { s.engine(w); }},
      {"show", [](Scenario& s, const Words& w) { s.show(w); }},
      {"network", [](Scenario& s, const Words& w) { s.network(w); }},
      {"peer", [](Scenario& s, const Words& w) { s.peer(w); }},
      {"peers", [](Scenario& s, const Words& w) { s.peer(w); }},
      {"gossip", [](Scenario& s, const Words& w) { s.gossip(w); }},
      {"rpc", [](Scenario& s, const Words& w) { s.by_rpc(w); }},
      {"waits", [](Scenario& s, const Words& w) { s.waits(w); }},
  };
  return kHandlers;
}

void Scenario::run_line(const std::string& line) {
  text_ += line + "\n";
  std::istringstream stream(line.substr(0, line.find('#')));
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.empty()) return;
  const auto handler = handlers().find(words[0]);
  if (handler == handlers().end()) return fail("unknown command");
  handler->second(*this, words);
  print_new_events();
}

}  // namespace

std::string run_scenario(const std::string& text) {
  Scenario scenario;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) continue;
    scenario.run_line(line);
  }
  return scenario.text();
}

}  // namespace preconf::tests
