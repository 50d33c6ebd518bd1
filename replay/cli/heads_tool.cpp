// `preconf heads`.
#include <algorithm>
#include <ostream>

#include "replay/cli/all_tools.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/cli/options.hpp"
#include "replay/head_moves.hpp"
#include "replay/json_printer.hpp"

namespace preconf::replay {
namespace {

class HeadsTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_option_function(
        app, "--label",
        [this](const std::vector<std::string>& names) {
          for (const std::string& name : names) {
            const auto label = head_label_from(name);
            if (!label) refuse_value("--label", "one of " + known_labels());
            labels_.push_back(*label);
          }
        },
        "only this label, may be given again: " + known_labels())
        .type_name("LABEL");
    add_position_option(app, "--from", from_, "moves by this event and later ones");
    add_position_option(app, "--to", to_, "moves up to this event");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    Inspection log("heads", streams, json_);
    if (!log.open(path_)) return log.code();
    const auto range = log.range(from_, to_);
    if (!range) return log.code();
    auto walker = log.stand_before(range->from);
    if (!walker) return log.code();
    HeadWatch watch(walker->state());
    const bool is_good = log.fold(*walker, range->to, [&](const Walker& at) {
      for (const HeadMove& move : watch.moves(at.event(), at.outcome(), at.state())) {
        if (is_wanted(move.label)) {
          streams.out << (json_ ? to_json(move) + "\n" : line_of(move));
        }
      }
      return static_cast<bool>(streams.out);  // the reader of the pipe may have seen enough
    });
    if (is_good && !json_) streams.out << standing(watch, walker->seq());
    return log.code();
  }

 private:
  static std::string known_labels() {
    std::string out;
    for (std::size_t i = 0; i < kHeadLabelCount; ++i) {
      out += (i == 0 ? "" : ", ") + std::string(name_of(static_cast<HeadLabel>(i)));
    }
    return out;
  }

  [[nodiscard]] bool is_wanted(HeadLabel label) const {
    return labels_.empty() || std::find(labels_.begin(), labels_.end(), label) != labels_.end();
  }

  [[nodiscard]] std::string standing(const HeadWatch& watch, core::Seq seq) const {
    std::string out = "after event " + std::to_string(seq.value) + ":";
    for (std::size_t i = 0; i < kHeadLabelCount; ++i) {
      const auto label = static_cast<HeadLabel>(i);
      if (is_wanted(label)) {
        out += std::string("  ") + name_of(label) + " " + text_of(watch.point(label));
      }
    }
    return out + "\n";
  }

  std::string path_;
  std::vector<HeadLabel> labels_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_heads_tool() { return std::make_unique<HeadsTool>(); }

}  // namespace preconf::replay
