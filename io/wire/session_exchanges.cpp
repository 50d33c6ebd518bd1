// Requests and responses of a session, in both directions.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/session.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;
using Stage = use::AnswerPeer::Stage;

Millis after(Millis now, Millis delay) { return Millis{now.value + delay.value}; }

bool is_served(Stage stage) { return stage == Stage::kServed || stage == Stage::kAnswered; }

}  // namespace

std::size_t Session::count_exchanges(ExchangeProtocol protocol, bool inbound) const {
  return static_cast<std::size_t>(
      std::count_if(uses_.begin(), uses_.end(), [protocol, inbound](const auto& use) {
        const auto* ask = std::get_if<use::AskPeer>(&use.second);
        const auto* answer = std::get_if<use::AnswerPeer>(&use.second);
        return inbound ? answer != nullptr && answer->protocol == protocol
                       : ask != nullptr && ask->protocol == protocol;
      }));
}

bool Session::has_exchanges() const {
  return std::any_of(uses_.begin(), uses_.end(), [](const auto& use) {
    return std::holds_alternative<use::AskPeer>(use.second) ||
           std::holds_alternative<use::AnswerPeer>(use.second);
  });
}

std::optional<Millis> Session::may_close_at() const {
  if (has_exchanges()) return std::nullopt;
  return last_answer_.value == 0 ? last_answer_ : after(last_answer_, limits::kGoodbyeDelay);
}

// --- ours ---------------------------------------------------------------------------------------

std::optional<ExchangeFailure> Session::request(RequestRef ref, ExchangeProtocol protocol,
                                                SharedBytes frame, Millis now) {
  if (count_exchanges(protocol, false) >= limits::kOutboundExchangesMax) {
    return ExchangeFailure::kTooMany;
  }
  const auto& ids = protocols_->exchanges[static_cast<std::size_t>(protocol)];
  use::AskPeer ask{ref, protocol, response_reader(protocol, now), std::move(frame)};
  if (!open(ids, std::move(ask), now)) return ExchangeFailure::kTooMany;
  return std::nullopt;
}

void Session::read_response(Uses::iterator found, BytesView bytes, Millis now, Events& events) {
  auto& ask = std::get<use::AskPeer>(found->second);
  switch (ask.reader.on_data(bytes)) {
    case ExchangeReader::Status::kReading:
      return;
    case ExchangeReader::Status::kFailed:
      return end_response(found, ask.reader.failure(), events);
    case ExchangeReader::Status::kComplete:
      events.push_back(session::Response{ask.ref, ask.protocol, ask.reader.take_body()});
      return linger(found, now);
  }
}

void Session::end_response(Uses::iterator found, ExchangeFailure failure, Events& events) {
  const auto& ask = std::get<use::AskPeer>(found->second);
  events.push_back(session::Response{ask.ref, ask.protocol, core::Unexpected{failure}});
  connection_.reset(found->first);
  uses_.erase(found);
}

// --- the peer's ---------------------------------------------------------------------------------

void Session::accept_request(StreamId stream, ExchangeProtocol protocol, Millis now) {
  if (count_exchanges(protocol, true) >= limits::kInboundExchangesMax) {
    return connection_.reset(stream);
  }
  uses_.emplace(stream, use::AnswerPeer{protocol, request_reader(protocol, now), Stage::kReading,
                                        InboundRef{}});
}

void Session::read_request(Uses::iterator found, BytesView bytes, Events& events) {
  auto& answer = std::get<use::AnswerPeer>(found->second);
  if (answer.stage != Stage::kReading) return;
  switch (answer.reader.on_data(bytes)) {
    case ExchangeReader::Status::kReading:
      return;
    case ExchangeReader::Status::kFailed:
      return end_request(found, answer.reader.failure(), events);
    case ExchangeReader::Status::kComplete:
      answer.stage = Stage::kWaiting;
      waiting_.push_back(found->first);
      events.push_back(session::RequestWaiting{});
      return;
  }
}

Session::Given Session::give_request(InboundRef ref) {
  const auto found = uses_.find(waiting_.front());
  waiting_.pop_front();
  auto& answer = std::get<use::AnswerPeer>(found->second);
  answer.stage = Stage::kServed;
  answer.ref = ref;
  ++served_;
  return {answer.protocol, answer.reader.take_body(), answer.reader.deadline()};
}

bool Session::respond(InboundRef ref, SharedBytes frame) {
  const auto found = std::find_if(uses_.begin(), uses_.end(), [ref](const auto& use) {
    const auto* answer = std::get_if<use::AnswerPeer>(&use.second);
    return answer != nullptr && answer->stage == Stage::kServed && answer->ref == ref;
  });
  if (found == uses_.end()) return false;
  std::get<use::AnswerPeer>(found->second).stage = Stage::kAnswered;
  (void)connection_.write(found->first, std::move(frame));
  connection_.finish(found->first);
  return true;
}

void Session::refuse(InboundRef ref, Events& events) {
  const auto found = std::find_if(uses_.begin(), uses_.end(), [ref](const auto& use) {
    const auto* answer = std::get_if<use::AnswerPeer>(&use.second);
    return answer != nullptr && answer->stage == Stage::kServed && answer->ref == ref;
  });
  if (found == uses_.end()) return;
  --served_;
  connection_.reset(found->first);
  uses_.erase(found);
  events.push_back(session::RequestWaiting{});
}

void Session::end_request(Uses::iterator found, ExchangeFailure failure, Events& events) {
  const auto& answer = std::get<use::AnswerPeer>(found->second);
  if (is_served(answer.stage)) {
    --served_;
    events.push_back(session::RequestWaiting{});  // there is room for another
  }
  std::erase(waiting_, found->first);
  events.push_back(session::InboundFailed{answer.ref, answer.protocol, failure});
  connection_.reset(found->first);
  uses_.erase(found);
}

/// Answers whose last byte has left make room for other requests.
void Session::settle_answers(Millis now, Events& events) {
  if (served_ == 0) return;
  for (auto& [stream, use] : uses_) {
    const auto* answer = std::get_if<use::AnswerPeer>(&use);
    if (answer == nullptr || answer->stage != Stage::kAnswered) continue;
    if (connection_.queued_bytes(stream) > 0) continue;
    use = use::Linger{after(now, limits::kStreamLingerTimeout)};
    last_answer_ = now;
    --served_;
    events.push_back(session::RequestWaiting{});
  }
}

void Session::abandon(Events& events) {
  while (true) {
    const auto found = std::find_if(uses_.begin(), uses_.end(), [](const auto& use) {
      return std::holds_alternative<use::AskPeer>(use.second) ||
             std::holds_alternative<use::AnswerPeer>(use.second);
    });
    if (found == uses_.end()) return;
    if (std::holds_alternative<use::AskPeer>(found->second)) {
      end_response(found, ExchangeFailure::kConnectionClosed, events);
    } else {
      end_request(found, ExchangeFailure::kConnectionClosed, events);
    }
  }
}

}  // namespace preconf::io::wire
