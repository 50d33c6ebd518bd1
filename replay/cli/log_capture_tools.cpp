// `preconf log export|import`: a log, or a part of it, as one file; and back.
#include <fmt/format.h>

#include <ostream>

#include "core/base/hex.hpp"
#include "replay/capture_export.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/options.hpp"
#include "replay/first_state.hpp"
#include "replay/history.hpp"
#include "replay/leaf.hpp"
#include "replay/position.hpp"
#include "replay/progress.hpp"
#include "replay/report.hpp"
#include "storage/capture_file.hpp"
#include "storage/capture_import.hpp"

namespace preconf::replay {
namespace {

ExitCode fail(Streams streams, const char* tool, const storage::StorageFailure& failure) {
  streams.err << "preconf log " << tool << ": " << storage::name_of(failure.code);
  if (failure.seq.value > 0) streams.err << " at event " << failure.seq.value;
  streams.err << ": " << failure.detail << '\n';
  return static_cast<ExitCode>(result_of(failure));
}

std::string json_text(const std::string& text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

class LogExportTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_log_argument(app, path_);
    add_option(app, "FILE", file_, "the capture to write; must not exist").required();
    add_position_option(app, "--from", from_, "first event");
    add_position_option(app, "--to", to_, "last event");
    add_flag(app, "--redact", options_.redact,
             "leave transaction lists and payloads out; the capture says so");
    add_option(app, "--note", options_.note, "free text for the reader of the capture");
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    const auto history = open_history(path_);
    if (!history) return fail(streams, "export", history.error());
    // A part that begins behind a later state can be written all the same.
    const auto missing = missing_base(*history);
    if (!resolve(streams, *history, from_, options_.from) ||
        !resolve(streams, *history, to_, options_.to)) {
      return missing ? fail(streams, "export", *missing) : ExitCode::kFailed;
    }
    options_.program = "preconf " PRECONF_VERSION;
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
    std::optional<core::Seq> first;
    const auto report =
        export_capture(*history, file_, options_, [&](core::Seq seq, core::Seq last) {
          if (!first) first = seq;
          progress.show(seq.value - first->value + 1, last.value - first->value + 1);
        });
    progress.clear();
    if (!report) return fail(streams, "export", report.error());
    print(streams, *report);
    return missing ? fail(streams, "export", *missing) : ExitCode::kClean;
  }

 private:
  static bool resolve(Streams streams, const History& history,
                      const std::optional<std::string>& text, std::optional<core::Seq>& seq) {
    if (!text) return true;
    const auto found = resolve_position(history, *text);
    if (found) {
      seq = *found;
      return true;
    }
    streams.err << "preconf log export: " << found.error() << '\n';
    return false;
  }

  void print(Streams streams, const ExportReport& report) const {
    const storage::CaptureManifest& manifest = report.manifest;
    if (json_) {
      streams.out << "{\"bytes\":" << report.file_bytes << ",\"file\":" << json_text(file_)
                  << ",\"manifest\":" << storage::to_json(manifest) << "}\n";
      return;
    }
    const double per_event =
        static_cast<double>(report.file_bytes) / static_cast<double>(manifest.events);
    streams.out << fmt::format("events     {} (after {}, up to {})\n", manifest.events,
                               manifest.base.seq.value, manifest.end.seq.value);
    streams.out << fmt::format("content    {} values, {} bytes, {} missing{}\n", manifest.contents,
                               manifest.content_bytes, manifest.contents_missing,
                               manifest.content_redacted ? ", redacted" : "");
    streams.out << fmt::format("states     {}\n", manifest.snapshots);
    streams.out << fmt::format("chain      {}\n", core::to_hex0x(manifest.end.chain.view()));
    streams.out << fmt::format("file       {} bytes, {:.0f} per event\n", report.file_bytes,
                               per_event);
  }

  std::string path_;
  std::string file_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  ExportOptions options_;
  bool json_ = false;
};

class LogImportTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_option(app, "FILE", file_, "a capture").required();
    add_option(app, "DIR", directory_, "the data directory to make; must not exist").required();
    add_json_flag(app, json_);
  }

  ExitCode run(Streams streams) override {
    const auto history = open_history(file_);
    if (!history) return fail(streams, "import", history.error());
    const auto* capture = dynamic_cast<const storage::CaptureFile*>(history->events.get());
    if (capture == nullptr) {
      return fail(streams, "import",
                  {storage::StorageError::kNotFound, {}, file_ + " is a directory, no capture"});
    }
    const storage::CaptureManifest& manifest = capture->manifest();
    ProgressLine progress(*streams.terminal, streams.err_is_terminal && !json_);
    const auto end = storage::import_capture(*capture, directory_, [&](core::Seq seq) {
      progress.show(seq.value - manifest.base.seq.value,
                    manifest.end.seq.value - manifest.base.seq.value);
    });
    progress.clear();
    if (!end) return fail(streams, "import", end.error());
    const std::string chain = core::to_hex0x(end->chain.view());
    if (json_) {
      streams.out << "{\"chain\":\"" << chain << "\",\"directory\":" << json_text(directory_)
                  << ",\"events\":" << manifest.events << ",\"seq\":" << end->seq.value << "}\n";
    } else {
      streams.out << fmt::format("events     {}, up to {}\nchain      {}\n", manifest.events,
                                 end->seq.value, chain);
    }
    return ExitCode::kClean;
  }

 private:
  std::string file_;
  std::string directory_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_log_export_tool() { return std::make_unique<LogExportTool>(); }
std::unique_ptr<Tool> make_log_import_tool() { return std::make_unique<LogImportTool>(); }

}  // namespace preconf::replay
