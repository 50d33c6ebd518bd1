#include "node/l1/derivation_work.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <set>
#include <utility>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/source_manifest.hpp"
#include "io/clock.hpp"
#include "io/l1/l1_json.hpp"
#include "node/l1/blob_doubts.hpp"
#include "node/l1/blob_history.hpp"
#include "node/l1/source_work.hpp"
#include "node/log.hpp"

namespace preconf::node::l1 {

namespace commands = core::commands;
namespace events = core::events;
using core::Command;
using events::L1FailureKind;

namespace {

L1FailureKind kind_of(io::l1::BlobErrorKind kind) {
  switch (kind) {
    case io::l1::BlobErrorKind::kUnavailable:
      return L1FailureKind::kUnavailable;
    case io::l1::BlobErrorKind::kMissing:
      return L1FailureKind::kBlobMissing;
    case io::l1::BlobErrorKind::kMismatch:
      return L1FailureKind::kBlobMismatch;
    case io::l1::BlobErrorKind::kMalformed:
      return L1FailureKind::kMalformed;
  }
  return L1FailureKind::kUnavailable;
}

/// Those of a fetched blob that enter the log.
struct NewBlob {
  events::BlobReceived received;
  std::shared_ptr<const core::Bytes> bytes;
};

Input l1_input(core::EventBody body) {
  Input input;
  input.body = std::move(body);
  input.lane = core::Lane::kL1;
  input.source = core::SourceKind::kL1;
  return input;
}

}  // namespace

struct DerivationWork::Shared : std::enable_shared_from_this<DerivationWork::Shared> {
  /// One ResolveSources in progress.
  struct Resolve {
    core::CommandId id;
    core::MonoNanos began;
    commands::ResolveSources command;
    std::deque<BlobGroup> groups;     ///< to be fetched
    std::vector<core::Hash32> asked;  ///< of the group that is being fetched
    std::vector<io::l1::FetchedBlob> fetched;
    bool is_confirmed = false;      ///< other sources were asked about what is of no use
    std::deque<BlobGroup> doubted;  ///< to be asked for elsewhere
    std::vector<BlobContradiction> contradictions;
  };

  explicit Shared(Parts given) : parts(std::move(given)), history(parts.log) {}

  void answer(core::CommandId id, core::MonoNanos began, events::L1Result result) {
    const std::uint64_t elapsed_us = (io::mono_now().value - began.value) / 1'000;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    parts.deliver(l1_input(events::L1Answered{
        id, static_cast<std::uint32_t>(std::min(elapsed_us, kMax)), std::move(result)}));
  }

  /// Bytes of a blob: fetched lately, or from the disk. Any thread.
  [[nodiscard]] BlobLoader loader() {
    return [self = shared_from_this()](const core::Hash32& hash) {
      auto kept = self->blob_cache.find(hash);
      if (kept == nullptr) kept = self->parts.store.load(hash);
      return kept;
    };
  }

  void resolve(core::CommandId id, const commands::ResolveSources& command);
  void fetch_next(std::shared_ptr<Resolve> resolve);
  void decode(const std::shared_ptr<Resolve>& resolve,
              const std::optional<events::L1Failed>& failed);
  void finish(const std::shared_ptr<Resolve>& resolve, const std::vector<NewBlob>& found,
              events::L1Result result);
  void confirm_next(const std::shared_ptr<Resolve>& resolve);
  void search_log(const std::shared_ptr<Resolve>& resolve, const events::L1Failed& failed);
  void remember(const std::vector<events::BlobReceived>& older);
  void learn(const NewBlob& blob);
  void read_block(core::CommandId id, core::L1BlockNumber number);
  void blame(const io::l1::RpcBatch& batch, io::l1::RpcErrorKind kind);
  void assemble(core::CommandId id, const commands::AssembleTxList& command);

  Parts parts;
  std::map<core::Hash32, core::ContentRef> index;  ///< by versioned hash
  std::deque<core::Hash32> index_order;            ///< oldest first
  BlobHistory history;                             ///< a worker's while is_searching
  bool is_searching = false;                       ///< for what is not in the index
  BytesCache blob_cache{kBlobCacheBytesMax};       ///< by the hash of their content
  BytesCache manifests{kManifestCacheBytesMax};
};

