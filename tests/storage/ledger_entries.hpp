// Slots and contents of the ledger's tests.
#pragma once

#include "storage/sign_once_ledger.hpp"

namespace preconf::tests {

inline storage::SigningSlot slot(std::uint64_t number) {
  storage::SigningSlot out;
  out.chain_id = 167001;
  out.slasher.bytes.fill(9);
  out.submission_window_end.value = 1'384;
  out.block_number.value = number;
  return out;
}

inline storage::SignedOnce content(std::uint8_t fill, std::uint8_t signature = 7) {
  storage::SignedOnce out;
  out.content.bytes.fill(fill);
  out.signature.bytes.fill(signature);
  out.seq.value = fill;
  return out;
}

}  // namespace preconf::tests
