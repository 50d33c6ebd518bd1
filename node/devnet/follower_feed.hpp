// Delivers signed blocks to one follower over JSON-RPC (preconf_publishBlock), in order, each until
// it is answered: a follower that was down gets what it missed.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/types.hpp"
#include "io/http/http_client.hpp"

namespace preconf::node::devnet {

/// A block as published: the same bytes for every follower and every attempt.
struct PublishedBlock {
  core::BlockNumber number;
  core::Hash32 hash;  ///< of the executed block
  core::UnixSeconds timestamp;
  std::size_t transactions = 0;  ///< anchor included
  bool eop = false;
  core::Hash32 commitment_hash;  ///< keccak256 of the 382 signed bytes
  core::Hash32 tx_list_hash;
  core::UnixSeconds window_end;
  core::Bytes commitment;                      ///< the 382 signed bytes
  std::shared_ptr<const core::Bytes> tx_list;  ///< compressed
  std::string request;                         ///< JSON-RPC body
};

/// How one block ended at one follower.
struct Delivery {
  core::BlockNumber number;
  bool accepted = false;
  int code = 0;         ///< JSON-RPC error code of a refusal
  std::string message;  ///< of a refusal
  std::uint32_t attempts = 1;
  std::uint32_t elapsed_us = 0;  ///< of the last attempt
};

class FollowerFeed {
 public:
  static constexpr std::size_t kQueueMax = 65'536;
  static constexpr std::chrono::milliseconds kRetryFirst{100};
  static constexpr std::chrono::milliseconds kRetryMax{2'000};

  /// Both outlive the feed. Loop thread only.
  FollowerFeed(io::EventLoop& loop, io::HttpClient& client);
  ~FollowerFeed();
  FollowerFeed(const FollowerFeed&) = delete;
  FollowerFeed& operator=(const FollowerFeed&) = delete;

  /// Where the follower listens now; sending goes on with the first block that has no answer.
  void resume(std::string url);
  /// The follower is down: keep the blocks, send nothing.
  void pause();
  /// Queues a block. Above kQueueMax the feed gives up: nothing more is delivered.
  void push(std::shared_ptr<const PublishedBlock> block);

  void on_delivery(std::function<void(const Delivery&)> callback) {
    callback_ = std::move(callback);
  }
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  void send_next();
  void answered(std::uint64_t generation, const io::HttpResult& result);
  void retry_later();

  io::EventLoop& loop_;
  io::HttpClient& client_;
  std::function<void(const Delivery&)> callback_;
  std::deque<std::shared_ptr<const PublishedBlock>> queue_;
  std::string url_;               ///< empty while paused
  std::uint64_t generation_ = 0;  ///< answers of an earlier follower life are ignored
  bool in_flight_ = false;
  bool gave_up_ = false;
  std::uint32_t attempts_ = 0;
  std::chrono::milliseconds retry_{kRetryFirst};
  io::TimerHandle timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace preconf::node::devnet
