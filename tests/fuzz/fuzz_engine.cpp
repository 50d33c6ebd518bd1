// What the engine answers: the first byte names the call, the rest is the body. Every body becomes
// a result that the log accepts.
#include <string_view>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "io/engine/engine_answers.hpp"
#include "schemas/codec/event_codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

namespace {

io::EngineAnswer answer_from(std::uint8_t call, std::string_view body) {
  // Calls of derived blocks have numbers of their own, so that older inputs mean what they meant.
  switch (call >= 100 ? call % 10 + 5 : call % 5) {
    case 5:
      return {io::canonical_from(body, core::BlockNumber{1}), nullptr};
    case 6:
      return {io::nonce_from(body), nullptr};
    case 7:
      return {io::anchor_state_from(body), nullptr};
    case 8:
      return {io::anchor_in_transaction_from(body, core::Address{}), nullptr};
    case 9:
      return {io::batch_found_from(body), nullptr};
    case 10:
      return {io::number_written_from(body, 1), nullptr};
    case 11:
      return {io::origin_written_from(body, core::BlockNumber{1}), nullptr};
    case 0:
      return {io::heads_from(body), nullptr};
    case 1:
      return {io::block_from(body, core::BlockNumber{1}), nullptr};
    case 2:
      return {io::forkchoice_from(body), nullptr};
    case 3:
      return {io::judgement_from(body), nullptr};
    default:
      return io::payload_from(body, core::commands::GetPayload{},
                              *core::protocol::chain_profile("devnet"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const io::EngineAnswer answer = answer_from(data[0], body);
  if (const auto* taken = std::get_if<core::events::PayloadTaken>(&answer.result)) {
    PRECONF_ASSERT(answer.content != nullptr);
    PRECONF_ASSERT(core::crypto::keccak256(*answer.content) == taken->payload.hash);
  }
  core::Event event;
  event.seq = core::Seq{1};
  event.body = core::events::EngineAnswered{core::CommandId{}, 0, answer.result};
  PRECONF_ASSERT(schemas::encodable(event));
  return 0;
}
