// Bundles from a dishonest day: each kind shows its finding, and no byte may be changed.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "replay/audit/audit.hpp"
#include "replay/capture_export.hpp"
#include "replay/evidence/export.hpp"
#include "replay/evidence/predicate.hpp"
#include "replay/evidence/verify.hpp"
#include "replay/history.hpp"
#include "storage/event_log.hpp"
#include "tests/fixture/dishonest_day.hpp"

namespace preconf::tests {
namespace {

namespace evidence = replay::evidence;
using evidence::BundleVerdict;
using evidence::Files;

/// One day for all tests of this file.
class Evidence : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ =
        std::filesystem::temp_directory_path() / ("preconf-evidence-" + std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    fixture::DayOptions day;
    day.events = 8'000;
    day.seed = 3;
    day.truncate = false;
    static_cast<void>(fixture::make_dishonest_day(directory_, day));
    replay::audit::AuditOptions options;
    options.path = directory_;
    report_ = replay::audit::audit(options, {});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(directory_); }

  static Files bundle_of(const replay::audit::Finding& finding) {
    const auto opened = replay::open_readable(directory_);
    auto files = evidence::make_bundle(*opened, report_, finding);
    EXPECT_TRUE(files.has_value());
    return std::move(files).value();
  }
  static const replay::audit::Finding& first(replay::audit::Kind kind) {
    for (const auto& finding : report_.findings) {
      if (finding.kind == kind) return finding;
    }
    throw std::runtime_error("the day has no such finding");
  }
  static std::string first_problem(const Files& files) {
    const auto report = evidence::verify_bundle(files);
    EXPECT_EQ(report.verdict, BundleVerdict::kDamaged);
    return report.problems.empty() ? std::string() : report.problems.front();
  }

  static std::filesystem::path directory_;
  static replay::audit::AuditReport report_;
};
std::filesystem::path Evidence::directory_;
replay::audit::AuditReport Evidence::report_;

TEST_F(Evidence, ShowsFindingsOfEveryKind) {
  std::map<std::string, int> shown;
  std::map<std::string, int> tried;
  for (const auto& finding : report_.findings) {
    const std::string kind = name_of(finding.kind);
    if (++tried[kind] > 3) continue;
    const auto verified = evidence::verify_bundle(bundle_of(finding));
    EXPECT_TRUE(verified.problems.empty()) << finding.id << ": " << verified.problems.front();
    if (verified.verdict == BundleVerdict::kShown) {
      ++shown[kind];
    } else {
      // Two blocks with one header and two lists: nothing in a record says which is which.
      EXPECT_EQ(kind, "l1_contradiction") << finding.id << ": " << verified.predicate;
    }
  }
  for (const auto& [kind, count] : tried) EXPECT_GT(shown[kind], 0) << kind;
  EXPECT_GE(tried.size(), 7u);
}

// A state is no part of the chain: the table in it shows nothing, but it is named.
TEST_F(Evidence, TableBeforeTheCaptureIsAHintAndShowsNothing) {
  const auto whole = replay::open_readable(directory_);
  std::vector<core::Seq> tables;
  const auto reader = whole->events->read(core::Seq{1});
  for (storage::LoggedEvent logged; reader->next_into(logged).value();) {
    const bool is_table =
        std::holds_alternative<core::events::ScheduleConfigured>(logged.event.body);
    if (is_table) tables.push_back(logged.event.seq);
  }
  tables.push_back(core::next(whole->events->end().seq));
  // The longest stretch without a table.
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < tables.size(); ++i) {
    const auto length = [&tables](std::size_t k) {
      return core::distance(tables[k], tables[k + 1]);
    };
    if (length(i) > length(at)) at = i;
  }
  const std::filesystem::path file = directory_.string() + ".pccap";
  std::filesystem::remove(file);
  replay::ExportOptions part;
  part.from = core::next(tables[at]);
  part.to = core::Seq{tables[at + 1].value - 1};
  ASSERT_TRUE(replay::export_capture(*whole, file, part, {}).has_value());
  replay::audit::AuditOptions options;
  options.path = file;
  const auto report = replay::audit::audit(options, {});
  const auto finding = std::ranges::find_if(report.findings, [](const auto& one) {
    return one.kind == replay::audit::Kind::kEquivocation;
  });
  ASSERT_NE(finding, report.findings.end());
  const auto files = evidence::make_bundle(*replay::open_readable(file), report, *finding);
  ASSERT_TRUE(files.has_value());
  const auto verified = evidence::verify_bundle(*files);
  EXPECT_EQ(verified.verdict, BundleVerdict::kNotShown);
  const bool is_named = std::ranges::any_of(verified.missing, [](const std::string& text) {
    return text.find("which no chain hash covers") != std::string::npos;
  });
  EXPECT_TRUE(is_named);
  std::filesystem::remove(file);
}

TEST_F(Evidence, SameLogSameBytes) {
  const auto& finding = first(replay::audit::Kind::kEquivocation);
  EXPECT_EQ(bundle_of(finding), bundle_of(finding));
}

