#include "storage/sign_once_ledger.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "core/crypto/hash.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_log_impl.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/little_endian.hpp"

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

constexpr const char* kMarkFile = "ledger_mark";
constexpr const char* kHeadKey = "h";
constexpr std::size_t kEntryBytes = 32 + 65 + 8;
constexpr std::size_t kHeadBytes = 40;
constexpr std::array<std::uint8_t, 16> kChainDomain = {'p', 'r', 'e', 'c', 'o', 'n', 'f', '/',
                                                       'l', 'e', 'd', 'g', 'e', 'r', '/', '1'};

void put_be(core::Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

core::Bytes key_of(const SigningSlot& slot) {
  core::Bytes key{'k'};
  put_be(key, slot.chain_id);
  put_view(key, slot.slasher.view());
  put_be(key, slot.submission_window_end.value);
  put_be(key, slot.block_number.value);
  return key;
}

core::Bytes chain_key(std::uint64_t number) {
  core::Bytes key{'n'};
  put_be(key, number);
  return key;
}

core::Bytes encode(const SignedOnce& entry) {
  core::Bytes out;
  put_view(out, entry.content.view());
  put_view(out, entry.signature.view());
  put_le(out, entry.seq.value);
  return out;
}

core::Bytes encode(const LogPosition& head) {
  core::Bytes out;
  put_le(out, head.seq.value);
  put_view(out, head.chain.view());
  return out;
}

StorageFailure damaged(const std::string& what) {
  return StorageFailure{StorageError::kDamaged, {}, "ledger: " + what};
}

StorageFailure stale(const LogPosition& head, const LogPosition& mark) {
  return StorageFailure{
      StorageError::kStale,
      {},
      "ledger: it has " + std::to_string(head.seq.value) + " entries where " +
          std::to_string(mark.seq.value) +
          " were recorded; it was restored from a backup or removed, and what was signed since is "
          "not known"};
}

rocksdb::Options db_options(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.write_buffer_size = std::size_t{1} << 20;
  options.compression = rocksdb::kNoCompression;
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.keep_log_file_num = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.db_host_id = "";
  return options;
}

}  // namespace

struct SignOnceLedger::Impl {
  std::unique_ptr<rocksdb::DB> db;
  std::optional<MarkWriter> mark;
  LogPosition head;
  std::optional<StorageFailure> failed;

  [[nodiscard]] IoResult<std::optional<core::Bytes>> get(const core::Bytes& key) const {
    rocksdb::PinnableSlice value;
    const auto status = db->Get(point_read(), db->DefaultColumnFamily(), to_slice(key), &value);
    if (status.IsNotFound()) return std::optional<core::Bytes>();
    if (!status.ok()) return Unexpected{damaged(status.ToString())};
    const core::BytesView bytes = to_view(value);
    return std::optional<core::Bytes>(core::Bytes(bytes.begin(), bytes.end()));
  }

  [[nodiscard]] IoResult<Ok> read_head() {
    const auto stored = get({'h'});
    if (!stored) return Unexpected{stored.error()};
    if (!stored->has_value()) return Ok{};
    if ((*stored)->size() != kHeadBytes) return Unexpected{damaged("its head is not readable")};
    head.seq.value = get_le<std::uint64_t>(**stored);
    head.chain = core::Hash32::from(core::BytesView(**stored).subspan(8));
    return Ok{};
  }

  /// Does the ledger hold what the mark witnesses?
  [[nodiscard]] IoResult<Ok> check(const LogPosition& marked) const {
    if (marked.seq > head.seq) return Unexpected{stale(head, marked)};
    if (marked.seq.value == 0) return Ok{};
    const auto chain = get(chain_key(marked.seq.value));
    if (!chain) return Unexpected{chain.error()};
    const bool is_same = chain->has_value() && to_slice(**chain) == to_slice(marked.chain.view());
    if (!is_same) return Unexpected{stale(head, marked)};
    return Ok{};
  }

  IoResult<Ok> fail(StorageFailure failure) {
    failed = failure;
    return Unexpected{std::move(failure)};
  }

