// SPDX-License-Identifier: MIT
#include "host/answers/flights.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "host/base/failures.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Failure over(bourse_status status) {
  return status == BOURSE_CANCELLED ? cancelled_failure() : deadline_failure();
}

Failure circular_failure() {
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "circular_question",
                 .message =
                     "This question needs its own answer: what answers it asks, directly or by way "
                     "of others, the same question again."};
}

}  // namespace

/// One answer on its way.
class Flight final : public Party {
 public:
  Flight(const QuestionKey& of, const Context& first, Flights::Work what, bool claimed)
      : key(of), work(std::move(what)), claimed_(claimed), context_(first) {
    context_.client = nullptr;
    context_.party = nullptr;  // set for the time of the work: it would own itself
    context_.deadline = steady_clock::time_point::max();
    context_.mark = std::make_shared<ChangeMark>();
  }

  [[nodiscard]] bourse_status poll() const noexcept override {
    const std::lock_guard lock(mutex_);
    const bourse_status status = poll_locked();
    // Who was told to stop cannot be asked to go on.
    if (status != BOURSE_OK) stopped_ = true;
    return status;
  }
  [[nodiscard]] steady_clock::time_point deadline() const noexcept override {
    const std::lock_guard lock(mutex_);
    return deadline_;
  }

  /// A place among those who wait; nothing when this flight is not for newcomers any more.
  std::optional<std::uint64_t> admit(const Context& who, const Flights::Done& done, bool may_keep,
                                     bool joins) {
    auto until = who.deadline;
    if (who.party) until = std::min(until, who.party->deadline());
    const std::lock_guard lock(mutex_);
    if (outcome_ || stopped_ || context_.mark->is_changed()) return std::nullopt;
    // Whoever would wait for it waited in vain: it was late before, and may never land.
    if (last_number_ > 0 && steady_clock::now() >= deadline_) return std::nullopt;
    waiters_.push_back({.number = ++last_number_, .who = who, .done = done, .joined = joins});
    if (joins && done) tell_stages(who);
    keeps_ = keeps_ || may_keep;
    deadline_ = std::max(deadline_, until);
    return last_number_;
  }
  void leave(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.number == number; });
    next_looked_at_ = 0;
  }
  [[nodiscard]] bool claim() noexcept { return !claimed_.exchange(true); }
  [[nodiscard]] const std::shared_ptr<ChangeMark>& mark() const noexcept { return context_.mark; }
  [[nodiscard]] bool keeps() const noexcept {
    const std::lock_guard lock(mutex_);
    return keeps_;
  }
  [[nodiscard]] Context context(std::shared_ptr<const Party> self) const {
    Context context = context_;
    context.party = std::move(self);
    return context;
  }

  struct Waiter {
    std::uint64_t number;
    Context who;
    Flights::Done done;  ///< null: a thread that waits
    bool joined;
  };

  /// Whoever waits on other threads is woken; all are returned, for those to be called that can be.
  [[nodiscard]] std::vector<Waiter> land(Flights::Outcome outcome) noexcept {
    std::vector<Waiter> waited;
    {
      const std::lock_guard lock(mutex_);
      outcome_ = std::move(outcome);
      waited.swap(waiters_);
    }
    landed_.notify_all();
    return waited;
  }
  /// Once it has landed, it does not change.
  [[nodiscard]] const Flights::Outcome& outcome() const { return *outcome_; }

  Flights::Outcome wait(const Context& context) {
    std::unique_lock lock(mutex_);
    while (!outcome_) {
      // In slices, because nothing wakes this thread when its client goes away. And without the
      // lock while it looks: a party looks at other flights.
      lock.unlock();
      const bourse_status status = context.poll();
      const auto slice = std::min<std::chrono::nanoseconds>(context.left(), milliseconds(50));
      lock.lock();
      if (outcome_) break;
      if (status != BOURSE_OK) return over(status);
      landed_.wait_for(lock, std::max<std::chrono::nanoseconds>(slice, milliseconds(1)));
    }
    return *outcome_;
  }

  const QuestionKey key;
  Flights::Work work;
  const std::shared_ptr<Effort> effort = std::make_shared<Effort>();
  mutable std::vector<const Flight*> waits_on;  ///< guarded by Flights::waits_

 private:
  void tell_stages(const Context& who) {
    if (who.stages) who.stages->join(context_.request_id);
    if (context_.stages) context_.stages->count_waiter();
  }

  [[nodiscard]] bourse_status poll_locked() const noexcept {
    bourse_status status = BOURSE_CANCELLED;
    // From the one that waited last time: with a thousand that wait, one look is enough.
    for (std::size_t i = 0; i < waiters_.size(); ++i) {
      const std::size_t at = (next_looked_at_ + i) % waiters_.size();
      const bourse_status of_one = waiters_[at].who.poll();
      if (of_one == BOURSE_OK) {
        next_looked_at_ = at;
        return BOURSE_OK;
      }
      if (of_one == BOURSE_DEADLINE) status = BOURSE_DEADLINE;
    }
    return status;
  }

  std::atomic<bool> claimed_;
  Context context_;
  mutable std::mutex mutex_;
  std::condition_variable landed_;
  std::vector<Waiter> waiters_;
  mutable std::size_t next_looked_at_ = 0;
  std::uint64_t last_number_ = 0;
  steady_clock::time_point deadline_ = steady_clock::time_point::min();
  mutable bool stopped_ = false;
  bool keeps_ = false;
  std::optional<Flights::Outcome> outcome_;
};

