// A signed commitment for people and programs: fields, hashes, digest, signer.
#pragma once

#include <string>

#include "core/base/bytes.hpp"

namespace preconf::replay::evidence {

/// Canonical JSON with a newline: a function of the bytes and the signing domain.
[[nodiscard]] std::string decoded_json(core::BytesView raw, const core::Hash32& domain);

}  // namespace preconf::replay::evidence
