// SPDX-License-Identifier: MIT
#include "host/answers/answers.hpp"

#include <algorithm>
#include <utility>

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

/// Instant::boot after which nobody can use it.
std::int64_t useful_until(const Life& life, const Tolerance& tolerance) noexcept {
  const nanoseconds fresh = lifetime(life, tolerance);
  std::int64_t end = 0;
  if (fresh == kEndless || __builtin_add_overflow(life.computed.boot, fresh.count(), &end) ||
      __builtin_add_overflow(end, tolerance.beyond().count(), &end)) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return end;
}

Answer answer_of(const Kept& kept, Instant now) {
  return {.report = kept.report,
          .fresh_until = kept.fresh_until,
          .truth = truth_of(kept.life, now),
          .mark = kept.mark};
}

}  // namespace

bool is_for_error(const Failure& failure) noexcept {
  return failure.status == 500 || failure.status == 502 || failure.status == 503 ||
         failure.status == 504;
}

Answers::Answers(const Options& options) : options_(options), shelf_(options.bytes_max) {}
Answers::~Answers() = default;

void Answers::count(const QuestionKey& key, Way way, Tally* tally) noexcept {
  tally_.count(key.kind(), way);
  if (tally != nullptr) tally->count(key.kind(), way);
}

Look Answers::look(const QuestionKey& key, const Tolerance& tolerance, const Demand& demand,
                   Tally* tally) {
  Look look{.kept = shelf_.find(key)};
  const auto settle = [&](bool serves, Way way) {
    look.serves = serves;
    look.way = serves || !demand.only_if_known ? way : Way::kRefused;
    if (look.serves || look.way == Way::kRefused) count(key, look.way, tally);
    return look;
  };
  if (!look.kept) return settle(false, Way::kMade);
  const Instant at = now();
  look.at = at;
  const Life& life = look.kept->life;
  Backoff& backoff = *look.kept->backoff;
  look.standing = standing(life, tolerance, at);
  bool by_floor = false;
  const bool good = satisfies(life, tolerance, demand, at, by_floor);
  switch (look.standing) {
    case Standing::kFresh:
      look.by_floor = good && by_floor;
      // What cannot be renewed now is not made worse by that somebody wants it newer.
      look.despite = !good && !backoff.allows(at);
      if (good || look.despite) return settle(true, Way::kHit);
      break;
    case Standing::kStale:
      // Who says how old it may be has not said that it may be stale. RFC 9111, 5.2.1.1.
      if (demand.age_max && !demand.stale_max && backoff.allows(at)) break;
      look.refresh = backoff.begin(at);
      return settle(true, Way::kStale);
    case Standing::kForError:
      if (!backoff.allows(at)) return settle(true, Way::kForError);
      break;
    case Standing::kDead:
      break;
  }
  return settle(false, look.standing == Standing::kDead ? Way::kMade : Way::kRenewed);
}

Flights::Outcome Answers::make(const QuestionKey& key, const Tolerance& tolerance,
                               const std::shared_ptr<Backoff>& backoff, const Maker& maker,
                               const Context& context) {
  const Instant began = now();
  runs_[static_cast<std::size_t>(key.kind())].fetch_add(1, std::memory_order_relaxed);
  auto made = maker(context);
  if (!made) {
    if (context.poll() == BOURSE_CANCELLED) {
      backoff->withdraw();  // nobody waited for it
    } else if (!is_for_error(made.failure())) {
      backoff->succeeded();  // it was answered: the question is to blame, not who answers
    } else {
      backoff->failed(now(), made.failure().retry_after);
    }
    return std::move(made).failure();
  }
  backoff->succeeded();
  auto kept = std::make_shared<Kept>();
  kept->report = std::move(made->report);
  kept->rendition = std::move(made->rendition);
  kept->fresh_until = made->fresh_until;
  kept->life = life_of(made->truth, began, context.mark);
  kept->mark = context.mark;
  kept->backoff = backoff;
  if (key.kind() == QuestionKind::kDataset && made->truth.until != kTrueForTheMoment) {
    marks_.add(key.hash(), context.mark);
  }
  const bool usable =
      lifetime(kept->life, tolerance) > nanoseconds(0) || tolerance.beyond() > nanoseconds(0);
  if (usable && may_keep(context)) {
    shelf_.put(key, kept, useful_until(kept->life, tolerance), now());
  }
  return KeptPtr(std::move(kept));
}

