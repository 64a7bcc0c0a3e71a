// SPDX-License-Identifier: MIT
//
// Made and ended again and again, nothing is left: no memory, no descriptor, no thread.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "host/validate/exercise.hpp"
#include "host/validate/process_state.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{1000};  // for threads that are on their way out
constexpr std::size_t kRounds = 1000;
constexpr std::chrono::seconds kShortMax{3};

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_creates(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  auto instance = subject.create();
  if (instance == nullptr) return;
  findings.item("destroy of " + subject.request().component);
  instance.reset();
}

void check_one_call(Subject& subject, const Findings& findings) {
  if (!subject.load()) return;
  auto instance = subject.create();
  if (instance == nullptr) return;
  findings.item("a call of " + subject.request().component);
  if (!call_once(instance)) findings.skip("nothing of it can be called without knowing more of it");
  findings.item("destroy of " + subject.request().component);
  instance.reset();
}

/// What is in use after so many rounds.
struct Use {
  std::size_t bytes = 0;
  std::size_t descriptors = 0;
  std::size_t threads = 0;

  static Use now(const std::map<long, std::string>& threads_before) {
    return {.bytes = allocated_now(),
            .descriptors = descriptors_now().size(),
            .threads = threads_left(threads_before, kPatience).size()};
  }
};

class Rounds {
 public:
  Rounds(Subject& subject, const Arguments& settings)
      : subject_(subject), settings_(settings), until_(subject.end_of_work()) {
    if (!subject.request().is_long) until_ = std::min(until_, steady_clock::now() + kShortMax);
  }

