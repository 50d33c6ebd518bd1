// UTF-8, as RFC 3629 defines it.
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::io::wire {

/// Is `bytes` well-formed: shortest forms only, no surrogates, nothing above U+10FFFF?
[[nodiscard]] bool is_utf8(core::BytesView bytes);

}  // namespace preconf::io::wire
