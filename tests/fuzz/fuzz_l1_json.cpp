// What L1 nodes, beacon nodes and blob servers answer: the first byte names the reader, the rest is
// the body. Whatever is read stays within its bounds.
#include <string_view>

#include "core/base/assert.hpp"
#include "io/l1/beacon_json.hpp"
#include "io/l1/l1_json.hpp"
#include "io/l1/limits.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

namespace {

void read_batch(std::string_view body) {
  for (const std::size_t count : {1U, 2U, 3U}) {
    io::l1::RpcBatch batch;
    if (!batch.append(body, count)) {
      PRECONF_ASSERT(batch.size() == 0);
      continue;
    }
    PRECONF_ASSERT(batch.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      const io::l1::RpcAnswer& answer = batch.at(i);
      if (!answer) continue;
      (void)io::l1::optional_header_from(*answer);
      (void)io::l1::chain_id_from(*answer);
      (void)io::l1::has_code_from(*answer);
      const auto data = io::l1::call_data_from(*answer);
      PRECONF_ASSERT(!data || data->size() <= io::l1::kCallDataBytesMax);
      const auto logs = io::l1::logs_from(*answer);
      if (!logs) continue;
      PRECONF_ASSERT(logs->size() <= io::l1::kLogsMax);
      for (const io::l1::L1Log& log : *logs) {
        PRECONF_ASSERT(log.topics.size() <= 4 && log.data.size() <= io::l1::kLogDataBytesMax);
      }
    }
  }
}

void check(const core::Result<std::vector<io::l1::FetchedBlob>, io::l1::BeaconDefect>& found,
           const core::Hash32& wanted) {
  if (!found) return;
  PRECONF_ASSERT(found->size() <= 1);
  for (const io::l1::FetchedBlob& blob : *found) {
    PRECONF_ASSERT(blob.versioned_hash == wanted);
    PRECONF_ASSERT(core::codec::versioned_hash_of(blob.commitment) == wanted);
    PRECONF_ASSERT(blob.bytes->size() == core::codec::kBlobBytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const core::codec::KzgCommitment commitment;  // the corpus's
  const core::Hash32 wanted = core::codec::versioned_hash_of(commitment);
  switch (data[0] % 6) {
    case 0:
      read_batch(body);
      break;
    case 1:
      (void)io::l1::genesis_from(body);
      (void)io::l1::spec_from(body);
      break;
    case 2:
      check(io::l1::sidecars_from(body, {&wanted, 1}), wanted);
      break;
    case 3:
      check(io::l1::blobs_from(body, {&commitment, 1}, {&wanted, 1}), wanted);
      break;
    case 4:
      (void)io::l1::commitments_from(body);
      break;
    default:
      if (const auto blob = io::l1::server_blob_from(body, wanted); blob && *blob) {
        PRECONF_ASSERT((*blob)->versioned_hash == wanted);
        PRECONF_ASSERT((*blob)->bytes->size() == core::codec::kBlobBytes);
      }
      break;
  }
  return 0;
}
