#include "core/event_content.hpp"

namespace preconf::core {

std::vector<ContentRef> contents_borrowed(const EventBody& body) {
  const auto* answer = std::get_if<events::L1Answered>(&body);
  const auto* resolved =
      answer == nullptr ? nullptr : std::get_if<events::SourcesResolved>(&answer->result);
  if (resolved == nullptr) return {};
  std::vector<ContentRef> out;
  for (const events::SourceFacts& source : resolved->sources) {
    out.insert(out.end(), source.blobs.begin(), source.blobs.end());
  }
  return out;
}

std::vector<ContentRef> contents_needed(const EventBody& body) {
  std::vector<ContentRef> out = content_refs(body);
  const std::vector<ContentRef> borrowed = contents_borrowed(body);
  out.insert(out.end(), borrowed.begin(), borrowed.end());
  return out;
}

}  // namespace preconf::core
