// SPDX-License-Identifier: MIT
#include "host/live/stream.hpp"

#include <optional>
#include <utility>

#include "host/base/clock.hpp"
#include "host/live/event.hpp"
#include "host/live/live.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// By the clock on the wall, full milliseconds.
std::int64_t now_for_people() { return wall_clock() / 1'000'000 * 1'000'000; }

}  // namespace

LiveStream::LiveStream(Live& live, std::vector<Seat> seats, Options options)
    : live_(live), seats_(std::move(seats)), options_(std::move(options)) {
  for (const Seat& seat : seats_) seat.room->join(*this);
}

LiveStream::LiveStream(Live& live, Farewell why) : live_(live) {
  end(std::move(why), steady_clock::time_point::min());
}

LiveStream::~LiveStream() {
  for (const Seat& seat : seats_) seat.room->leave(*this);
  live_.closed(*this, seats_);
  if (options_.on_end) options_.on_end(bytes_);
}

void LiveStream::open(std::weak_ptr<BodyWaker> waker) {
  const std::lock_guard lock(mutex_);
  waker_ = std::move(waker);
}

void LiveStream::poke() noexcept {
  std::shared_ptr<BodyWaker> waker;
  {
    const std::lock_guard lock(mutex_);
    waker = waker_.lock();
  }
  if (waker) waker->wake();
}

void LiveStream::stopping() noexcept {
  try {
    end({.code = "stopping",
         .message = "The server is stopping; another one may answer.",
         .retry = kRetry + live_.chance(kComeBack)},
        steady_clock::now() + live_.chance(kEndSpread));
  } catch (const std::exception&) {
    // Memory: the connection is closed when the server has waited long enough.
  }
}

void LiveStream::end(Farewell why, steady_clock::time_point at) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (ends_.load(std::memory_order_relaxed)) return;
    farewell_ = std::move(why);
    end_at_ = at;
    ends_.store(true, std::memory_order_release);
  }
  poke();
}

void LiveStream::append_news(Seat& seat, const Told& told, std::string& text, BytesPtr& whole) {
  if (told.number != seat.number) {
    seat.number = told.number;
    const bool is_known = std::exchange(seat.known, {}) == told.etag;
    if (!is_known && told.whole && !options_.is_shared) {
      whole = told.whole;
    } else if (!is_known) {
      const VersionNews news{
          .href = seat.href, .etag = told.etag, .as_of = told.as_of, .now = now_for_people()};
      text += event_text("answer", options_.is_shared ? std::string_view() : told.etag,
                         news_json(news));
    }
  }
  if (told.failure == seat.failure) return;
  seat.failure = told.failure;
  // What went well in the meantime is no news.
  if (told.fails) text += event_text("failed", {}, failed_json(seat.href, told.problem));
}

BodyStream::Piece LiveStream::next(steady_clock::time_point now) {
  Piece piece;
  std::string text;
  if (!std::exchange(greeted_, true)) {
    text = retry_text(kRetry) + options_.prelude;
    // The first at random, or those that came together would beat together.
    beat_at_ = now + kBeatEvery / 2 + live_.chance(kBeatEvery / 2);
  }
  BytesPtr whole;
  for (Seat& seat : seats_) append_news(seat, *seat.room->told(), text, whole);
  if (whole && !text.empty()) text += *std::exchange(whole, nullptr);
  if (ends_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    if (now >= end_at_) {
      if (whole) text += *std::exchange(whole, nullptr);
      text += retry_text(farewell_.retry);
      text += event_text("bye", {}, bye_json(farewell_.code, farewell_.message));
      piece.last = true;
    }
  }
  if (text.empty() && !whole && now >= beat_at_) {
    text = options_.is_shared ? event_text("tick", {}, tick_json(now_for_people()))
                              : std::string(kBeat);
  }
  piece.bytes = whole          ? std::move(whole)
                : text.empty() ? nullptr
                               : std::make_shared<const std::string>(std::move(text));
  if (!piece.bytes) return piece;
  bytes_ += piece.bytes->size();
  // Not the very first, whose time was chosen.
  if (bytes_ > piece.bytes->size()) beat_at_ = now + kBeatEvery;
  live_.count_piece();
  return piece;
}

}  // namespace bourse::host
