#include "storage/capture_file.hpp"

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "storage/capture_file_impl.hpp"
#include "storage/capture_removed.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/snapshot_codec.hpp"

namespace preconf::storage {

using capture::FrameHeader;
using capture::FrameType;
using core::Ok;
using core::Seq;
using core::Unexpected;

namespace {

StorageFailure damage(std::string detail, Seq seq = {}) {
  return StorageFailure{StorageError::kDamaged, seq, std::move(detail)};
}

class SnapshotsOfCapture final : public SnapshotSource {
 public:
  explicit SnapshotsOfCapture(const CaptureFile::Impl& capture) : capture_(capture) {}
  [[nodiscard]] std::vector<Seq> list() const override {
    std::vector<Seq> out;
    for (const std::size_t frame : capture_.snapshots) {
      out.push_back(Seq{capture_.header(frame).first});
    }
    return out;
  }
  [[nodiscard]] std::optional<Snapshot> load(Seq seq) const override {
    for (const std::size_t frame : capture_.snapshots) {
      if (capture_.header(frame).first != seq.value) continue;
      const SharedBytes raw = capture_.frames->load(frame);
      return raw == nullptr ? std::nullopt : decode_snapshot(*raw, seq);
    }
    return std::nullopt;
  }

 private:
  const CaptureFile::Impl& capture_;
};

}  // namespace

StorageFailure CaptureFile::Impl::damaged(std::size_t frame) const {
  const FrameHeader& at = header(frame);
  if (at.type != FrameType::kRecords) {
    return damage("frame " + std::to_string(frame) + " is damaged");
  }
  return damage("the frame that begins with event " + std::to_string(at.first) + " is damaged",
                Seq{at.first});
}

IoResult<Ok> CaptureFile::Impl::sort_frames() {
  const std::vector<FrameHeader>& headers = frames->headers();
  const auto out_of_order = [] { return Unexpected{damage("the frames are out of order")}; };
  if (headers.empty() || headers.back().type != FrameType::kManifest) return out_of_order();
  std::uint64_t content_count = 0;
  for (std::size_t i = 0; i + 1 < headers.size(); ++i) {
    const FrameHeader& frame = headers[i];
    const auto follows = [&](const std::vector<std::size_t>& before) {
      return before.empty() || headers[before.back()].first < frame.first;
    };
    const bool index_began = !content_index.empty();
    const bool end_began = index_began || !removed.empty();
    switch (frame.type) {
      case FrameType::kRecords:
        if (end_began || frame.count == 0 || !follows(records)) return out_of_order();
        records.push_back(i);
        break;
      case FrameType::kContents:
        if (end_began || frame.first != content_count || frame.count == 0) return out_of_order();
        content_count += frame.count;
        contents.push_back(i);
        break;
      case FrameType::kSnapshot:
        if (end_began || frame.count != 1 || !follows(snapshots)) return out_of_order();
        snapshots.push_back(i);
        break;
      case FrameType::kRemoved:
        if (index_began || frame.count == 0 || frames->version() < capture::kFormatVersionRemoved ||
            (!removed.empty() && headers[removed.back()].first > frame.first)) {
          return out_of_order();
        }
        removed.push_back(i);
        break;
      case FrameType::kContentIndex:
        if (frame.count * capture::kContentIndexEntryBytes != frame.raw_size) return out_of_order();
        if (index_began && headers[content_index.back()].first > frame.first) return out_of_order();
        content_index.push_back(i);
        break;
      default:
        return out_of_order();
    }
  }
  return Ok{};
}

IoResult<Ok> CaptureFile::Impl::check_manifest() {
  const std::size_t last = frames->headers().size() - 1;
  const SharedBytes raw = frames->load(last);
  const auto parsed = raw == nullptr ? std::nullopt : parse_manifest(*raw);
  if (!parsed) return Unexpected{damage("the manifest is damaged")};
  manifest = *parsed;
  const auto sum = [this](const std::vector<std::size_t>& of) {
    std::uint64_t total = 0;
    for (const std::size_t frame : of) total += header(frame).count;
    return total;
  };
  const std::uint64_t base = manifest.base.seq.value;
  const bool numbers_hold =
      manifest.events > 0 && sum(records) == manifest.events &&
      sum(contents) == manifest.contents && sum(content_index) == manifest.contents &&
      snapshots.size() == manifest.snapshots && manifest.format == frames->version() &&
      sum(removed) == manifest.contents_removed && base <= ~std::uint64_t{0} - manifest.events &&
      manifest.end.seq.value >= base + manifest.events &&
      (base > 0 || manifest.base.chain.is_zero()) &&
      (!manifest.content_redacted || (manifest.contents == 0 && removed.empty()));
  if (!numbers_hold) return Unexpected{damage("the manifest contradicts the frames")};
  // A gap record jumps over events that are lost; the scanner checks that it is one.
  std::uint64_t next = base + 1;
  for (const std::size_t frame : records) {
    const FrameHeader& at = header(frame);
    if (at.first < next || at.count > manifest.end.seq.value ||
        at.first > manifest.end.seq.value - at.count + 1) {
      return Unexpected{damage("the records are out of order", Seq{next})};
    }
    next = at.first + at.count;
  }
  if (base > 0 && (snapshots.empty() || header(snapshots.front()).first != base)) {
    return Unexpected{damage("the state before the first event is missing", manifest.base.seq)};
  }
  return Ok{};
}

IoResult<Ok> CaptureFile::Impl::check_end() const {
  CaptureScanner scanner(*this, manifest.end.seq);
  LoggedEvent last;
  const auto read = scanner.next_into(last);
  if (!read) return Unexpected{read.error()};
  if (!*read || last.chain != manifest.end.chain) {
    return Unexpected{
        damage("the last event is not the one that the manifest names", manifest.end.seq)};
  }
  return Ok{};
}

bool CaptureFile::Impl::is_dense(std::size_t position) const {
  const FrameHeader& at = header(records[position]);
  const std::uint64_t behind = position + 1 < records.size() ? header(records[position + 1]).first
                                                             : manifest.end.seq.value + 1;
  return at.first + at.count == behind;
}

std::optional<std::size_t> CaptureFile::Impl::records_frame_of(Seq seq) const {
  const auto above = std::upper_bound(
      records.begin(), records.end(), seq.value,
      [this](std::uint64_t value, std::size_t frame) { return value < header(frame).first; });
  if (above == records.begin() || seq > manifest.end.seq) return std::nullopt;
  return static_cast<std::size_t>(above - records.begin()) - 1;
}

std::optional<core::Bytes> CaptureFile::Impl::search(std::size_t frame, Seq seq) const {
  const SharedBytes raw = frames->load_cached(frame);
  const auto view =
      raw == nullptr ? std::nullopt : capture::RecordsView::parse(*raw, header(frame).count);
  if (!view) return std::nullopt;
  std::size_t at = view->records_at;
  schemas::DecodedRecord record;
  for (std::uint64_t i = 0; i < view->count; ++i) {
    const core::BytesView bytes = view->raw.subspan(at, view->record_size(i));
    if (schemas::decode_record_into(bytes, record.event, record)) return std::nullopt;
    if (record.event.seq == seq) return core::Bytes(bytes.begin(), bytes.end());
    at += bytes.size();
  }
  return std::nullopt;
}

CaptureFile::CaptureFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CaptureFile::~CaptureFile() = default;

core::Result<std::unique_ptr<CaptureFile>, StorageFailure> CaptureFile::open(
    const std::filesystem::path& path) {
  auto impl = std::make_unique<Impl>();
  auto frames = CaptureFrames::open(path);
  if (!frames) return Unexpected{frames.error()};
  impl->frames = std::move(frames).value();
  impl->tables = std::make_unique<ContentTables>(*impl->frames);
  const auto named = [&path](StorageFailure failure) {
    failure.detail = path.string() + ": " + failure.detail;
    return Unexpected{std::move(failure)};
  };
  if (const auto good = impl->sort_frames(); !good) return named(good.error());
  if (const auto good = impl->check_manifest(); !good) return named(good.error());
  if (const auto good = impl->check_end(); !good) return named(good.error());
  return std::unique_ptr<CaptureFile>(new CaptureFile(std::move(impl)));
}

const CaptureManifest& CaptureFile::manifest() const { return impl_->manifest; }
const core::Hash32& CaptureFile::checksum() const { return impl_->frames->checksum(); }
LogPosition CaptureFile::base() const { return impl_->manifest.base; }
LogPosition CaptureFile::end() const { return impl_->manifest.end; }
bool CaptureFile::omits_content() const { return impl_->manifest.content_redacted; }

std::optional<RemovedContent> CaptureFile::removed(const core::Hash32& hash) const {
  if (omits_content()) {
    return RemovedContent{RemovalCause::kRedacted, 0, core::WallNanos{0},
                          "left out of the capture"};
  }
  const std::uint64_t prefix = capture::hash_prefix(hash);
  for (std::size_t i = impl_->removed.size(); i > 0; --i) {
    const std::size_t frame = impl_->removed[i - 1];
    if (impl_->header(frame).first > prefix) continue;
    const SharedBytes raw = impl_->frames->load_cached(frame);
    if (raw == nullptr) return std::nullopt;
    std::size_t at = 0;
    while (auto entry = next_removed(*raw, at)) {
      if (entry->hash == hash) return std::move(entry->removed);
    }
    if (impl_->header(frame).first < prefix) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<StorageFailure> CaptureFile::each_removed(
    const std::function<void(const core::Hash32&, const RemovedContent&)>& visit) const {
  std::optional<core::Hash32> before;
  for (const std::size_t frame : impl_->removed) {
    const SharedBytes raw = impl_->frames->load(frame);
    if (raw == nullptr) return impl_->damaged(frame);
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < impl_->header(frame).count; ++i) {
      const auto entry = next_removed(*raw, at);
      if (!entry || (before && !(*before < entry->hash))) return impl_->damaged(frame);
      if (i == 0 && capture::hash_prefix(entry->hash) != impl_->header(frame).first) {
        return impl_->damaged(frame);
      }
      visit(entry->hash, entry->removed);
      before = entry->hash;
    }
    if (at != raw->size()) return impl_->damaged(frame);
  }
  return std::nullopt;
}

std::optional<StorageFailure> CaptureFile::check_summary(const CaptureSummary& found) const {
  const CaptureManifest& told = impl_->manifest;
  const auto contradicts = [](const char* what) {
    return damage(std::string("the manifest contradicts the events: ") + what);
  };
  if (found.events != told.events) return contradicts("events");
  if (found.digests != told.digests) return contradicts("digests");
  if (found.first_wall != told.first_wall) return contradicts("first_wall_ns");
  if (found.last_wall != told.last_wall) return contradicts("last_wall_ns");
  if (told.content_redacted) {
    if (told.contents_missing != 0) return contradicts("contents_missing");
    return std::nullopt;
  }
  if (found.contents_missing != told.contents_missing) return contradicts("contents_missing");
  if (found.contents_removed != told.contents_removed) return contradicts("contents_removed");
  if (told.base.seq.value == 0 && told.log_id && told.log_id != chain_at(Seq{1})) {
    return contradicts("log_id");
  }
  return std::nullopt;
}

std::optional<core::Hash32> CaptureFile::log_id() const { return impl_->manifest.log_id; }

std::unique_ptr<LogReader> CaptureFile::read(Seq from) const {
  return std::make_unique<LogReader>(std::make_unique<CaptureScanner>(*impl_, from));
}

std::unique_ptr<SnapshotSource> CaptureFile::snapshots() const {
  return std::make_unique<SnapshotsOfCapture>(*impl_);
}

std::optional<core::Bytes> CaptureFile::record(Seq seq) const {
  const auto position = impl_->records_frame_of(seq);
  if (!position) return std::nullopt;
  if (!impl_->is_dense(*position)) return impl_->search(impl_->records[*position], seq);
  const std::size_t frame = impl_->records[*position];
  const std::uint64_t index = seq.value - impl_->header(frame).first;
  const std::lock_guard lock(impl_->cursor_mutex);
  RecordCursor& cursor = impl_->cursor;
  if (cursor.raw == nullptr || cursor.frame != frame || index < cursor.index) {
    cursor.raw = impl_->frames->load_cached(frame);
    if (cursor.raw == nullptr) return std::nullopt;
    const auto view = capture::RecordsView::parse(*cursor.raw, impl_->header(frame).count);
    if (!view) {
      cursor.raw = nullptr;
      return std::nullopt;
    }
    cursor.frame = frame;
    cursor.view = *view;
    cursor.index = 0;
    cursor.at = view->records_at;
  }
  if (index >= cursor.view.count) return std::nullopt;
  for (; cursor.index < index; ++cursor.index) cursor.at += cursor.view.record_size(cursor.index);
  const core::BytesView bytes = cursor.view.raw.subspan(cursor.at, cursor.view.record_size(index));
  return core::Bytes(bytes.begin(), bytes.end());
}

std::optional<core::Hash32> CaptureFile::chain_at(Seq seq) const {
  if (seq.value > 0 && seq == impl_->manifest.base.seq) return impl_->manifest.base.chain;
  const auto bytes = record(seq);
  if (!bytes) return std::nullopt;
  const auto decoded = schemas::decode_record(*bytes);
  if (!decoded || decoded->event.seq != seq) return std::nullopt;
  return decoded->chain;
}

namespace {

/// The number of the contents frame that the index names for `hash`.
std::optional<std::size_t> frame_of(const CaptureFile::Impl& impl, const core::Hash32& hash) {
  const std::uint64_t prefix = capture::hash_prefix(hash);
  auto page = std::upper_bound(
      impl.content_index.begin(), impl.content_index.end(), prefix,
      [&impl](std::uint64_t value, std::size_t frame) { return value < impl.header(frame).first; });
  // A page may begin in the middle of hashes with this prefix: then the one before is asked, too.
  while (page != impl.content_index.begin()) {
    --page;
    const SharedBytes raw = impl.frames->load_cached(*page);
    if (raw == nullptr) return std::nullopt;
    const core::BytesView view(*raw);
    std::size_t low = 0;
    std::size_t high = view.size() / capture::kContentIndexEntryBytes;
    const auto entry = [&view](std::size_t i) {
      return view.subspan(i * capture::kContentIndexEntryBytes, capture::kContentIndexEntryBytes);
    };
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (core::Hash32::from(entry(middle)) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low < view.size() / capture::kContentIndexEntryBytes &&
        core::Hash32::from(entry(low)) == hash) {
      return capture::get_u32(entry(low), capture::kHashBytes);
    }
    if (impl.header(*page).first != prefix) break;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const core::Bytes> CaptureFile::content(const core::Hash32& hash) const {
  const auto frame = frame_of(*impl_, hash);
  if (!frame || *frame >= impl_->frames->headers().size() ||
      impl_->header(*frame).type != FrameType::kContents) {
    return nullptr;
  }
  const auto table = impl_->tables->load(*frame);
  const ContentEntry* entry = table == nullptr ? nullptr : table->find(hash);
  if (entry == nullptr || core::crypto::keccak256(entry->bytes) != hash) return nullptr;
  return std::make_shared<const core::Bytes>(entry->bytes.begin(), entry->bytes.end());
}

std::optional<StorageFailure> CaptureFile::each_content(
    const std::function<bool(const core::Hash32&, core::BytesView)>& visit) const {
  for (const std::size_t frame : impl_->contents) {
    const SharedBytes raw = impl_->frames->load(frame);
    if (raw == nullptr) return impl_->damaged(frame);
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < impl_->header(frame).count; ++i) {
      const auto entry = next_content(*raw, at);
      if (!entry) return impl_->damaged(frame);
      if (core::crypto::keccak256(entry->bytes) != entry->hash) {
        return damage("content " + core::to_hex0x(entry->hash.view()) + " has other bytes");
      }
      if (!visit(entry->hash, entry->bytes)) return std::nullopt;
    }
    if (at != raw->size()) return impl_->damaged(frame);
  }
  return std::nullopt;
}

std::optional<StorageFailure> CaptureFile::check_container() const {
  for (const std::size_t frame : impl_->snapshots) {
    const SharedBytes raw = impl_->frames->load(frame);
    const Seq seq{impl_->header(frame).first};
    if (raw == nullptr || !decode_snapshot(*raw, seq)) {
      return damage("the snapshot after event " + std::to_string(seq.value) + " is damaged", seq);
    }
  }
  for (const std::size_t frame : impl_->records) {
    if (impl_->frames->load(frame) == nullptr) return impl_->damaged(frame);
  }
  bool is_here = false;
  if (auto failure = each_removed([&](const core::Hash32& hash, const RemovedContent&) {
        is_here = is_here || frame_of(*impl_, hash).has_value();
      })) {
    return failure;
  }
  if (is_here) return damage("a content is here that is said to be removed");
  // Every entry of the index leads to its content, and there are as many of the one as of the other
  // in a strict order: the index is complete.
  std::uint64_t content_bytes = 0;
  bool indexed = true;
  auto failure = each_content([&](const core::Hash32& hash, core::BytesView bytes) {
    content_bytes += bytes.size();
    indexed = frame_of(*impl_, hash).has_value();
    return indexed;
  });
  if (failure) return failure;
  if (!indexed) return damage("the content index is damaged");
  for (const std::size_t frame : impl_->content_index) {
    if (impl_->frames->load(frame) == nullptr) return impl_->damaged(frame);
  }
  if (content_bytes != impl_->manifest.content_bytes) {
    return damage("the manifest contradicts the contents");
  }
  return std::nullopt;
}

}  // namespace preconf::storage
