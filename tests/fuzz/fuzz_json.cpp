// JSON text from users: bounded parsing, the shape of requests, and the parameters of the publish
// methods with everything inside them.
#include <string>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/limits.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_reader.hpp"
#include "io/rpc/publish.hpp"
#include "io/rpc/rpc_request.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

namespace {

void ask_everything(io::JsonValue value) {
  (void)value.as_bool();
  (void)value.as_u64();
  (void)value.at(0).kind();
  (void)io::as_data(value, 64);
  (void)io::as_fixed<32>(value);
  (void)io::as_quantity_u64(value);
  if (const auto number = io::as_lenient_u256(value)) {
    PRECONF_ASSERT(number->fits_u64() || !value.as_u64());
  }
  std::size_t elements = 0;
  value.each_element([&elements](io::JsonValue element) {
    (void)element.as_string();
    return ++elements < 1'000;
  });
}

void publish(io::PublishMethod method, io::JsonValue params) {
  core::Address slasher;  // as in the corpus, so that its commitments pass
  slasher.bytes[0] = 0x5a;
  const auto network = core::protocol::permissionless_network(slasher);
  const auto checked = io::check_publish(method, params, network);
  if (!checked) return;
  const io::Submission& submission = checked->submission;
  PRECONF_ASSERT(submission.commitment || submission.tx_list);
  if (submission.commitment) {
    PRECONF_ASSERT(submission.commitment->raw.size() == core::protocol::kSignedCommitmentBytes);
  }
  if (submission.tx_list) {
    PRECONF_ASSERT(submission.tx_list->compressed->size() <= core::limits::kTxListBytesMax);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = io::JsonDocument::parse(text);
  if (!document) return 0;
  const io::JsonValue root = document->root();
  const std::string again = root.to_text();
  const auto reparsed = io::JsonDocument::parse(again);
  PRECONF_ASSERT(reparsed.has_value() && reparsed->root().to_text() == again);
  ask_everything(root);
  ask_everything(root.get("params"));
  (void)io::defect_of(root);
  for (const auto method :
       {io::PublishMethod::kBlock, io::PublishMethod::kCommitment, io::PublishMethod::kTxList}) {
    publish(method, root.get("params"));
  }
  return 0;
}
