// A log that is not whole: every tool gives what can be proved, says what is lost, and ends with 4.
#include <gtest/gtest.h>

#include "core/state_bytes.hpp"
#include "replay/audit/audit.hpp"
#include "replay/history.hpp"
#include "replay/replay.hpp"
#include "replay/snapshots.hpp"
#include "storage/retention.hpp"
#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

namespace fs = std::filesystem;
using core::Seq;
using tests::contains;
using tests::Ran;
using tests::run_on;
using tests::seq_text;
using tests::Story;

/// One question in two forms: about the log as it is, and about the same events of a whole log.
struct Asked {
  std::string tool;
  std::vector<std::string> arguments;
  std::string until;  ///< the option that ends the range, or names the position
};

const std::vector<Asked> kQuestions{
    {"state", {"--json", "--hash"}, "--at"},
    {"heads", {"--json"}, "--to"},
    {"commands", {"--json"}, "--to"},
    {"commands", {"--pending", "--json"}, "--at"},
    {"queue", {"--json"}, "--at"},
    {"whatif", {"--drop", "event.seq == 2", "--json"}, "--to"},
    {"bisect", {"--pred", "heads.unsafe.number >= 99", "--json"}, "--to"},
};

std::vector<std::string> with(std::vector<std::string> arguments, const std::string& option,
                              const std::string& value) {
  arguments.push_back(option);
  arguments.push_back(value);
  return arguments;
}

class Loss : public Story {
 protected:
  Loss() {
    log_.close();
    fs::copy(log_.path(), whole(), fs::copy_options::recursive);
    end_ = world_.state.last_seq;
  }
  [[nodiscard]] fs::path whole() const { return copies_.path() / "whole"; }
  Ran on_whole(const std::string& tool, std::vector<std::string> arguments) {
    return run_on(whole(), tool, std::move(arguments));
  }
  Ran sub(const std::string& name, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {name, log_.path().string()});
    std::ostringstream out;
    std::ostringstream err;
    const int code = run_tool(*find_tool("log"), arguments, Streams{out, err});
    return {code, out.str(), err.str()};
  }

  void lose_tail(std::uint64_t events) {
    log_.spoil([&](storage::Rocks& rocks) {
      for (std::uint64_t i = 0; i < events; ++i) {
        const storage::SeqKey key(Seq{end_.value - i});
        ASSERT_TRUE(rocks.db().Delete({}, rocks.log(), key.slice()).ok());
      }
    });
  }
  void damage(Seq seq) {
    log_.spoil([seq](storage::Rocks& rocks) {
      std::string value;
      const storage::SeqKey key(seq);
      ASSERT_TRUE(rocks.db().Get({}, rocks.log(), key.slice(), &value).ok());
      value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 0x10);
      ASSERT_TRUE(rocks.db().Put({}, rocks.log(), key.slice(), value).ok());
    });
  }

  /// Each tool must say about the log what it says about a whole one that is asked up to `last`.
  void expect_answers_up_to(Seq last) {
    const std::string can_be_read = "events up to " + seq_text(last) + " can be read";
    const std::string lost = seq_text(core::next(last)) + ".." + seq_text(end_);
    for (const Asked& asked : kQuestions) {
      const Ran here = run(asked.tool, asked.arguments);
      const Ran there = on_whole(asked.tool, with(asked.arguments, asked.until, seq_text(last)));
      EXPECT_EQ(here.code, 4) << asked.tool << here.err;
      EXPECT_EQ(here.out, there.out) << asked.tool;
      EXPECT_FALSE(here.out.empty()) << asked.tool;
      EXPECT_TRUE(contains(here.err, "THE LOG IS NOT WHOLE")) << asked.tool << here.err;
      EXPECT_TRUE(contains(here.err, can_be_read)) << asked.tool << here.err;
      EXPECT_TRUE(contains(here.err, lost)) << asked.tool << here.err;
    }
  }

  tests::TemporaryDirectory copies_;
  Seq end_;
};

TEST_F(Loss, a_lost_tail_is_told_and_the_rest_is_answered) {
  lose_tail(2);
  const Seq last{end_.value - 2};
  expect_answers_up_to(last);
  const Ran replayed = run("replay", {"--json"});
  EXPECT_EQ(replayed.code, 4);
  EXPECT_TRUE(contains(replayed.out, "\"last_seq\":" + seq_text(last) + ",")) << replayed.out;
  EXPECT_TRUE(contains(replayed.out, "\"code\":\"tail_lost\"")) << replayed.out;
}

