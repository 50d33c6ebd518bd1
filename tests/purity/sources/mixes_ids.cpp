// expect: could not convert|no viable conversion|cannot convert
// A sequence number is not a block number, though both are 64 bits.
#include "core/types.hpp"

namespace preconf::core {
BlockNumber number_of(Seq seq);
BlockNumber number_of(Seq seq) { return seq; }
}  // namespace preconf::core
