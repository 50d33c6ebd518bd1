// Two sessions against each other: whatever the order of calls and however the bytes are cut, what
// one writes is what the other reads, in order, nothing is lost, and credit bounds what waits.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "io/wire/yamux.hpp"

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;

constexpr Millis kNow{1'000};

/// What one side knows of one stream.
struct Book {
  Bytes written;         ///< by this side
  Bytes read;            ///< by this side
  std::size_t held = 0;  ///< read and not yet reported as consumed
  bool finished = false;
  bool ended = false;  ///< by the peer
  bool reset = false;  ///< by either
};

struct Side {
  explicit Side(YamuxRole role) : session(role, YamuxConfig{}, kNow) {}
  YamuxSession session;
  std::map<StreamId, Book> books;
  Bytes wire;  ///< sent, not yet delivered to the other side
};

class Pair {
 public:
  void act(std::uint32_t action) {
    Side& side = sides_[action & 1];
    const std::uint32_t what = (action >> 1) % 16;
    const std::uint32_t size = action >> 12;
    if (what == 0) return open(side);
    if (what <= 3) return write(side, size % 100'000);
    if (what == 4) return finish(side, size);
    if (what == 5 && size % 4 == 0) return reset(side, size);
    if (what <= 8) return consume(side, size % 300'000);
    if (what <= 11) return output(side, 1'024 + size % 200'000);
    deliver(side, sides_[(action & 1) ^ 1], size % 150'000, 1 + size % 5'000);
  }

  void drain() {
    for (Side& side : sides_) {
      for (auto& [id, book] : side.books) close(side, id, book);
    }
    for (int round = 0; round < 1'000 && !quiet(); ++round) {
      for (std::size_t i = 0; i < 2; ++i) {
        consume(sides_[i], SIZE_MAX);
        output(sides_[i], 100'000);
        deliver(sides_[i], sides_[1 - i], SIZE_MAX, 7'777);
        for (auto& [id, book] : sides_[i].books) close(sides_[i], id, book);
      }
    }
    RC_ASSERT(quiet());
  }

  void check() const {
    for (std::size_t i = 0; i < 2; ++i) {
      RC_ASSERT(sides_[i].session.stream_count() == 0U);
      for (const auto& [id, book] : sides_[i].books) {
        const auto other = sides_[1 - i].books.find(id);
        if (other == sides_[1 - i].books.end()) {
          RC_ASSERT(book.reset);  // reset before its first frame left
          continue;
        }
        if (book.reset || other->second.reset) continue;
        RC_ASSERT(book.ended);
        RC_ASSERT(book.read == other->second.written);
      }
    }
  }

 private:
  static void open(Side& side) {
    if (side.books.size() > 40) return;
    const auto id = side.session.open_stream();
    RC_ASSERT(id.has_value());
    side.books[*id] = {};
  }
  static std::pair<const StreamId, Book>* pick(Side& side, std::size_t n) {
    if (side.books.empty()) return nullptr;
    return &*std::next(side.books.begin(), static_cast<std::ptrdiff_t>(n % side.books.size()));
  }
  void write(Side& side, std::size_t size) {
    auto* picked = pick(side, size);
    if (picked == nullptr) return;
    auto& [id, book] = *picked;
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(counter_ += 41);
    const bool taken = side.session.write(id, share(bytes));
    RC_ASSERT(taken == (!book.finished && !book.reset));
    if (taken) book.written.insert(book.written.end(), bytes.begin(), bytes.end());
  }
  static void close(Side& side, StreamId id, Book& book) {
    if (book.finished || book.reset) return;
    book.finished = true;
    side.session.finish(id);
  }
  static void finish(Side& side, std::size_t n) {
    if (auto* picked = pick(side, n)) close(side, picked->first, picked->second);
  }
  static void reset(Side& side, std::size_t n) {
    auto* picked = pick(side, n);
    if (picked == nullptr) return;
    const bool done = picked->second.finished && picked->second.ended;
    if (!done) picked->second.reset = true;
    side.session.reset(picked->first);
    RC_ASSERT(!side.session.has_stream(picked->first) || done);
  }
  static void consume(Side& side, std::size_t size) {
    for (auto& [id, book] : side.books) {
      const std::size_t part = std::min(book.held, size);
      book.held -= part;
      side.session.consumed(id, part);
    }
  }
  static void output(Side& side, std::size_t bytes_max) {
    const std::size_t before = side.wire.size();
    side.session.take_output(side.wire, bytes_max);
    RC_ASSERT(side.wire.size() - before <= bytes_max);
  }
  static void deliver(Side& from, Side& to, std::size_t size, std::size_t piece) {
    BytesView all = BytesView(from.wire).first(std::min(size, from.wire.size()));
    const std::size_t total = all.size();
    while (!all.empty()) {
      BytesView part = all.first(std::min(piece, all.size()));
      all = all.subspan(part.size());
      while (auto event = to.session.read(part, kNow)) on_event(to, *event);
      RC_ASSERT(part.empty());
    }
    from.wire.erase(from.wire.begin(), from.wire.begin() + static_cast<std::ptrdiff_t>(total));
  }
  static void on_event(Side& side, const YamuxEvent& event) {
    RC_ASSERT(!std::holds_alternative<yamux::Failed>(event));
    RC_ASSERT(!std::holds_alternative<yamux::GoneAway>(event));
    if (const auto* opened = std::get_if<yamux::StreamOpened>(&event)) {
      RC_ASSERT(side.books.emplace(opened->stream, Book{}).second);
    } else if (const auto* data = std::get_if<yamux::StreamData>(&event)) {
      Book& book = side.books.at(data->stream);
      RC_ASSERT(!book.ended && !book.reset && !data->data.empty());
      book.read.insert(book.read.end(), data->data.begin(), data->data.end());
      book.held += data->data.size();
      RC_ASSERT(book.held <= limits::kYamuxWindowBytesMax);
    } else if (const auto* ended = std::get_if<yamux::StreamEnded>(&event)) {
      side.books.at(ended->stream).ended = true;
    } else if (const auto* reset = std::get_if<yamux::StreamReset>(&event)) {
      side.books.at(reset->stream).reset = true;
    }
  }
  [[nodiscard]] bool quiet() const {
    bool quiet = true;
    for (const Side& side : sides_) {
      quiet = quiet && side.wire.empty() && !side.session.has_output() &&
              side.session.stream_count() == 0;
    }
    return quiet;
  }

  std::array<Side, 2> sides_{Side(YamuxRole::kDialer), Side(YamuxRole::kListener)};
  std::uint8_t counter_ = 0;
};

RC_GTEST_PROP(YamuxProperty, WhatOneWritesTheOtherReads,
              (const std::vector<std::uint32_t>& actions)) {
  Pair pair;
  for (const std::uint32_t action : actions) pair.act(action);
  pair.drain();
  pair.check();
}

/// Long runs: rapidcheck's own vectors have at most 100 elements.
RC_GTEST_PROP(YamuxProperty, LongRuns, ()) {
  const auto actions = *rc::gen::container<std::vector<std::uint32_t>>(
      *rc::gen::inRange<std::size_t>(500, 1'500), rc::gen::arbitrary<std::uint32_t>());
  Pair pair;
  for (const std::uint32_t action : actions) pair.act(action);
  pair.drain();
  pair.check();
}

}  // namespace
}  // namespace preconf::io::wire::test