  /// At least one, then up to `count` while there is time. How many.
  std::size_t make(std::size_t count) {
    std::size_t made = 0;
    do {
      subject_.findings().item("create and destroy, round " + std::to_string(++all_));
      auto created = subject_.create(subject_.component(), settings_);
      if (!created) {
        subject_.findings().fail("round " + std::to_string(all_),
                                 "create refused what it took before: " + created.failure().message,
                                 "give back in destroy what create takes");
        failed_ = true;
        return made;
      }
      ++made;
    } while (made < count && is_time());
    return made;
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  // A busy machine makes fewer, but not too few to say anything.
  [[nodiscard]] bool is_time() const {
    constexpr std::size_t kEnough = 120;
    const auto now = steady_clock::now();
    return now < until_ || (all_ < kEnough && now < subject_.end_of_work());
  }

  Subject& subject_;
  const Arguments& settings_;
  steady_clock::time_point until_;
  std::size_t all_ = 0;
  bool failed_ = false;
};

// What grows in both halves grows for ever; a pool that fills up does so in the first.
void tell_growth(const Findings& findings, const char* what, std::array<std::size_t, 3> seen,
                 std::size_t rounds, std::size_t least, const char* remedy) {
  if (seen[1] < seen[0] + least || seen[2] < seen[1] + least) return;
  findings.fail("after " + std::to_string(rounds) + " times create and destroy",
                std::to_string(seen[2] - seen[0]) + " " + what + " more are in use", remedy);
}

void check_no_growth(Subject& subject, const Findings& findings) {
  const auto threads = threads_now();
  if (!subject.load()) return;
  const auto settings = subject.settings(*subject.component());
  if (!settings || subject.create() == nullptr) return;
  Rounds rounds(subject, *settings);
  (void)rounds.make(20);  // what is made once is made
  const auto first = Use::now(threads);
  const std::size_t half = rounds.make(kRounds / 2);
  const auto second = Use::now(threads);
  const std::size_t all = half + rounds.make(half);
  const auto third = Use::now(threads);
  if (rounds.failed()) return;
  constexpr std::size_t kLeast = 40;  // fewer say nothing
  if (all < kLeast) {
    return findings.skip("there was time for " + std::to_string(all) +
                         " rounds only; --long takes more");
  }
  if (all < kRounds) {
    findings.note("",
                  "tried " + std::to_string(all) + " times of " + std::to_string(kRounds) +
                      ", for lack of time",
                  "--long takes the time");
  }
  tell_growth(findings, "bytes", {first.bytes, second.bytes, third.bytes}, all, half * 8,
              "free in destroy what create allocates; valgrind --leak-check=full names it");
  tell_growth(findings, "descriptors", {first.descriptors, second.descriptors, third.descriptors},
              all, std::max<std::size_t>(half / 10, 1), "close in destroy what create opens");
  tell_growth(findings, "threads", {first.threads, second.threads, third.threads}, all,
              std::max<std::size_t>(half / 10, 1), "join in destroy what create starts");
}

void check_threads_end(Subject& subject, const Findings& findings) {
  const auto before = threads_now();
  if (!subject.load()) return;
  use_all_once(subject);
  subject.end();
  const auto left = threads_left(before, kPatience);
  if (left.empty()) return;
  findings.fail("after deinit",
                std::to_string(left.size()) + " thread(s) still run: " + joined_names(left));
  // Unloading them would end this process where they are.
  std::fflush(nullptr);
  subject.keep_loaded();
}

void check_leaves_nothing(Subject& subject, const Findings& findings) {
  if (!subject.prepare()) return findings.skip("the plugin cannot be loaded");
  const auto before = descriptors_now();
  if (!subject.load()) return;
  use_all_once(subject);
  subject.end();
  subject.close();
  for (const auto& [number, leads_to] : descriptors_now()) {
    if (before.contains(number)) continue;
    findings.fail("after unloading",
                  "descriptor " + std::to_string(number) + " is still open: " + leads_to);
  }
  if (subject.stays_mapped()) {
    findings.note("after unloading",
                  "the library is still in memory, so each reload of it keeps a copy",
                  "a thread_local with a destructor, a unique symbol or -z nodelete keeps it");
  }
}

void check_again(Subject& subject, const Findings& findings) {
  for (int round = 1; round <= 2; ++round) {
    auto done = subject.open();
    if (done) done = subject.enter();
    if (done) done = subject.start();
    if (!done) {
      if (round == 1) return findings.skip("the plugin cannot be loaded");
      return findings.fail("the second time", done.failure().message);
    }
    use_all_once(subject);
    subject.end();
    subject.close();
  }
}

// A reload with a new file: the old one works on while the new one begins.
void check_two_copies(Subject& subject, const Findings& findings) {
  if (subject.request().in_place) {
    return findings.skip("two copies need copies, and --in-process loads the file itself");
  }
  if (!subject.load()) return;
  Subject second(subject.request(), findings);
  auto done = second.open();
  if (done) done = second.enter();
  if (done) done = second.start();
  if (!done) return findings.fail("a second copy beside the first", done.failure().message);
  use_all_once(second);
  use_all_once(subject);
  second.end();
  second.close();
  use_all_once(subject);
}

constexpr std::array kRules = {
    Rule{.id = "lifecycle.creates",
         .asks = "An instance is made with the default settings, and ended.",
         .remedy = "no exit, no abort, no exception: a create that cannot go on calls fail and "
                   "returns its status",
         .applies = kToComponents,
         .check = check_creates,
         .after = "descriptions.loads"},
    Rule{.id = "lifecycle.one-call",
         .asks = "An ordinary call returns, whatever it returns.",
         .remedy = "no exit, no abort, no endless loop: a call that cannot go on calls fail and "
                   "returns its status",
         .applies = kToComponents,
         .check = check_one_call,
         .after = "lifecycle.creates"},
    Rule{.id = "lifecycle.no-growth",
         .asks = "1,000 times created and destroyed, it holds no more memory, descriptors and "
                 "threads than before.",
         .remedy = "give back in destroy what create takes",
         .applies = kToComponents,
         .check = check_no_growth,
         .after = "lifecycle.one-call"},
    Rule{.id = "lifecycle.threads-end",
         .asks = "Every thread that the plugin started has ended when deinit returns.",
         .remedy = "stop and join it in destroy of who started it, or in deinit (rule 4 of "
                   "bourse.h)",
         .applies = kToPlugin,
         .check = check_threads_end,
         .after = "lifecycle.no-growth"},
    Rule{.id = "lifecycle.leaves-nothing",
         .asks = "When it is unloaded, no descriptor that it opened is left.",
         .remedy = "close in destroy or deinit what create or init opened",
         .applies = kToPlugin,
         .check = check_leaves_nothing,
         .after = "lifecycle.threads-end"},
    Rule{.id = "lifecycle.again",
         .asks = "Ended and unloaded, it can be loaded and used once more.",
         .remedy = "let deinit bring back the state that the library was loaded with",
         .applies = kToPlugin,
         .check = check_again,
         .after = "lifecycle.threads-end"},
    Rule{.id = "lifecycle.two-copies",
         .asks = "Two copies of it work side by side, as they do while a server takes a new file.",
         .remedy = "take nothing that a process or a machine has once: a fixed port, a name, a "
                   "lock on a file, an exported symbol",
         .applies = kToPlugin,
         .check = check_two_copies,
         .after = "lifecycle.again"},
};

}  // namespace

Rules lifecycle_rules() { return kRules; }

}  // namespace bourse::host::validate
