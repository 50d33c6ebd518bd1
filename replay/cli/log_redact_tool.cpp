// `preconf log redact`: removes content for good; the events that refer to it and the chain stay.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "core/base/hex.hpp"
#include "replay/cli/all_tools.hpp"
#include "replay/cli/offline.hpp"
#include "replay/cli/options.hpp"
#include "replay/json_printer.hpp"
#include "storage/retention.hpp"

namespace preconf::replay {
namespace {

struct RedactJson {
  core::Hash32 content;
  std::uint32_t size_bytes = 0;
  std::string reason;
  PRECONF_FIELDS(RedactJson, content, size_bytes, reason);
};

class LogRedactTool final : public Tool {
 public:
  void configure(CLI::App& app) override {
    add_directory_argument(app, directory_);
    add_option(app, "CONTENT_HASH", hash_, "keccak256 of the content, as `log show` prints it")
        .required();
    add_option(app, "--reason", request_.reason, "why; stays in the log, at most 256 bytes")
        .required();
    add_json_flag(app, json_);
  }
  ExitCode run(Streams streams) override {
    const auto hash = core::fixed_from_hex<32>(hash_);
    if (!hash) {
      streams.err << "preconf log redact: CONTENT_HASH is not 32 bytes in hex\n";
      return ExitCode::kFailed;
    }
    if (request_.reason.empty() || request_.reason.size() > 256) {
      streams.err << "preconf log redact: --reason takes 1 to 256 bytes\n";
      return ExitCode::kFailed;
    }
    const bool is_text = std::none_of(request_.reason.begin(), request_.reason.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
    if (!is_text) {
      streams.err << "preconf log redact: --reason has control characters\n";
      return ExitCode::kFailed;
    }
    request_.hash = *hash;
    request_.now = wall_clock();
    const auto size = storage::redact_content(directory_, request_);
    if (!size) {
      const ExitCode code = fail(streams, "redact", size.error());
      // An unknown hash is wrong use, not a damaged log.
      return size.error().code == storage::StorageError::kContentMissing ? ExitCode::kFailed : code;
    }
    if (json_) {
      streams.out << to_json(RedactJson{*hash, *size, request_.reason}) << '\n';
    } else {
      streams.out << fmt::format("removed    {} bytes, {}\nthe events and the chain stay\n", *size,
                                 core::to_hex0x(hash->view()));
    }
    return ExitCode::kClean;
  }

 private:
  std::string directory_;
  std::string hash_;
  storage::RedactRequest request_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Tool> make_log_redact_tool() { return std::make_unique<LogRedactTool>(); }

}  // namespace preconf::replay
