#include "node/devnet/l1_node.hpp"

#include <algorithm>

namespace preconf::node::devnet {

const L1Block& L1Node::latest() const {
  const std::uint64_t number = chain.head().header.number;
  return *chain.canonical(core::L1BlockNumber{number - std::min(head_lag, number)});
}

const L1Block* L1Node::visible(core::L1BlockNumber number) const {
  return number > latest().number() ? nullptr : chain.canonical(number);
}

void L1Node::count_call(std::string_view name) {
  constexpr std::size_t kNamesMax = 256;
  constexpr std::size_t kNameBytesMax = 64;
  name = name.substr(0, kNameBytesMax);
  if (calls.size() < kNamesMax || calls.contains(name)) ++calls[std::string(name)];
}

}  // namespace preconf::node::devnet
