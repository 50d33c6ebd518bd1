#include "io/wire/gossipsub/message.hpp"

#include "core/base/assert.hpp"
#include "io/wire/protobuf.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::string_view kSignaturePrefix = "libp2p-pubsub:";
constexpr std::uint32_t kPublishField = 2;  // of the RPC
constexpr std::size_t kSeqnoBytes = 8;

std::size_t field_size(std::uint32_t number, const std::optional<BytesView>& value) {
  return value ? ProtoWriter::bytes_size(number, value->size()) : 0;
}

void put_field(ProtoWriter& writer, std::uint32_t number, const std::optional<BytesView>& value) {
  if (value) writer.bytes(number, *value);
}

/// Builds a message in place. The signature's prefix stands in front of the signed fields while
/// they are hashed, and the frame's header, which is shorter, takes its place afterwards: the
/// content is copied once.
class MessageBuilder {
 public:
  /// Writes prefix and the fields 1 to 4; room is left for signature and key.
  MessageBuilder(const MessageFields& fields, std::size_t tail_size) : fields_(fields) {
    const std::size_t signed_size = field_size(1, fields.from) + field_size(2, fields.data) +
                                    field_size(3, fields.seqno) + field_size(4, fields.topic);
    bytes_.reserve(kSignaturePrefix.size() + signed_size + tail_size);
    const BytesView prefix = as_bytes(kSignaturePrefix);
    bytes_.insert(bytes_.end(), prefix.begin(), prefix.end());
    ProtoWriter writer(bytes_);
    put_field(writer, 1, fields.from);
    put_field(writer, 2, fields.data);
    data_end_ = bytes_.size();
    put_field(writer, 3, fields.seqno);
    put_field(writer, 4, fields.topic);
  }

  [[nodiscard]] BytesView signed_bytes() const { return bytes_; }

  /// Ends the message; the builder is spent.
  GossipMessagePtr finish(BytesView signature, const std::optional<BytesView>& key,
                          const PeerId& author, const MessageId& id) {
    ProtoWriter writer(bytes_);
    writer.bytes(5, signature);
    put_field(writer, 6, key);
    auto message = std::make_shared<GossipMessage>();
    message->id = id;
    message->topic = Topic(fields_.topic_text());
    message->author = author;
    message->size_bytes = bytes_.size() - kSignaturePrefix.size();
    const std::size_t cut = put_header(message->size_bytes);
    const std::size_t data_size = fields_.data ? fields_.data->size() : 0;
    const std::size_t data_begin = data_end_ - cut - data_size;
    message->frame = share(std::move(bytes_));
    message->data = BytesView{*message->frame}.subspan(data_begin, data_size);
    return message;
  }

 private:
  /// Replaces the prefix by the header of the frame and returns by how much the content moved.
  std::size_t put_header(std::size_t message_size) {
    Bytes header;
    const std::size_t rpc_size = ProtoWriter::bytes_size(kPublishField, message_size);
    put_uvarint(header, rpc_size);
    ProtoWriter(header).begin(kPublishField, message_size);
    PRECONF_ASSERT(header.size() <= kSignaturePrefix.size());
    const std::size_t cut = kSignaturePrefix.size() - header.size();
    std::copy(header.begin(), header.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(cut));
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(cut));
    return cut;
  }

  const MessageFields& fields_;
  Bytes bytes_;
  std::size_t data_end_ = 0;
};

/// The key that must have signed: the one inside the author's id, or the attached one, which must
/// be the author's. An attached key that can not be decoded counts as absent, as at the deployed
/// peers.
core::Result<PublicKey, GossipFault> key_of(const MessageFields& fields, const PeerId& author) {
  if (fields.key) {
    if (const auto attached = decode_public_key(*fields.key)) {
      if (peer_id_of(*attached) != author) return core::Unexpected{GossipFault::kKeyMismatch};
      return *attached;
    }
  }
  const auto inlined = public_key_of(author);
  if (!inlined) return core::Unexpected{GossipFault::kKeyMissing};
  return *inlined;
}

}  // namespace

core::Result<Envelope, GossipFault> check_envelope(const MessageFields& fields) {
  if (!fields.from) return core::Unexpected{GossipFault::kFromMissing};
  const auto author = peer_id_from_bytes(*fields.from);
  if (!author) return core::Unexpected{GossipFault::kFromInvalid};
  if (!fields.seqno) return core::Unexpected{GossipFault::kSeqnoMissing};
  if (!fields.seqno->empty() && fields.seqno->size() != kSeqnoBytes) {
    return core::Unexpected{GossipFault::kSeqnoInvalid};
  }
  if (!fields.signature) return core::Unexpected{GossipFault::kSignatureMissing};
  const auto key = key_of(fields, *author);
  if (!key) return core::Unexpected{key.error()};
  return Envelope{*author, *key};
}

core::Result<GossipMessagePtr, GossipFault> verify_message(const MessageFields& fields,
                                                           const Envelope& envelope,
                                                           const MessageId& id) {
  const std::size_t tail = field_size(5, fields.signature) + field_size(6, fields.key);
  MessageBuilder builder(fields, tail);
  if (!verify(envelope.key, builder.signed_bytes(), *fields.signature)) {
    return core::Unexpected{GossipFault::kSignatureInvalid};
  }
  return builder.finish(*fields.signature, fields.key, envelope.author, id);
}

GossipMessagePtr sign_message(const Identity& identity, std::uint64_t seqno, const Topic& topic,
                              BytesView data, const MessageId& id) {
  std::array<std::uint8_t, kSeqnoBytes> number{};
  for (std::size_t i = 0; i < kSeqnoBytes; ++i) {
    number[i] = static_cast<std::uint8_t>(seqno >> (8 * (kSeqnoBytes - 1 - i)));
  }
  MessageFields fields;
  fields.from = identity.peer_id().view();
  fields.data = data;
  fields.seqno = number;
  fields.topic = as_bytes(topic);
  MessageBuilder builder(fields, ProtoWriter::bytes_size(5, limits::kSignatureBytesMax));
  const Bytes signature = identity.sign(builder.signed_bytes());
  return builder.finish(signature, std::nullopt, identity.peer_id(), id);
}

}  // namespace preconf::io::wire
