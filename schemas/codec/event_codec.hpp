// core events <-> the FlatBuffers payloads and envelopes of the log (docs/log_format.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/event.hpp"

namespace preconf::schemas {

/// Number of released sets of schemas: what a log written by this program may contain. Each kind
/// counts its own versions.
inline constexpr std::uint16_t kSchemaVersion = 2;
/// Schema version in which `kind` is written. Older ones are upcast on reading, newer ones refused.
[[nodiscard]] std::uint16_t written_version(core::EventKind kind);

enum class CodecError : std::uint8_t {
  kNotVerified,         ///< not a valid envelope
  kPayloadNotVerified,  ///< right hash, yet not a valid buffer of the kind's schema
  kUnknownKind,
  kUnknownVersion,
  kOutOfBounds,    ///< an enum or size outside its range, or header and payload disagree
  kChainMismatch,  ///< recomputed hashes differ from the recorded ones
};
[[nodiscard]] const char* name_of(CodecError error);

/// The integrity values of a record, recomputed and equal to the recorded ones.
struct RecordHashes {
  core::Hash32 payload_hash;
  core::Hash32 prev_chain;
  core::Hash32 chain;
};

struct DecodedRecord : RecordHashes {
  core::Event event;
};

struct EncodedRecord {
  core::Bytes bytes;
  core::Hash32 chain;  ///< prev_chain of the next record
};

/// Largest payload and largest record that are written or read, bytes.
inline constexpr std::size_t kPayloadBytesMax = 1'048'576;
inline constexpr std::size_t kRecordBytesMax = kPayloadBytesMax + 4'096;

/// Whether a record of `event` could be read back: every enum value defined, every size within
/// core/limits.hpp. Events of unknown kinds can not be written.
[[nodiscard]] bool encodable(const core::Event& event);

/// Builds the log record of `event`. Reuses its buffers: one instance per thread.
class RecordEncoder {
 public:
  RecordEncoder();
  ~RecordEncoder();
  RecordEncoder(const RecordEncoder&) = delete;
  RecordEncoder& operator=(const RecordEncoder&) = delete;
  /// The returned bytes stay valid until the next call. Requires encodable(event).
  [[nodiscard]] const EncodedRecord& encode(const core::Event& event,
                                            const core::Hash32& prev_chain);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Verifies the buffer, the payload hash and the chain hash, then decodes.
[[nodiscard]] core::Result<DecodedRecord, CodecError> decode_record(core::BytesView bytes);

/// The same into existing objects, whose buffers are reused: nothing on success. After an error
/// both hold anything.
[[nodiscard]] std::optional<CodecError> decode_record_into(core::BytesView bytes,
                                                           core::Event& event,
                                                           RecordHashes& hashes);

}  // namespace preconf::schemas
