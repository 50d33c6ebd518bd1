// One file that holds a part of a log: what is written is read, and nothing else is.
#include <zlib.h>

#include <fstream>

#include "storage/capture_format.hpp"
#include "storage/capture_import.hpp"
#include "storage/event_log.hpp"
#include "tests/storage/capture_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::CaptureMaker;
using tests::CaptureSample;
using tests::make_capture;

class Capture : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path(const std::string& name = "capture") const {
    return directory_.path() / name;
  }
  static std::unique_ptr<CaptureFile> open(const std::filesystem::path& path) {
    auto file = CaptureFile::open(path);
    EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().detail);
    return file ? std::move(file).value() : nullptr;
  }
  static StorageFailure open_failure(const std::filesystem::path& path) {
    const auto file = CaptureFile::open(path);
    EXPECT_FALSE(file.has_value());
    return file ? StorageFailure{} : file.error();
  }

  tests::TemporaryDirectory directory_;
};

/// Everything that a reader can find wrong with a file; nothing when all is well.
std::optional<StorageFailure> examine(const std::filesystem::path& path) {
  const auto file = CaptureFile::open(path);
  if (!file) return file.error();
  const auto reader = (*file)->read(Seq{1});
  LoggedEvent event;
  for (;;) {
    const auto more = reader->next_into(event);
    if (!more) return more.error();
    if (!*more) break;
  }
  return (*file)->check_container();
}

void expect_events(const EventSource& source, const CaptureSample& sample, std::size_t from) {
  const auto reader = source.read(sample.events[from].event.seq);
  LoggedEvent logged;
  for (std::size_t i = from; i < sample.events.size(); ++i) {
    const auto more = reader->next_into(logged);
    ASSERT_TRUE(more.has_value()) << more.error().detail;
    ASSERT_TRUE(*more);
    const Seq seq = sample.events[i].event.seq;
    EXPECT_EQ(logged.event.seq, seq);
    EXPECT_EQ(logged.chain, sample.events[i].chain);
    EXPECT_EQ(logged.effects_digest, sample.events[i].effects_digest);
    if (i % 16 == 0) {
      EXPECT_EQ(source.record(seq), sample.records[i]) << seq.value;
      EXPECT_EQ(source.chain_at(seq), logged.chain);
    }
  }
  const auto more = reader->next_into(logged);
  ASSERT_TRUE(more.has_value());
  EXPECT_FALSE(*more);
}

TEST_F(Capture, gives_back_what_was_written) {
  const CaptureSample sample = make_capture(path(), 1, 200);
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->base(), LogPosition{});
  EXPECT_EQ(file->end(), (LogPosition{Seq{200}, sample.events.back().chain}));
  expect_events(*file, sample, 0);
  expect_events(*file, sample, 123);
  for (const Content& content : sample.contents) {
    const auto bytes = file->content(content.hash);
    ASSERT_NE(bytes, nullptr);
    EXPECT_EQ(*bytes, *content.bytes);
  }
  EXPECT_EQ(file->content(core::Hash32{}), nullptr);
  EXPECT_EQ(file->record(Seq{0}), std::nullopt);
  EXPECT_EQ(file->record(Seq{201}), std::nullopt);
  const auto snapshots = file->snapshots();
  EXPECT_EQ(snapshots->list(), std::vector<Seq>{Seq{101}});
  EXPECT_EQ(snapshots->load(Seq{101})->state, core::Bytes(100, 7));
  EXPECT_EQ(snapshots->load(Seq{102}), std::nullopt);
  EXPECT_EQ(file->manifest().events, 200u);
  EXPECT_EQ(file->manifest().contents, sample.contents.size());
  EXPECT_EQ(to_json(file->manifest()), to_json(sample.manifest));
  EXPECT_EQ(examine(path()), std::nullopt);
}

TEST_F(Capture, of_several_frames_is_read_from_anywhere) {
  tests::EventGenerator random(2);
  CaptureMaker maker(path());
  for (std::uint64_t seq = 1; seq <= 6'000; ++seq) {
    maker.add(random.event(Seq{seq}), seq % 2 == 0);
    if (seq % 1'000 == 0) maker.add_content(random.bytes(700'000));
  }
  maker.add_content(random.bytes(3'000'000));
  maker.finish();
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  for (const std::size_t from : {0u, 1u, 1'999u, 3'000u, 5'998u, 5'999u}) {
    expect_events(*file, maker.sample, from);
  }
  for (const Content& content : maker.sample.contents) {
    const auto bytes = file->content(content.hash);
    ASSERT_NE(bytes, nullptr);
    EXPECT_EQ(*bytes, *content.bytes);
  }
  EXPECT_EQ(examine(path()), std::nullopt);
}

