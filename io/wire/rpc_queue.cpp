#include "io/wire/rpc_queue.hpp"

namespace preconf::io::wire {

RpcQueue::Push RpcQueue::push(const gossip::SendRpc& rpc, core::Millis now) {
  const bool urgent =
      rpc.send_class == SendClass::kControl || rpc.send_class == SendClass::kPublish;
  Lane& lane = urgent ? urgent_ : normal_;
  const auto full = [&lane, &rpc] {
    return lane.frames.size() >= limits::kRpcQueueMax ||
           (!lane.frames.empty() && lane.bytes + rpc.frame->size() > limits::kRpcQueueBytesMax);
  };
  if (full()) drop_stale(lane, now);
  if (full()) {
    ++dropped_;
    return rpc.send_class == SendClass::kControl ? Push::kTooSlow : Push::kDropped;
  }
  Waiting waiting{rpc.frame, std::nullopt};
  if (rpc.lifetime.value > 0) waiting.useless_at = core::Millis{now.value + rpc.lifetime.value};
  lane.bytes += rpc.frame->size();
  lane.frames.push_back(std::move(waiting));
  return Push::kQueued;
}

/// All of them: a stale frame may stand behind one that is not.
void RpcQueue::drop_stale(Lane& lane, core::Millis now) {
  dropped_ += std::erase_if(lane.frames, [&lane, now](const Waiting& waiting) {
    const bool stale = waiting.useless_at && now >= *waiting.useless_at;
    if (stale) lane.bytes -= waiting.frame->size();
    return stale;
  });
}

SharedBytes RpcQueue::pop(core::Millis now) {
  for (Lane* lane : {&urgent_, &normal_}) {
    while (!lane->frames.empty()) {
      Waiting next = std::move(lane->frames.front());
      lane->frames.pop_front();
      lane->bytes -= next.frame->size();
      if (!next.useless_at || now < *next.useless_at) return std::move(next.frame);
      ++dropped_;
    }
  }
  return nullptr;
}

}  // namespace preconf::io::wire
