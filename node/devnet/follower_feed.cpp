#include "node/devnet/follower_feed.hpp"

#include <algorithm>
#include <charconv>

#include "io/json/json_reader.hpp"

namespace preconf::node::devnet {
namespace {

constexpr int kInternalError = -32000;  ///< busy, or the engine is away: worth another attempt
constexpr int kNotSynced = -32003;      ///< stale: the follower is past this block already
/// No window covers the block yet: the follower has not read the schedule on L1 so far.
constexpr int kLookaheadUnavailable = -32006;

/// The error code in a JSON-RPC answer: 0 = a result, nothing = not a JSON-RPC answer.
std::optional<int> code_in(const io::JsonDocument& answer, std::string& message) {
  if (!answer.root().get("result").missing()) return 0;
  const io::JsonValue error = answer.root().get("error");
  if (error.missing()) return std::nullopt;
  message = std::string(error.get("message").as_string().value_or(""));
  // Codes are negative, which as_u64 does not read.
  const std::string text = error.get("code").to_text();
  int code = 0;
  const auto [end, defect] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (defect != std::errc{} || code == 0) return std::nullopt;
  return code;
}

}  // namespace

FollowerFeed::FollowerFeed(io::EventLoop& loop, io::HttpClient& client)
    : loop_(loop), client_(client) {}

FollowerFeed::~FollowerFeed() {
  *alive_ = false;
  loop_.cancel(timer_);
}

void FollowerFeed::resume(std::string url) {
  pause();
  url_ = std::move(url);
  send_next();
}

void FollowerFeed::pause() {
  url_.clear();
  ++generation_;
  in_flight_ = false;
  attempts_ = 0;
  retry_ = kRetryFirst;
  loop_.cancel(timer_);
}

void FollowerFeed::push(std::shared_ptr<const PublishedBlock> block) {
  if (gave_up_) return;
  if (queue_.size() >= kQueueMax) {
    gave_up_ = true;
    queue_.clear();
    return;
  }
  queue_.push_back(std::move(block));
  send_next();
}

void FollowerFeed::send_next() {
  if (in_flight_ || url_.empty() || queue_.empty()) return;
  in_flight_ = true;
  ++attempts_;
  io::HttpCall call;
  call.url = url_;
  call.headers = {{"Content-Type", "application/json"}};
  call.body = queue_.front()->request;
  client_.send(std::move(call),
               [this, alive = alive_, generation = generation_](io::HttpResult result) {
                 if (*alive) answered(generation, result);
               });
}

void FollowerFeed::retry_later() {
  timer_ = loop_.arm(retry_, [this] {
    in_flight_ = false;
    send_next();
  });
  retry_ = std::min(2 * retry_, kRetryMax);
}

void FollowerFeed::answered(std::uint64_t generation, const io::HttpResult& result) {
  if (generation != generation_) return;
  Delivery delivery;
  delivery.number = queue_.front()->number;
  delivery.attempts = attempts_;
  delivery.elapsed_us = result.elapsed_us;
  const auto answer = io::JsonDocument::parse(result.body);
  const auto code = result.failure == io::HttpFailure::kNone && answer
                        ? code_in(*answer, delivery.message)
                        : std::nullopt;
  if (!code || *code == kInternalError || *code == kLookaheadUnavailable) {
    retry_later();
    return;
  }
  delivery.code = *code;
  delivery.accepted = *code == 0 || *code == kNotSynced;
  queue_.pop_front();
  in_flight_ = false;
  attempts_ = 0;
  retry_ = kRetryFirst;
  if (callback_) callback_(delivery);
  send_next();
}

}  // namespace preconf::node::devnet