TEST_F(Capture, with_a_base_begins_behind_it) {
  const LogPosition base{Seq{41}, core::crypto::sha256(core::Bytes{1})};
  const CaptureSample sample = make_capture(path(), 3, 30, base);
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->base(), base);
  EXPECT_EQ(file->chain_at(Seq{41}), base.chain);
  EXPECT_EQ(file->chain_at(Seq{40}), std::nullopt);
  expect_events(*file, sample, 0);
  EXPECT_EQ(file->snapshots()->list().front(), base.seq);
  // Whoever asks for earlier events gets those that are there.
  LoggedEvent first;
  ASSERT_TRUE(*file->read(Seq{1})->next_into(first));
  EXPECT_EQ(first.event.seq, Seq{42});
}

TEST_F(Capture, keeps_a_gap_that_a_repair_recorded) {
  tests::EventGenerator random(4);
  CaptureMaker maker(path());
  for (std::uint64_t seq = 1; seq <= 9; ++seq) maker.add(random.event(Seq{seq}, 6), true);
  core::Event gap = random.event(Seq{21}, 6);
  gap.body = core::events::LogGapRecorded{Seq{10}, Seq{20}, std::nullopt, "lost", true};
  maker.add(gap, true);
  for (std::uint64_t seq = 22; seq <= 30; ++seq) maker.add(random.event(Seq{seq}, 6), true);
  maker.finish();
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  for (const std::size_t from : {0u, 8u, 9u, 15u}) expect_events(*file, maker.sample, from);
  EXPECT_EQ(file->record(Seq{15}), std::nullopt);
  for (std::size_t i = 0; i < maker.sample.records.size(); ++i) {
    EXPECT_EQ(file->record(maker.sample.events[i].event.seq), maker.sample.records[i]);
  }
  EXPECT_EQ(examine(path()), std::nullopt);
  // Digests behind the gap stay with their events: replay called them a divergence.
  ASSERT_TRUE(import_capture(*file, path("node"), {}).has_value());
  const auto log = EventLog::open(path("node"), OpenMode::kReadOnly);
  ASSERT_TRUE(log.has_value()) << log.error().detail;
  expect_events(**log, maker.sample, 0);
}

TEST_F(Capture, without_a_gap_record_events_must_be_dense) {
  tests::EventGenerator random(5);
  CaptureMaker maker(path());
  for (const std::uint64_t seq : {1u, 2u, 4u, 5u}) maker.add(random.event(Seq{seq}, 6), true);
  maker.finish();
  const auto failure = examine(path());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->code, StorageError::kDamaged);
  EXPECT_EQ(failure->seq, Seq{3});
}

TEST_F(Capture, has_the_same_bytes_for_the_same_events) {
  make_capture(path("a"), 6, 300);
  make_capture(path("b"), 6, 300);
  make_capture(path("c"), 7, 300);
  EXPECT_EQ(tests::read_bytes(path("a")), tests::read_bytes(path("b")));
  EXPECT_NE(tests::read_bytes(path("a")), tests::read_bytes(path("c")));
}

TEST_F(Capture, shows_every_flipped_byte) {
  make_capture(path(), 8, 15);
  const core::Bytes good = tests::read_bytes(path());
  // In place: a file that is written anew is flushed to the disk each time.
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&file](std::size_t at, std::uint8_t byte) {
    file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(byte)).flush();
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    put(i, good[i] ^ 0x40);
    ASSERT_TRUE(examine(path()).has_value()) << "byte " << i;
    put(i, good[i]);
  }
  EXPECT_EQ(examine(path()), std::nullopt);
}

TEST_F(Capture, shows_every_cut_and_every_addition) {
  make_capture(path(), 9, 15);
  core::Bytes longer = tests::read_bytes(path());
  longer.push_back(0);
  tests::write_bytes(path("longer"), longer);
  EXPECT_EQ(open_failure(path("longer")).code, StorageError::kDamaged);
  for (std::size_t size = longer.size() - 1; size-- > 0;) {
    std::filesystem::resize_file(path(), size);
    ASSERT_TRUE(examine(path()).has_value()) << size << " bytes";
  }
}

TEST_F(Capture, names_what_is_not_one) {
  EXPECT_EQ(open_failure(path("absent")).code, StorageError::kNotFound);
  tests::write_bytes(path("text"), core::Bytes(500, 'x'));
  EXPECT_EQ(open_failure(path("text")).code, StorageError::kFormat);
  make_capture(path(), 10, 15);
  core::Bytes newer = tests::read_bytes(path());
  newer[8] = 3;
  tests::write_bytes(path("newer"), newer);
  EXPECT_EQ(open_failure(path("newer")).code, StorageError::kFormat);
  std::filesystem::create_directory(path("directory"));
  EXPECT_FALSE(CaptureFile::open(path("directory")).has_value());
}

