// SPDX-License-Identifier: MIT
#include "tests/exchange/streams.hpp"

#include <algorithm>

#include "tests/exchange/api_error.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::size_t kHeardMax = 10'000, kAddressesMax = 4'096;
constexpr std::chrono::minutes kAttemptsWindow{5};
constexpr std::chrono::milliseconds kLook{20};  ///< at the machine's clock

std::int64_t second_of(microseconds time) {
  return std::chrono::floor<std::chrono::seconds>(time).count();
}

std::int64_t us_of(std::int64_t second) { return second * 1'000'000; }

}  // namespace

Streams::Streams(const Source& source, Clock& clock, Faults& faults,
                 std::function<Disruptions()> disruptions)
    : source_(source),
      clock_(clock),
      faults_(faults),
      disruptions_(std::move(disruptions)),
      published_second_(second_of(clock.market())) {
  clock_.on_move([this] { time_moved(); });
  follower_ = std::thread([this] { follow_machine(); });
}

Streams::~Streams() {
  clock_.on_move(nullptr);
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  follower_.join();
}

void Streams::set_options(StreamOptions options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
  for (StreamReceiver* receiver : receivers_) receiver->time_passed();  // something may be due now
}

StreamOptions Streams::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

bool Streams::is_stream_path(std::string_view path) {
  return path == "/ws" || path.starts_with("/ws/") || path == "/stream";
}

std::optional<microseconds> Streams::refused(const std::string& client) {
  const microseconds now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (attempts_.size() >= kAddressesMax && attempts_.find(client) == attempts_.end()) {
    attempts_.clear();
  }
  Window& window = attempts_.try_emplace(client, kAttemptsWindow).first->second;
  if (window.add(1, now) <= options_.connections_per_5_minutes) return std::nullopt;
  return window.end(now);
}

// ---- connections

std::int64_t Streams::add(StreamReceiver& receiver) {
  const std::lock_guard lock(mutex_);
  receivers_.insert(&receiver);
  changed_.notify_all();
  return ++opened_;
}

void Streams::remove(StreamReceiver& receiver) {
  const std::lock_guard lock(mutex_);
  receivers_.erase(&receiver);
  for (auto i = subscriptions_.begin(); i != subscriptions_.end();) {
    const auto next = std::next(i);
    drop_locked(i, receiver);
    i = next;
  }
}

void Streams::drop_locked(Subscriptions::iterator stream, StreamReceiver& receiver) {
  stream->second.receivers.erase(&receiver);
  if (!stream->second.receivers.empty()) return;
  said_.erase(stream->first);
  subscriptions_.erase(stream);
}

bool Streams::exists(const StreamName& name) const {
  if (name.symbol.empty()) return true;
  try {
    const Market market(source_, clock_.market().count(), disruptions_());
    static_cast<void>(market.rules(name.symbol));
    return true;
  } catch (const ApiError&) {
    return false;
  }
}

bool Streams::subscribe(StreamReceiver& receiver, const std::string& name) {
  const auto parsed = StreamName::parse(name);
  if (!parsed || !exists(*parsed)) return false;
  const std::lock_guard lock(mutex_);
  catch_up_locked();  // what happened until now is not for those who come now
  Subscription& subscription = subscriptions_[name];
  subscription.name = *parsed;
  subscription.receivers.insert(&receiver);
  return true;
}

void Streams::unsubscribe(StreamReceiver& receiver, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = subscriptions_.find(name);
  if (found != subscriptions_.end()) drop_locked(found, receiver);
}

void Streams::hear(StreamHeard heard) {
  const std::lock_guard lock(mutex_);
  heard_.push_back(std::move(heard));
  if (heard_.size() > kHeardMax) heard_.pop_front();
}

std::vector<StreamHeard> Streams::heard() const {
  const std::lock_guard lock(mutex_);
  return {heard_.begin(), heard_.end()};
}

std::int64_t Streams::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

std::vector<StreamConnection> Streams::connections() const {
  const std::lock_guard lock(mutex_);
  std::vector<StreamConnection> out;
  for (const StreamReceiver* receiver : receivers_) out.push_back(receiver->now());
  std::sort(out.begin(), out.end(), [](const StreamConnection& a, const StreamConnection& b) {
    return a.number < b.number;
  });
  return out;
}

void Streams::shut_down(microseconds notice) {
  const std::lock_guard lock(mutex_);
  for (StreamReceiver* receiver : receivers_) receiver->announce_end(notice);
}

bool Streams::close(std::int64_t number, std::uint16_t code, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  bool found = number == 0;
  for (StreamReceiver* receiver : receivers_) {
    if (number != 0 && receiver->now().number != number) continue;
    receiver->close(code, reason);
    found = true;
  }
  return found;
}

// ---- time

void Streams::time_moved() {
  const std::lock_guard lock(mutex_);
  catch_up_locked();
  const microseconds now = clock_.market();
  for (StreamReceiver* receiver : receivers_) {
    if (receiver->due() <= now) receiver->time_passed();
  }
  changed_.notify_all();
}

void Streams::follow_machine() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (!over_ && (clock_.stands() || receivers_.empty())) changed_.wait(lock);
      if (!over_) changed_.wait_for(lock, kLook);
      if (over_) return;
    }
    if (!clock_.stands()) time_moved();
  }
}

void Streams::catch_up_locked() {
  const std::int64_t second = second_of(clock_.market());
  if (second < published_second_) {
    books_.clear();
    said_.clear();
  }
  if (second > published_second_) publish_locked(second);
  published_second_ = second;
}

void Streams::publish_locked(std::int64_t second) {
  if (subscriptions_.empty()) {
    books_.clear();
    return;
  }
  const Disruptions disruptions = disruptions_();
  const Market before(source_, us_of(published_second_), disruptions),
      after(source_, us_of(second), disruptions);
  const bool some_in_us = std::any_of(receivers_.begin(), receivers_.end(),
                                      [](const auto* r) { return r->now().microseconds; });
  Publication publication(before, after, clock_.now().count(), some_in_us, books_, said_);
  std::map<StreamReceiver*, StreamEvents> letters;
  for (const auto& [stream, subscription] : subscriptions_) {
    const StreamEvents events = told(publication, stream, subscription.name);
    for (StreamReceiver* receiver : subscription.receivers) {
      StreamEvents& letter = letters[receiver];
      letter.insert(letter.end(), events.begin(), events.end());
    }
  }
  publication.finish();
  for (auto& [receiver, events] : letters) {
    if (!events.empty()) receiver->receive(std::make_shared<const StreamEvents>(std::move(events)));
  }
}

/// Nothing where the source cannot deliver: a stream has no way to say so.
StreamEvents Streams::told(Publication& publication, const std::string& stream,
                           const StreamName& name) const {
  StreamEvents out;
  try {
    publication.tell(stream, name, out);
  } catch (const std::exception&) {
    out.clear();
  }
  return out;
}

}  // namespace bourse::fake_exchange
