// PRECONF_ASSERT: a check on our own code that stays on in every build.
//
// What a peer, a user or the engine sends is never asserted on: bad input is data and is refused
// with a named reason. A failed assertion is a bug of this program; it aborts with the expression
// and the place, and the log makes the run that led there reproducible.
#pragma once

namespace preconf::core {

/// Prints `expression` with its place to standard error and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace preconf::core

#define PRECONF_ASSERT(expression) \
  (static_cast<bool>(expression)   \
       ? static_cast<void>(0)      \
       : ::preconf::core::assertion_failed(#expression, __FILE__, __LINE__))