TEST_F(Capture, names_the_event_at_which_a_damaged_frame_begins) {
  tests::EventGenerator random(11);
  CaptureMaker maker(path());
  for (std::uint64_t seq = 1; seq <= 9'000; ++seq) maker.add(random.event(Seq{seq}), true);
  maker.finish();
  core::Bytes bad = tests::read_bytes(path());
  bad[16 + 64 + 100] ^= 1;  // in the first frame's stored bytes
  tests::write_bytes(path(), bad);
  const auto failure = examine(path());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->code, StorageError::kDamaged);
  EXPECT_EQ(failure->seq, Seq{1});
  // The frames behind it can be read.
  LoggedEvent last;
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  const auto read = file->read(Seq{9'000})->next_into(last);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(last.event.seq, Seq{9'000});
}

TEST_F(Capture, frame_headers_out_of_bounds_are_refused) {
  const auto parses = [](capture::FrameHeader header) {
    core::Bytes bytes;
    capture::append_header(header, bytes);
    return capture::parse_header(bytes).has_value();
  };
  capture::FrameHeader good;
  good.type = capture::FrameType::kContents;
  good.stored_size = 1'000'000;
  good.raw_size = 2'000'000;
  good.count = 1;
  EXPECT_TRUE(parses(good));
  capture::FrameHeader bad = good;
  bad.type = static_cast<capture::FrameType>(8);
  EXPECT_FALSE(parses(bad));
  bad = good;
  bad.type = static_cast<capture::FrameType>(0);
  EXPECT_FALSE(parses(bad));
  bad = good;
  bad.type = capture::FrameType::kRecords;
  bad.raw_size = capture::kRecordsRawMax + 1;
  EXPECT_FALSE(parses(bad));
  bad = good;
  bad.stored_size = 100;  // 2 MB from 100 bytes: no deflate does that
  EXPECT_FALSE(parses(bad));
  bad = good;
  bad.count = good.raw_size + 1ull;
  EXPECT_FALSE(parses(bad));
  bad = good;
  bad.count = 2;  // larger than a frame that is shared
  EXPECT_FALSE(parses(bad));
  bad.raw_size = 70;  // less than two contents take
  EXPECT_FALSE(parses(bad));
  bad.raw_size = 72;
  EXPECT_TRUE(parses(bad));
}

/// A small file with a large bad frame cost a minute: the frame was inflated for every content.
TEST_F(Capture, a_bad_contents_frame_is_looked_at_once) {
  const CaptureSample sample = make_capture(path(), 17, 60);
  core::Bytes bytes = tests::read_bytes(path());
  // Contents are written when the file is finished: the first frame of that type.
  std::size_t at = capture::kHeaderBytes;
  while (capture::get_u32(bytes, at + 4) !=
         static_cast<std::uint32_t>(capture::FrameType::kContents)) {
    at += capture::kFrameHeaderBytes + capture::get_u32(bytes, at + 8);
  }
  const std::size_t inside = at + capture::kFrameHeaderBytes + 20;
  const auto flip = [&] {
    bytes[inside] ^= 1;
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(inside));
    file.put(static_cast<char>(bytes[inside]));
  };
  flip();
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->content(sample.contents[0].hash), nullptr);
  flip();
  EXPECT_EQ(file->content(sample.contents[1].hash), nullptr) << "known to be bad";
  EXPECT_NE(open(path())->content(sample.contents[1].hash), nullptr);
}

TEST_F(Capture, says_why_content_is_not_there) {
  tests::EventGenerator random(18);
  CaptureMaker maker(path());
  for (std::size_t i = 0; i < 200; ++i) maker.add(random.event(Seq{i + 1}, i % 15), true);
  maker.finish(true);
  ASSERT_GT(maker.sample.removed.size(), 10u);
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->manifest().format, 2u);
  EXPECT_EQ(file->manifest().contents_removed, maker.sample.removed.size());
  for (const auto& [hash, told] : maker.sample.removed) {
    const auto found = file->removed(hash);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->cause, told.cause);
    EXPECT_EQ(found->size_bytes, told.size_bytes);
    EXPECT_EQ(found->removed_at, told.removed_at);
    EXPECT_EQ(found->reason, told.reason);
  }
  EXPECT_FALSE(file->removed(core::Hash32{}).has_value());
  EXPECT_FALSE(examine(path()).has_value());
  ASSERT_TRUE(import_capture(*file, path("node"), {}).has_value());
  const auto log = EventLog::open(path("node"), OpenMode::kReadOnly);
  ASSERT_TRUE(log.has_value());
  const auto& [hash, told] = maker.sample.removed.front();
  EXPECT_EQ((*log)->removed(hash)->reason, told.reason);
}

