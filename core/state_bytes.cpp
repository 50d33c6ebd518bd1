#include "core/state_bytes.hpp"

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/reducer.hpp"

namespace preconf::core {

Bytes encode_state(const State& state) { return codec::canonical_bytes(state); }

bool decode_state(BytesView bytes, State& out) {
  codec::CanonicalReader reader(bytes);
  reader.get(out);
  return reader.at_end();
}

Hash32 state_hash(const State& state) {
  Bytes bytes;
  codec::CanonicalWriter writer(bytes);
  writer.put(state.reducer_version);
  writer.put(state);
  return crypto::sha256(bytes);
}

}  // namespace preconf::core
