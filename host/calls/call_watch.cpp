// SPDX-License-Identifier: MIT
#include "host/calls/call_watch.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

/// Whoever is refused comes back after this: when a stuck call returns, nobody knows.
constexpr std::chrono::seconds kRetryAfter{10};

thread_local WatchedCall* current_call = nullptr;

bool is_serial(const Instance& instance) {
  return (instance.component().flags & BOURSE_COMPONENT_SERIAL) != 0;
}
bool is_blocking(const Instance& instance) {
  return (instance.component().flags & BOURSE_COMPONENT_BLOCKING) != 0;
}

std::int64_t milliseconds_since(steady_clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - then).count();
}

}  // namespace

struct CallWatch::Component {
  std::string name;
  std::size_t under_way = 0;  ///< stuck ones included
  std::size_t stuck = 0;
};

struct CallWatch::Entry {
  Workers::Seat* seat;
  Component* component;
  std::uint64_t instance;
  const char* verb;
  const Context* context;
  steady_clock::time_point begun = steady_clock::now();
  std::optional<steady_clock::time_point> armed = {};  ///< when it is looked at
  unsigned asking = 0;
  bool overdue = false;
  bool stuck = false;
  bool lost = false;  ///< its seat has a substitute because of this call
  std::list<Entry>::iterator place = {};
};

void CallWatch::log_call(const char* event, const Entry& entry, const OfComponent& told,
                         const char* substitute) noexcept {
  try {
    std::vector<LogField> fields = {{"component", entry.component->name},
                                    {"call", entry.verb},
                                    {"route", entry.context->route},
                                    {"request_id", entry.context->request_id},
                                    {"milliseconds", milliseconds_since(entry.begun)},
                                    {"stuck", told.stuck}};
    if (substitute != nullptr) fields.push_back({"substitute", substitute});
    log_event(BOURSE_LEVEL_WARN, event, fields);
  } catch (const std::exception&) {
    log_event(BOURSE_LEVEL_WARN, event);
  }
}

CallWatch::CallWatch(const Options& options) : options_(options) {}

CallWatch::~CallWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// A quarter of the substitutes is one component's share: whatever it does, others have the rest.
// And once it has lost as many turns as there are it gets half of them, because each that it holds
// is gone until its call is overdue.
std::optional<Failure> CallWatch::refusal(const Component& component,
                                          const Instance& instance) const {
  if (component.stuck == 0) return std::nullopt;
  const unsigned places = is_blocking(instance)
                              ? options_.threads - std::min(options_.threads, options_.computing)
                              : options_.computing;
  const std::size_t share = is_serial(instance) ? 1 : std::max(1U, options_.substitutes / 4);
  const std::size_t beside = std::max(1U, places / 2);
  const bool takes_all =
      component.stuck >= std::max(1U, places) && component.under_way - component.stuck >= beside;
  if (component.stuck < share && !takes_all) return std::nullopt;
  return Failure{.status = BOURSE_UNAVAILABLE,
                 .code = "component_stuck",
                 .message = std::to_string(component.stuck) + " calls into " + component.name +
                            " do not return. It is asked no more until they do.",
                 .retry_after = kRetryAfter};
}

CallWatch::Entry* CallWatch::enter(Workers::Seat& seat, const Instance& instance, const char* verb,
                                   const Context& context, std::optional<Failure>& why) {
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = components_.try_emplace(instance.number());
  Component& component = found->second;
  if (is_new) component.name = instance.full_name();
  why = refusal(component, instance);
  if (why) {
    ++told_[component.name].refused;
    return nullptr;
  }
  entries_.push_front({.seat = &seat,
                       .component = &component,
                       .instance = instance.number(),
                       .verb = verb,
                       .context = &context});
  ++component.under_way;
  Entry& entry = entries_.front();
  entry.place = entries_.begin();
  const auto left = context.left();
  // What has no deadline may take as long as it likes.
  if (context.deadline != Time::max() || context.party) {
    arm(entry,
        entry.begun + std::min<std::chrono::nanoseconds>(left, std::chrono::hours(24)) + kGrace);
  }
  return &entry;
}

// Where there is no memory or no thread for it, the call is not watched.
void CallWatch::arm(Entry& entry, Time due) noexcept {
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
    due_.emplace(due, &entry);
  } catch (const std::exception&) {
    return;
  }
  entry.armed = due;
  if (due >= looks_at_) return;
  looks_at_ = due;
  changed_.notify_one();
}

