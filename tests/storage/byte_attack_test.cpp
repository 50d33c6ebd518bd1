// Every byte of a small log flipped, every file cut at every offset, tails of zeros: each damage is
// named with its seq, or a reader gets exactly what was written.
//
// The suite takes a sample; PRECONF_ATTACK=full takes every byte (docs/testing.md).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>

#include "tests/storage/attack_log.hpp"
#include "tests/storage/file_attack.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::TemporaryDirectory;

constexpr std::uint64_t kSeed = 20'240'611;
constexpr std::size_t kSample = 60;  ///< damages per file of a test

/// In place: whoever has the file open sees it.
void poke(const std::filesystem::path& path, std::uint64_t offset, std::uint8_t byte) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::pwrite(fd, &byte, 1, static_cast<off_t>(offset)), 1);
  ::close(fd);
}

/// 0 .. count - 1, or a sample of them in which the first and the last are. Of OPTIONS, which
/// nobody reads, always a sample.
std::vector<std::uint64_t> positions(const std::filesystem::path& file, std::uint64_t count,
                                     std::size_t sample, std::uint64_t salt) {
  std::vector<std::uint64_t> out(count);
  std::iota(out.begin(), out.end(), std::uint64_t{0});
  const bool is_read = row_of(file) != "log/OPTIONS";
  if ((full_attack() && is_read) || count <= sample) return out;
  std::mt19937_64 random(kSeed + salt);
  std::vector<std::uint64_t> chosen;
  std::sample(out.begin(), out.end(), std::back_inserter(chosen), sample, random);
  chosen.front() = 0;
  chosen.back() = count - 1;
  return chosen;
}

/// A shape, and where its mark stands.
struct Setting {
  const char* name;
  AttackShape shape;
  std::uint64_t mark;
};

class ByteAttack : public ::testing::TestWithParam<Setting> {
 protected:
  void SetUp() override {
    RecordProperty("seed", std::to_string(kSeed));
    std::printf("seed %llu, %s\n", static_cast<unsigned long long>(kSeed),
                full_attack() ? "every byte" : "a sample; PRECONF_ATTACK=full takes every byte");
    log_ = make_attack_log(directory_.path() / "a", GetParam().shape, kSeed, Seq{GetParam().mark});
    const Judgement whole = judge(log_, OpenMode::kReadOnly);
    ASSERT_EQ(whole.verdict, Verdict::kHarmless) << whole.why;
  }
  void TearDown() override {
    tally_.print(std::string(GetParam().name) + " " +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name());
    EXPECT_EQ(judge(log_, OpenMode::kReadOnly).verdict, Verdict::kHarmless)
        << "the test put everything back";
  }

  /// Judges and counts; `where` is for the message.
  Judgement look(const std::filesystem::path& file, const std::string& where) {
    Judgement found = judge(log_, OpenMode::kReadOnly);
    tally_.add(row_of(file), found.verdict);
    EXPECT_NE(found.verdict, Verdict::kWrong) << file << " " << where << ": " << found.why;
    return found;
  }
  /// What a damage that begins in the record of `event` of the write-ahead log may give.
  void expect_exact(const Judgement& found, Seq event, const std::string& where) {
    if (found.verdict == Verdict::kHarmless || found.verdict == Verdict::kCacheLost) return;
    if (found.verdict == Verdict::kShorter) {
      EXPECT_EQ(core::next(found.end), event) << where;
      return;
    }
    EXPECT_EQ(found.verdict, Verdict::kAtOpen) << where;
    const bool tail = found.failure.code == StorageError::kTailLost;
    EXPECT_TRUE(tail || found.failure.code == StorageError::kDamaged) << where << found.why;
    EXPECT_EQ(tail ? core::next(found.failure.seq) : found.failure.seq, event)
        << where << ": " << found.why;
  }
  [[nodiscard]] bool is_wal(const std::filesystem::path& file) const {
    return log_.path / file == log_.wal && !log_.ends.empty();
  }
  void flip(const std::filesystem::path& file, std::uint8_t mask, std::size_t sample);

  TemporaryDirectory directory_{attack_parent()};
  AttackLog log_;
  Tally tally_;
};

void ByteAttack::flip(const std::filesystem::path& file, std::uint8_t mask, std::size_t sample) {
  const auto path = log_.path / file;
  const core::Bytes bytes = read_bytes(path);
  for (const std::uint64_t at : positions(file, bytes.size(), sample, mask)) {
    poke(path, at, static_cast<std::uint8_t>(bytes[at] ^ mask));
    const std::string where = "byte " + std::to_string(at) + " ^ " + std::to_string(mask);
    const Judgement found = look(file, where);
    if (is_wal(file)) {
      const Seq event = log_.event_at(at);
      expect_exact(found, event, where);
      // Damage with whole records behind it is no torn tail, be it above the mark.
      EXPECT_TRUE(found.verdict != Verdict::kShorter || event == log_.last()) << where;
    }
    poke(path, at, bytes[at]);
    if (HasFailure() && !full_attack()) return;
  }
}

TEST_P(ByteAttack, every_byte_flipped) {
  for (const auto& file : files_of(log_.path)) flip(file, 0xff, kSample);
}

TEST_P(ByteAttack, every_bit_flipped) {
  for (const auto& file : files_of(log_.path)) {
    const bool has_no_blocks = file.extension() != ".sst" && file.extension() != ".blob";
    if (!is_wal(file) && !(full_attack() && has_no_blocks) && file != "high_water") continue;
    for (int bit = 0; bit < 8; ++bit) flip(file, static_cast<std::uint8_t>(1 << bit), kSample / 2);
  }
}

