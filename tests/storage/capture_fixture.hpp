// Small captures of random events, made without a log.
#pragma once

#include <gtest/gtest.h>
#include <algorithm>

#include <fstream>
#include <iterator>
#include <set>

#include "core/crypto/hash.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/capture_file.hpp"
#include "storage/capture_writer.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {

inline core::Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
inline void write_bytes(const std::filesystem::path& path, core::BytesView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

/// What went into a capture.
struct CaptureSample {
  std::vector<storage::LoggedEvent> events;
  std::vector<core::Bytes> records;
  std::vector<storage::Content> contents;
  std::vector<std::pair<core::Hash32, storage::RemovedContent>> removed;
  storage::CaptureManifest manifest;
};

/// Builds a capture event by event.
class CaptureMaker {
 public:
  explicit CaptureMaker(const std::filesystem::path& path, storage::LogPosition base = {})
      : writer_(open(path)), last_(base) {
    sample.manifest.base = base;
    if (base.seq.value > 0) add_snapshot();
  }

  void add(core::Event event, bool has_digest) {
    const schemas::EncodedRecord& record = encoder_.encode(event, last_.chain);
    std::optional<core::Hash32> digest;
    if (has_digest) digest = core::crypto::sha256(record.bytes);
    EXPECT_TRUE(writer_->add_record(event.seq, record.bytes, digest));
    if (sample.events.empty()) sample.manifest.first_wall = event.wall;
    sample.manifest.last_wall = event.wall;
    last_ = {event.seq, record.chain};
    sample.records.push_back(record.bytes);
    sample.events.push_back({std::move(event), record.chain, digest});
  }
  void add_content(core::Bytes bytes) {
    const storage::Content content = content_of(std::move(bytes));
    if (writer_->has_content(content.hash)) return;
    EXPECT_TRUE(writer_->add_content(content.hash, *content.bytes));
    sample.contents.push_back(content);
  }
  /// A snapshot of bytes that need not be a state.
  void add_snapshot() {
    storage::Snapshot snapshot;
    snapshot.position = last_;
    snapshot.reducer_version = 1;
    snapshot.state = core::Bytes(100, 7);
    core::Bytes hashed(4 + snapshot.state.size(), 7);
    const core::Bytes version{1, 0, 0, 0};
    std::copy(version.begin(), version.end(), hashed.begin());
    snapshot.state_hash = core::crypto::sha256(hashed);
    EXPECT_TRUE(writer_->add_snapshot(snapshot));
  }
  /// `is_noted`: it is written down why contents are not here, of each one something else.
  void finish(bool is_noted = false) {
    sample.manifest.end = last_;
    const std::set<core::Hash32> hashes = missing();
    sample.manifest.contents_missing = is_noted ? 0 : hashes.size();
    for (const core::Hash32& hash : hashes) {
      if (!is_noted) break;
      storage::RemovedContent removed;
      removed.cause = static_cast<storage::RemovalCause>(hash.bytes[0] % 3);
      removed.size_bytes = hash.bytes[1];
      removed.removed_at.value = 1'700'000'000'000'000'000 + hash.bytes[2];
      removed.reason = std::string(hash.bytes[3], 'r');
      writer_->add_removed(hash, removed);
      sample.removed.emplace_back(hash, removed);
    }
    sample.manifest.program = "test";
    const auto size = writer_->finish(sample.manifest);
    EXPECT_TRUE(size.has_value()) << (size ? "" : size.error().detail);
  }

  CaptureSample sample;

 private:
  /// Distinct contents that the events refer to and nobody added.
  [[nodiscard]] std::set<core::Hash32> missing() const {
    std::set<core::Hash32> hashes;
    for (const storage::LoggedEvent& logged : sample.events) {
      for (const core::ContentRef& ref : core::content_refs(logged.event.body)) {
        if (!writer_->has_content(ref.hash)) hashes.insert(ref.hash);
      }
    }
    return hashes;
  }
  static std::unique_ptr<storage::CaptureWriter> open(const std::filesystem::path& path) {
    auto writer = storage::CaptureWriter::create(path);
    if (!writer) throw std::runtime_error(writer.error().detail);
    return std::move(writer).value();
  }

  std::unique_ptr<storage::CaptureWriter> writer_;
  schemas::RecordEncoder encoder_;
  storage::LogPosition last_;
};

/// Events of every kind from `first` on, some content, a snapshot in the middle.
inline CaptureSample make_capture(const std::filesystem::path& path, std::uint64_t seed,
                                  std::size_t events, storage::LogPosition base = {}) {
  EventGenerator random(seed);
  CaptureMaker maker(path, base);
  for (std::size_t i = 0; i < events; ++i) {
    maker.add(random.event(core::Seq{base.seq.value + 1 + i}, i % EventGenerator::kShapes),
              i % 7 != 3);
    if (i % 5 == 0) maker.add_content(random.bytes(random.below(200)));
    if (i == events / 2) maker.add_snapshot();
  }
  maker.finish();
  return std::move(maker.sample);
}

}  // namespace preconf::tests
