// A recorded log whose every turn is known, for the tests of the tools that look into logs.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "replay/cli/tool.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::tests {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

inline Ran run_on(const std::filesystem::path& path, const std::string& tool,
                  std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), path.string());
  std::ostringstream out;
  std::ostringstream err;
  const int code = replay::run_tool(*replay::find_tool(tool), arguments, replay::Streams{out, err});
  return {code, out.str(), err.str()};
}

inline simdjson::dom::element parsed(simdjson::dom::parser& parser, const std::string& json) {
  simdjson::dom::element root;
  EXPECT_EQ(parser.parse(json).get(root), simdjson::SUCCESS) << json.substr(0, 400);
  return root;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline const std::string kHostile = "bad \x1b[2J\x1b]0;owned\x07 \xc2\x9b";

/// Three blocks, then an engine that fails block 4 once with a hostile message, a stranger, and a
/// read that sets safe, finalized and confirmed.
class Story : public ::testing::Test {
 protected:
  Story() {
    for (int i = 0; i < 3; ++i) {
      world_.add_block();
      applied_.push_back(world_.state.last_seq);
    }
    newest_ = world_.state.book
                  .find_linkable(world_.state.heads.executed.at(core::BlockNumber{3}).preconf_hash)
                  ->facts;
    first_three_ = world_.state.last_seq;
    world_.add_stranger();
    stranger_ = world_.state.last_seq;
    world_.repeat_commitment();
    poll({*world_.state.heads.unsafe, block(2), block(1), core::BlockNumber{1}});
    labels_ = world_.state.last_seq;
    fire_poll();
    command_ = world_.state.in_flight.begin()->first;
    asked_ = world_.state.last_seq;
    world_.feed(core::events::EngineAnswered{
        command_, 1500,
        core::events::EngineFailed{core::events::EngineFailureKind::kRpcError,
                                   core::events::Certainty::kAnswered, -32000, kHostile}});
    failed_ = world_.state.last_seq;
    log_.write(world_);
  }

  struct Labels {
    core::protocol::HeaderFacts latest;
    core::BlockRef safe;
    core::BlockRef finalized;
    core::BlockNumber confirmed;
  };
  core::BlockRef block(std::uint64_t number) const {
    return {core::BlockNumber{number},
            world_.state.heads.executed.at(core::BlockNumber{number}).hash};
  }
  void fire_poll() {
    const auto& timer = world_.state.timers[0];
    ASSERT_TRUE(timer.armed);
    world_.feed(core::events::TimerFired{core::TimerId::kEnginePoll, timer.generation});
    ASSERT_EQ(world_.state.in_flight.size(), 1u);
  }
  void poll(const Labels& labels) {
    fire_poll();
    world_.feed(core::events::EngineAnswered{
        world_.state.in_flight.begin()->first, 700,
        core::events::HeadsRead{world_.state.chain.chain_id, labels.latest, labels.safe,
                                labels.finalized, labels.confirmed}});
  }
  Ran run(const std::string& tool, std::vector<std::string> arguments = {}) {
    return run_on(log_.path(), tool, std::move(arguments));
  }

  RealWorld world_;
  RecordedLog log_;
  std::vector<core::Seq> applied_;
  core::protocol::CommitmentFacts newest_;
  core::Seq first_three_, stranger_, labels_, asked_, failed_;
  core::CommandId command_;
};

inline std::string seq_text(core::Seq seq) { return std::to_string(seq.value); }

}  // namespace preconf::tests
