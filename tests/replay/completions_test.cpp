// `preconf completions`: bash accepts them and offers what the tools declare.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

using tests::contains;
using tests::Ran;

Ran completions(const std::string& shell) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool("completions"), {shell}, Streams{out, err});
  return {code, out.str(), err.str()};
}

/// What bash offers after `words`, one per line.
std::string offered(const std::filesystem::path& directory, const std::string& words) {
  std::ofstream(directory / "completion") << completions("bash").out;
  std::ofstream(directory / "ask")
      << "source " << (directory / "completion").string() << "\nCOMP_WORDS=(" << words
      << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_preconf\n"
         "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const std::string command =
      "bash " + (directory / "ask").string() + " > " + (directory / "answer").string() + " 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ifstream in(directory / "answer");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Completions, bash_offers_what_the_tools_declare) {
  const tests::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path());
  EXPECT_EQ(completions("bash").code, 0);
  EXPECT_EQ(offered(directory.path(), "preconf deb"), "debug\n");
  EXPECT_EQ(offered(directory.path(), "preconf node"), "node\n");
  EXPECT_EQ(offered(directory.path(), "preconf log sh"), "show\n");
  EXPECT_EQ(offered(directory.path(), "preconf state x --di"), "--diff\n");
  EXPECT_EQ(offered(directory.path(), "preconf log ls x --ki"), "--kind\n");
  EXPECT_EQ(offered(directory.path(), "preconf replay x --until-"),
            "--until-seq\n--until-block\n--until-time\n");
  const std::string all = offered(directory.path(), "preconf ''");
  for (const ToolEntry& entry : tools()) {
    EXPECT_TRUE(contains("\n" + all, std::string("\n") + entry.name + "\n")) << entry.name;
  }
}

TEST(Completions, scripts_parse) {
  const tests::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path());
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto file = directory.path() / shell;
    std::ofstream(file) << completions(shell).out;
    const std::string exists = std::string("command -v ") + shell + " > /dev/null 2>&1";
    if (std::system(exists.c_str()) != 0) continue;  // cannot be tried here
    const std::string command = std::string(shell) + " -n " + file.string();
    EXPECT_EQ(std::system(command.c_str()), 0) << shell;
  }
  EXPECT_TRUE(contains(completions("fish").out, "-l until-block"));
  EXPECT_TRUE(contains(completions("zsh").out, "#compdef preconf"));
  EXPECT_EQ(completions("tcsh").code, 1);
}

}  // namespace
}  // namespace preconf::replay