namespace {

/// A waiting thread's place in a flight, which it gives up whatever happens.
class Leave {
 public:
  Leave(Flight& flight, std::uint64_t number) : flight_(flight), number_(number) {}
  Leave(const Leave&) = delete;
  Leave& operator=(const Leave&) = delete;
  ~Leave() { flight_.leave(number_); }

 private:
  Flight& flight_;
  const std::uint64_t number_;
};

Failure refused_failure() noexcept {
  try {
    return overloaded_failure();
  } catch (const std::bad_alloc&) {
    return out_of_memory_failure();
  }
}

/// Whether `from` waits for `target`, perhaps by way of others. REQUIRES: Flights::waits_ is held.
bool waits_for(const Flight& from, const Flight& target) {
  if (&from == &target) return true;
  for (const Flight* const next : from.waits_on) {
    if (waits_for(*next, target)) return true;
  }
  return false;
}

}  // namespace

bool is_over(const Flights::Outcome& outcome) noexcept {
  return !outcome.ok() && outcome.failure().origin != Origin::kPlugin &&
         (outcome.failure().status == BOURSE_CANCELLED ||
          outcome.failure().status == BOURSE_DEADLINE);
}

Failure overloaded_failure() {
  return Failure{.status = BOURSE_UNAVAILABLE,
                 .code = "overloaded",
                 .message = "The server has more requests than it can answer now. Try again.",
                 .retry_after = std::chrono::seconds(1)};
}

bool may_keep(const Context& context) noexcept {
  const auto* const flight = dynamic_cast<const Flight*>(context.party.get());
  return flight == nullptr || flight->keeps();
}

/// A flight that somebody waits for, until this goes.
class Flights::WaitEnd {
 public:
  WaitEnd() = default;
  WaitEnd(Flights& flights, const Flight* asking, FlightPtr asked)
      : flights_(&flights), asking_(asking), asked_(std::move(asked)) {}
  WaitEnd(WaitEnd&& other) noexcept
      : flights_(std::exchange(other.flights_, nullptr)),
        asking_(other.asking_),
        asked_(std::move(other.asked_)) {}
  WaitEnd& operator=(WaitEnd&&) = delete;
  ~WaitEnd() {
    if (flights_ != nullptr) flights_->end_to_wait(asking_, *asked_);
  }

  void keep() noexcept { flights_ = nullptr; }
  [[nodiscard]] const FlightPtr& get() const noexcept { return asked_; }
  explicit operator bool() const noexcept { return asked_ != nullptr; }

 private:
  Flights* flights_ = nullptr;
  const Flight* asking_ = nullptr;
  FlightPtr asked_;
};

struct Flights::Seat {
  WaitEnd flight;  ///< none: taking it would close a circle
  std::uint64_t number = 0;
  bool is_new = false;
};

Flights::Flights() = default;
Flights::~Flights() = default;

Flights::Seat Flights::take_seat(const QuestionKey& key, const Context& context, const Work& work,
                                 const Done& done, bool may_keep, bool claimed) {
  const auto* const asking = dynamic_cast<const Flight*>(context.party.get());
  const std::lock_guard lock(mutex_);
  const auto found = table_.find(key);
  if (found != table_.end()) {
    const FlightPtr& there = found->second;
    // Before it is admitted: those who wait are looked at by way of those for whom they wait.
    if (!begin_to_wait(asking, *there)) return {};
    WaitEnd wait_end(*this, asking, there);
    if (const auto number = there->admit(context, done, may_keep, true)) {
      joined_.fetch_add(1, std::memory_order_relaxed);
      return {std::move(wait_end), *number, false};
    }
  }
  // Whole before others find it: where memory fails on the way, there was no flight.
  auto flight = std::make_shared<Flight>(key, context, work, claimed);
  const std::uint64_t number = *flight->admit(context, done, may_keep, false);
  (void)begin_to_wait(asking, *flight);
  WaitEnd wait_end(*this, asking, flight);
  // What was there goes on for those who asked before; it will not find itself here any more.
  table_[key] = std::move(flight);
  return {std::move(wait_end), number, true};
}

