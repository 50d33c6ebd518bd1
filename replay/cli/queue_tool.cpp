// `preconf queue`.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "core/status.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "replay/queue_view.hpp"

namespace preconf::replay {
namespace {

struct Queue {
  core::Seq seq;
  core::WallNanos wall;
  std::optional<core::BlockRef> unsafe;
  core::Gate gate;
  std::string lane;                       ///< what the engine lane does
  std::vector<core::Waiting> waiting_on;  ///< as the node's status says it
  std::vector<QueueItem> items;           ///< all of them, by height
  PRECONF_FIELDS(Queue, seq, wall, unsafe, gate, lane, waiting_on, items);
};

class QueueTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_position_option(app, "--at", at_, "the queue after this event; the last one if not given");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log("queue", streams, json_);
    if (!log.open(path_)) return log.code();
    const auto walker = log.stand_at(at_);
    if (!walker) return log.code();
    const core::State& state = walker->state();
    Queue queue;
    queue.seq = state.last_seq;
    queue.wall = state.last_wall;
    if (state.heads.unsafe) queue.unsafe = state.heads.unsafe->ref();
    queue.gate = state.gate;
    queue.lane = alternative_name(state.lane);
    queue.waiting_on = core::make_status(state).waiting_on;
    queue.items = queue_of(state);
    if (!find_since(log, queue.items, state)) return log.code();
    streams.out << (json_ ? to_json(queue) + "\n" : text_of(queue));
    return log.code();
  }

 private:
  /// Looks at the past once more, from the event that brought the oldest item.
  static bool find_since(Inspection& log, std::vector<QueueItem>& items, const core::State& state) {
    if (items.empty()) return true;
    core::Seq oldest = state.last_seq;
    for (const QueueItem& item : items) oldest = std::min(oldest, item.received.seq);
    oldest = std::max(oldest, log.first());
    auto walker = log.stand_before(oldest);
    if (!walker) return false;
    WaitHistory history(items, state);
    const bool is_good = log.fold(*walker, state.last_seq, [&history](const Walker& at) {
      history.observe(at.event(), at.outcome(), at.state());
      return true;
    });
    if (is_good) history.complete(items, state);
    return is_good;
  }

  static std::string text_of(const Queue& queue) {
    std::string out = fmt::format("after event {}  {}\n", queue.seq.value, utc_time(queue.wall));
    out += queue.unsafe ? fmt::format("head {}  ", queue.unsafe->number.value) : "no head  ";
    out += fmt::format("gate {}  lane {}\n",
                       queue.gate.open ? "open" : core::name_of(queue.gate.reason), queue.lane);
    for (const core::Waiting& waiting : queue.waiting_on) {
      out += "the node waits for " + waiting.what;
      if (waiting.number.value != 0) out += fmt::format(" of block {}", waiting.number.value);
      if (!waiting.hash.is_zero()) out += " " + core::to_hex0x(waiting.hash.view());
      out += '\n';
    }
    out += fmt::format("{} held and not executed\n", queue.items.size());
    for (const QueueItem& item : queue.items) out += line_of(item);
    return out;
  }

  std::string path_;
  std::optional<std::string> at_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_queue_tool() { return std::make_unique<QueueTool>(); }

}  // namespace preconf::replay
