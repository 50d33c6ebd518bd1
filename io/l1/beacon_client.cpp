#include "io/l1/beacon_client.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "io/clock.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/http/http_client.hpp"
#include "io/l1/resting_urls.hpp"
#include "io/l1/silent_urls.hpp"
#include "io/metrics/metrics.hpp"

namespace preconf::io::l1 {

using core::Unexpected;

namespace {

constexpr unsigned kHttpOk = 200;
constexpr unsigned kHttpNotFound = 404;

enum class SourceOf : std::uint8_t { kSidecars, kBlobs, kServer };
constexpr std::array kSourceNames = {"sidecars", "blobs", "server"};

/// One place to look at. Blob lists of beacon nodes need the block's commitments first.
struct Attempt {
  SourceOf source = SourceOf::kSidecars;
  std::string url;
  bool is_whole = false;  ///< kBlobs: every blob of the block, not only those that are missing
};

struct Fetch {
  std::uint64_t slot = 0;
  std::vector<core::Hash32> missing;
  std::vector<FetchedBlob> found;
  std::deque<Attempt> attempts;
  std::vector<core::codec::KzgCommitment> commitments;  ///< of the attempt in progress
  std::size_t asked = 0;  ///< of `missing`, at the blob server in progress
  BeaconClient::BlobsCallback callback;
  bool is_asked = false;     ///< not everybody rested
  bool is_answered = false;  ///< somebody said that it has no such blob
  bool is_mismatched = false;
  bool is_malformed = false;
  std::string first_detail;  ///< what the first place said that did not have them
  std::string last_detail;   ///< and the last one
};

void note(Fetch& fetch, std::string detail) {
  (fetch.first_detail.empty() ? fetch.first_detail : fetch.last_detail) = std::move(detail);
}

/// The first and the last reason, each in half of what a detail may have.
std::string detail_of(const Fetch& fetch) {
  if (fetch.first_detail.empty()) return "no beacon node and no blob server to ask";
  const std::string all = fetch.is_asked ? "" : "nobody was asked: ";
  if (fetch.last_detail.empty()) return detail_text(all + fetch.first_detail);
  const std::size_t each = (core::limits::kDetailBytesMax - 8 - all.size()) / 2;
  return detail_text(all + fetch.first_detail.substr(0, each) +
                     "; last: " + fetch.last_detail.substr(0, each));
}

/// `base` without a slash at its end, then `path`.
std::string join(std::string base, std::string_view path) {
  while (base.ends_with('/')) base.pop_back();
  return base + std::string(path);
}

}  // namespace

struct BeaconClient::Impl : std::enable_shared_from_this<BeaconClient::Impl> {
  using Answered = std::function<void(HttpResult)>;

  Impl(EventLoop& loop_in, BeaconClientOptions given)
      : loop(loop_in), options(std::move(given)), http(loop_in) {
    if (options.metrics == nullptr) return;
    for (std::size_t i = 0; i < kSourceNames.size(); ++i) {
      requests[i] = options.metrics->counter("io_blob_requests_total", "Requests for blobs",
                                             {{"source", kSourceNames[i]}});
      blobs[i] = options.metrics->counter("io_blobs_received_total", "Blobs that were asked for",
                                          {{"source", kSourceNames[i]}});
    }
    silent_count = options.metrics->gauge(
        "io_blob_sources_silent", "Beacon nodes and blob servers that did not answer in time");
  }

