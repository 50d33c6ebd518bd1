// Every tests/scenario/*.txt, compared with what the reducer does today.
#include "tests/support/scenario.hpp"
#include "tests/support/tests_dir.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace preconf::tests {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(preconf::tests::tests_dir()) / "scenario")) {
    const bool is_scenario =
        entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists";
    if (is_scenario) names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ScenarioFile : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, reads_as_written) {
  const fs::path path = fs::path(preconf::tests::tests_dir()) / "scenario" / (GetParam() + ".txt");
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  const std::string written = content.str();
  const std::string now = run_scenario(written);
  if (std::getenv("UPDATE_SCENARIOS") != nullptr && now != written) {
    std::ofstream(path) << now;
  } else {
    EXPECT_EQ(now, written);
  }
  EXPECT_EQ(now.find("  !"), std::string::npos) << "a line of the scenario is not understood";
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioFile, ::testing::ValuesIn(scenario_names()),
                         [](const auto& test_case) { return test_case.param; });

}  // namespace
}  // namespace preconf::tests
