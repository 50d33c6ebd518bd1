// `preconf why`: from a question about the node's behaviour to the rule that decided, its operands
// and the events it rests on.
#pragma once

#include <functional>

#include "core/base/result.hpp"
#include "replay/history.hpp"
#include "replay/why/answer.hpp"

namespace preconf::replay {

enum class WhySubject : std::uint8_t {
  kRejected,     ///< a commitment or a transaction list was refused
  kNotExecuted,  ///< a block was not executed
  kHead,         ///< a block became the head
  kReorg,        ///< a block left the executed chain
  kNotSynced,    ///< the node is not ready
  kStuck,        ///< nothing moves
  kCommand,      ///< a command was issued
};

struct Question {
  WhySubject subject = WhySubject::kStuck;
  std::string text;          ///< as asked, for the answer
  core::Hash32 hash;         ///< kRejected: preconfirmation, content, commitment or list hash
  core::BlockNumber block;   ///< kNotExecuted, kHead, kReorg
  bool any_block = false;    ///< kReorg: the newest one, whatever block it was
  core::CommandId command;   ///< kCommand
  core::Seq at;              ///< what was known after this event
  std::uint32_t depth = 16;  ///< edges below the root
};

/// Folds the history up to `question.at` once, then a little for each event of the answer. Memory:
/// see Chronicle. `on_progress` gets the event reached. A failure is that of reading the log.
[[nodiscard]] core::Result<WhyAnswer, storage::StorageFailure> explain(
    const History& history, const Question& question,
    const std::function<void(core::Seq)>& on_progress);

}  // namespace preconf::replay
