// What a page shows beyond the report: every window and every block without a finding, compact.
#pragma once

#include <map>
#include <string>

#include "replay/audit/audit.hpp"

namespace preconf::replay::audit {

/// Bounds of a page; beyond them it says how many it does not show.
struct HtmlLimits {
  static constexpr std::uint64_t kFindingsPerKind = 2'000;
  static constexpr std::uint64_t kLives = 5'000;   ///< blocks with findings, in full
  static constexpr std::uint64_t kRows = 100'000;  ///< blocks without findings, one short row
  static constexpr std::uint64_t kWindows = 65'536;
  static constexpr std::uint64_t kSigners = 2'000;
  static constexpr std::size_t kBytes = 64u << 20;  ///< of the file
};

/// Keeps rows as the text that the page will hold: about 110 bytes each.
class HtmlCollector final : public Sink {
 public:
  void on_block(const BlockLife& life) override;
  void on_window(const WindowSummary& window) override;

  [[nodiscard]] const std::string& rows() const { return rows_; }  ///< JSON arrays, commas between
  [[nodiscard]] const std::string& windows() const { return windows_; }
  [[nodiscard]] const std::map<core::Address, std::uint64_t>& signers() const { return signers_; }
  [[nodiscard]] std::uint64_t rows_not_shown() const { return rows_not_shown_; }
  [[nodiscard]] std::uint64_t windows_not_shown() const { return windows_not_shown_; }
  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }  ///< all that were seen

 private:
  [[nodiscard]] std::uint64_t index_of(const core::Address& signer);

  std::string rows_;
  std::string windows_;
  std::map<core::Address, std::uint64_t> signers_;
  std::uint64_t window_count_ = 0;
  std::uint64_t row_count_ = 0;
  std::uint64_t rows_not_shown_ = 0;
  std::uint64_t windows_not_shown_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace preconf::replay::audit
