// `preconf block`.
#include <ostream>

#include "replay/block_life.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "replay/progress.hpp"

namespace preconf::replay {
namespace {

class BlockTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_option(app, "BLOCK", name_,
               "L2 block number, or the hash of a block, commitment or transaction list")
        .required();
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log("block", streams, json_);
    const auto name = block_name_from(name_);
    if (!name) {
      log.fail("BLOCK is a number or 0x and 64 hex digits");
      return log.code();
    }
    if (!log.open(path_)) return log.code();
    const auto number = name->number ? name->number : find_height(log, *name->hash, streams);
    if (!number) return log.code();
    auto walker = log.stand_before(log.first());
    if (!walker) return log.code();
    BlockWatch watch(*number, walker->state());
    const bool is_good = log.fold(*walker, log.last(), [&watch](const Walker& at) {
      watch.observe(at.event(), at.outcome(), at.state());
      return true;
    });
    if (!is_good) return log.code();
    for (const core::Seq seq : watch.untimed()) {
      if (seq < log.first()) continue;  // pruned: only the state remembers it
      const auto wall = log.time_of(seq);
      if (!wall) return log.code();
      watch.set_time(seq, *wall);
    }
    const BlockLife life = watch.finish();
    if (life.steps.empty()) {
      log.fail("nothing in the log is about block " + std::to_string(number->value));
      return log.code();
    }
    streams.out << (json_ ? to_json(life) + "\n" : text_of(life));
    return log.code();
  }

 private:
  /// The first event that gives the hash a height; without folding.
  std::optional<core::BlockNumber> find_height(Inspection& log, const core::Hash32& hash,
                                               Streams streams) const {
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
    const auto reader = log.history().events->read(log.first());
    storage::LoggedEvent logged;
    for (;;) {
      const core::Seq before = logged.event.seq;
      const auto more = reader->next_into(logged);
      if (!more) {
        progress.clear();
        if (!log.note_failure(before, more.error())) return std::nullopt;
        break;
      }
      if (!*more) break;
      const auto height = height_named_by(logged.event, hash);
      if (height) return height;
      progress.show(logged.event.seq.value, log.last().value);
    }
    progress.clear();
    log.fail("no commitment, transaction list of a commitment or block has the hash " +
             core::to_hex0x(hash.view()));
    return std::nullopt;
  }

  std::string path_;
  std::string name_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_block_tool() { return std::make_unique<BlockTool>(); }

}  // namespace preconf::replay
