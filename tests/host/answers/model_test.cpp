// SPDX-License-Identifier: MIT
//
// An answer never outlives its inputs. Random graphs of questions over random sources, clocks that
// jump, sources that change and fail, queues that are full; and beside them a model without any
// cache, which knows what each source said at each time. Every answer is taken apart: each reading
// of a source in it is one that the model would have got at a time within what the route tolerates.
//
//   leaf       a source: L<number>=<version>; a version holds from one change to the next
//   analysis   A<number>(<input> <input>), of leaves and of other analyses; "!" is an input that
//              failed and was tolerated
//   rendering  R<number>[<analysis>]
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/answers/answers.hpp"
#include "host/base/failures.hpp"
#include "tests/host/answers/fixture.hpp"

namespace bourse::host::test {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMs;
/// What a thread that tells of changes may be late by: the step of the clock.
constexpr std::int64_t kStep = 20 * kMs;

enum class Says { kWhenItChanges, kEarlier, kNothing, kForEver };

/// A source as the model knows it. Times are Instant::boot.
struct Leaf {
  Says says{};
  std::vector<std::int64_t> changes;                           ///< version i ends at changes[i]
  std::vector<std::pair<std::int64_t, std::int64_t>> outages;  ///< from, to

  [[nodiscard]] std::size_t version_at(std::int64_t time) const {
    return static_cast<std::size_t>(std::upper_bound(changes.begin(), changes.end(), time) -
                                    changes.begin());
  }
  [[nodiscard]] bool had(std::size_t version, std::int64_t from, std::int64_t to) const {
    const std::int64_t begins = version == 0 ? 0 : changes[version - 1];
    const std::int64_t ends = changes[version];
    return begins <= to && ends > from;
  }
  [[nodiscard]] bool fails(std::int64_t from, std::int64_t to) const {
    return std::any_of(outages.begin(), outages.end(),
                       [&](const auto& o) { return o.first <= to && o.second > from; });
  }
};

struct Analysis {
  struct Input {
    bool is_leaf;
    std::size_t number;
    bool tolerated;  ///< it goes on without it
  };
  std::vector<Input> inputs;
  bool pure = true;
};

struct World {
  std::vector<Leaf> leaves;
  std::vector<Analysis> analyses;

  static World random(std::mt19937_64& dice, std::int64_t from, std::int64_t to) {
    World world;
    const auto die = [&](std::uint64_t n) { return dice() % n; };
    world.leaves.resize(3 + die(5));
    for (Leaf& leaf : world.leaves) {
      leaf.says = static_cast<Says>(die(4));
      const std::int64_t pace = std::array{200 * kMs, 3 * kSecond, 60 * kSecond}[die(3)];
      std::int64_t at = from;
      while (at < to) {
        at += 1 + static_cast<std::int64_t>(die(static_cast<std::uint64_t>(2 * pace)));
        leaf.changes.push_back(at);
      }
      leaf.changes.push_back(std::numeric_limits<std::int64_t>::max());
      for (at = from; die(3) != 0 && at < to;) {
        at += static_cast<std::int64_t>(die(200)) * kSecond;
        const auto end = at + static_cast<std::int64_t>(1 + die(90)) * kSecond;
        leaf.outages.emplace_back(at, end);
        at = end;
      }
    }
    world.analyses.resize(2 + die(6));
    for (std::size_t i = 0; i < world.analyses.size(); ++i) {
      Analysis& analysis = world.analyses[i];
      analysis.pure = die(6) != 0;
      for (std::uint64_t n = 1 + die(3); n > 0; --n) {
        const bool is_leaf = i == 0 || die(3) != 0;
        analysis.inputs.push_back({.is_leaf = is_leaf,
                                   .number = die(is_leaf ? world.leaves.size() : i),
                                   .tolerated = die(4) == 0});
      }
    }
    return world;
  }

