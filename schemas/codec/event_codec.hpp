// core events <-> the FlatBuffers payloads and envelopes of the log (docs/log_format.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/event.hpp"

namespace preconf::schemas {

/// Schema version written for every kind. Older ones are upcast on reading, newer ones refused.
inline constexpr std::uint16_t kSchemaVersion = 1;

enum class CodecError : std::uint8_t {
  kNotVerified,     ///< not a valid buffer of the schema
  kUnknownKind,
  kUnknownVersion,
  kOutOfBounds,     ///< an enum or size outside its defined range
  kChainMismatch,   ///< recomputed hashes differ from the recorded ones
};
[[nodiscard]] const char* name_of(CodecError error);

/// An envelope with its integrity values.
struct DecodedRecord {
  core::Event event;
  core::Hash32 payload_hash;
  core::Hash32 prev_chain;
  core::Hash32 chain;
};

struct EncodedRecord {
  core::Bytes bytes;
  core::Hash32 chain;  ///< prev_chain of the next record
};

/// Builds the log record of `event`. Reuses its buffers: one instance per thread.
class RecordEncoder {
 public:
  RecordEncoder();
  ~RecordEncoder();
  RecordEncoder(const RecordEncoder&) = delete;
  RecordEncoder& operator=(const RecordEncoder&) = delete;
  /// The returned bytes stay valid until the next call.
  [[nodiscard]] const EncodedRecord& encode(const core::Event& event,
                                            const core::Hash32& prev_chain);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Verifies the buffer, the payload hash and the chain hash, then decodes.
[[nodiscard]] core::Result<DecodedRecord, CodecError> decode_record(core::BytesView bytes);

}  // namespace preconf::schemas