bool Flights::begin_to_wait(const Flight* asking, const Flight& asked) {
  if (asking == nullptr) return true;
  const std::lock_guard lock(waits_);
  if (waits_for(asked, *asking)) return false;
  asking->waits_on.push_back(&asked);
  return true;
}

void Flights::end_to_wait(const Flight* asking, const Flight& asked) noexcept {
  if (asking == nullptr) return;
  const std::lock_guard lock(waits_);
  asking->waits_on.erase(std::find(asking->waits_on.begin(), asking->waits_on.end(), &asked));
}

void Flights::run(const FlightPtr& flight) noexcept {
  const auto outcome = [&]() noexcept -> Outcome {
    try {
      // What waited for a thread until nobody waited for it any more is not begun.
      if (const bourse_status status = flight->poll(); status != BOURSE_OK) return over(status);
      flight->effort->begin();
      Outcome made = flight->work(flight->context(flight));
      // What failed because nobody waits any more says nothing of the question, however it was put.
      const bourse_status ended = made.ok() ? BOURSE_OK : flight->poll();
      return ended == BOURSE_OK ? std::move(made) : Outcome(over(ended));
    } catch (const std::exception&) {
      return out_of_memory_failure();
    }
  };
  Outcome made = outcome();
  flight->effort->end();
  land(flight, std::move(made));
}

// Each of those who wait is told, whatever it does with that.
void Flights::land(const FlightPtr& flight, Outcome outcome) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto slot = table_.find(flight->key);
    if (slot != table_.end() && slot->second == flight) table_.erase(slot);
  }
  for (const auto& waiter : flight->land(std::move(outcome))) {
    if (!waiter.done) continue;
    try {
      waiter.done(flight->outcome(), waiter.joined);
    } catch (const std::exception&) {
      // Memory: its Responder answers when it goes.
    }
  }
}

Flights::Outcome Flights::fly(const QuestionKey& key, const Context& context, Workers* workers,
                              const Work& work, bool may_keep, Ride* ride) {
  while (true) {
    if (const bourse_status status = context.poll(); status != BOURSE_OK) return over(status);
    const Seat seat = take_seat(key, context, work, nullptr, may_keep, true);
    if (ride != nullptr) ride->joined = !seat.is_new;
    if (!seat.flight) return circular_failure();
    const FlightPtr& flight = seat.flight.get();
    const bool runs = seat.is_new || flight->claim();
    if (runs) run(flight);
    const Leave leave(*flight, seat.number);
    Outcome outcome = [&] {
      if (runs) return flight->outcome();
      const Workers::Waiting waiting(workers);
      return flight->wait(context);
    }();
    // The others may have had less time, or clients that left. That is not our failure.
    if (is_over(outcome) && context.poll() == BOURSE_OK) continue;
    return outcome;
  }
}

std::shared_ptr<const Effort> Flights::board(const QuestionKey& key, const Context& context,
                                             Work work, const Submit& submit, Done done,
                                             bool may_keep) {
  Seat seat = take_seat(key, context, work, done, may_keep, false);
  if (!seat.flight) {
    done(circular_failure(), false);
    return std::make_shared<const Effort>();
  }
  const FlightPtr flight = seat.flight.get();
  seat.flight.keep();  // nobody waits here: who asked is told, by `done`
  if (!seat.is_new) return flight->effort;
  bool taken = false;
  try {
    taken = submit([this, flight] {
      if (flight->claim()) run(flight);
    });
  } catch (const std::exception&) {
    // Memory: the same as a queue that is full.
  }
  if (!taken && flight->claim()) land(flight, refused_failure());
  return flight->effort;
}

void Flights::changed(const QuestionKey& key) {
  std::shared_ptr<ChangeMark> mark;
  {
    const std::lock_guard lock(mutex_);
    const auto slot = table_.find(key);
    if (slot != table_.end()) mark = slot->second->mark();
  }
  if (mark) mark->change();
}

std::size_t Flights::in_the_air() const {
  const std::lock_guard lock(mutex_);
  return table_.size();
}

}  // namespace bourse::host
