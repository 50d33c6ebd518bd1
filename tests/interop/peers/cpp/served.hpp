// What p2p_peer serves: fixed answers, as the order `serve` gives them.
#pragma once

#include <map>
#include <optional>

#include <simdjson.h>

#include "core/base/bytes.hpp"
#include "core/types.hpp"
#include "io/wire/req_resp.hpp"

namespace preconf::interop {

class Served {
 public:
  Served() = default;
  explicit Served(const simdjson::dom::element& order);

  /// The SSZ response; nothing when the request can not be decoded.
  [[nodiscard]] std::optional<core::Bytes> answer(io::wire::ExchangeProtocol protocol,
                                                  core::BytesView request) const;

 private:
  core::Bytes head_ = core::Bytes(64);
  std::map<core::BlockNumber, core::Bytes> commitments_;
  std::map<core::Hash32, core::Bytes> txlists_;  ///< RawTxListGossip, which is the response
};

}  // namespace preconf::interop