void DerivationWork::Shared::resolve(core::CommandId id, const commands::ResolveSources& command) {
  auto out = std::make_shared<Resolve>();
  out->id = id;
  out->began = io::mono_now();
  out->command = command;
  std::size_t count = 0;
  std::set<core::Hash32> wanted;
  for (const auto& source : command.sources) {
    if (core::protocol::defect_without_blobs(source) != core::codec::ManifestDefect::kNone) {
      continue;
    }
    count += source.blobs.blob_hashes.size();
    for (const core::Hash32& hash : source.blobs.blob_hashes) {
      if (index.contains(hash) || !wanted.insert(hash).second) continue;
      const bool is_same_block =
          !out->groups.empty() && out->groups.back().timestamp == source.blobs.timestamp;
      if (!is_same_block) out->groups.push_back({source.blobs.timestamp, {}});
      out->groups.back().hashes.push_back(hash);
    }
  }
  if (count > core::limits::kProposalBlobsMax) {
    return answer(
        id, out->began,
        l1_failed(L1FailureKind::kTooManyBlobs, std::to_string(count) + " blobs in one proposal"));
  }
  fetch_next(std::move(out));
}

void DerivationWork::Shared::fetch_next(std::shared_ptr<Resolve> resolve) {
  if (resolve->groups.empty()) return decode(resolve, std::nullopt);
  BlobGroup group = std::move(resolve->groups.front());
  resolve->groups.pop_front();
  resolve->asked = group.hashes;
  parts.beacon.fetch(group.timestamp, std::move(group.hashes),
                     [self = weak_from_this(), resolve](auto fetched) {
                       const auto shared = self.lock();
                       if (!shared) return;
                       if (!fetched) {
                         const io::l1::BlobError& error = fetched.error();
                         auto& kept = resolve->fetched;
                         kept.insert(kept.end(), error.found.begin(), error.found.end());
                         return shared->search_log(
                             resolve, l1_failed(kind_of(error.kind), error.detail, error.hash));
                       }
                       for (auto& blob : *fetched) resolve->fetched.push_back(std::move(blob));
                       shared->fetch_next(resolve);
                     });
}

/// Nobody serves these blobs now, but an earlier life of the process may have fetched them. Reads
/// the log part by part, once in this life, as far back as it is needed: other jobs run in between.
void DerivationWork::Shared::search_log(const std::shared_ptr<Resolve>& resolve,
                                        const events::L1Failed& failed) {
  const auto is_missing = [&](const core::Hash32& hash) {
    return !index.contains(hash) &&
           std::ranges::find(resolve->fetched, hash, &io::l1::FetchedBlob::versioned_hash) ==
               resolve->fetched.end();
  };
  // What did come is kept: the next attempt needs only the rest.
  if (std::ranges::none_of(resolve->asked, is_missing)) return fetch_next(resolve);
  const bool is_over = history.is_at_end() || index.size() >= kBlobIndexMax;
  if (is_searching || is_over) return decode(resolve, failed);
  const auto job = [self = shared_from_this(), resolve, failed] {
    self->parts.loop.post([self, resolve, failed, older = self->history.read_part()] {
      self->is_searching = false;
      self->remember(older);
      self->search_log(resolve, failed);
    });
  };
  is_searching = parts.workers.submit(job);
  if (!is_searching) decode(resolve, failed);
}

/// Newest first; older than all that are known.
void DerivationWork::Shared::remember(const std::vector<events::BlobReceived>& older) {
  for (const events::BlobReceived& blob : older) {
    if (index.size() >= kBlobIndexMax) return;
    if (!index.try_emplace(blob.versioned_hash, blob.content).second) continue;
    index_order.push_front(blob.versioned_hash);
  }
}

