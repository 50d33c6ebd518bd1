// Which servers asked to be left alone for a while (HTTP 429, Retry-After). No I/O, no clock.
#pragma once

#include <map>
#include <string>

#include "core/types.hpp"

namespace preconf::io::l1 {

class RestingUrls {
 public:
  /// Notes what an answer asks for: with 429, a rest of its Retry-After or of kEndpointRestFirstMs;
  /// with 503, of its Retry-After alone. Returns whether the server rests now.
  bool on_answer(const std::string& url, unsigned status, const std::string& retry_after,
                 core::Millis now, core::UnixSeconds wall);

  /// How long the server is not to be asked; 0: it may be.
  [[nodiscard]] core::Millis rest_of(const std::string& url, core::Millis now) const;

 private:
  std::map<std::string, core::Millis> until_;  ///< monotonic; of URLs that the operator named
};

}  // namespace preconf::io::l1
