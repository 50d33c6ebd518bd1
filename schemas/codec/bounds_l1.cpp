#include "schemas/codec/bounds_l1.hpp"

#include <algorithm>

#include "core/events/l1_bounds.hpp"
#include "core/limits.hpp"

namespace preconf::schemas {

namespace events = core::events;
namespace protocol = core::protocol;
using core::codec::BlobDefect;
using core::codec::ManifestDefect;

bool check(const events::L1DeploymentRecorded& body) {
  return body.fallback_signer <= protocol::FallbackSigner::kSequencer;
}

bool check(const events::L1BlockObserved& body) {
  return events::fits_one_event(body.facts) &&
         std::ranges::all_of(body.facts, [](const events::L1Fact& fact) {
           const auto* refused = std::get_if<events::LogRefused>(&fact.body);
           return refused == nullptr || refused->defect <= protocol::LogDefect::kEpochMisplaced;
         });
}

bool check(const events::L1TagsObserved& /*body*/) { return true; }

bool check(const events::CheckpointReached& body) {
  constexpr std::uint64_t kUint48Max = (std::uint64_t{1} << 48) - 1;
  return body.proposal.value <= kUint48Max;
}

bool check(const events::BlobReceived& body) {
  return body.content.size_bytes == core::codec::kBlobBytes;
}

namespace {

bool check_result(const events::SourcesResolved& result) {
  return events::fits_one_event(result.sources) &&
         std::ranges::all_of(result.sources, [](const events::SourceFacts& source) {
           return source.defect <= ManifestDefect::kTooLarge &&
                  source.blob_defect <= BlobDefect::kStrayElements;
         });
}
bool check_result(const events::L1BlockRead& /*result*/) { return true; }
bool check_result(const events::TxListAssembled& /*result*/) { return true; }
bool check_result(const events::L1Failed& result) {
  return result.kind <= events::L1FailureKind::kNotExecuted &&
         result.detail.size() <= core::limits::kDetailBytesMax;
}

}  // namespace

bool check(const events::L1Answered& body) {
  return std::visit([](const auto& result) { return check_result(result); }, body.result);
}

}  // namespace preconf::schemas
