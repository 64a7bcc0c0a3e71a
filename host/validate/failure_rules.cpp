// SPDX-License-Identifier: MIT
//
// failure: whatever a call needs may fail. Then it fails as well, or says what is missing.
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include "host/validate/judge.hpp"
#include "host/validate/printed.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kUsesOfEachMax = 6;
constexpr std::size_t kAllocationsMax = 40;
/// So many uses of a function after it has failed are a loop that does not look at it.
constexpr std::size_t kUsesAfterMax = 100;

constexpr std::array<bourse_status, 10> kStatuses = {400, 403, 404, 422, 429,
                                                     499, 500, 502, 503, 504};

std::string nth_of(const char* what, std::uint64_t n) {
  return std::string(what) + " " + std::to_string(n);
}

/// The last word of each act: it is as it was.
void expect_as_before(const Bench& bench, const Act& act, const Played& before) {
  const Findings& findings = bench.subject().findings();
  findings.item(act.item + ", after all that failed");
  const Played after = bench.play(act);
  if (!after.ok()) {
    findings.fail(act.item, "when nothing fails any more it still gives " + after.told());
  } else if (bench.is_pure() && after.product() != before.product()) {
    findings.fail(act.item, "when nothing fails any more it answers differently: " +
                                first_difference(before.product(), after.product()));
  }
}

// ---- the host's functions -----------------------------------------------------------------------

/// What the server gives where it cannot do what it is asked.
std::vector<bourse_status> statuses_of(HostFunction function) {
  switch (function) {
    case HostFunction::kHeader:
    case HostFunction::kWrite:
      return {BOURSE_CANCELLED, BOURSE_UNPROCESSABLE};
    case HostFunction::kMeta:
    case HostFunction::kNote:
    case HostFunction::kScalar:
    case HostFunction::kTable:
    case HostFunction::kRows:
    case HostFunction::kChart:
    case HostFunction::kRelease:
    case HostFunction::kFreshUntil:
    case HostFunction::kFail:
      return {BOURSE_UNAVAILABLE};
    default:
      return {};  // those that cannot, and those that other rules look at
  }
}

void try_fault(const Bench& bench, const Act& act, const Fault& fault, const Played& undisturbed) {
  const Findings& findings = bench.subject().findings();
  const std::string trouble = nth_of(std::string(name_of(fault.function)).c_str(), fault.nth) +
                              " gave " + std::to_string(fault.status);
  const std::string place = act.item + ": " + trouble;
  findings.item(place);
  const Played played = bench.play(act, {.fault = fault});
  if (!played.observed.fault_happened) return;
  if (!judge_troubled(bench, place, played, trouble, undisturbed)) return;
  if (played.observed.uses_after > kUsesAfterMax) {
    findings.fail(place, "it used the function " + std::to_string(played.observed.uses_after) +
                             " times more");
  }
}

void fail_functions(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const Effort effort(subject);
  std::size_t done = 0;
  std::size_t all = 0;
  for (const Act& act : bench->good_acts()) {
    findings.item(act.item);
    const Played undisturbed = bench->play(act);
    std::vector<Fault> faults;
    for (std::size_t f = 0; f < kHostFunctions; ++f) {
      const auto function = static_cast<HostFunction>(f);
      for (const bourse_status status : statuses_of(function)) {
        for (const std::size_t i : spread(undisturbed.observed.of(function), kUsesOfEachMax)) {
          faults.push_back({.function = function, .nth = i + 1, .status = status});
        }
      }
    }
    all += faults.size();
    const auto chosen =
        spread(faults.size(), bench->is_blocking() ? kBlockingCallsMax : faults.size());
    for (const std::size_t i : chosen) {
      if (!effort.has_time() && i != chosen.front()) break;
      try_fault(*bench, act, faults[i], undisturbed);
      ++done;
    }
    expect_as_before(*bench, act, undisturbed);
  }
  effort.tell(subject, done, all);
}

// ---- what it asks -------------------------------------------------------------------------------

void fail_sources(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  GeneratedSource* const data = bench->generated();
  if (!bench->asks()) return findings.skip("it asks no source");
  if (data == nullptr) return findings.skip("its data comes from a source that cannot be told to");
  bool has_asked = false;
  for (const Act& act : bench->good_acts()) {
    findings.item(act.item);
    data->fail(std::nullopt);
    const Played undisturbed = bench->play(act);
    const std::size_t asked = data->asked();
    has_asked = has_asked || asked > 0;
    std::vector<FailedAnswer> failures;
    for (const bourse_status status : kStatuses) failures.push_back({.nth = 0, .status = status});
    for (const std::size_t i : spread(asked, kStatuses.size())) {
      failures.push_back({.nth = i + 1, .status = kStatuses[i % kStatuses.size()]});
      failures.push_back({.nth = i + 1, .status = BOURSE_UPSTREAM});
    }
    for (const FailedAnswer& failure : failures) {
      if (asked == 0) break;
      const std::string which =
          failure.nth == 0 ? "each question" : nth_of("question", failure.nth);
      const std::string trouble = which + " was answered with " + std::to_string(failure.status);
      const std::string place = act.item + ": " + trouble;
      findings.item(place);
      data->fail(failure);
      judge_troubled(*bench, place, bench->play(act), trouble, undisturbed);
    }
    data->fail(std::nullopt);
    expect_as_before(*bench, act, undisturbed);
  }
  if (!has_asked && !bench->good_acts().empty()) findings.skip("it asks nothing");
}

