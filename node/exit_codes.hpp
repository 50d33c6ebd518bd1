// Exit codes of the program; documented in its help.
#pragma once

namespace preconf::node {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;     ///< usage, configuration, input or output
inline constexpr int kExitDivergence = 3;  ///< two folds of the same events differ
inline constexpr int kExitDamaged = 4;     ///< the log is damaged; nothing in it is touched

}  // namespace preconf::node
