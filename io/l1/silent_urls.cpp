#include "io/l1/silent_urls.hpp"

#include <algorithm>

#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

void SilentUrls::on_silent(const std::string& url, core::Millis now) {
  constexpr std::uint32_t kDoublings = 5;
  static_assert(kSilentShunFirstMs << kDoublings >= kSilentShunMaxMs);
  Silence& silence = silent_[url];
  const std::uint64_t shunned =
      std::min(kSilentShunFirstMs << std::min(silence.times, kDoublings), kSilentShunMaxMs);
  ++silence.times;
  silence.shunned_until = core::Millis{now.value + shunned};
}

void SilentUrls::on_answered(const std::string& url) { silent_.erase(url); }

core::Millis SilentUrls::shunned_for(const std::string& url, core::Millis now) const {
  const auto found = silent_.find(url);
  if (found == silent_.end()) return {};
  return core::Millis{core::distance(now, found->second.shunned_until)};
}

}  // namespace preconf::io::l1