/// On a worker: hashes the new blobs; then, unless fetching `failed`, decodes. The blobs' events go
/// before the answer that names them.
void DerivationWork::Shared::decode(const std::shared_ptr<Resolve>& resolve,
                                    const std::optional<events::L1Failed>& failed) {
  std::map<core::Hash32, core::ContentRef> known;
  for (const auto& source : resolve->command.sources) {
    for (const core::Hash32& hash : source.blobs.blob_hashes) {
      const auto entry = index.find(hash);
      if (entry != index.end()) known.insert(*entry);
    }
  }
  const auto job = [self = shared_from_this(), resolve, failed, known] {
    auto found = std::make_shared<std::vector<NewBlob>>();
    std::map<core::Hash32, core::ContentRef> refs = known;
    for (const io::l1::FetchedBlob& blob : resolve->fetched) {
      const core::ContentRef ref{core::crypto::keccak256(*blob.bytes),
                                 static_cast<std::uint32_t>(blob.bytes->size())};
      self->blob_cache.put(ref.hash, blob.bytes);
      refs[blob.versioned_hash] = ref;
      found->push_back({{blob.versioned_hash, blob.commitment, ref}, blob.bytes});
    }
    events::L1Result result = events::L1Failed{};
    if (failed) {
      result = *failed;
    } else {
      std::vector<SourceBlobs> blobs;
      for (const auto& source : resolve->command.sources) {
        SourceBlobs& of = blobs.emplace_back();
        if (core::protocol::defect_without_blobs(source) != core::codec::ManifestDefect::kNone) {
          continue;
        }
        for (const core::Hash32& hash : source.blobs.blob_hashes) {
          of.push_back(refs.at(hash));
        }
      }
      result = resolve_sources(resolve->command, blobs, self->loader(), self->manifests);
    }
    self->parts.loop.post([self, resolve, found, result = std::move(result)]() mutable {
      self->finish(resolve, *found, std::move(result));
    });
  };
  if (!parts.workers.submit(job)) {
    answer(resolve->id, resolve->began,
           l1_failed(L1FailureKind::kNotExecuted, "the worker is busy"));
  }
}

void DerivationWork::Shared::finish(const std::shared_ptr<Resolve>& resolve,
                                    const std::vector<NewBlob>& found, events::L1Result result) {
  const std::vector<BlobGroup> doubted = doubted_blobs(resolve->command, result, resolve->fetched);
  if (!doubted.empty() && !std::exchange(resolve->is_confirmed, true)) {
    resolve->doubted.assign(doubted.begin(), doubted.end());
    return confirm_next(resolve);
  }
  std::set<core::Hash32> still_doubted;
  for (const BlobGroup& group : doubted) {
    still_doubted.insert(group.hashes.begin(), group.hashes.end());
  }
  // Neither source's bytes are of use, and they differ: one's are damaged, perhaps both are. Which
  // ones were posted is not known, so the default must not stand in for them.
  std::set<core::Hash32> unknown;
  for (const BlobContradiction& one : resolve->contradictions) {
    if (!still_doubted.contains(one.versioned_hash)) continue;
    unknown.insert(one.versioned_hash);
    result = l1_failed(L1FailureKind::kBlobMismatch,
                       "different bytes under one commitment: " + one.first + ", " + one.second,
                       one.versioned_hash);
  }
  const auto* lost = std::get_if<events::L1Failed>(&result);
  if (lost != nullptr && lost->kind == L1FailureKind::kContentMissing) {
    // The store lost it: next time it is fetched again.
    std::erase_if(index, [lost](const auto& entry) { return entry.second.hash == lost->hash; });
  }
  for (const NewBlob& blob : found) {
    if (!unknown.contains(blob.received.versioned_hash)) learn(blob);
  }
  answer(resolve->id, resolve->began, std::move(result));
}

/// What nobody else has, or can be asked for, stays as it is.
void DerivationWork::Shared::confirm_next(const std::shared_ptr<Resolve>& resolve) {
  if (resolve->doubted.empty()) return decode(resolve, std::nullopt);
  BlobGroup group = std::move(resolve->doubted.front());
  resolve->doubted.pop_front();
  const std::vector<std::string> avoided = sources_of(group, resolve->fetched);
  const auto answered = [self = weak_from_this(), resolve](auto second) {
    const auto shared = self.lock();
    if (!shared) return;
    const auto& found = second ? *second : second.error().found;
    for (BlobContradiction& one : take_second_opinion(resolve->fetched, found)) {
      log::write(log::Level::kWarning, "blob sources contradict each other",
                 {{"blob", one.versioned_hash}, {"first", one.first}, {"second", one.second}});
      resolve->contradictions.push_back(std::move(one));
    }
    shared->confirm_next(resolve);
  };
  parts.beacon.fetch_elsewhere(group.timestamp, std::move(group.hashes), avoided, answered);
}

