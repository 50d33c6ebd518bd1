#include "schemas/codec/event_codec.hpp"

#include <cstring>

#include "core/crypto/hash.hpp"
#include "schemas/codec/bounds.hpp"
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/codec/upcast.hpp"
#include "schemas/generated/envelope_generated.h"

namespace preconf::schemas {

static_assert(sizeof(fbs::Header) == 64, "hashed as it is: no padding");
static_assert(sizeof(fbs::ContentRef) == 36);

namespace {

constexpr std::size_t kContentRefsMax = 16;
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint8_t kIsOutcome = 1;    ///< header.flags
constexpr std::uint8_t kIsIgnorable = 2;  ///< header.flags
constexpr std::array<std::uint8_t, 16> kChainDomain = {'p', 'r', 'e', 'c', 'o', 'n', 'f', '/',
                                                       'l', 'o', 'g', '/', '1', 0,   0,   0};

bool is_aligned(core::BytesView bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0;
}

/// docs/log_format.md section 4.
core::Hash32 chain_hash(const fbs::Header& header, core::BytesView refs,
                        const core::Hash32& payload_hash, const core::Hash32& prev_chain) {
  std::array<std::uint8_t, kChainDomain.size() + sizeof(fbs::Header) +
                               kContentRefsMax * sizeof(fbs::ContentRef) + 2 * kHashBytes>
      message;
  std::uint8_t* end = message.data();
  const auto append = [&end](const void* data, std::size_t size) {
    std::memcpy(end, data, size);
    end += size;
  };
  append(kChainDomain.data(), kChainDomain.size());
  append(&header, sizeof(header));
  if (!refs.empty()) append(refs.data(), refs.size());
  append(payload_hash.data(), kHashBytes);
  append(prev_chain.data(), kHashBytes);
  return core::crypto::sha256({message.data(), end});
}

fbs::Header header_of(const core::Event& event, std::size_t payload_size, std::size_t ref_count) {
  const core::CommandId* command = core::answered_command(event.body);
  return fbs::Header(
      event.seq.value, event.wall.value, event.mono.value, event.source_id, event.request.value,
      command != nullptr ? command->cause.value : 0, command != nullptr ? command->ordinal : 0,
      static_cast<std::uint32_t>(payload_size),
      static_cast<std::uint16_t>(core::kind_of(event.body)),
      written_version(core::kind_of(event.body)), static_cast<std::uint8_t>(event.lane),
      static_cast<std::uint8_t>(event.source), command != nullptr ? kIsOutcome : std::uint8_t{0},
      static_cast<std::uint8_t>(ref_count));
}

void read_header(const fbs::Header& header, core::Event& out) {
  out.seq.value = header.seq();
  out.wall.value = header.wall();
  out.mono.value = header.mono();
  out.lane = static_cast<core::Lane>(header.lane());
  out.source = static_cast<core::SourceKind>(header.source());
  out.source_id = header.source_id();
  out.request.value = header.request();
}

/// Reuses the alternative when it is there already: its buffers keep their capacity.
template <class Body>
bool decode_body(core::BytesView payload, core::EventBody& out) {
  Body* body = std::get_if<Body>(&out);
  return decode_payload(payload, body != nullptr ? *body : out.emplace<Body>());
}

using BodyDecoder = bool (*)(core::BytesView, core::EventBody&);
template <std::size_t... Is>
constexpr std::array<BodyDecoder, sizeof...(Is)> decoders_of(std::index_sequence<Is...> /*kinds*/) {
  return {&decode_body<std::variant_alternative_t<Is, core::EventBody>>...};
}
/// Payload decoders by kind minus one: kinds are the alternatives' positions.
constexpr auto kDecoders = decoders_of(std::make_index_sequence<core::kEventKindMax>());

/// What the header repeats from the payload must agree with it.
bool header_agrees(const fbs::Envelope& envelope, const core::EventBody& body) {
  const fbs::Header& header = *envelope.header();
  const core::CommandId* command = core::answered_command(body);
  // Whether a kind may be ignored belongs to the kind; those known here may not.
  if (header.flags() != (command != nullptr ? kIsOutcome : 0)) return false;
  if (header.command_cause() != (command != nullptr ? command->cause.value : 0)) return false;
  if (header.command_ordinal() != (command != nullptr ? command->ordinal : 0)) return false;
  const std::size_t stored =
      envelope.content_refs() != nullptr ? envelope.content_refs()->size() : 0;
  if (stored == 0) return core::content_refs(body).empty();
  const std::vector<core::ContentRef> refs = core::content_refs(body);
  if (refs.size() != stored) return false;
  for (flatbuffers::uoffset_t i = 0; i < stored; ++i) {
    if (!(to_core(*envelope.content_refs()->Get(i)) == refs[i])) return false;
  }
  return true;
}

core::BytesView refs_bytes(const fbs::Envelope& envelope) {
  const auto* refs = envelope.content_refs();
  if (refs == nullptr) return {};
  return {refs->Data(), refs->size() * sizeof(fbs::ContentRef)};
}

bool is_known(const fbs::Header& header) {
  return header.kind() >= 1 && header.kind() <= core::kEventKindMax;
}

std::optional<CodecError> decode_known(const fbs::Envelope& envelope, core::BytesView payload,
                                       core::Event& event) {
  const fbs::Header& header = *envelope.header();
  const auto kind = static_cast<core::EventKind>(header.kind());
  const std::uint16_t version = header.schema_version();
  if (version == 0 || version > newest_version(kind)) return CodecError::kUnknownVersion;
  read_header(header, event);
  if (!is_aligned(payload)) return CodecError::kPayloadNotVerified;
  if (version != newest_version(kind)) {
    thread_local UpcastBuffers buffers;
    const auto newest = upcast(kind, version, payload, buffers);
    if (!newest) return CodecError::kPayloadNotVerified;
    payload = *newest;
  }
  if (!kDecoders[header.kind() - 1u](payload, event.body)) return CodecError::kPayloadNotVerified;
  if (!encodable(event) || !header_agrees(envelope, event.body)) return CodecError::kOutOfBounds;
  return std::nullopt;
}

/// An event of an unknown kind that says that it may be ignored. It answers no command: losing an
/// answer is never harmless.
std::optional<CodecError> decode_ignorable(const fbs::Envelope& envelope, core::Event& event) {
  const fbs::Header& header = *envelope.header();
  if (header.kind() == 0 || header.schema_version() == 0 || header.flags() != kIsIgnorable ||
      header.command_cause() != 0 || header.command_ordinal() != 0) {
    return CodecError::kOutOfBounds;
  }
  read_header(header, event);
  if (!in_bounds(event.lane, event.source)) return CodecError::kOutOfBounds;
  core::events::IgnorableRecorded body{header.kind(), header.schema_version(), {}};
  if (envelope.content_refs() != nullptr) {
    for (const fbs::ContentRef* ref : *envelope.content_refs()) {
      body.contents.push_back(to_core(*ref));
    }
  }
  event.body = std::move(body);
  return std::nullopt;
}

std::optional<CodecError> decode_aligned(core::BytesView bytes, core::Event& event,
                                         RecordHashes& out) {
  flatbuffers::Verifier::Options options;
  options.max_depth = 4;
  options.max_tables = 1;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  if (!verifier.VerifyBuffer<fbs::Envelope>(fbs::EnvelopeIdentifier())) {
    return CodecError::kNotVerified;
  }
  const fbs::Envelope& envelope = *fbs::GetEnvelope(bytes.data());
  if (!structs_aligned(envelope.content_refs())) return CodecError::kNotVerified;
  const fbs::Header& header = *envelope.header();
  const core::BytesView refs = refs_bytes(envelope);
  const core::BytesView payload{envelope.payload()->data(), envelope.payload()->size()};
  if (refs.size() > kContentRefsMax * sizeof(fbs::ContentRef) ||
      payload.size() > kPayloadBytesMax) {
    return CodecError::kOutOfBounds;
  }
  out.payload_hash = core::crypto::sha256(payload);
  out.prev_chain = to_core(*envelope.prev_chain());
  out.chain = chain_hash(header, refs, out.payload_hash, out.prev_chain);
  if (out.payload_hash != to_core(*envelope.payload_hash()) ||
      out.chain != to_core(*envelope.chain()) || header.payload_size() != payload.size() ||
      header.content_ref_count() * sizeof(fbs::ContentRef) != refs.size()) {
    return CodecError::kChainMismatch;
  }
  if (is_known(header)) return decode_known(envelope, payload, event);
  if ((header.flags() & kIsIgnorable) == 0) return CodecError::kUnknownKind;
  return decode_ignorable(envelope, event);
}

}  // namespace

const char* name_of(CodecError error) {
  switch (error) {
    case CodecError::kNotVerified:
      return "not_verified";
    case CodecError::kPayloadNotVerified:
      return "payload_not_verified";
    case CodecError::kUnknownKind:
      return "unknown_kind";
    case CodecError::kUnknownVersion:
      return "unknown_version";
    case CodecError::kOutOfBounds:
      return "out_of_bounds";
    case CodecError::kChainMismatch:
      return "chain_mismatch";
  }
  return "unknown";
}

std::uint16_t written_version(core::EventKind kind) { return newest_version(kind); }

bool encodable(const core::Event& event) {
  return in_bounds(event.lane, event.source) && in_bounds(event.body);
}

namespace {

template <class Body>
void encode_body(flatbuffers::FlatBufferBuilder& builder, const Body& body) {
  encode_payload(builder, body);
}
void encode_body(flatbuffers::FlatBufferBuilder& /*builder*/,
                 const core::events::IgnorableRecorded& /*body*/) {
  PRECONF_ASSERT(!"an event of an unknown kind is not encodable");
}

}  // namespace

struct RecordEncoder::Impl {
  flatbuffers::FlatBufferBuilder payload{1024};
  flatbuffers::FlatBufferBuilder envelope{2048};
  std::vector<fbs::ContentRef> refs;
  EncodedRecord record;
};

RecordEncoder::RecordEncoder() : impl_(std::make_unique<Impl>()) {}
RecordEncoder::~RecordEncoder() = default;

const EncodedRecord& RecordEncoder::encode(const core::Event& event,
                                           const core::Hash32& prev_chain) {
  Impl& impl = *impl_;
  impl.payload.Clear();
  std::visit([&impl](const auto& body) { encode_body(impl.payload, body); }, event.body);
  const core::BytesView payload{impl.payload.GetBufferPointer(), impl.payload.GetSize()};
  impl.refs.clear();
  for (const core::ContentRef& ref : core::content_refs(event.body)) {
    impl.refs.push_back(to_fbs(ref));
  }
  PRECONF_ASSERT(payload.size() <= kPayloadBytesMax && impl.refs.size() <= kContentRefsMax);

  const fbs::Header header = header_of(event, payload.size(), impl.refs.size());
  const core::BytesView refs{impl.refs.empty() ? nullptr : impl.refs.data()->hash().bytes()->data(),
                             impl.refs.size() * sizeof(fbs::ContentRef)};
  const core::Hash32 payload_hash = core::crypto::sha256(payload);
  impl.record.chain = chain_hash(header, refs, payload_hash, prev_chain);

  flatbuffers::FlatBufferBuilder& builder = impl.envelope;
  builder.Clear();
  builder.ForceVectorAlignment(payload.size(), 1, kAlignment);
  const auto payload_offset = builder.CreateVector(payload.data(), payload.size());
  flatbuffers::Offset<flatbuffers::Vector<const fbs::ContentRef*>> refs_offset;
  if (!impl.refs.empty()) {
    refs_offset = builder.CreateVectorOfStructs(impl.refs.data(), impl.refs.size());
  }
  const fbs::Hash32 stored_payload_hash = to_fbs(payload_hash);
  const fbs::Hash32 stored_prev = to_fbs(prev_chain);
  const fbs::Hash32 stored_chain = to_fbs(impl.record.chain);
  fbs::FinishEnvelopeBuffer(builder,
                            fbs::CreateEnvelope(builder, &header, payload_offset, refs_offset,
                                                &stored_payload_hash, &stored_prev, &stored_chain));
  impl.record.bytes.assign(builder.GetBufferPointer(),
                           builder.GetBufferPointer() + builder.GetSize());
  return impl.record;
}

std::optional<CodecError> decode_record_into(core::BytesView bytes, core::Event& event,
                                             RecordHashes& hashes) {
  if (bytes.size() > kRecordBytesMax) return CodecError::kOutOfBounds;
  if (bytes.size() < sizeof(fbs::Header)) return CodecError::kNotVerified;
  if (is_aligned(bytes)) return decode_aligned(bytes, event, hashes);
  // FlatBuffers reads in place and the records of a table block lie at any address.
  thread_local std::vector<std::uint64_t> aligned;
  const std::size_t words = (bytes.size() + kAlignment - 1) / kAlignment;
  if (aligned.size() < words) aligned.resize(words);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  return decode_aligned({reinterpret_cast<const std::uint8_t*>(aligned.data()), bytes.size()},
                        event, hashes);
}

core::Result<DecodedRecord, CodecError> decode_record(core::BytesView bytes) {
  DecodedRecord record;
  if (const auto error = decode_record_into(bytes, record.event, record))
    return core::Unexpected{*error};
  return record;
}

}  // namespace preconf::schemas
