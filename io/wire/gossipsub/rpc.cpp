#include "io/wire/gossipsub/rpc.hpp"

#include "io/wire/gossipsub/limits.hpp"
#include "io/wire/gossipsub/utf8.hpp"
#include "io/wire/protobuf.hpp"

namespace preconf::io::wire {
namespace {

using Field = ProtoReader::Field;

/// Decodes one frame. Every function returns false when the frame is worthless; fault_ says why.
class RpcDecoder {
 public:
  RpcDecoder(const GossipConfig& config, Rpc& rpc) : config_(config), rpc_(rpc) {}

  bool read(BytesView frame, RpcScope scope) {
    ProtoReader reader(frame);
    while (const auto field = reader.next()) {
      if (!count_element()) return false;
      bool good = true;
      if (field->is_bytes(1)) {
        good = read_subscription(field->bytes);
      } else if (scope == RpcScope::kSubscriptions) {
        continue;
      } else if (field->is_bytes(2)) {
        good = read_message(field->bytes);
      } else if (field->is_bytes(3)) {
        good = read_control(field->bytes);
      }
      if (!good) return false;
    }
    return ends_well(reader);
  }

  [[nodiscard]] GossipFault fault() const { return fault_; }

 private:
  bool malformed() {
    fault_ = GossipFault::kRpcMalformed;
    return false;
  }
  bool ends_well(const ProtoReader& reader) { return reader.error() ? malformed() : true; }

  bool count_element() {
    if (++elements_ <= gossip_limits::kRpcElementsMax) return true;
    fault_ = GossipFault::kRpcElementsTooMany;
    return false;
  }

  void skipped(GossipFault fault) { ++rpc_.faults[static_cast<std::size_t>(fault)]; }

  bool read_topic(BytesView bytes, std::string_view& topic) {
    if (!is_utf8(bytes)) return malformed();
    topic = as_text(bytes);
    return true;
  }

  bool read_subscription(BytesView bytes) {
    Rpc::Subscription subscription;
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (field->is_varint(1)) subscription.subscribe = field->varint != 0;
      if (field->is_bytes(2) && !read_topic(field->bytes, subscription.topic)) return false;
    }
    if (!ends_well(reader)) return false;
    if (rpc_.subscriptions.size() == gossip_limits::kRpcSubscriptionsMax) {
      skipped(GossipFault::kSubscriptionsTooMany);
    } else {
      rpc_.subscriptions.push_back(subscription);
    }
    return true;
  }

  bool read_message(BytesView bytes) {
    MessageFields message;
    message.size_bytes = bytes.size();
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (field->type != WireType::kBytes) continue;
      switch (field->number) {
        case 1:
          message.from = field->bytes;
          break;
        case 2:
          message.data = field->bytes;
          break;
        case 3:
          message.seqno = field->bytes;
          break;
        case 4:
          message.topic = field->bytes;
          break;
        case 5:
          message.signature = field->bytes;
          break;
        case 6:
          message.key = field->bytes;
          break;
        default:
          break;
      }
    }
    if (!ends_well(reader)) return false;
    if (message.topic && !is_utf8(*message.topic)) return malformed();
    if (rpc_.messages.size() == gossip_limits::kRpcMessagesMax) {
      skipped(GossipFault::kMessagesTooMany);
    } else {
      rpc_.messages.push_back(message);
    }
    return true;
  }

