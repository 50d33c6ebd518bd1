// identify (libp2p identify specification): what a peer says about itself. On /ipfs/id/1.0.0 the
// listener of the substream writes one frame, on /ipfs/id/push/1.0.0 its opener does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "io/wire/identity.hpp"
#include "io/wire/multiaddr.hpp"

namespace preconf::io::wire {

inline constexpr std::string_view kIdentifyProtocol = "/ipfs/id/1.0.0";
inline constexpr std::string_view kIdentifyPushProtocol = "/ipfs/id/push/1.0.0";

struct Identify {
  PublicKey public_key;
  std::vector<Multiaddr> listen_addresses;
  std::optional<Multiaddr> observed_address;  ///< where the sender sees the receiver
  std::vector<std::string> protocols;         ///< complete list of what the sender answers
  std::string protocol_version;
  std::string agent_version;
};

enum class IdentifyError : std::uint8_t {
  kMalformed,  ///< no Protocol Buffers message
  kNoKey,      ///< without a public key, or with one that can not be decoded
  kWrongKey,   ///< the key of another peer than the one at the other end
};

/// The content of the frame. Requires that it stays within kIdentifySentBytesMax.
[[nodiscard]] core::Bytes encode(const Identify& identify);

/// Reads the content of a frame. `peer` is who the secure channel says the sender is; nothing a
/// sender says about another key is believed. Addresses that have no value here (other
/// transports) and protocol ids that are no printable ASCII are passed over; versions are cut and
/// other characters than printable ASCII become '?'. Counts are bounded by limits.hpp.
[[nodiscard]] core::Result<Identify, IdentifyError> decode_identify(core::BytesView message,
                                                                    const PeerId& peer);

}  // namespace preconf::io::wire