TEST_P(ByteAttack, every_file_cut_at_every_offset) {
  for (const auto& file : files_of(log_.path)) {
    const auto path = log_.path / file;
    const core::Bytes bytes = read_bytes(path);
    for (const std::uint64_t size : positions(file, bytes.size(), kSample, 1)) {
      std::filesystem::resize_file(path, size);
      const std::string where = "cut to " + std::to_string(size);
      const Judgement found = look(file, where);
      if (is_wal(file)) expect_exact(found, log_.event_at(size), where);
      write_bytes(path, bytes);
    }
  }
}

TEST_P(ByteAttack, write_ahead_log_cut_between_records) {
  if (log_.ends.empty()) GTEST_SKIP() << "no event is in it";
  const core::Bytes bytes = read_bytes(log_.wal);
  const auto file = std::filesystem::relative(log_.wal, log_.path);
  for (const auto& [end, seq] : log_.ends) {
    std::filesystem::resize_file(log_.wal, end);
    const Judgement found = look(file, "cut after event " + std::to_string(seq.value));
    if (seq < log_.mark) {
      EXPECT_EQ(found.failure.code, StorageError::kTailLost);
      EXPECT_EQ(found.failure.seq, seq);
    } else if (seq < log_.last()) {
      EXPECT_EQ(found.verdict, Verdict::kShorter);
      EXPECT_EQ(found.end, seq);
    } else {
      EXPECT_EQ(found.verdict, Verdict::kHarmless);
    }
    write_bytes(log_.wal, bytes);
  }
}

TEST_P(ByteAttack, tails_of_zeros) {
  for (const auto& file : files_of(log_.path)) {
    const auto path = log_.path / file;
    const core::Bytes bytes = read_bytes(path);
    for (const std::size_t more : {1u, 7u, 100u, 4096u, 40000u}) {
      std::filesystem::resize_file(path, bytes.size() + more);
      const Judgement found = look(file, std::to_string(more) + " zeros more");
      if (is_wal(file)) {
        EXPECT_EQ(found.verdict, Verdict::kHarmless) << more << found.why;
      }
      write_bytes(path, bytes);
    }
    for (const std::uint64_t from : positions(file, bytes.size(), kSample, 2)) {
      core::Bytes zeroed = bytes;
      std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(from), zeroed.end(), 0);
      write_bytes(path, zeroed);
      const std::string where = "zeros from " + std::to_string(from);
      const Judgement found = look(file, where);
      if (is_wal(file)) expect_exact(found, log_.event_at(from), where);
      write_bytes(path, bytes);
    }
  }
}

/// RocksDB ends quietly at a record with such a length or type; events that were
/// acknowledged above the mark lie behind it.
TEST_P(ByteAttack, every_bit_of_each_record_length_and_type) {
  if (log_.ends.empty()) GTEST_SKIP() << "no event is in it";
  const auto file = std::filesystem::relative(log_.wal, log_.path);
  const core::Bytes bytes = read_bytes(log_.wal);
  for (const auto& [end, seq] : log_.ends) {
    if (seq == log_.last()) continue;
    for (std::uint64_t at = end + 4; at < end + 7; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        poke(log_.wal, at, static_cast<std::uint8_t>(bytes[at] ^ (1 << bit)));
        const std::string where = "byte " + std::to_string(at) + " bit " + std::to_string(bit);
        const Judgement found = look(file, where);
        expect_exact(found, core::next(seq), where);
        EXPECT_TRUE(found.verdict == Verdict::kAtOpen || core::next(seq) == log_.last()) << where;
        poke(log_.wal, at, bytes[at]);
      }
    }
  }
}

/// Where a table holds the bytes that its footer and its block ends do not check alone: the last
/// 300 have the end of the properties block, the metaindex and the footer.
TEST_P(ByteAttack, every_high_bit_at_the_end_of_tables) {
  for (const auto& file : files_of(log_.path)) {
    if (file.extension() != ".sst") continue;
    const core::Bytes bytes = read_bytes(log_.path / file);
    for (std::uint64_t at = bytes.size() - 300; at < bytes.size(); ++at) {
      poke(log_.path / file, at, static_cast<std::uint8_t>(bytes[at] ^ 0x80));
      look(file, "byte " + std::to_string(at));
      poke(log_.path / file, at, bytes[at]);
    }
  }
}

/// Pages that never reached the disk while later ones did.
TEST_P(ByteAttack, holes_of_zeros) {
  for (const auto& file : files_of(log_.path)) {
    const auto path = log_.path / file;
    const core::Bytes bytes = read_bytes(path);
    if (bytes.size() < 8192) continue;
    for (const std::uint64_t from : positions(file, bytes.size() - 4096, kSample, 3)) {
      core::Bytes holed = bytes;
      std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(from), 512 + from % 3000, 0);
      write_bytes(path, holed);
      const std::string where = "hole at " + std::to_string(from);
      const Judgement found = look(file, where);
      if (is_wal(file)) {
        expect_exact(found, log_.event_at(from), where);
        EXPECT_NE(found.verdict, Verdict::kShorter) << where;
      }
      write_bytes(path, bytes);
    }
  }
}

constexpr Setting kSettings[] = {
    {"wal", AttackShape::kWal, 40},
    {"wal_mark_behind", AttackShape::kWal, 25},
    {"tables", AttackShape::kTables, 40},
    {"mixed", AttackShape::kMixed, 40},
};
INSTANTIATE_TEST_SUITE_P(log, ByteAttack, ::testing::ValuesIn(kSettings),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace preconf::storage