TEST_F(Loss, damage_in_the_middle_is_told_and_what_lies_before_it_is_answered) {
  damage(labels_);
  expect_answers_up_to(Seq{labels_.value - 1});
  const Ran replayed = run("replay", {"--json"});
  EXPECT_EQ(replayed.code, 4);
  EXPECT_TRUE(contains(replayed.out, "\"last_seq\":" + seq_text(Seq{labels_.value - 1}) + ","));
}

TEST_F(Loss, a_damaged_last_record_is_a_lost_tail) {
  damage(end_);
  expect_answers_up_to(Seq{end_.value - 1});
}

TEST_F(Loss, a_named_position_behind_the_damage_is_refused) {
  damage(labels_);
  for (const char* tool : {"state", "queue"}) {
    const Ran ran = run(tool, {"--at", seq_text(failed_)});
    EXPECT_EQ(ran.code, 4) << tool;
    EXPECT_TRUE(ran.out.empty()) << tool << ran.out;
    EXPECT_TRUE(contains(ran.err, "at event " + seq_text(labels_))) << ran.err;
    const Ran before = run(tool, {"--at", seq_text(Seq{labels_.value - 1})});
    EXPECT_EQ(before.code, 0) << "it does not rest on what is damaged: " << before.err;
  }
}

TEST_F(Loss, why_block_diff_and_debug_answer_up_to_the_loss) {
  lose_tail(2);
  const std::string last = seq_text(Seq{end_.value - 2});
  const auto why = [&](const fs::path& path, std::vector<std::string> more) {
    std::vector<std::string> arguments{"not-synced", path.string(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::ostringstream out;
    std::ostringstream err;
    const int code = run_tool(*find_tool("why"), arguments, Streams{out, err});
    return Ran{code, out.str(), err.str()};
  };
  const Ran answer = why(log_.path(), {});
  EXPECT_EQ(answer.code, 4);
  EXPECT_EQ(answer.out, why(whole(), {"--at", last}).out);
  const Ran block = run("block", {"2", "--json"});
  EXPECT_EQ(block.code, 4);
  EXPECT_EQ(block.out, on_whole("block", {"2", "--json"}).out);
  const Ran diff = run("diff", {whole().string(), "--json"});
  EXPECT_EQ(diff.code, 4) << diff.err;
  EXPECT_TRUE(contains(diff.out, "\"events_1\":" + last + ",")) << diff.out;
  std::ofstream(copies_.path() / "script") << "goto head\nstate heads.unsafe.number\n";
  const Ran debug = run("debug", {"--script", (copies_.path() / "script").string()});
  EXPECT_EQ(debug.code, 4);
  EXPECT_TRUE(contains(debug.out, "\n" + last + "  ")) << debug.out;
}

TEST_F(Loss, ls_and_show_tell_what_is_lost) {
  lose_tail(2);
  const Ran list = sub("ls");
  EXPECT_EQ(list.code, 4);
  EXPECT_EQ(tests::lines_of(list.out).size(), end_.value - 2);
  EXPECT_TRUE(contains(list.err, "tail_lost")) << list.err;
  const Ran shown = sub("show", {"head"});
  EXPECT_EQ(shown.code, 4);
  EXPECT_TRUE(shown.out.starts_with("event " + seq_text(Seq{end_.value - 2}))) << shown.out;
  const Ran gone = sub("show", {seq_text(end_)});
  EXPECT_EQ(gone.code, 4);
  EXPECT_TRUE(gone.out.empty());
}

TEST_F(Loss, evidence_and_audit_tell_it) {
  lose_tail(2);
  std::ostringstream out;
  std::ostringstream err;
  const int code =
      run_tool(*find_tool("evidence"), {"ls", log_.path().string()}, Streams{out, err});
  EXPECT_EQ(code, 4);
  EXPECT_TRUE(contains(out.str(), "log_gap")) << out.str();
  EXPECT_TRUE(contains(err.str(), "THE LOG IS NOT WHOLE: tail_lost")) << err.str();
  for (const char* question : {"--equivocations", "--coverage", "--json"}) {
    const Ran audited = run("audit", {question});
    EXPECT_EQ(audited.code, 4) << question;
    EXPECT_TRUE(contains(audited.out, "tail_lost")) << question << audited.out;
  }
}

TEST_F(Loss, nothing_readable_is_refused_with_4) {
  lose_tail(end_.value);
  for (const Asked& asked : kQuestions) {
    const Ran ran = run(asked.tool, asked.arguments);
    EXPECT_EQ(ran.code, 4) << asked.tool;
    EXPECT_TRUE(ran.out.empty()) << asked.tool << ran.out;
  }
}

/// A log that begins after event `to`, with the state there.
void prune_to(const fs::path& path, Seq to) {
  storage::PruneRequest request;
  {
    const auto history = open_history(path).value();
    const auto state = state_after(*history.events, *history.snapshots, to).value();
    request.to = {to, history.events->chain_at(to).value()};
    request.base = {request.to, state->reducer_version, core::state_hash(*state),
                    core::encode_state(*state)};
  }
  request.dry_run = false;
  const auto pruned = storage::prune_log(path, request);
  ASSERT_TRUE(pruned.has_value()) << pruned.error().detail;
}

TEST_F(Loss, replay_and_audit_agree_about_a_missing_base_state) {
  prune_to(log_.path(), applied_[0]);
  EXPECT_EQ(run("replay").code, 0);
  EXPECT_EQ(run("state").code, 0);
  fs::remove_all(log_.path() / "base");
  const std::string words =
      "the state after event " + seq_text(applied_[0]) + " is missing or damaged";
  for (const char* tool : {"replay", "audit", "state", "heads", "queue"}) {
    const Ran ran = run(tool);
    EXPECT_EQ(ran.code, 4) << tool << ran.out;
    EXPECT_TRUE(contains(ran.out + ran.err, words)) << tool << ran.out << ran.err;
  }
}

/// Writes the snapshot after event `seq`.
void save_snapshot(const fs::path& path, Seq seq) {
  const auto history = open_history(path).value();
  const auto state = state_after(*history.events, *history.snapshots, seq).value();
  const auto saved = storage::SnapshotStore(path / "snapshots")
                         .save({{seq, history.events->chain_at(seq).value()},
                                state->reducer_version,
                                core::state_hash(*state),
                                core::encode_state(*state)});
  ASSERT_TRUE(saved.has_value());
}

Ran run_words(const std::vector<std::string>& words) {
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<std::string> arguments(words.begin() + 1, words.end());
  const int code = run_tool(*find_tool(words.front()), arguments, Streams{out, err});
  return {code, out.str(), err.str()};
}

/// log prune and log snapshot ended with 0, and why answered about another position than was asked.
class MissingBase : public Loss {
 protected:
  MissingBase() {
    prune_to(log_.path(), applied_[0]);
    prune_to(whole(), applied_[0]);
    std::ofstream(copies_.path() / "script") << "state heads.unsafe.number\n";
  }
  [[nodiscard]] std::vector<std::vector<std::string>> questions() const {
    const std::string log = log_.path().string();
    return {{"state", log},
            {"heads", log},
            {"block", log, "3"},
            {"commands", log},
            {"commands", log, "--pending"},
            {"queue", log},
            {"debug", log, "--script", (copies_.path() / "script").string()},
            {"why", "not-synced", log},
            {"diff", log, whole().string()},
            {"bisect", log, "--pred", "heads.unsafe.number >= 99"},
            {"whatif", log, "--drop", "event.seq == " + seq_text(labels_)},
            {"replay", log},
            {"audit", log},
            {"evidence", "ls", log},
            {"evidence", "export", log, "0123456789ab", "--out", capture() + ".d"},
            {"log", "ls", log},
            {"log", "show", log, "head"},
            {"log", "verify", log},
            {"log", "repair", log, "--dry-run"},
            {"log", "repair", log},
            {"log", "prune", log},
            {"log", "snapshot", log},
            {"log", "export", log, capture()}};
  }
  [[nodiscard]] std::string capture() const { return (copies_.path() / "capture").string(); }
  void expect_named_by_all() const {
    const std::string where = "after event " + seq_text(applied_[0]);
    for (const std::vector<std::string>& question : questions()) {
      const Ran ran = run_words(question);
      const std::string said = ran.out + ran.err;
      EXPECT_EQ(ran.code, 4) << question[0] << " " << question[1] << said;
      EXPECT_TRUE(contains(said, where)) << question[0] << " " << question[1] << said;
      EXPECT_TRUE(contains(said, " missing")) << question[0] << " " << question[1] << said;
    }
    EXPECT_FALSE(fs::exists(capture())) << "nobody can fold what it would hold";
  }
};

TEST_F(MissingBase, is_named_by_every_tool) {
  fs::remove_all(log_.path() / "base");
  expect_named_by_all();
}

TEST_F(MissingBase, is_named_by_every_tool_also_when_a_later_state_is_there) {
  save_snapshot(log_.path(), applied_[1]);
  fs::remove_all(log_.path() / "base");
  expect_named_by_all();
}

TEST_F(MissingBase, what_lies_behind_a_later_state_is_answered_and_nothing_before_it) {
  save_snapshot(log_.path(), applied_[1]);
  fs::remove_all(log_.path() / "base");
  const std::string log = log_.path().string();
  const std::string next = seq_text(core::next(applied_[1]));
  const std::string before = seq_text(core::next(applied_[0]));
  for (const char* tool : {"heads", "commands"}) {
    const Ran here = run(tool, {"--json"});
    EXPECT_EQ(here.out, on_whole(tool, {"--json", "--from", next}).out) << tool;
    EXPECT_TRUE(contains(here.err, "is known only from event " + next + " on")) << here.err;
  }
  EXPECT_EQ(run("queue", {"--json"}).out, on_whole("queue", {"--json"}).out);
  EXPECT_TRUE(contains(run_words(questions()[6]).out, "heads.unsafe.number")) << "debug";
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"state", log, "--at", before},
           {"heads", log, "--to", before},
           {"queue", log, "--at", before},
           {"why", "stuck", log, "--at", before},
           {"whatif", log, "--drop", "event.seq == " + before, "--from", before}}) {
    const Ran ran = run_words(words);
    EXPECT_EQ(ran.code, 4) << words[0];
    EXPECT_TRUE(ran.out.empty()) << words[0] << ran.out;
    EXPECT_TRUE(contains(ran.err, "lies before the first known state")) << words[0] << ran.err;
  }
  const Ran until = run("replay", {"--until-seq", before});
  EXPECT_EQ(until.code, 4) << until.out << until.err;
  EXPECT_TRUE(contains(until.err, "--until-seq " + before + " is outside")) << until.err;
  const Ran shown = run_words({"log", "show", log, before});
  EXPECT_TRUE(shown.out.starts_with("event " + before + " ")) << "the record is here";
  EXPECT_EQ(tests::lines_of(sub("ls").out).size(), end_.value - applied_[0].value);
}