std::shared_ptr<const Effort> Answers::ask(const Asked& asked, Maker maker,
                                           const Flights::Submit& submit, const Look& before,
                                           Done done) {
  const auto backoff = before.kept ? before.kept->backoff : std::make_shared<Backoff>();
  auto work = [this, key = asked.key, tolerance = asked.tolerance, backoff,
               maker = std::move(maker)](const Context& context) {
    return make(key, tolerance, backoff, maker, context);
  };
  auto landed = [this, key = asked.key, tolerance = asked.tolerance, before,
                 may_resort = asked.may_resort, tally = asked.context.tally,
                 done = std::move(done)](const Flights::Outcome& outcome, bool joined) {
    const Way way = joined ? Way::kJoined : before.way;
    if (may_resort && !outcome && is_for_error(outcome.failure()) && before.kept &&
        standing(before.kept->life, tolerance, now()) != Standing::kDead) {
      count(key, Way::kForError, tally);
      return done({before.kept, Way::kForError, outcome.failure()});
    }
    count(key, way, tally);
    done({outcome, way});
  };
  return flights_.board(asked.key, asked.context, std::move(work), submit, std::move(landed),
                        asked.demand.may_keep);
}

void Answers::refresh(const Asked& asked, Maker maker, const Flights::Submit& submit,
                      const Look& before) {
  const auto backoff = before.kept->backoff;
  auto work = [this, key = asked.key, tolerance = asked.tolerance, backoff,
               maker = std::move(maker)](const Context& context) {
    return make(key, tolerance, backoff, maker, context);
  };
  flights_.board(asked.key, asked.context, std::move(work), submit,
                 [backoff](const Flights::Outcome&, bool) { backoff->withdraw(); });
}

Result<KeptPtr> Answers::know(const Asked& asked, Workers* workers, const Maker& maker) {
  const auto kept = shelf_.find(asked.key);
  bool by_floor = false;
  if (kept) {
    const Instant at = now();
    if (standing(kept->life, asked.tolerance, at) == Standing::kFresh &&
        satisfies(kept->life, asked.tolerance, asked.demand, at, by_floor)) {
      count(asked.key, Way::kHit, asked.context.tally);
      return kept;
    }
  }
  const auto backoff = kept ? kept->backoff : std::make_shared<Backoff>();
  Flights::Ride ride;
  auto outcome = flights_.fly(
      asked.key, asked.context, workers,
      [&](const Context& context) {
        return make(asked.key, asked.tolerance, backoff, maker, context);
      },
      asked.demand.may_keep, &ride);
  count(asked.key,
        ride.joined ? Way::kJoined
        : kept      ? Way::kRenewed
                    : Way::kMade,
        asked.context.tally);
  return outcome;
}

Result<Answer> Answers::dataset(std::uint64_t source, std::string_view name,
                                std::string_view arguments, const Context& context,
                                Workers* workers,
                                const std::function<Result<Answer>(const Context&)>& work) {
  const QuestionKey key = QuestionKey::of_dataset(source, name, arguments);
  auto known = know({.key = key, .context = context}, workers,
                    [&](const Context& of_flight) -> Result<Made> {
                      auto answer = work(of_flight);
                      if (!answer) return std::move(answer).failure();
                      return Made{.report = std::move(answer->report),
                                  .fresh_until = answer->fresh_until,
                                  .truth = answer->truth};
                    });
  if (!known) return std::move(known).failure();
  return answer_of(**known, now());
}

void Answers::Marks::add(std::uint64_t question, const std::shared_ptr<ChangeMark>& mark) {
  const std::lock_guard lock(mutex_);
  if (marks_.size() >= sweep_at_) {
    std::erase_if(marks_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * marks_.size());
  }
  marks_.emplace(question, mark);
}

void Answers::Marks::change(std::uint64_t question) {
  std::vector<std::shared_ptr<ChangeMark>> found;
  {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = marks_.equal_range(question);
    for (auto it = first; it != last; ++it) found.push_back(it->second.lock());
    marks_.erase(first, last);
  }
  for (const auto& mark : found) {
    if (mark) mark->change();
  }
}

void Answers::changed(const QuestionKey& key) {
  // The flight first: what lands in between is found among the others then.
  flights_.changed(key);
  marks_.change(key.hash());
  if (const KeptPtr kept = shelf_.peek(key)) kept->mark->change();
}

bool Answers::grow(const QuestionKey& key, const KeptPtr& kept, const BytesPtr& twin) {
  // 64: the two counters beside it, and what malloc takes of both pieces.
  return shelf_.grow(key, kept, twin->capacity() + sizeof *twin + 64, now());
}

Answers::Figures Answers::figures() const {
  Figures figures{
      .shelf = shelf_.figures(), .joined = flights_.joined(), .in_the_air = flights_.in_the_air()};
  for (std::size_t kind = 0; kind < kQuestionKinds; ++kind) {
    for (std::size_t way = 0; way < kWays; ++way) {
      figures.ways[kind][way] = tally_.of(static_cast<QuestionKind>(kind), static_cast<Way>(way));
    }
    figures.runs[kind] = runs_[kind].load(std::memory_order_relaxed);
  }
  return figures;
}

}  // namespace bourse::host
