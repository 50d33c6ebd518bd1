// What every command has in common: help with a real example, --json, numbers and positions, and
// answers that neither drive a terminal nor vanish unnoticed.
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <functional>

#include "core/base/hex.hpp"
#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

namespace fs = std::filesystem;
using core::Seq;
using tests::contains;
using tests::Ran;
using tests::seq_text;
using tests::Story;

Ran run_words(std::vector<std::string> words) {
  const std::string tool = words.front();
  words.erase(words.begin());
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool(tool), words, Streams{out, err});
  return {code, out.str(), err.str()};
}

/// Words of a shell command line up to a pipe or a redirection; single quotes only.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  bool in_word = false;
  bool in_quotes = false;
  for (const char character : line) {
    if (!in_quotes && (character == '|' || character == '>')) break;
    if (character == '\'') {
      in_quotes = !in_quotes;
      continue;
    }
    if (!in_quotes && character == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back() += character;
  }
  return words;
}

/// A command that does something: a tool without nested ones, or one of those.
struct Leaf {
  std::vector<std::string> path;
  std::string help;
  std::vector<std::string> options;
};

std::vector<Leaf> all_leaves() {
  std::vector<Leaf> out;
  const std::function<void(const CLI::App&, std::vector<std::string>)> walk =
      [&](const CLI::App& app, std::vector<std::string> path) {
        const auto nested = app.get_subcommands([](const CLI::App*) { return true; });
        for (const CLI::App* one : nested) {
          std::vector<std::string> deeper = path;
          deeper.push_back(one->get_name());
          walk(*one, std::move(deeper));
        }
        if (!nested.empty()) return;
        Leaf leaf{std::move(path), app.get_footer(), {}};
        for (const CLI::Option* option : app.get_options()) {
          for (const std::string& name : option->get_lnames()) leaf.options.push_back(name);
        }
        out.push_back(std::move(leaf));
      };
  for (const ToolEntry& entry : tools()) {
    CLI::App app(entry.summary, entry.name);
    const auto tool = entry.make();
    configure(app, entry, *tool);
    walk(app, {entry.name});
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

TEST(Conventions, there_are_as_many_commands_as_documented) {
  EXPECT_EQ(all_leaves().size(), 12U + 9U + 7U + 3U);
}

TEST(Conventions, every_command_has_help_with_an_example_of_its_own_that_parses) {
  for (const Leaf& leaf : all_leaves()) {
    const std::string name = joined(leaf.path);
    std::vector<std::string> help = leaf.path;
    help.emplace_back("--help");
    const Ran ran = run_words(help);
    EXPECT_EQ(ran.code, 0) << name;
    EXPECT_TRUE(contains(ran.out, "\nExit codes: 0 clean")) << name << ran.out;
    const std::size_t at = ran.out.find("Example: preconf " + name + " ");
    ASSERT_NE(at, std::string::npos) << name << ran.out;
    EXPECT_EQ(ran.out.find("Example: ", at + 1), std::string::npos) << name;
    const std::size_t end = ran.out.find('\n', at);
    std::vector<std::string> words = words_of(ran.out.substr(at + 17, end - at - 17));
    const ToolEntry& entry = *find_tool(words.front());
    words.erase(words.begin());
    CLI::App app;
    const auto tool = entry.make();
    configure(app, entry, *tool);
    try {
      app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
      ADD_FAILURE() << name << ": the example does not parse: " << error.what();
    }
  }
}

TEST(Conventions, every_command_has_json) {
  for (const Leaf& leaf : all_leaves()) {
    EXPECT_EQ(std::count(leaf.options.begin(), leaf.options.end(), "json"), 1) << joined(leaf.path);
  }
}

TEST(Conventions, numbers_have_no_sign_no_other_base_and_do_not_wrap) {
  for (const char* bad : {"-1", "18446744073709551616", "0x10", "+5", "1e3", " 5", "5 ", ""}) {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"replay", "LOG", "--until-seq"},
             {"replay", "LOG", "--until-block"},
             {"replay", "LOG", "--from-snapshot"},
             {"why", "stuck", "LOG", "--depth"},
             {"bisect", "LOG", "--pred", "gate.open", "--deadline"},
             {"audit", "LOG", "--rules", "--reducer"},
             {"log", "snapshot", "LOG", "--every"},
             {"log", "prune", "LOG", "--before"}}) {
      std::vector<std::string> arguments = words;
      arguments.back() += std::string("=") + bad;
      const Ran ran = run_words(arguments);
      EXPECT_EQ(ran.code, 1) << joined(arguments);
      EXPECT_TRUE(contains(ran.err, "a whole number from") || bad[0] == '\0')
          << joined(arguments) << ran.err;
    }
  }
}