TEST_F(MissingBase, a_part_behind_a_later_state_can_be_exported_and_is_whole) {
  save_snapshot(log_.path(), applied_[1]);
  fs::remove_all(log_.path() / "base");
  const Ran made = run_words({"log", "export", log_.path().string(), capture(), "--from",
                              seq_text(core::next(applied_[1]))});
  EXPECT_EQ(made.code, 4) << made.err;
  EXPECT_EQ(run_words({"replay", capture()}).code, 0);
  EXPECT_EQ(run_words({"log", "verify", capture()}).code, 0);
}

TEST_F(Loss, without_the_base_state_a_later_one_is_where_it_begins) {
  prune_to(log_.path(), applied_[0]);
  save_snapshot(log_.path(), applied_[1]);
  const std::string hash = run("state", {"--hash", "--json"}).out;
  fs::remove_all(log_.path() / "base");
  const Ran state = run("state", {"--hash", "--json"});
  EXPECT_EQ(state.code, 4);
  EXPECT_EQ(state.out, hash);
  const Ran replayed = run("replay", {"--json"});
  EXPECT_EQ(replayed.code, 4);
  EXPECT_TRUE(contains(replayed.out, "\"started_after\":" + seq_text(applied_[1]) + ","))
      << replayed.out;
  const Ran audited = run("audit", {"--json"});
  EXPECT_EQ(audited.code, 4);
  EXPECT_TRUE(contains(audited.out, "is known only from event")) << audited.out;
}

TEST_F(Loss, a_pruned_log_whose_tail_is_lost_begins_where_it_did) {
  prune_to(log_.path(), applied_[0]);
  prune_to(whole(), applied_[0]);
  lose_tail(2);
  expect_answers_up_to(Seq{end_.value - 2});
}

}  // namespace
}  // namespace preconf::replay
