// Reads the data files of tests/vectors: one row per line, columns separated by a blank, '#' starts
// a comment line, "-" is an empty or absent value.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/hex.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::core::test {

using Row = std::vector<std::string>;

/// Rows of tests/vectors/<name>, each with exactly `columns` columns. Fails the test when there is
/// none.
inline std::vector<Row> read_vectors(const std::string& name, std::size_t columns) {
  std::ifstream file(preconf::tests::tests_dir() + "/vectors/" + name);
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream text(line);
    Row row;
    for (std::string column; text >> column;) row.push_back(column);
    EXPECT_EQ(row.size(), columns) << line;
    if (row.size() == columns) rows.push_back(row);
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

inline Bytes bytes(const std::string& hex) {
  if (hex == "-") return {};
  auto decoded = from_hex(hex);
  EXPECT_TRUE(decoded.has_value()) << hex;
  return decoded.value_or(Bytes{});
}

template <std::size_t N>
FixedBytes<N> fixed(const std::string& hex) {
  const auto decoded = fixed_from_hex<N>(hex);
  EXPECT_TRUE(decoded.has_value()) << hex;
  return decoded.value_or(FixedBytes<N>{});
}
inline Hash32 hash32(const std::string& hex) { return fixed<32>(hex); }
inline Address address(const std::string& hex) { return fixed<20>(hex); }
inline U256 u256(const std::string& hex) { return U256{hash32(hex)}; }
inline std::uint64_t number(const std::string& digits) { return std::stoull(digits); }

/// N bytes of the same value.
template <std::size_t N>
FixedBytes<N> filled(std::uint8_t byte) {
  FixedBytes<N> out;
  out.bytes.fill(byte);
  return out;
}

template <std::size_t N>
std::string hex(const FixedBytes<N>& value) {
  return to_hex(value.view());
}
inline std::string hex(const Bytes& value) { return to_hex(value); }

}  // namespace preconf::core::test
