#include "replay/audit/promise_book.hpp"

#include <cstring>
#include <utility>

namespace preconf::replay::audit {

std::size_t HashOfHash::operator()(const core::Hash32& hash) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof(value));
  return value;
}

OpenWindow& PromiseBook::open(const WindowKey& key) {
  OpenWindow& window = windows_[key];
  window.key = key;
  return window;
}

Promise& PromiseBook::add(OpenWindow& window, Promise promise) {
  window.promises.push_back(std::move(promise));
  Promise& added = window.promises.back();
  BlockLife& life = added.life;
  ++size_;
  by_hash_.emplace(life.preconf_hash, &added);
  if (life.eop) note_end(window.key, life);
  if (life.eop_only) return added;
  const auto list = lists_.find(life.tx_list_hash);
  if (list != lists_.end()) {
    if (list->second.wall.value == 0) {  // nobody knows any more when
      life.list_before = list->second.seq;
    } else {
      life.list_received = list->second;
    }
  } else {
    awaiting_.emplace(life.tx_list_hash, &added);
  }
  return added;
}

Promise* PromiseBook::find(const core::Hash32& preconf_hash) const {
  const auto found = by_hash_.find(preconf_hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

const Promise* PromiseBook::executed_as(const core::Hash32& block_hash) const {
  const auto found = by_block_.find(block_hash);
  return found == by_block_.end() ? nullptr : found->second;
}

void PromiseBook::note_executed(Promise& promise, const core::Hash32& block_hash) {
  if (by_block_.emplace(block_hash, &promise).second) promise.blocks.push_back(block_hash);
}

void PromiseBook::forget_l1_verdicts(const std::function<bool(const BlockLife&)>& is_void) {
  for (auto* windows : {&windows_, &retired_}) {
    for (auto& [key, window] : *windows) {
      for (Promise& promise : window.promises) {
        if (promise.life.on_l1 && is_void(promise.life)) promise.life.on_l1.reset();
      }
    }
  }
}

void PromiseBook::note_list(const core::Hash32& list, const Moment& moment) {
  if (!lists_.emplace(list, moment).second) return;
  lists_order_.push_back(list);
  if (lists_order_.size() > kListsMax) {
    lists_.erase(lists_order_.front());
    lists_order_.pop_front();
  }
  const auto [first, last] = awaiting_.equal_range(list);
  for (auto it = first; it != last; ++it) it->second->life.list_received = moment;
  awaiting_.erase(first, last);
}

void PromiseBook::note_end(const WindowKey& key, const BlockLife& life) {
  EndOfWindow end;
  end.first_free = life.eop_only ? life.number : core::next(life.number);
  end.number = life.number;
  end.preconf_hash = life.preconf_hash;
  end.eop_only = life.eop_only;
  end.seen = life.received;
  const auto [position, is_new] = ends_.emplace(key, end);
  if (!is_new && end.first_free < position->second.first_free) position->second = end;
  if (ends_.size() > kEndsMax) ends_.erase(ends_.begin());
}

const EndOfWindow* PromiseBook::end_of(const WindowKey& key) const {
  const auto found = ends_.find(key);
  return found == ends_.end() ? nullptr : &found->second;
}

void PromiseBook::forget(OpenWindow& window) {
  for (Promise& promise : window.promises) {
    const auto found = by_hash_.find(promise.life.preconf_hash);
    if (found != by_hash_.end() && found->second == &promise) by_hash_.erase(found);
    for (const core::Hash32& block : promise.blocks) by_block_.erase(block);
  }
}

void PromiseBook::close_oldest() {
  if (!retired_.empty()) forget(retired_.begin()->second);
  retired_.clear();
  retired_.insert(windows_.extract(windows_.begin()));  // addresses stay
  OpenWindow& window = retired_.begin()->second;
  size_ -= window.promises.size();
  closed_until_ = window.key.end;
  for (Promise& promise : window.promises) {
    const auto [first, last] = awaiting_.equal_range(promise.life.tx_list_hash);
    for (auto it = first; it != last;) {
      it = it->second == &promise ? awaiting_.erase(it) : std::next(it);
    }
  }
}

}  // namespace preconf::replay::audit
