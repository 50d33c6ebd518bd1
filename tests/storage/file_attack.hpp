// Files of an attacked log as bytes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/bytes.hpp"

namespace preconf::storage {

inline core::Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return core::Bytes((std::istreambuf_iterator<char>(file)), {});
}

inline void write_bytes(const std::filesystem::path& path, core::BytesView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good());
}

inline void copy_log(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

}  // namespace preconf::storage