  /// Asks the server at `base`, which must not rest.
  void get(const std::string& base, std::string_view path, Answered answered) {
    HttpCall call;
    call.url = join(base, path);
    call.post = false;
    call.headers = {{"Accept", "application/json"}};
    call.connect_timeout = options.connect_timeout;
    call.total_timeout = options.request_timeout;
    call.response_bytes_max = kSidecarsBytesMax;
    http.send(std::move(call), [this, base, answered = std::move(answered)](HttpResult result) {
      const core::UnixSeconds wall{wall_now().value / 1'000'000'000};
      resting.on_answer(base, result.status, result.retry_after, options.now(), wall);
      if (result.failure == HttpFailure::kTimeout) silent.on_silent(base, options.now());
      silent_count.set(static_cast<double>(silent.size()));
      answered(std::move(result));
    });
  }

  /// "rests for ...", or empty: it may be asked.
  [[nodiscard]] std::string rest_text(const std::string& url) const {
    const std::uint64_t left_ms = resting.rest_of(url, options.now()).value;
    if (left_ms == 0) return {};
    return "rests for " + std::to_string((left_ms + 999) / 1'000) + " s more (rate limit)";
  }

  /// Beacon nodes, then blob servers; behind all of them those that were silent lately.
  void plan(Fetch& fetch, std::optional<std::uint64_t> slot) const {
    if (slot) {
      fetch.slot = *slot;
      for (const std::string& url : options.beacon_urls) {
        const std::array order = prefers_blobs ? std::array{SourceOf::kBlobs, SourceOf::kSidecars}
                                               : std::array{SourceOf::kSidecars, SourceOf::kBlobs};
        for (const SourceOf source : order) fetch.attempts.push_back({source, url});
      }
    }
    for (const std::string& url : options.server_urls) {
      fetch.attempts.push_back({SourceOf::kServer, url});
    }
    std::ranges::stable_sort(fetch.attempts, {}, [&, now = options.now()](const Attempt& attempt) {
      return silent.shunned_for(attempt.url, now);
    });
  }

  std::uint64_t new_fetch(core::UnixSeconds timestamp, std::vector<core::Hash32> hashes,
                          BlobsCallback callback) {
    PRECONF_ASSERT(hashes.size() <= kBlobsPerSlotMax);
    Fetch& fetch = fetches[++last_fetch];
    fetch.missing = std::move(hashes);
    fetch.callback = std::move(callback);
    plan(fetch, core::protocol::slot_of(options.clock, timestamp));
    return last_fetch;
  }
  /// Posted: with nobody to ask it ends at once, and never inside the call that began it.
  void begin(std::uint64_t id) {
    loop.post([self = weak_from_this(), id] {
      if (const auto impl = self.lock()) impl->next(id);
    });
  }

  /// Several attempts of one server are told of once.
  void skip_resting(Fetch& fetch) const {
    std::string told;
    while (!fetch.attempts.empty()) {
      const Attempt& attempt = fetch.attempts.front();
      const std::string rest = rest_text(attempt.url);
      if (rest.empty()) return;
      if (told != attempt.url) note(fetch, attempt.url + " " + rest);
      told = attempt.url;
      drop_attempt(fetch);
    }
  }

  void next(std::uint64_t id) {
    Fetch& fetch = fetches.at(id);
    if (fetch.missing.empty()) return finish(id);
    skip_resting(fetch);
    if (fetch.attempts.empty()) return finish(id);
    Attempt& attempt = fetch.attempts.front();
    fetch.is_asked = true;
    requests[static_cast<std::size_t>(attempt.source)].add();
    const auto answered = [this, id](HttpResult result) { on_answer(id, result); };
    const std::string slot = std::to_string(fetch.slot);
    switch (attempt.source) {
      case SourceOf::kSidecars:
        return get(attempt.url, "/eth/v1/beacon/blob_sidecars/" + slot, answered);
      case SourceOf::kBlobs: {
        if (fetch.commitments.empty()) {
          return get(attempt.url, "/eth/v2/beacon/blocks/" + slot, answered);
        }
        std::string path = "/eth/v1/beacon/blobs/" + slot;
        if (attempt.is_whole) return get(attempt.url, path, answered);
        // An array in a query: the name is repeated (OpenAPI 3, style form).
        char separator = '?';
        for (const core::Hash32& hash : fetch.missing) {
          path += separator + std::string("versioned_hashes=") + core::to_hex0x(hash.view());
          separator = '&';
        }
        return get(attempt.url, path, answered);
      }
      case SourceOf::kServer: {
        const core::Hash32& hash = fetch.missing[fetch.asked];
        return get(attempt.url, "/blobs/" + core::to_hex0x(hash.view()), answered);
      }
    }
  }

  void on_answer(std::uint64_t id, const HttpResult& result) {
    Fetch& fetch = fetches.at(id);
    const Attempt attempt = fetch.attempts.front();
    const std::string where =
        attempt.url + " " + kSourceNames[static_cast<std::size_t>(attempt.source)] + ": ";
    if (result.failure != HttpFailure::kNone) {
      note(fetch, where + name_of(result.failure) + " " + result.detail);
      return pass_failed(fetch, id, result.failure == HttpFailure::kTimeout);
    }
    if (result.status != kHttpOk) {
      // A beacon node without this path, and one without this block, say the same.
      fetch.is_answered |= result.status == kHttpNotFound;
      note(fetch, where + "HTTP " + std::to_string(result.status));
      // Everything else that was to be asked of it is passed over, too.
      if (!rest_text(attempt.url).empty()) return pass(fetch, id);
      if (attempt.source == SourceOf::kServer) return after_server(fetch, id);
      return may_ask_whole(fetch) ? ask_whole(fetch, id) : pass(fetch, id);
    }
    read(fetch, attempt.source, result.body, where, id);
  }

  void read(Fetch& fetch, SourceOf source, const std::string& body, const std::string& where,
            std::uint64_t id) {
    const auto malformed = [&](const BeaconDefect& defect) {
      fetch.is_malformed = true;
      note(fetch, where + defect);
    };
    if (source == SourceOf::kServer) {
      auto blob = server_blob_from(body, fetch.missing[fetch.asked]);
      if (!blob) {
        malformed(blob.error());
      } else if (!*blob) {
        fetch.is_mismatched = true;
        note(fetch, where + "its commitment has another versioned hash");
      } else {
        take(fetch, source, {std::move(**blob)});
        return next_of_server(fetch, id);
      }
      return after_server(fetch, id);
    }
    if (source == SourceOf::kBlobs && fetch.commitments.empty()) {
      auto commitments = commitments_from(body);
      if (!commitments) malformed(commitments.error());
      if (commitments) fetch.commitments = std::move(commitments).value();
      fetch.is_answered |= commitments && fetch.commitments.empty();
      return fetch.commitments.empty() ? pass(fetch, id) : next(id);
    }
    const bool is_whole_due = may_ask_whole(fetch);
    auto found = source == SourceOf::kSidecars ? sidecars_from(body, fetch.missing)
                                               : blobs_from(body, fetch.commitments, fetch.missing);
    if (found) {
      const bool is_any = !found->empty();
      if (is_any) prefers_blobs = source == SourceOf::kBlobs;
      take(fetch, source, std::move(found).value());
      fetch.is_answered = true;
      if (!fetch.missing.empty()) note(fetch, where + "does not have it");
    } else if (!is_whole_due) {
      malformed(found.error());
    }
    return is_whole_due && !fetch.missing.empty() ? ask_whole(fetch, id) : pass(fetch, id);
  }

  /// Of a list of hashes some nodes read only one (anvil: the last): then every blob of the block
  /// is asked for, which all understand in the same way.
  static bool may_ask_whole(const Fetch& fetch) {
    const Attempt& attempt = fetch.attempts.front();
    return attempt.source == SourceOf::kBlobs && !attempt.is_whole && !fetch.commitments.empty() &&
           fetch.missing.size() > 1;
  }
  void ask_whole(Fetch& fetch, std::uint64_t id) {
    fetch.attempts.front().is_whole = true;
    next(id);
  }

  void take(Fetch& fetch, SourceOf source, std::vector<FetchedBlob> found) {
    if (!found.empty()) note_answered(fetch.attempts.front().url);
    for (FetchedBlob& blob : found) {
      std::erase(fetch.missing, blob.versioned_hash);
      blobs[static_cast<std::size_t>(source)].add();
      blob.from = fetch.attempts.front().url;
      fetch.found.push_back(std::move(blob));
    }
  }

  /// The blob at `asked` was not there: the next one may be.
  void after_server(Fetch& fetch, std::uint64_t id) {
    ++fetch.asked;
    next_of_server(fetch, id);
  }
  void next_of_server(Fetch& fetch, std::uint64_t id) {
    if (fetch.asked < fetch.missing.size()) return next(id);
    pass(fetch, id);
  }
  /// To the next place.
  void pass(Fetch& fetch, std::uint64_t id) {
    const std::string url = fetch.attempts.front().url;
    drop_attempt(fetch);
    // Quick about one thing and silent about another is silent.
    const bool is_all = fetch.attempts.empty() || fetch.attempts.front().url != url;
    if (is_all) note_answered(url);
    next(id);
  }
  /// The same after no answer; what else was to be asked of a silent server would run out of time,
  /// too.
  void pass_failed(Fetch& fetch, std::uint64_t id, bool is_silent) {
    const std::string url = fetch.attempts.front().url;
    drop_attempt(fetch);
    if (is_silent) {
      std::erase_if(fetch.attempts, [&url](const Attempt& one) { return one.url == url; });
    }
    next(id);
  }
  void note_answered(const std::string& url) {
    silent.on_answered(url);
    silent_count.set(static_cast<double>(silent.size()));
  }
  static void drop_attempt(Fetch& fetch) {
    fetch.attempts.pop_front();
    fetch.commitments.clear();
    fetch.asked = 0;
  }

  void finish(std::uint64_t id) {
    auto node = fetches.extract(id);
    Fetch& fetch = node.mapped();
    if (fetch.missing.empty()) return fetch.callback(std::move(fetch.found));
    BlobError error;
    error.hash = fetch.missing.front();
    error.detail = detail_of(fetch);
    error.found = std::move(fetch.found);
    error.kind = fetch.is_mismatched  ? BlobErrorKind::kMismatch
                 : fetch.is_answered  ? BlobErrorKind::kMissing
                 : fetch.is_malformed ? BlobErrorKind::kMalformed
                                      : BlobErrorKind::kUnavailable;
    fetch.callback(Unexpected{std::move(error)});
  }

  /// Genesis and spec of beacon node number `at`, or of one behind it.
  void read_clock(std::size_t at, ClockCallback callback) {
    const std::string& url = options.beacon_urls[at];
    const auto failed = [this, at, callback](const std::string& detail) {
      if (at + 1 < options.beacon_urls.size()) return read_clock(at + 1, callback);
      callback(Unexpected{detail});
    };
    if (const std::string rest = rest_text(url); !rest.empty()) return failed(url + " " + rest);
    get(url, "/eth/v1/beacon/genesis", [this, url, callback, failed](HttpResult result) {
      const auto genesis = body_of(url + " genesis", result, genesis_from);
      if (!genesis) return failed(genesis.error());
      get(url, "/eth/v1/config/spec",
          [url, callback, failed, genesis = *genesis](HttpResult answer) {
            auto clock = body_of(url + " spec", answer, spec_from);
            if (!clock) return failed(clock.error());
            clock->genesis = genesis;
            callback(*clock);
          });
    });
  }

  template <class T>
  static core::Result<T, std::string> body_of(
      const std::string& where, const HttpResult& result,
      core::Result<T, BeaconDefect> (*read)(std::string_view)) {
    if (result.failure != HttpFailure::kNone) {
      return Unexpected{where + ": " + name_of(result.failure) + " " + result.detail};
    }
    if (result.status != kHttpOk) {
      return Unexpected{where + ": HTTP " + std::to_string(result.status)};
    }
    auto value = read(result.body);
    if (!value) return Unexpected{where + ": " + value.error()};
    return value;
  }

  EventLoop& loop;
  const BeaconClientOptions options;
  std::array<CounterHandle, kSourceNames.size()> requests;
  std::array<CounterHandle, kSourceNames.size()> blobs;
  GaugeHandle silent_count;
  bool prefers_blobs = false;  ///< it worked last time
  std::map<std::uint64_t, Fetch> fetches;
  std::uint64_t last_fetch = 0;
  RestingUrls resting;
  SilentUrls silent;
  HttpClient http;
};

core::Millis monotonic_millis() { return core::Millis{mono_now().value / 1'000'000}; }

BeaconClient::BeaconClient(EventLoop& loop, BeaconClientOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {
  PRECONF_ASSERT(core::protocol::is_usable(impl_->options.clock));
}
BeaconClient::~BeaconClient() = default;

void BeaconClient::fetch(core::UnixSeconds timestamp, std::vector<core::Hash32> hashes,
                         BlobsCallback callback) {
  impl_->begin(impl_->new_fetch(timestamp, std::move(hashes), std::move(callback)));
}

void BeaconClient::fetch_elsewhere(core::UnixSeconds timestamp, std::vector<core::Hash32> hashes,
                                   const std::vector<std::string>& avoided,
                                   BlobsCallback callback) {
  const std::uint64_t id = impl_->new_fetch(timestamp, std::move(hashes), std::move(callback));
  std::erase_if(impl_->fetches.at(id).attempts, [&](const Attempt& attempt) {
    return std::ranges::find(avoided, attempt.url) != avoided.end() ||
           impl_->silent.shunned_for(attempt.url, impl_->options.now()).value != 0;
  });
  impl_->begin(id);
}

void BeaconClient::read_clock(ClockCallback callback) {
  PRECONF_ASSERT(!impl_->options.beacon_urls.empty());
  // Posted: when all rest it ends at once.
  impl_->loop.post([self = impl_->weak_from_this(), callback = std::move(callback)] {
    if (const auto impl = self.lock()) impl->read_clock(0, callback);
  });
}

}  // namespace preconf::io::l1