  /// May the question have failed in this time, for a reason of the sources?
  [[nodiscard]] bool may_fail(std::size_t number, std::int64_t from, std::int64_t to) const {
    return std::any_of(analyses[number].inputs.begin(), analyses[number].inputs.end(),
                       [&](const Analysis::Input& input) {
                         if (input.tolerated) return false;
                         return input.is_leaf ? leaves[input.number].fails(from, to)
                                              : may_fail(input.number, from, to);
                       });
  }
};

/// Takes an answer apart and holds each reading against the model.
class Check {
 public:
  /// When what is in the answer may have been read.
  struct Window {
    std::int64_t from;
    std::int64_t failures_from;
    std::int64_t to;
  };
  Check(const World& world, Window window) : world_(world), window_(window) {}

  /// "" if all is well, else what is wrong.
  std::string rendering(std::string_view text, std::size_t number) {
    rest_ = text;
    if (!take("R" + std::to_string(number) + "[")) return "no rendering: " + std::string(text);
    analysis(number);
    if (problem_.empty() && rest_ != "]") problem_ = "left over: " + std::string(rest_);
    return problem_;
  }
  /// How long ago the oldest reading ceased to be right; 0 when all are.
  [[nodiscard]] std::int64_t behind() const { return behind_; }

 private:
  bool take(const std::string& expected) {
    if (!problem_.empty()) return false;
    if (!rest_.starts_with(expected)) {
      problem_ = "expected " + expected + " before " + std::string(rest_);
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::int64_t number_before(char after) {
    const std::size_t end = rest_.find(after);
    const std::int64_t number = std::stoll(std::string(rest_.substr(0, end)));
    rest_.remove_prefix(end);
    return number;
  }
  void analysis(std::size_t number) {
    take("A" + std::to_string(number) + "(");
    for (const Analysis::Input& input : world_.analyses[number].inputs) {
      if (!problem_.empty()) return;
      if (rest_.starts_with("!")) {
        take("!");
        const std::int64_t at = number_before(' ');
        const bool failed = input.is_leaf ? world_.leaves[input.number].fails(at, at)
                                          : world_.may_fail(input.number, at, at);
        if (!input.tolerated || !failed) problem_ = "a failure that the model does not know";
        if (at < window_.failures_from || at > window_.to)
          problem_ = "a failure of another time: " + std::to_string(at);
      } else if (input.is_leaf) {
        leaf(input.number);
      } else {
        analysis(input.number);
      }
      take(" ");
    }
    take(")");
  }
  void leaf(std::size_t number) {
    take("L" + std::to_string(number) + "=");
    const auto version = static_cast<std::size_t>(number_before(' '));
    const Leaf& leaf = world_.leaves[number];
    if (!leaf.had(version, window_.from, window_.to)) {
      problem_ = "L" + std::to_string(number) + " says version " + std::to_string(version) +
                 ", which ended " + std::to_string((window_.to - leaf.changes[version]) / kMs) +
                 " ms before, with " + std::to_string((window_.to - window_.from) / kMs) +
                 " ms allowed";
    }
    behind_ = std::max(behind_, window_.to - leaf.changes[version]);
  }

  const World& world_;
  const Window window_;
  std::string_view rest_;
  std::string problem_;
  std::int64_t behind_ = 0;
};

/// What the host is in this test: it computes a question by asking others.
class Host {
 public:
  Host(World& world, TestClock& clock, std::size_t bytes_max)
      : world_(world), clock_(clock), answers_({.bytes_max = bytes_max, .clock = &clock}) {}

  [[nodiscard]] Answers& answers() { return answers_; }
  static QuestionKey leaf_key(std::size_t number) {
    return QuestionKey::of_dataset(number, "leaf", "");
  }
  static QuestionKey rendering_key(std::size_t number) {
    return QuestionKey::of_rendering(QuestionKey::of_report(number, 0, ""), 1, "");
  }
  /// Work takes time: up to so much for each fetch. Tells of changes on the way.
  void set_slowness(std::function<void()> slow) { slow_ = std::move(slow); }

  Maker rendering(std::size_t number, Tolerance tolerance, Demand demand) {
    return [=, this](const Context& context) { return render(number, tolerance, demand, context); };
  }
  std::array<std::atomic<int>, 2> fetches{};  ///< good, failed

 private:
  Result<Made> render(std::size_t number, Tolerance tolerance, Demand demand,
                      const Context& context) {
    auto report = answers_.know({.key = QuestionKey::of_report(number, 0, ""),
                                 .tolerance = tolerance,
                                 .demand = demand,
                                 .context = context},
                                nullptr, analysis(number));
    if (!report) return std::move(report).failure();
    const Kept& of = **report;
    of.mark->feeds(context.mark);
    return Made{.rendition = test::rendition("R" + std::to_string(number) + "[" +
                                             *of.rendition->bytes() + "]"),
                .truth = as_old_as(of.life)};
  }
  Maker leaf(std::size_t number) {
    return [=, this](const Context&) -> Result<Made> {
      const Leaf& leaf = world_.leaves[number];
      const Instant at = clock_.now();
      const std::size_t version = leaf.version_at(at.boot);
      const bool fails = leaf.fails(at.boot, at.boot);
      if (slow_) slow_();
      ++fetches[fails ? 1 : 0];
      if (fails) {
        return Failure{.status = 502,
                       .code = "down",
                       .message = std::to_string(at.boot),
                       .origin = Origin::kPlugin};
      }
      const std::int64_t ends = leaf.changes[version];
      const auto wall_of = [&](std::int64_t boot) {
        return boot == std::numeric_limits<std::int64_t>::max() ? kTrueForEver
                                                                : at.wall + (boot - at.boot);
      };
      Made made{.rendition =
                    test::rendition("L" + std::to_string(number) + "=" + std::to_string(version))};
      switch (leaf.says) {
        case Says::kWhenItChanges:
          made.truth.until = wall_of(ends);
          break;
        case Says::kEarlier:
          made.truth.until = wall_of(std::min(ends, at.boot + kSecond / 3));
          break;
        case Says::kForEver:
          made.truth.until = kTrueForEver;  // and tells when it changes
          break;
        case Says::kNothing:
          break;
      }
      return made;
    };
  }

  Maker analysis(std::size_t number) {
    return [=, this](const Context& context) -> Result<Made> {
      const Analysis& of = world_.analyses[number];
      std::string text = "A" + std::to_string(number) + "(";
      Truth truth{.until = kTrueForEver};
      for (const Analysis::Input& input : of.inputs) {
        const QuestionKey key =
            input.is_leaf ? leaf_key(input.number) : QuestionKey::of_report(input.number, 0, "");
        auto answer = answers_.know({.key = key, .context = context}, nullptr,
                                    input.is_leaf ? leaf(input.number) : analysis(input.number));
        if (!answer && !input.tolerated) return std::move(answer).failure();
        if (!answer) {
          truth.until = kTrueForTheMoment;
          text += "!" + answer.failure().message + " ";
          continue;
        }
        truth = truth.with(truth_of((*answer)->life, clock_.now()));
        (*answer)->mark->feeds(context.mark);
        text += *(*answer)->rendition->bytes() + " ";
      }
      if (!of.pure) truth.until = kTrueForTheMoment;
      return Made{.rendition = test::rendition(text + ")"), .truth = truth};
    };
  }

  World& world_;
  TestClock& clock_;
  Answers answers_;
  std::function<void()> slow_;
};

struct Statistics {
  std::atomic<std::uint64_t> worlds{0}, asked{0}, failures{0}, refused{0}, not_current{0},
      changes{0}, jumps{0}, fetched{0}, failed_fetches{0}, evicted{0};
  std::array<std::atomic<std::uint64_t>, kWays> ways{};
  std::atomic<std::int64_t> furthest_behind{0};

  void print(const char* name) const {
    static constexpr std::array kNames = {"hit",     "stale",  "for error", "made",
                                          "renewed", "joined", "refused"};
    std::printf("%s: %llu worlds, %llu questions:", name, (unsigned long long)worlds.load(),
                (unsigned long long)asked.load());
    for (std::size_t i = 0; i < kWays; ++i) {
      std::printf(" %llu %s,", (unsigned long long)ways[i].load(), kNames[i]);
    }
    std::printf(
        " %llu failed; %llu answers held a reading that was not current, by %.1f s at most, all "
        "within what was tolerated; %llu fetches, %llu failed fetches, %llu changes told, %llu "
        "steps "
        "of the wall's clock, %llu evicted\n",
        (unsigned long long)failures.load(), (unsigned long long)not_current.load(),
        static_cast<double>(furthest_behind.load()) / 1e9, (unsigned long long)fetched.load(),
        (unsigned long long)failed_fetches.load(), (unsigned long long)changes.load(),
        (unsigned long long)jumps.load(), (unsigned long long)evicted.load());
  }
};

struct Asking {
  std::size_t number;
  Tolerance tolerance;
  Demand demand;
};

Asking random_question(std::mt19937_64& dice, const World& world) {
  const auto die = [&](std::uint64_t n) { return dice() % n; };
  Asking asking{.number = die(world.analyses.size()), .tolerance = {}, .demand = {}};
  // A route's tolerance is the route's: one for each question, so that entries are shared.
  switch (asking.number % 5) {
    case 0:
      break;
    case 1:
      asking.tolerance = {.fresh = 2s};
      break;
    case 2:
      asking.tolerance = {.fresh = 500ms, .stale = 5s};
      break;
    case 3:
      asking.tolerance = {.fresh = 0s, .stale = 3s, .if_error = 60s};
      break;
    default:
      asking.tolerance = {.fresh = 5s, .stale = 30s, .if_error = 10min};
  }
  if (die(6) == 0) asking.demand.age_max = std::chrono::milliseconds(die(4000));
  if (die(20) == 0) asking.demand.left_min = std::chrono::milliseconds(die(2000));
  if (die(20) == 0) asking.demand.only_if_known = true;
  if (die(20) == 0) asking.demand.may_keep = false;
  return asking;
}

/// How long before it was asked for a reading may have been right.
std::int64_t window(const Asking& asking, Way way, bool despite) {
  const Tolerance& tolerance = asking.tolerance;
  if (way == Way::kStale) return (tolerance.fresh + tolerance.stale).count();
  if (way == Way::kForError) return (tolerance.fresh + tolerance.beyond()).count();
  // A true one is right now, however old; and what is tolerated may have been asked for younger.
  auto allowed = tolerance.fresh;
  if (asking.demand.age_max && !despite)
    allowed = std::min(allowed, std::max(*asking.demand.age_max, kAgeFloor));
  return allowed.count();
}

/// Asks once and checks what comes. `submit_fails`: no thread is free. Returns what is wrong.
std::string ask_and_check(Host& host, const World& world, TestClock& clock, const Asking& asking,
                          bool submit_fails, std::int64_t slack, Statistics& statistics) {
  const QuestionKey key = Host::rendering_key(asking.number);
  const Context context;
  const std::int64_t from = clock.now().boot;
  const Look look = host.answers().look(key, asking.tolerance, asking.demand);
  const Answers::Asked asked{
      .key = key, .tolerance = asking.tolerance, .demand = asking.demand, .context = context};
  const auto maker = host.rendering(asking.number, asking.tolerance, asking.demand);
  const Flights::Submit submit = [&](const std::function<void()>& task) {
    if (!submit_fails) task();
    return !submit_fails;
  };
  ++statistics.asked;
  if (look.refresh) host.answers().refresh(asked, maker, submit, look);
  if (look.way == Way::kRefused) {
    ++statistics.ways[static_cast<std::size_t>(Way::kRefused)];
    return asking.demand.only_if_known ? "" : "refused, and work was not forbidden";
  }
  std::optional<Answers::Told> told;
  std::mutex mutex;
  std::condition_variable said;
  if (look.serves) {
    told = Answers::Told{look.kept, look.way};
  } else {
    // What another thread has begun may land there, and may not have anything to do with this
    // thread's luck.
    host.answers().ask(asked, maker, submit, look, [&](const Answers::Told& outcome) {
      const std::lock_guard lock(mutex);
      told = outcome;
      said.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  said.wait(lock, [&] { return told.has_value(); });
  const std::int64_t to = clock.now().boot;
  // Who joined got what was read when that began, however long ago: a thread may be stopped by the
  // machine at any place. What was read then is held against the model at that time.
  const bool alone = slack == 0;
  if (!told->answer) {
    ++statistics.failures;
    const Failure& failure = told->answer.failure();
    if (failure.code == "overloaded") return "";
    if (failure.code != "down") return "it failed, and the model does not: " + failure.code;
    const std::int64_t at = std::stoll(failure.message);
    if (at > to || (alone && at < from)) return "it failed at another time";
    return world.may_fail(asking.number, at, at) ? "" : "it failed, and the model does not";
  }
  ++statistics.ways[static_cast<std::size_t>(told->way)];
  const bool is_known =
      told->way == Way::kHit || told->way == Way::kStale || told->way == Way::kForError;
  const std::int64_t earliest = from - window(asking, told->way, look.despite) - slack;
  const std::int64_t computed = (*told->answer)->life.computed.boot;
  Check check(world, {.from = alone || is_known ? earliest : std::min(earliest, computed - slack),
                      .failures_from = alone ? earliest : 0,
                      .to = to});
  std::string problem = check.rendering(*(*told->answer)->rendition->bytes(), asking.number);
  if (check.behind() > 0) ++statistics.not_current;
  std::int64_t before = statistics.furthest_behind;
  while (check.behind() > before &&
         !statistics.furthest_behind.compare_exchange_weak(before, check.behind())) {
  }
  if (!problem.empty()) {
    problem += " (way " + std::to_string(static_cast<int>(told->way)) + ", asked at " +
               std::to_string(from / kMs) + " ms) " + *(*told->answer)->rendition->bytes() +
               " computed " + std::to_string((to - computed) / kMs) + " ms before, true for " +
               std::to_string((*told->answer)->life.true_until == kTrueForTheMoment
                                  ? -1
                                  : left((*told->answer)->life, {}, clock.now()).count() / kMs) +
               " ms";
  }
  return problem;
}

void add_figures(Host& host, Statistics& statistics) {
  for (const std::uint64_t n : host.answers().figures().shelf.evicted) statistics.evicted += n;
  statistics.fetched += static_cast<std::uint64_t>(host.fetches[0]);
  statistics.failed_fetches += static_cast<std::uint64_t>(host.fetches[1]);
  ++statistics.worlds;
}

TEST(Model, WithoutACacheWouldHaveGivenEveryAnswer) {
  constexpr std::uint64_t kWorlds = 150;
  constexpr int kQuestions = 1500;
  Statistics statistics;
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    std::mt19937_64 dice(seed);
    const auto die = [&](std::uint64_t n) { return dice() % n; };
    TestClock clock;
    const std::int64_t start = clock.now().boot;
    World world = World::random(dice, start, start + 900 * kSecond);
    Host host(world, clock, seed % 3 == 0 ? std::size_t{20'000} : std::size_t{1} << 20U);
    std::vector<std::size_t> told(world.leaves.size(), 0);
    // Time passes up to each change, which is told at that very time.
    const auto pass = [&](std::int64_t time) {
      const std::int64_t end = clock.now().boot + time;
      while (true) {
        std::size_t next = world.leaves.size();
        std::int64_t at = end + 1;
        for (std::size_t i = 0; i < world.leaves.size(); ++i) {
          const std::int64_t change = world.leaves[i].changes[told[i]];
          if (change < at) {
            at = change;
            next = i;
          }
        }
        if (next == world.leaves.size()) break;
        clock.pass(nanoseconds(std::max<std::int64_t>(0, at - clock.now().boot)));
        ++told[next];
        if (world.leaves[next].says != Says::kForEver) continue;
        host.answers().changed(Host::leaf_key(next));
        ++statistics.changes;
      }
      clock.pass(nanoseconds(std::max<std::int64_t>(0, end - clock.now().boot)));
    };
    host.set_slowness([&] {
      if (die(3) == 0) pass(static_cast<std::int64_t>(die(300)) * kMs);
    });
    for (int i = 0; i < kQuestions && clock.now().boot < start + 800 * kSecond; ++i) {
      const Asking asking = random_question(dice, world);
      const std::string problem =
          ask_and_check(host, world, clock, asking, die(30) == 0, 0, statistics);
      ASSERT_EQ(problem, "") << "seed " << seed << ", question " << i;
      switch (die(60)) {
        case 0:
          pass(static_cast<std::int64_t>(die(60)) * kSecond);  // it slept
          break;
        case 1:
          clock.set_wall_by(std::chrono::seconds(die(7200)) - 1h);
          ++statistics.jumps;
          break;
        default:
          pass(static_cast<std::int64_t>(die(400)) * kMs);
      }
    }
    add_figures(host, statistics);
  }
  statistics.print("one thread");
  // Each of them happened, or nothing was tested of it.
  for (const Way way :
       {Way::kHit, Way::kStale, Way::kForError, Way::kMade, Way::kRenewed, Way::kRefused}) {
    EXPECT_GT(statistics.ways[static_cast<std::size_t>(way)], 500U) << static_cast<int>(way);
  }
  EXPECT_GT(statistics.not_current, 1000U);
  EXPECT_GT(statistics.evicted, 1000U);
  EXPECT_GT(statistics.failures, 1000U);
  EXPECT_GT(statistics.changes, 1000U);
}

TEST(Model, WithoutACacheWouldHaveGivenEveryAnswerToManyThreads) {
  Statistics statistics;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::mt19937_64 dice(1000 + seed);
    TestClock clock;
    const std::int64_t start = clock.now().boot;
    World world = World::random(dice, start, start + 900 * kSecond);
    Host host(world, clock, seed % 3 == 0 ? std::size_t{20'000} : std::size_t{1} << 20U);
    host.set_slowness([] { std::this_thread::yield(); });
    std::atomic<int> running{3};
    std::array<std::string, 3> problems;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < problems.size(); ++t) {
      threads.emplace_back([&, t] {
        std::mt19937_64 of_thread(seed * 100 + t);
        for (int i = 0; i < 1500 && problems[t].empty(); ++i) {
          const Asking asking = random_question(of_thread, world);
          problems[t] = ask_and_check(host, world, clock, asking, false, kStep, statistics);
        }
        --running;
      });
    }
    std::vector<std::size_t> told(world.leaves.size(), 0);
    while (running > 0) {
      if (clock.now().boot < start + 880 * kSecond) clock.pass(nanoseconds(kStep));
      for (std::size_t i = 0; i < world.leaves.size(); ++i) {
        const bool tells = world.leaves[i].says == Says::kForEver;
        while (world.leaves[i].changes[told[i]] <= clock.now().boot) {
          ++told[i];
          if (!tells) continue;
          host.answers().changed(Host::leaf_key(i));
          ++statistics.changes;
        }
      }
      std::this_thread::yield();
    }
    for (auto& thread : threads) thread.join();
    for (const std::string& problem : problems) EXPECT_EQ(problem, "") << "seed " << seed;
    EXPECT_EQ(host.answers().figures().in_the_air, 0U);
    add_figures(host, statistics);
  }
  statistics.print("three threads and one that tells of changes");
  EXPECT_GT(statistics.ways[static_cast<std::size_t>(Way::kJoined)], 10U);
}

}  // namespace
}  // namespace bourse::host::test
