// Bytes that are written once and then shared: one gossip message exists once, however many
// connections send it.
#pragma once

#include <memory>
#include <utility>

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

/// Never null where a function takes one.
using SharedBytes = std::shared_ptr<const core::Bytes>;

[[nodiscard]] inline SharedBytes share(core::Bytes bytes) {
  return std::make_shared<const core::Bytes>(std::move(bytes));
}
/// A copy of `bytes`, for headers and other small pieces.
[[nodiscard]] inline SharedBytes share_copy(core::BytesView bytes) {
  return std::make_shared<const core::Bytes>(bytes.begin(), bytes.end());
}

}  // namespace preconf::io::wire