// The log of a running node goes on between the audit and the bundle: the claim is of the audit.
TEST_F(Evidence, ALogThatGrewMeanwhileIsShownUpToTheAudit) {
  const std::filesystem::path grown = directory_.string() + "-grown";
  std::filesystem::copy(directory_, grown, std::filesystem::copy_options::recursive);
  {
    const auto log = storage::EventLog::open(grown, storage::OpenMode::kWrite).value();
    storage::EventBatch batch;
    core::Event& event = batch.events.emplace_back();
    event.seq = core::next(log->end().seq);
    event.body = core::events::ShutdownRequested{};
    const storage::EventBatch* batches[] = {&batch};
    ASSERT_TRUE(log->append(batches, {}, true).has_value());
  }
  const auto opened = replay::open_readable(grown);
  ASSERT_TRUE(opened.has_value());
  std::size_t paths_to_the_end = 0;
  for (const auto& finding : report_.findings) {
    const auto files = evidence::make_bundle(*opened, report_, finding);
    ASSERT_TRUE(files.has_value());
    const auto verified = evidence::verify_bundle(*files);
    ASSERT_TRUE(verified.problems.empty()) << finding.id << ": " << verified.problems.front();
    const auto claim = files->find("claim.json");
    ASSERT_NE(claim, files->end());
    const std::string text(claim->second.begin(), claim->second.end());
    if (text.find("log_end") != std::string::npos) ++paths_to_the_end;
  }
  EXPECT_GT(paths_to_the_end, 0U);
  std::filesystem::remove_all(grown);
}

TEST_F(Evidence, ShortIdsFindTheirFinding) {
  for (const auto& finding : report_.findings) {
    EXPECT_EQ(evidence::find_finding(report_, evidence::short_id(finding)), &finding);
    EXPECT_EQ(evidence::find_finding(report_, finding.id), &finding);
  }
  EXPECT_EQ(evidence::find_finding(report_, "nothing"), nullptr);
}

/// Every byte of the small files, a sample of the large ones.
TEST_F(Evidence, EveryChangedByteIsNamed) {
  Files files = bundle_of(first(replay::audit::Kind::kEquivocation));
  for (auto& [name, bytes] : files) {
    const std::size_t step = bytes.size() <= 400 ? 1 : bytes.size() / 60;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      bytes[i] ^= 0x01;
      const auto broken = evidence::broken_files(files);
      ASSERT_FALSE(broken.empty()) << name << " byte " << i;
      const bool is_list = name == evidence::kSumsFile;
      EXPECT_TRUE(is_list || broken.front().starts_with(name)) << name << ": " << broken.front();
      bytes[i] ^= 0x01;
    }
  }
  EXPECT_TRUE(evidence::broken_files(files).empty());
}

TEST_F(Evidence, FilesMayNotComeOrGo) {
  Files files = bundle_of(first(replay::audit::Kind::kEquivocation));
  files["more.txt"] = evidence::bytes_of("x");
  EXPECT_EQ(first_problem(files), "more.txt: not named by SHA256SUMS");
  files.erase("more.txt");
  files.erase("README.txt");
  EXPECT_EQ(first_problem(files), "README.txt: missing");
}

/// Somebody who writes new digests still has to make signatures and chain agree.
TEST_F(Evidence, ASealedForgeryIsNamed) {
  const Files honest = bundle_of(first(replay::audit::Kind::kEquivocation));
  for (const auto& [name, bytes] : honest) {
    const bool is_signed = name.ends_with(".bin") || name.ends_with(".stubs");
    const bool is_decoded = name.starts_with("commitments/");
    if (!is_signed && !is_decoded) continue;
    const std::size_t step = bytes.size() <= 400 ? 1 : bytes.size() / 40;
    std::size_t caught = 0;
    std::size_t tried = 0;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      Files forged = honest;
      forged[name][i] ^= 0x01;
      evidence::seal(forged);
      const auto verified = evidence::verify_bundle(forged);
      ++tried;
      if (verified.verdict != BundleVerdict::kShown) ++caught;
      // Padding of a record means nothing; every other byte is under a hash.
      EXPECT_TRUE(verified.verdict != BundleVerdict::kShown || name.starts_with("records/"))
          << name << " byte " << i;
    }
    EXPECT_GT(caught * 10, tried * 8) << name;
  }
}

TEST_F(Evidence, AnotherClaimIsNotShown) {
  Files files = bundle_of(first(replay::audit::Kind::kLateCommitment));
  std::string claim(evidence::text_of(files[evidence::kSumsFile]));
  claim = evidence::text_of(files["claim.json"]);
  const std::string before = "\"kind\":\"late_commitment\"";
  ASSERT_NE(claim.find(before), claim.npos);
  claim.replace(claim.find(before), before.size(), "\"kind\":\"wrong_signer\"");
  files["claim.json"] = evidence::bytes_of(claim);
  evidence::seal(files);
  EXPECT_EQ(evidence::verify_bundle(files).verdict, BundleVerdict::kNotShown);
}

TEST_F(Evidence, AnyClaimGivesAReport) {
  Files files = bundle_of(first(replay::audit::Kind::kWrongSigner));
  const std::string honest(evidence::text_of(files["claim.json"]));
  for (std::size_t i = 0; i < honest.size(); i += 7) {
    std::string claim = honest;
    claim[i] = '0';
    files["claim.json"] = evidence::bytes_of(claim.substr(0, i % 3 == 0 ? i : claim.size()));
    evidence::seal(files);
    static_cast<void>(evidence::verify_bundle(files));
  }
  files["claim.json"].clear();
  evidence::seal(files);
  EXPECT_EQ(first_problem(files), "claim.json: not JSON");
}

}  // namespace
}  // namespace preconf::tests
