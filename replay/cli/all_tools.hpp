// One factory per tool, for the table in tool.cpp.
#pragma once

#include <memory>

#include "replay/cli/tool.hpp"

namespace preconf::replay {

[[nodiscard]] std::unique_ptr<Tool> make_replay_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_tool();
[[nodiscard]] std::unique_ptr<Tool> make_state_tool();
[[nodiscard]] std::unique_ptr<Tool> make_heads_tool();
[[nodiscard]] std::unique_ptr<Tool> make_block_tool();
[[nodiscard]] std::unique_ptr<Tool> make_commands_tool();
[[nodiscard]] std::unique_ptr<Tool> make_queue_tool();
[[nodiscard]] std::unique_ptr<Tool> make_debug_tool();
[[nodiscard]] std::unique_ptr<Tool> make_completions_tool();
[[nodiscard]] std::unique_ptr<Tool> make_why_tool();
[[nodiscard]] std::unique_ptr<Tool> make_diff_tool();
[[nodiscard]] std::unique_ptr<Tool> make_bisect_tool();
[[nodiscard]] std::unique_ptr<Tool> make_whatif_tool();
[[nodiscard]] std::unique_ptr<Tool> make_audit_tool();
[[nodiscard]] std::unique_ptr<Tool> make_evidence_tool();

// Nested under `log`.
[[nodiscard]] std::unique_ptr<Tool> make_log_ls_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_show_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_verify_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_export_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_import_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_repair_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_prune_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_redact_tool();
[[nodiscard]] std::unique_ptr<Tool> make_log_snapshot_tool();

}  // namespace preconf::replay
