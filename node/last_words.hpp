// When an assertion aborts the process, the events that led there must be in the log, or the crash
// can not be reproduced: the abort waits for the writer to catch up.
#pragma once

#include "core/types.hpp"

namespace preconf::node::last_words {

/// Installs a handler for SIGABRT that waits, at most 2 s, until everything submitted is durable.
void install();
void submitted(core::Seq seq);
void durable(core::Seq seq);

}  // namespace preconf::node::last_words
