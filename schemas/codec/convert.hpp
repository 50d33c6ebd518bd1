// Fixed-size core values <-> FlatBuffers structs of the same bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/types.hpp"
#include "schemas/generated/types_generated.h"

namespace preconf::schemas {

inline fbs::Hash32 to_fbs(const core::Hash32& value) { return std::bit_cast<fbs::Hash32>(value); }
inline fbs::Address to_fbs(const core::Address& value) {
  return std::bit_cast<fbs::Address>(value);
}
inline fbs::U256 to_fbs(const core::U256& value) { return std::bit_cast<fbs::U256>(value.be); }
inline fbs::PayloadId to_fbs(const core::PayloadId& value) {
  return std::bit_cast<fbs::PayloadId>(value);
}
inline fbs::BootId to_fbs(const core::BootId& value) { return std::bit_cast<fbs::BootId>(value); }
inline fbs::BlockRef to_fbs(const core::BlockRef& value) {
  return fbs::BlockRef(value.number.value, to_fbs(value.hash));
}
inline fbs::CommandId to_fbs(const core::CommandId& value) {
  return fbs::CommandId(value.cause.value, value.ordinal);
}
inline fbs::ContentRef to_fbs(const core::ContentRef& value) {
  return fbs::ContentRef(to_fbs(value.hash), value.size_bytes);
}

inline core::Hash32 to_core(const fbs::Hash32& value) { return std::bit_cast<core::Hash32>(value); }
inline core::Address to_core(const fbs::Address& value) {
  return std::bit_cast<core::Address>(value);
}
inline core::U256 to_core(const fbs::U256& value) {
  return core::U256{std::bit_cast<core::FixedBytes<32>>(value)};
}
inline core::PayloadId to_core(const fbs::PayloadId& value) {
  return std::bit_cast<core::PayloadId>(value);
}
inline core::BootId to_core(const fbs::BootId& value) { return std::bit_cast<core::BootId>(value); }
inline core::BlockRef to_core(const fbs::BlockRef& value) {
  return core::BlockRef{core::BlockNumber{value.number()}, to_core(value.hash())};
}
inline core::CommandId to_core(const fbs::CommandId& value) {
  return core::CommandId{core::Seq{value.cause()}, value.ordinal()};
}
inline core::ContentRef to_core(const fbs::ContentRef& value) {
  return core::ContentRef{to_core(value.hash()), value.size_bytes()};
}

/// Do the structs of this vector lie where their type may be read? FlatBuffers' verifier aligns a
/// vector's length only, so that a damaged offset can put numbers of eight bytes at a multiple of
/// four. A vector that is absent or empty is aligned.
template <typename Struct>
[[nodiscard]] bool structs_aligned(const flatbuffers::Vector<const Struct*>* vector) {
  return vector == nullptr || vector->size() == 0 ||
         reinterpret_cast<std::uintptr_t>(vector->Data()) % alignof(Struct) == 0;
}

/// Variable bytes and text; an absent field is empty.
inline void assign(core::Bytes& out, const flatbuffers::Vector<std::uint8_t>* in) {
  if (in == nullptr) {
    out.clear();
  } else {
    out.assign(in->data(), in->data() + in->size());
  }
}
inline void assign(std::string& out, const flatbuffers::String* in) {
  if (in == nullptr) {
    out.clear();
  } else {
    out.assign(in->c_str(), in->size());
  }
}

/// Empty text takes no space.
inline flatbuffers::Offset<flatbuffers::String> text(flatbuffers::FlatBufferBuilder& builder,
                                                     const std::string& value) {
  return value.empty() ? flatbuffers::Offset<flatbuffers::String>(0) : builder.CreateString(value);
}
inline flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> blob(
    flatbuffers::FlatBufferBuilder& builder, const core::Bytes& value) {
  return builder.CreateVector(value.data(), value.size());
}

}  // namespace preconf::schemas
