#include "node/l1/blob_history.hpp"

#include <algorithm>
#include <variant>

namespace preconf::node::l1 {

std::vector<core::events::BlobReceived> BlobHistory::read_part() {
  std::vector<core::events::BlobReceived> out;
  const std::uint64_t first = log_.base().seq.value + 1;
  const std::uint64_t above = next_ == 0 ? log_.end().seq.value + 1 : next_;
  const std::uint64_t from = std::max(first, above - std::min(above, part_events_));
  read_ += above - std::min(above, from);
  is_at_end_ = from <= first || read_ >= kBlobHistoryEventsMax;
  next_ = from;
  if (from >= above) return out;
  const auto reader = log_.read(core::Seq{from});
  storage::LoggedEvent logged;
  for (;;) {
    const auto is_read = reader->next_into(logged);
    if (!is_read) is_at_end_ = true;
    if (!is_read || !*is_read || logged.event.seq.value >= above) break;
    const auto* received = std::get_if<core::events::BlobReceived>(&logged.event.body);
    if (received != nullptr) out.push_back(*received);
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace preconf::node::l1
