// SPDX-License-Identifier: MIT
//
// What is known already: a shelf of answers, what is being answered, and how good each is. It knows
// reports, bytes and keys; not how they are made, for whom, or by what protocol.
//
//   question   dataset of a source | report of an analysis | rendering of a report
//   fresh      true (Answer::true_until, no change told), or computed within the route's `fresh`
//   stale      given at once, while one new answer is made behind it
//   for error  given where a new answer cannot be had: 500, 502, 503, 504, or in time
//
// No answer outlives what it is made of: its truth is the earliest of theirs, and a rendering is as
// old as its report. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "host/answers/flights.hpp"
#include "host/answers/freshness.hpp"
#include "host/answers/kept.hpp"
#include "host/answers/key.hpp"
#include "host/answers/shelf.hpp"
#include "host/answers/tally.hpp"
#include "host/calls/known.hpp"

namespace bourse::host {

/// What was made of a question.
struct Made {
  ReportPtr report = {};  ///< or
  std::shared_ptr<const Rendition> rendition = {};
  std::optional<std::int64_t> fresh_until = {};
  Truth truth = {};
};
using Maker = std::function<Result<Made>(const Context&)>;

/// What a look at the shelf says.
struct Look {
  KeptPtr kept = {};  ///< whatever is there; null when nothing is
  Instant at = {};    ///< when it was looked at, if something is there
  Standing standing = Standing::kDead;
  bool serves = false;    ///< it answers this request, now
  bool refresh = false;   ///< and the caller begins a new one behind it, see Answers::refresh
  bool despite = false;   ///< it serves though this request wants it newer: that cannot be had now
  bool by_floor = false;  ///< it serves because kAgeFloor says so
  Way way = Way::kMade;   ///< if it serves: how; if not: how it will be
};

class Answers : public Known {
 public:
  struct Options {
    std::size_t bytes_max = std::size_t{64} << 20U;
    const Clock* clock = &system_clock();  ///< outlives this
  };
  explicit Answers(const Options& options);
  ~Answers() override;

  [[nodiscard]] Instant now() const noexcept { return options_.clock->now(); }

  /// Never waits, never works: for I/O threads. `tally`: that of the route, as Context::tally.
  [[nodiscard]] Look look(const QuestionKey& key, const Tolerance& tolerance, const Demand& demand,
                          Tally* tally = nullptr);

  /// Is anything kept of it, however good?
  [[nodiscard]] bool keeps(const QuestionKey& key) const noexcept {
    return shelf_.peek(key) != nullptr;
  }

  /// What is kept of it, however good; null: nothing. The shelf does not learn of it.
  [[nodiscard]] KeptPtr find(const QuestionKey& key) const noexcept { return shelf_.peek(key); }

  struct Asked {
    const QuestionKey& key;
    Tolerance tolerance = {};
    Demand demand = {};
    const Context& context;
    /// Whether an old answer may stand for one that cannot be had; false: there is another way.
    bool may_resort = true;
  };
  struct Told {
    Result<KeptPtr> answer;
    Way way;
    std::optional<Failure> why = {};  ///< of Way::kForError: why there is no new answer
  };
  using Done = std::function<void(const Told&)>;

  /// Where look() serves nothing: begins, or joins what is under way, and returns at once. `done`
  /// is called once, on this thread or another. Where a new answer cannot be had and the one that
  /// `before` found is good enough for that, that is the answer. `maker` owns what it needs.
  /// Returns the processor time that it takes.
  std::shared_ptr<const Effort> ask(const Asked& asked, Maker maker, const Flights::Submit& submit,
                                    const Look& before, Done done);
  /// Where look() says so. Nobody waits for it.
  void refresh(const Asked& asked, Maker maker, const Flights::Submit& submit, const Look& before);
  /// On this thread: what is fresh, or what is under way, or what `maker` makes.
  Result<KeptPtr> know(const Asked& asked, Workers* workers, const Maker& maker);

  Result<Answer> dataset(std::uint64_t source, std::string_view name, std::string_view arguments,
                         const Context& context, Workers* workers,
                         const std::function<Result<Answer>(const Context&)>& work) override;

  /// The question may have another answer from now on. What is kept of it, what is under way, and
  /// all that was made of either is not true any more.
  void changed(const QuestionKey& key);
  /// Of a twin that was made: true where there is room for it beside what is kept, and it counts.
  [[nodiscard]] bool grow(const QuestionKey& key, const KeptPtr& kept, const BytesPtr& twin);

  struct Figures {
    Shelf::Figures shelf;
    std::array<std::array<std::uint64_t, kWays>, kQuestionKinds> ways{};
    std::array<std::uint64_t, kQuestionKinds> runs{};
    std::uint64_t joined = 0;
    std::size_t in_the_air = 0;
  };
  [[nodiscard]] Figures figures() const;

 private:
  void count(const QuestionKey& key, Way way, Tally* tally) noexcept;
  Flights::Outcome make(const QuestionKey& key, const Tolerance& tolerance,
                        const std::shared_ptr<Backoff>& backoff, const Maker& maker,
                        const Context& context);

  /// The marks of datasets' answers that something is made of, though they may be kept no more. By
  /// hash alone: who meets one of another question is asked again once too often.
  class Marks {
   public:
    void add(std::uint64_t question, const std::shared_ptr<ChangeMark>& mark);
    void change(std::uint64_t question);

   private:
    std::mutex mutex_;
    std::unordered_multimap<std::uint64_t, std::weak_ptr<ChangeMark>> marks_;
    std::size_t sweep_at_ = 1024;
  };

  const Options options_;
  Shelf shelf_;
  Flights flights_;
  Marks marks_;
  Tally tally_;  ///< of all routes, and of who asks without one
  std::array<std::atomic<std::uint64_t>, kQuestionKinds> runs_{};
};

/// Is it one for which an old answer may stand? RFC 5861, section 4: 500, 502, 503, 504, and no
/// answer in time; never what says something of the question.
[[nodiscard]] bool is_for_error(const Failure& failure) noexcept;

}  // namespace bourse::host