void CallWatch::disarm(Entry& entry) noexcept {
  if (entry.armed) due_.erase({*entry.armed, &entry});
  entry.armed.reset();
}

// Most calls return in time, so the thread does not follow each change of the earliest one: it
// sleeps until what was the earliest, and looks again.
void CallWatch::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto first = due_.begin();
    const auto now = steady_clock::now();
    if (first == due_.end()) {
      looks_at_ = Time::max();
      changed_.wait(lock);
    } else if (now < first->first) {
      looks_at_ = first->first;
      changed_.wait_until(lock, looks_at_);
    } else {
      Entry& entry = *first->second;
      disarm(entry);
      try {
        look_at(entry, now);
      } catch (const std::exception& e) {
        log_event(BOURSE_LEVEL_ERROR, "call_watch_failed", {{"message", e.what()}});
      }
    }
  }
}

void CallWatch::look_at(Entry& entry, Time now) {
  // Somebody may have joined who has more time. Whoever left does not make it late.
  if (const auto left = entry.context->left(); left > std::chrono::nanoseconds(0)) {
    return arm(entry, now + left + kGrace);
  }
  entry.overdue = true;
  entry.lost = entry.seat->pool->lose(*entry.seat);
  if (entry.asking == 0) call_stuck(entry);
}

void CallWatch::call_stuck(Entry& entry) {
  entry.stuck = true;
  ++entry.component->stuck;
  OfComponent& told = told_[entry.component->name];
  ++told.stuck;
  ++told.total;
  log_call("call_stuck", entry, told, entry.lost ? "yes" : "none_left");
}

void CallWatch::leave(Entry& entry) noexcept {
  Workers::Seat& seat = *entry.seat;
  std::unique_lock lock(mutex_);
  disarm(entry);
  const bool was_overdue = entry.overdue;
  if (entry.stuck) {
    --entry.component->stuck;
    OfComponent& told = told_[entry.component->name];
    --told.stuck;
    log_call("call_returned", entry, told, nullptr);
  }
  if (--entry.component->under_way == 0) components_.erase(entry.instance);
  entries_.erase(entry.place);
  lock.unlock();
  if (!was_overdue) return;
  seat.pool->regain(seat);
  lock.lock();
  replace_held();
}

void CallWatch::replace_held() {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (!entry->overdue || entry->lost) continue;
    entry->lost = entry->seat->pool->lose(*entry->seat);
    return;
  }
}

void CallWatch::begin_asking(Entry& entry) noexcept {
  const std::lock_guard lock(mutex_);
  ++entry.asking;
}

// It is in the plugin's own code again, and has the grace to come to its end.
void CallWatch::end_asking(Entry& entry) noexcept {
  std::unique_lock lock(mutex_);
  if (--entry.asking > 0 || !entry.overdue || entry.stuck) return;
  entry.overdue = false;
  entry.lost = false;
  Workers::Seat& seat = *entry.seat;
  lock.unlock();
  seat.pool->regain(seat);
  lock.lock();
  arm(entry, steady_clock::now() + kGrace);
}

void CallWatch::hurry(const Party& party) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.context->party.get() != &party || !entry.armed) continue;
    disarm(entry);
    arm(entry, steady_clock::now() + entry.context->left() + kGrace);
  }
}

std::vector<CallWatch::OfComponent> CallWatch::figures() const {
  std::vector<OfComponent> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, told] : told_) {
    all.push_back(told);
    all.back().name = name;
  }
  return all;
}

WatchedCall::WatchedCall(Workers* workers, const Instance& instance, const char* verb,
                         const Context& context) {
  Workers::Seat* const seat = workers == nullptr ? nullptr : workers->seat_of_this_thread();
  if (seat == nullptr) return;
  watch_ = &workers->calls();
  entry_ = watch_->enter(*seat, instance, verb, context, refused_);
  if (entry_ == nullptr) return;
  outer_ = std::exchange(current_call, this);
}

WatchedCall::~WatchedCall() {
  if (entry_ == nullptr) return;
  current_call = outer_;
  watch_->leave(*entry_);
}

AskingScope::AskingScope() : call_(current_call) {
  if (call_ != nullptr) call_->watch_->begin_asking(*call_->entry_);
}

AskingScope::~AskingScope() {
  if (call_ != nullptr) call_->watch_->end_asking(*call_->entry_);
}

}  // namespace bourse::host
