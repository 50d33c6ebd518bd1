// Sign once: the preconfer never signs two different contents for one window and height, not even
// across restarts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::node::devnet {

enum class SignPermit : std::uint8_t {
  kFirst,     ///< now recorded and durable: sign
  kRepeat,    ///< the same content was recorded before: the same signature again
  kConflict,  ///< another content was recorded before: never sign
  kStorage,   ///< the record could not be made durable: do not sign
};
[[nodiscard]] const char* name_of(SignPermit permit);

/// A file of lines "window_end height content_hash", appended and synced before a permit is given.
class SignGuard {
 public:
  /// Reads the file or creates it. A last line without its end was never acted on and is cut off;
  /// any other line that is not as written is an error.
  [[nodiscard]] static core::Result<SignGuard, std::string> open(const std::string& path);
  SignGuard(SignGuard&& other) noexcept;
  SignGuard& operator=(SignGuard&& other) noexcept;
  ~SignGuard();

  /// May the content with this hash (keccak256 of SSZ PreconfCommitment) be signed?
  [[nodiscard]] SignPermit permit(core::UnixSeconds window_end, core::BlockNumber height,
                                  const core::Hash32& content);
  [[nodiscard]] std::size_t size() const { return signed_.size(); }

 private:
  explicit SignGuard(int file) : file_(file) {}
  [[nodiscard]] SignPermit give_up();

  int file_ = -1;
  std::map<std::pair<std::uint64_t, std::uint64_t>, core::Hash32> signed_;
};

}  // namespace preconf::node::devnet