struct NamedShape {
  const char* name;
  Shape shape;
};

const std::array<NamedShape, 9>& shapes() {
  static const std::array<NamedShape, 9> kShapes = {{
      {"tables without rows", {.rows = 0}},
      {"tables of one row", {.rows = 1}},
      {"tables of two rows", {.rows = 2}},
      {"nulls in every column", {.has_nulls = true}},
      {"no optional column", {.has_optional = false}},
      {"a column that nobody declared", {.has_unknown = true}},
      {"the ends of every type", {.is_extreme = true}},
      {"the ends of every type, with nulls", {.has_nulls = true, .is_extreme = true}},
      {"5000 rows", {.rows = 5000}},
  }};
  return kShapes;
}

void odd_data(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  GeneratedSource* const data = bench->generated();
  if (!bench->asks()) return findings.skip("it asks no source");
  if (data == nullptr) return findings.skip("its data comes from a source that cannot be told to");
  for (const Act& act : bench->good_acts()) {
    for (const NamedShape& odd : shapes()) {
      for (std::uint64_t seed = 1; seed <= (subject.request().is_long ? 50U : 2U); ++seed) {
        Shape shape = odd.shape;
        shape.seed = subject.random()();
        data->shape(shape);
        const std::string place = act.item + ": its source delivers " + odd.name;
        findings.item(place);
        if (!judge_quiet(*bench, place, bench->play(act))) break;
      }
    }
    data->shape({});
  }
}

// ---- memory -------------------------------------------------------------------------------------

/// Rust's library ends the process where memory ends; no author can change that.
bool ends_with_memory(const Subject& subject) {
  std::string with = subject.declaration().built_with;
  std::transform(with.begin(), with.end(), with.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return with.find("rust") != std::string::npos;
}

void try_allocations(const Bench& bench, const std::string& item, const Effort& effort,
                     std::uint64_t n, const std::function<Played(const Script&)>& call,
                     const Played& undisturbed) {
  const Findings& findings = bench.subject().findings();
  const std::size_t most = bench.is_blocking() ? kBlockingCallsMax : kAllocationsMax;
  const auto chosen = spread(n, bench.subject().request().is_long ? n : most);
  for (const std::size_t i : chosen) {
    if (!effort.has_time() && i != chosen.front()) break;
    const std::string trouble =
        nth_of("allocation", i + 1) + " of " + std::to_string(n) + " failed";
    findings.item(item + ": " + trouble);
    const Played played = call({.allocation = i + 1});
    if (!played.observed.allocation_failed) continue;
    judge_troubled(bench, item + ": " + trouble, played, trouble, undisturbed);
  }
}

void fail_memory(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  if (ends_with_memory(subject)) {
    return findings.skip("it is written in Rust, whose library ends the process without memory");
  }
  const auto& acts = bench->good_acts();
  if (install_failing_memory() == 0) {
    return findings.skip("how memory is asked for on this machine is not known");
  }
  const Effort effort(subject);
  const Played made = bench->create_another({});
  try_allocations(
      *bench, "create", effort, made.observed.allocations,
      [&](const Script& script) { return bench->create_another(script); }, made);
  for (const Act& act : acts) {
    findings.item(act.item);
    const Played undisturbed = bench->play(act);
    try_allocations(
        *bench, act.item, effort, undisturbed.observed.allocations,
        [&](const Script& script) { return bench->play(act, script); }, undisturbed);
    expect_as_before(*bench, act, undisturbed);
  }
}

constexpr std::array kRules = {
    Rule{"failure.host",
         "When a function of the host fails, the call does not crash and does not go on as if it "
         "had not.",
         "look at what every function of the host returns, and return it", kToComponents,
         fail_functions, "report.same"},
    Rule{"failure.sources",
         "When a question is not answered, the call fails, or a note says what is missing.",
         "return what query gave; or go on, and say by host->note what the answer does without",
         kToAnalyses | kToSources, fail_sources, "report.same"},
    Rule{
        "failure.data",
        "Whatever data comes - nothing, nulls, fewer columns, more, the ends of every type - gives "
        "an answer or a failure with a code and a sentence.",
        "Find columns by name, look at n_rows and at valid before a value, and refuse what cannot "
        "be computed by host->fail with 422 or 502",
        kToAnalyses | kToSources, odd_data, "report.same"},
    Rule{"failure.memory", "When an allocation fails, the call fails and the process goes on.",
         "look at what malloc gives; in C++ catch std::bad_alloc where the host calls in; in both "
         "fail with 503",
         kToComponents, fail_memory, "report.same"},
};

}  // namespace

Rules failure_rules() { return kRules; }

}  // namespace bourse::host::validate
