#include "io/l1/resting_urls.hpp"

#include <algorithm>

#include "io/l1/endpoints.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {
namespace {

constexpr unsigned kHttpTooMany = 429;
constexpr unsigned kHttpUnavailable = 503;

}  // namespace

bool RestingUrls::on_answer(const std::string& url, unsigned status, const std::string& retry_after,
                            core::Millis now, core::UnixSeconds wall) {
  if (status != kHttpTooMany && status != kHttpUnavailable) return false;
  std::uint64_t rest = retry_after_of(retry_after, wall).value;
  if (rest == 0 && status == kHttpTooMany) rest = kEndpointRestFirstMs;
  if (rest == 0) return false;
  core::Millis& until = until_[url];
  until = std::max(until, core::Millis{now.value + rest});
  return true;
}

core::Millis RestingUrls::rest_of(const std::string& url, core::Millis now) const {
  const auto found = until_.find(url);
  if (found == until_.end()) return {};
  return core::Millis{core::distance(now, found->second)};
}

}  // namespace preconf::io::l1