void DerivationWork::Shared::learn(const NewBlob& blob) {
  const auto [entry, is_new] =
      index.insert_or_assign(blob.received.versioned_hash, blob.received.content);
  if (is_new) index_order.push_back(blob.received.versioned_hash);
  while (index_order.size() > kBlobIndexMax) {
    index.erase(index_order.front());
    index_order.pop_front();
  }
  Input input = l1_input(blob.received);
  input.contents.push_back({blob.received.content.hash, blob.bytes});
  parts.deliver(std::move(input));
}

/// Of errors that are about what was asked for; the client has judged the others.
void DerivationWork::Shared::blame(const io::l1::RpcBatch& batch, io::l1::RpcErrorKind kind) {
  switch (kind) {
    case io::l1::RpcErrorKind::kUnknownBlock:
    case io::l1::RpcErrorKind::kStateMissing:
      return parts.client.blame(batch.endpoint, io::l1::EndpointFailure::kBehind);
    case io::l1::RpcErrorKind::kTooManyResults:
    case io::l1::RpcErrorKind::kReverted:
      return parts.client.blame(batch.endpoint, io::l1::EndpointFailure::kError);
    case io::l1::RpcErrorKind::kOther:
    case io::l1::RpcErrorKind::kRateLimited:
    case io::l1::RpcErrorKind::kBatchRefused:
      return;
  }
}

void DerivationWork::Shared::read_block(core::CommandId id, core::L1BlockNumber number) {
  const core::MonoNanos began = io::mono_now();
  const auto answered = [self = weak_from_this(), id, number, began](auto batch) {
    const auto shared = self.lock();
    if (!shared) return;
    if (!batch) {
      return shared->answer(id, began,
                            l1_failed(L1FailureKind::kUnavailable, batch.error().detail));
    }
    const io::l1::RpcAnswer& answer = batch->at(0);
    if (!answer) {
      shared->blame(*batch, answer.error().kind);
      return shared->answer(id, began,
                            l1_failed(L1FailureKind::kUnavailable, answer.error().message));
    }
    const auto header = io::l1::optional_header_from(*answer);
    const bool is_asked = header && (!*header || (*header)->number == number);
    if (!is_asked) {
      const bool is_false = !header && header.error().kind == io::l1::BadAnswerKind::kFalseHeader;
      shared->parts.client.blame(batch->endpoint, is_false ? io::l1::EndpointFailure::kFalseHeader
                                                           : io::l1::EndpointFailure::kMalformed);
      return shared->answer(id, began,
                            l1_failed(L1FailureKind::kMalformed,
                                      header ? "header: another number" : header.error().text));
    }
    events::L1BlockRead read;
    read.number = number;
    if (*header) {
      read.hash = (*header)->hash;
      read.state_root = (*header)->state_root;
    } else {
      // Only blocks below a proposal's are read: another endpoint may have it.
      shared->parts.client.blame(batch->endpoint, io::l1::EndpointFailure::kBehind);
    }
    shared->answer(id, began, std::move(read));
  };
  parts.client.call({io::l1::header_call(number)}, answered);
}

void DerivationWork::Shared::assemble(core::CommandId id, const commands::AssembleTxList& command) {
  const core::MonoNanos began = io::mono_now();
  const auto job = [self = shared_from_this(), id, command, began] {
    events::L1Result result = assemble_list(command, self->parts.chain, self->loader(),
                                            self->manifests, self->parts.lists);
    self->parts.loop.post([self, id, began, result = std::move(result)]() mutable {
      self->answer(id, began, std::move(result));
    });
  };
  if (!parts.workers.submit(job)) {
    answer(id, began, l1_failed(L1FailureKind::kNotExecuted, "the worker is busy"));
  }
}

DerivationWork::DerivationWork(Parts parts) : shared_(std::make_shared<Shared>(std::move(parts))) {}
DerivationWork::~DerivationWork() = default;

void DerivationWork::start(const Command& command) {
  if (const auto* resolve = std::get_if<commands::ResolveSources>(&command.body)) {
    shared_->resolve(command.id, *resolve);
  } else if (const auto* read = std::get_if<commands::ReadL1Block>(&command.body)) {
    shared_->read_block(command.id, read->number);
  } else if (const auto* assemble = std::get_if<commands::AssembleTxList>(&command.body)) {
    shared_->assemble(command.id, *assemble);
  } else {
    PRECONF_ASSERT(!"not a command to L1");
  }
}

}  // namespace preconf::node::l1
