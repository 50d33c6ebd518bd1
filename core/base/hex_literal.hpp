// Constants of fixed size, written as hexadecimal text and checked by the compiler.
#pragma once

#include "core/base/bytes.hpp"

namespace preconf::core {

/// Never defined: reaching it while compiling is the error message.
void not_a_lower_case_hexadecimal_digit();

/// fixed_hex("00ff") is FixedBytes<2>{0x00, 0xff}. Lower-case digits; anything else does not
/// compile.
template <std::size_t Size>
consteval FixedBytes<(Size - 1) / 2> fixed_hex(const char (&text)[Size]) {
  static_assert(Size % 2 == 1, "an even number of digits");
  FixedBytes<(Size - 1) / 2> out;
  for (std::size_t i = 0; i + 1 < Size; ++i) {
    const char c = text[i];
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && !(c >= 'a' && c <= 'f')) not_a_lower_case_hexadecimal_digit();
    const int digit = decimal ? c - '0' : c - 'a' + 10;
    out.bytes[i / 2] = static_cast<std::uint8_t>((out.bytes[i / 2] << 4) | digit);
  }
  return out;
}

}  // namespace preconf::core