/// The program took a manifest that the independent reader refuses.
TEST_F(Capture, says_what_its_events_say) {
  make_capture(path(), 19, 60);
  const auto file = open(path());
  const CaptureManifest& told = file->manifest();
  CaptureSummary good{told.events,    told.digests,          told.first_wall,
                      told.last_wall, told.contents_missing, told.contents_removed};
  EXPECT_FALSE(file->check_summary(good).has_value());
  for (std::uint64_t CaptureSummary::*number :
       {&CaptureSummary::events, &CaptureSummary::digests, &CaptureSummary::contents_missing,
        &CaptureSummary::contents_removed}) {
    CaptureSummary bad = good;
    ++(bad.*number);
    EXPECT_TRUE(file->check_summary(bad).has_value());
  }
  for (core::WallNanos CaptureSummary::*time :
       {&CaptureSummary::first_wall, &CaptureSummary::last_wall}) {
    CaptureSummary bad = good;
    ++(bad.*time).value;
    EXPECT_TRUE(file->check_summary(bad).has_value());
  }
}

TEST_F(Capture, a_bomb_is_stopped_at_its_promised_size) {
  // 60 MB of zeros that claim to be 1 MB: the checksum is right, the size is not.
  core::Bytes zeros(60'000'000);
  uLongf size = ::compressBound(static_cast<uLong>(zeros.size()));
  core::Bytes stored(size);
  ASSERT_EQ(::compress2(stored.data(), &size, zeros.data(), zeros.size(), 1), Z_OK);
  stored.resize(size);
  capture::FrameHeader header;
  header.type = capture::FrameType::kContents;
  header.stored_size = static_cast<std::uint32_t>(size);
  header.raw_size = 1'000'000;
  header.count = 1;
  header.checksum = capture::checksum_of(header, stored);
  core::Bytes out;
  EXPECT_FALSE(capture::unpack(header, stored, out));
  EXPECT_LE(out.capacity(), 2'000'000u);
}

TEST_F(Capture, is_imported_byte_for_byte) {
  const CaptureSample sample = make_capture(path(), 12, 600);
  const auto file = open(path());
  const auto end = import_capture(*file, path("node"), {});
  ASSERT_TRUE(end.has_value()) << end.error().detail;
  EXPECT_EQ(*end, file->end());
  const auto log = EventLog::open(path("node"), OpenMode::kWrite);
  ASSERT_TRUE(log.has_value()) << log.error().detail;
  EXPECT_EQ((*log)->end(), file->end());
  expect_events(**log, sample, 0);
  for (const Content& content : sample.contents) {
    ASSERT_NE((*log)->content(content.hash), nullptr);
  }
  EXPECT_FALSE(import_capture(*file, path("node"), {}).has_value()) << "exists already";
}

TEST_F(Capture, that_is_damaged_is_not_imported) {
  make_capture(path(), 13, 9'000);
  core::Bytes bad = tests::read_bytes(path());
  bad[16 + 64 + 50] ^= 1;
  tests::write_bytes(path(), bad);
  const auto file = open(path());
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(import_capture(*file, path("node"), {}).has_value());
  EXPECT_FALSE(std::filesystem::exists(path("node")));
  EXPECT_FALSE(std::filesystem::exists(path("node.importing")));
}

TEST_F(Capture, is_never_overwritten_and_leaves_nothing_half_done) {
  make_capture(path(), 14, 15);
  EXPECT_FALSE(CaptureWriter::create(path()).has_value());
  { CaptureMaker unfinished(path("other")); }
  EXPECT_FALSE(std::filesystem::exists(path("other")));
  EXPECT_FALSE(std::filesystem::exists(path("other.tmp")));
}

TEST_F(Capture, manifest_survives_its_json) {
  CaptureManifest manifest;
  manifest.note = "a \"note\"\n\x01 \\ \xc3\xa9";
  manifest.log_id = core::crypto::sha256({});
  manifest.content_redacted = true;
  const std::string json = to_json(manifest);
  const auto parsed =
      parse_manifest({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
  ASSERT_TRUE(parsed.has_value()) << json;
  EXPECT_EQ(parsed->note, manifest.note);
  EXPECT_EQ(to_json(*parsed), json);
  const std::string no_end = json.substr(0, json.size() - 1);
  EXPECT_FALSE(
      parse_manifest({reinterpret_cast<const std::uint8_t*>(no_end.data()), no_end.size()}));
}

}  // namespace
}  // namespace preconf::storage