bool can_drive_a_terminal(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    const bool is_c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_control || is_c1) return true;
  }
  return false;
}

TEST_F(Story, words_of_the_user_do_not_drive_a_terminal) {
  const std::string bad = tests::kHostile;
  const auto harmless = [](const std::vector<std::string>& words) {
    const Ran ran = run_words(words);
    EXPECT_NE(ran.code, 0) << joined(words);
    EXPECT_FALSE((ran.err + ran.out).empty()) << joined(words);
    EXPECT_FALSE(can_drive_a_terminal(ran.err)) << joined(words);
    EXPECT_FALSE(can_drive_a_terminal(ran.out)) << joined(words);
  };
  for (const Leaf& leaf : all_leaves()) {
    if (leaf.path.front() == "debug" || leaf.path.front() == "completions") continue;
    for (const std::vector<std::string>& more :
         std::vector<std::vector<std::string>>{{bad}, {bad, bad}, {bad, bad, bad}, {"--" + bad}}) {
      std::vector<std::string> words = leaf.path;
      words.insert(words.end(), more.begin(), more.end());
      harmless(words);
    }
  }
  log_.close();
  const std::string log = log_.path().string();
  harmless({"state", log, "--at", bad});
  harmless({"state", log, "--path", bad});
  harmless({"state", log, "--path", "counters[\"" + bad + "\"]"});
  harmless({"heads", log, "--label", bad});
  harmless({"block", log, bad});
  harmless({"why", "rejected", log, bad});
  harmless({"bisect", log, "--pred", bad});
  harmless({"bisect", log, "--against", bad});
  harmless({"whatif", log, "--config", bad});
  harmless({"whatif", log, "--drop", "event.kind == \"" + bad + "\""});
  harmless({"debug", log, "--script", bad});
  harmless({"completions", bad});
  harmless({"evidence", "export", log, bad, "--out", "x"});
  harmless({"log", "ls", log, "--kind", bad});
  harmless({"log", "show", log, bad});
}

TEST_F(Story, an_answer_that_can_not_be_written_is_a_failure) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  log_.close();
  const std::string log = log_.path().string();
  std::vector<std::vector<std::string>> questions{{"replay", log},
                                                  {"state", log},
                                                  {"heads", log},
                                                  {"block", log, "1"},
                                                  {"commands", log},
                                                  {"queue", log},
                                                  {"why", "stuck", log},
                                                  {"diff", log, log},
                                                  {"bisect", log, "--pred", "gate.open"},
                                                  {"whatif", log, "--drop", "event.seq == 2"},
                                                  {"audit", log},
                                                  {"evidence", "ls", log, "--help"},
                                                  {"completions", "bash"},
                                                  {"log", "ls", log},
                                                  {"log", "show", log, "1"},
                                                  {"log", "verify", log}};
  std::ofstream(log_.path().parent_path() / "script") << "heads\n";
  questions.push_back({"debug", log, "--script", (log_.path().parent_path() / "script").string()});
  for (const Leaf& leaf : all_leaves()) {
    questions.push_back(leaf.path);
    questions.back().emplace_back("--help");
  }
  for (std::vector<std::string> words : questions) {
    for (const bool json : {false, true}) {
      if (json) words.emplace_back("--json");
      const std::string what = joined(words);
      const std::string tool = words.front();
      std::ofstream out("/dev/full");
      std::ostringstream err;
      const std::vector<std::string> arguments(words.begin() + 1, words.end());
      EXPECT_EQ(run_tool(*find_tool(tool), arguments, Streams{out, err}), 1) << what;
      EXPECT_TRUE(contains(err.str(), "could not be written")) << what << err.str();
    }
  }
}

TEST_F(Story, log_ls_and_show_take_positions) {
  log_.close();
  const auto ls = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"log", "ls", log_.path().string()});
    return run_words(more);
  };
  const auto show = [&](const std::string& at) {
    return run_words({"log", "show", log_.path().string(), at});
  };
  EXPECT_EQ(tests::lines_of(ls({"--from", "head~4"}).out).size(), 5U);
  EXPECT_EQ(ls({"--from", "block:2", "--to", "block:2"}).out,
            ls({"--from", seq_text(applied_[1]), "--to", seq_text(applied_[1])}).out);
  EXPECT_EQ(tests::lines_of(ls({"--to", "@2553-01-01T00:00:00Z"}).out).size(), failed_.value);
  EXPECT_EQ(show("block:2").out, show(seq_text(applied_[1])).out);
  EXPECT_TRUE(show("head").out.starts_with("event " + seq_text(failed_) + "  "));
  EXPECT_EQ(run("replay", {"--until", "block:2", "--json"}).code, 0);
  for (const char* bad :
       {"-1", "0", "18446744073709551616", "1000000", "block:99", "@1999-01-01"}) {
    const Ran listed = ls({"--from", bad});
    EXPECT_EQ(listed.code, 1) << bad;
    EXPECT_TRUE(listed.out.empty()) << bad;
    EXPECT_EQ(show(bad).code, 1) << bad;
  }
  EXPECT_EQ(ls({"--from", "9", "--to", "8"}).code, 1);
}

