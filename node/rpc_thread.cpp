#include "node/rpc_thread.hpp"

#include <utility>

namespace preconf::node {

RpcThread::RpcThread(io::PreconfBackend& backend, io::PreconfApiOptions options)
    : api_(std::make_unique<io::PreconfApi>(loop_, backend, std::move(options))) {}

RpcThread::~RpcThread() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  api_.reset();
}

core::Result<std::uint16_t, std::string> RpcThread::start() {
  auto port = api_->start();
  if (port) thread_ = std::thread([this] { loop_.run(); });
  return port;
}

}  // namespace preconf::node