  bool read_control(BytesView bytes) {
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (!count_element()) return false;
      if (field->type != WireType::kBytes) continue;
      bool good = true;
      switch (field->number) {
        case 1:
          good = read_ihave(field->bytes);
          break;
        case 2:
          good = read_ids(field->bytes, 1, gossip_limits::kRpcIwantIdsMax,
                          GossipFault::kIwantTooMany, rpc_.iwant);
          break;
        case 3:
          good = read_graft(field->bytes);
          break;
        case 4:
          good = read_prune(field->bytes);
          break;
        case 5:
          good = read_ids(field->bytes, 1, config_.idontwant_length_max,
                          GossipFault::kIdontwantTooMany, rpc_.idontwant);
          break;
        default:
          break;
      }
      if (!good) return false;
    }
    return ends_well(reader);
  }

  bool read_ids(BytesView bytes, std::uint32_t number, std::size_t max, GossipFault too_many,
                std::vector<MessageId>& ids) {
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (field->is_bytes(number) && !read_id(field->bytes, max, too_many, ids)) return false;
    }
    return ends_well(reader);
  }

  bool read_id(BytesView bytes, std::size_t max, GossipFault too_many,
               std::vector<MessageId>& ids) {
    if (!count_element()) return false;
    if (bytes.size() != MessageId::kSize) {
      skipped(GossipFault::kMessageIdLength);
    } else if (ids.size() >= max) {
      skipped(too_many);
    } else {
      ids.push_back(MessageId::from(bytes));
    }
    return true;
  }

  bool read_ihave(BytesView bytes) {
    const bool is_taken = rpc_.ihave.size() < gossip_limits::kRpcControlMax;
    Rpc::Ihave ihave;
    ihave.ids_begin = rpc_.ihave_ids.size();
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (field->is_bytes(1) && !read_topic(field->bytes, ihave.topic)) return false;
      if (!field->is_bytes(2)) continue;
      const std::size_t max = is_taken ? config_.max_ihave_length : 0;
      if (!read_id(field->bytes, max, GossipFault::kIhaveTooMany, rpc_.ihave_ids)) return false;
    }
    if (!ends_well(reader)) return false;
    ihave.ids_end = rpc_.ihave_ids.size();
    if (is_taken) {
      rpc_.ihave.push_back(ihave);
    } else {
      skipped(GossipFault::kControlTooMany);
    }
    return true;
  }

  bool read_graft(BytesView bytes) {
    std::string_view topic;
    ProtoReader reader(bytes);
    while (const auto field = reader.next()) {
      if (field->is_bytes(1) && !read_topic(field->bytes, topic)) return false;
    }
    if (!ends_well(reader)) return false;
    if (rpc_.graft.size() == gossip_limits::kRpcControlMax) {
      skipped(GossipFault::kControlTooMany);
    } else {
      rpc_.graft.push_back(topic);
    }
    return true;
  }

  bool read_prune(BytesView bytes) {
    Rpc::Prune prune;
    ProtoReader reader(bytes);  // the peers of a peer exchange (field 2) are not used
    while (const auto field = reader.next()) {
      if (field->is_bytes(1) && !read_topic(field->bytes, prune.topic)) return false;
      if (field->is_varint(3)) prune.backoff_seconds = field->varint;
    }
    if (!ends_well(reader)) return false;
    if (rpc_.prune.size() == gossip_limits::kRpcControlMax) {
      skipped(GossipFault::kControlTooMany);
    } else {
      rpc_.prune.push_back(prune);
    }
    return true;
  }

  const GossipConfig& config_;
  Rpc& rpc_;
  std::size_t elements_ = 0;
  GossipFault fault_ = GossipFault::kRpcMalformed;
};

}  // namespace

std::string_view MessageFields::topic_text() const {
  return topic ? as_text(*topic) : std::string_view{};
}

void Rpc::clear() {
  subscriptions.clear();
  messages.clear();
  ihave.clear();
  ihave_ids.clear();
  iwant.clear();
  graft.clear();
  prune.clear();
  idontwant.clear();
  faults.fill(0);
}

core::Result<core::Ok, GossipFault> decode_rpc(BytesView frame, RpcScope scope,
                                               const GossipConfig& config, Rpc& rpc) {
  rpc.clear();
  RpcDecoder decoder(config, rpc);
  if (decoder.read(frame, scope)) return core::Ok{};
  rpc.clear();
  return core::Unexpected{decoder.fault()};
}

}  // namespace preconf::io::wire