// `--schedule-at` refused a time as every other option takes it.
TEST_F(Story, a_time_of_the_schedule_may_be_written_as_a_position) {
  log_.close();
  const Ran bare = run("audit", {"--schedule-at", "1700000000"});
  EXPECT_TRUE(contains(bare.out, "scheduled at 1700000000:")) << bare.out << bare.err;
  for (const char* same :
       {"@1700000000", "@2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z", "@1700000000.0"}) {
    EXPECT_EQ(run("audit", {"--schedule-at", same}).out, bare.out) << same;
  }
  for (const char* bad : {"@", "@@1700000000", "head", "block:1", "@-1", ""}) {
    EXPECT_EQ(run("audit", {std::string("--schedule-at=") + bad}).code, 1) << bad;
  }
}

TEST_F(Story, a_script_that_is_a_directory_is_wrong_use) {
  log_.close();
  const Ran ran = run("debug", {"--script", log_.path().string()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(contains(ran.err, "can not be read")) << ran.err;
}

TEST_F(Story, debug_json_is_one_object_per_command) {
  log_.close();
  const fs::path script = log_.path().parent_path() / "script";
  std::ofstream(script) << "next 2\nstate heads.unsafe.number\nnonsense\nheads\n";
  const Ran ran = run("debug", {"--script", script.string(), "--json"});
  EXPECT_EQ(ran.code, 1);
  const auto lines = tests::lines_of(ran.out);
  ASSERT_EQ(lines.size(), 4U) << ran.out;
  simdjson::dom::parser parser;
  EXPECT_EQ(tests::parsed(parser, lines[0])["line"].get_uint64().value(), 0U);
  EXPECT_EQ(tests::parsed(parser, lines[1])["command"].get_string().value(), "next 2");
  EXPECT_TRUE(contains(std::string(tests::parsed(parser, lines[2])["output"].get_string().value()),
                       "heads.unsafe.number  "));
  EXPECT_EQ(tests::parsed(parser, lines[3])["result"].get_string().value(), "refused");
}

TEST(Conventions, a_file_that_is_no_capture_is_wrong_use) {
  const tests::TemporaryDirectory directory;
  fs::create_directories(directory.path());
  const std::string file = (directory.path() / "notes.txt").string();
  for (const std::string& text :
       {std::string("these are notes"), std::string(), std::string(1000, '\0')}) {
    std::ofstream(file) << text;
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"audit", file},
                                               {"audit", file, "--json"},
                                               {"replay", file},
                                               {"state", file},
                                               {"log", "verify", file},
                                               {"log", "ls", file},
                                               {"evidence", "ls", file}}) {
      const Ran ran = run_words(words);
      EXPECT_EQ(ran.code, 1) << joined(words) << ran.out;
      EXPECT_TRUE(contains(ran.out + ran.err, "no capture")) << joined(words) << ran.out << ran.err;
    }
  }
}

TEST(Conventions, show_tells_why_content_was_removed) {
  tests::RecordedLog log;
  tests::RealWorld world;
  world.add_block();
  const tests::RealWorld::Record recorded = world.take();
  tests::append(log.log(), recorded);
  log.close();
  const core::Hash32 hash = recorded.batch.contents.at(0).hash;
  Seq at;
  for (const core::Event& event : recorded.batch.events) {
    for (const auto& ref : core::content_refs(event.body)) {
      if (at.value == 0 && ref.hash == hash) at = event.seq;
    }
  }
  const std::string path = log.path().string();
  EXPECT_TRUE(contains(run_words({"log", "show", path, seq_text(at)}).out, "bytes  present"));
  const std::string hex = core::to_hex0x(hash.view());
  ASSERT_EQ(run_words({"log", "redact", path, hex, "--reason", "court order 17/2026"}).code, 0);
  const Ran text = run_words({"log", "show", path, seq_text(at)});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "bytes  redacted at ")) << text.out;
  EXPECT_TRUE(contains(text.out, ": \"court order 17/2026\"\n")) << text.out;
  const Ran json = run_words({"log", "show", path, seq_text(at), "--json"});
  EXPECT_TRUE(contains(json.out, "\"status\":\"redacted\"")) << json.out;
  EXPECT_TRUE(contains(json.out, "\"reason\":\"court order 17/2026\"")) << json.out;
}

}  // namespace
}  // namespace preconf::replay
