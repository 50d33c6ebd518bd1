// A process with nothing but a libp2p host in it, which accepts what honest peers sign and rejects
// the rest, and tells what it cost.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace preconf::bench {

/// An honest message: when it was published (steady clock, nanoseconds), by whom, and filling.
inline constexpr std::size_t kHonestBytes = 382;
[[nodiscard]] core::Bytes honest_message(std::uint64_t nanos, std::uint32_t number);
/// When it was published; zero: not one of these.
[[nodiscard]] std::uint64_t published_at(core::BytesView data);

/// Runs until standard input ends. First line: "port=N". For every line read since then one line
/// of what happened since the one before: "arrivals=N p50_us=X p99_us=X max_us=X cpu_us=N rpcs=N
/// accepted=N refused=N peers=N rss_kib=N".
[[noreturn]] void run_victim(int in, int out, bool admits_all);

}  // namespace preconf::bench
