#include "schemas/codec/upcast.hpp"

#include <span>

#include "schemas/codec/payload_codec.hpp"
#include "schemas/generated/lifecycle_generated.h"

namespace preconf::schemas {
namespace {

/// Version 1 knew nothing about its clock.
bool boot_started_1_to_2(core::BytesView in, flatbuffers::FlatBufferBuilder& out) {
  const auto* old = verified_root<fbs::BootStartedV1>(in);
  if (old == nullptr) return false;
  flatbuffers::Offset<flatbuffers::String> version;
  if (old->program_version() != nullptr) version = out.CreateString(old->program_version());
  const auto clock = fbs::CreateClockQuality(out);
  out.Finish(fbs::CreateBootStarted(out, old->boot_id(), version, clock));
  return true;
}

/// Element n - 1 leads from version n to n + 1.
constexpr Upcaster kBootStarted[] = {&boot_started_1_to_2};

std::span<const Upcaster> upcasters_of(core::EventKind kind) {
  if (kind == core::EventKind::kBootStarted) return kBootStarted;
  return {};
}

}  // namespace

std::uint16_t newest_version(core::EventKind kind) {
  return static_cast<std::uint16_t>(1 + upcasters_of(kind).size());
}

std::optional<core::BytesView> upcast(core::EventKind kind, std::uint16_t version,
                                      core::BytesView payload, UpcastBuffers& buffers) {
  const auto upcasters = upcasters_of(kind);
  for (std::size_t step = version - std::size_t{1}; step < upcasters.size(); ++step) {
    flatbuffers::FlatBufferBuilder& out = step % 2 == 0 ? buffers.even : buffers.odd;
    out.Clear();
    if (!upcasters[step](payload, out)) return std::nullopt;
    payload = {out.GetBufferPointer(), out.GetSize()};
  }
  return payload;
}

}  // namespace preconf::schemas