  /// One atomic synced write, then the mark: what is returned was witnessed.
  [[nodiscard]] IoResult<Ok> append(const core::Bytes& key, const SignedOnce& entry) {
    const core::Bytes value = encode(entry);
    core::Bytes message(kChainDomain.begin(), kChainDomain.end());
    put_view(message, key);
    put_view(message, value);
    put_view(message, head.chain.view());
    const LogPosition next{core::next(head.seq), core::crypto::sha256(message)};
    rocksdb::WriteBatch batch;
    auto status = batch.Put(to_slice(key), to_slice(value));
    const core::Bytes number = chain_key(next.seq.value);
    if (status.ok()) status = batch.Put(to_slice(number), to_slice(next.chain.view()));
    const core::Bytes new_head = encode(next);
    if (status.ok()) status = batch.Put(kHeadKey, to_slice(new_head));
    rocksdb::WriteOptions options;
    options.sync = true;
    if (status.ok()) status = db->Write(options, &batch);
    if (!status.ok()) {
      return fail({StorageError::kIo, entry.seq, "ledger: " + status.ToString()});
    }
    if (auto marked = mark->write(next); !marked) return fail(marked.error());
    head = next;
    return Ok{};
  }
};

SignOnceLedger::SignOnceLedger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SignOnceLedger::~SignOnceLedger() {
  if (impl_->db != nullptr) impl_->db->Close().PermitUncheckedError();
}

IoResult<std::unique_ptr<SignOnceLedger>> SignOnceLedger::open(
    const std::filesystem::path& directory, rocksdb::Env* env) {
  const auto path = directory / kLedgerDirectory;
  const auto mark_path = directory / kMarkFile;
  const auto mark = read_mark(mark_path);
  const bool exists = std::filesystem::exists(path / "CURRENT");
  if (!exists && mark && mark->position.seq.value > 0) {
    return Unexpected{stale({}, mark->position)};
  }
  auto impl = std::make_unique<Impl>();
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(db_options(env), path.string(), &db);
  impl->db.reset(db);
  if (!status.ok()) {
    const bool is_locked =
        status.IsIOError() && status.ToString().find("lock") != std::string::npos;
    if (is_locked) return Unexpected{StorageFailure{StorageError::kLocked, {}, status.ToString()}};
    return Unexpected{rocks_failure(status, {}, "ledger")};
  }
  if (auto head = impl->read_head(); !head) return Unexpected{head.error()};
  if (!mark && (impl->head.seq.value > 0 || std::filesystem::exists(mark_path))) {
    return Unexpected{
        damaged("ledger_mark is missing or damaged: nothing proves that it is whole")};
  }
  if (!mark) {
    if (auto made = MarkWriter::create(mark_path); !made) return Unexpected{made.error()};
    if (auto synced = sync_directory(directory); !synced) return Unexpected{synced.error()};
  }
  const Mark known = mark ? *mark : Mark{1, LogPosition{}};
  if (auto whole = impl->check(known.position); !whole) return Unexpected{whole.error()};
  auto writer = MarkWriter::open(mark_path, known);
  if (!writer) return Unexpected{writer.error()};
  impl->mark = std::move(writer).value();
  if (auto marked = impl->mark->write(impl->head); !marked) return Unexpected{marked.error()};
  return std::unique_ptr<SignOnceLedger>(new SignOnceLedger(std::move(impl)));
}

IoResult<std::optional<SignedOnce>> SignOnceLedger::find(const SigningSlot& slot) const {
  const auto stored = impl_->get(key_of(slot));
  if (!stored) return Unexpected{stored.error()};
  if (!stored->has_value()) return std::optional<SignedOnce>();
  const core::BytesView bytes(**stored);
  if (bytes.size() != kEntryBytes) return Unexpected{damaged("an entry is not readable")};
  SignedOnce entry;
  entry.content = core::Hash32::from(bytes);
  entry.signature = core::FixedBytes<65>::from(bytes.subspan(32));
  entry.seq.value = get_le<std::uint64_t>(bytes.subspan(97));
  return std::optional<SignedOnce>(entry);
}

IoResult<SignedOnce> SignOnceLedger::record(const SigningSlot& slot, const SignedOnce& entry) {
  if (impl_->failed) return Unexpected{*impl_->failed};
  const auto earlier = find(slot);
  if (!earlier) return Unexpected{earlier.error()};
  if (earlier->has_value()) {
    if ((*earlier)->content == entry.content) return **earlier;
    return Unexpected{StorageFailure{
        StorageError::kAlreadySigned, (*earlier)->seq,
        "other content was signed for block " + std::to_string(slot.block_number.value) +
            " of the window that ends at " + std::to_string(slot.submission_window_end.value)}};
  }
  if (auto done = impl_->append(key_of(slot), entry); !done) return Unexpected{done.error()};
  return entry;
}

LogPosition SignOnceLedger::end() const { return impl_->head; }

}  // namespace preconf::storage
