// SPDX-License-Identifier: MIT
#include "host/validate/judge.hpp"

#include <algorithm>

#include "host/base/utf8.hpp"
#include "host/validate/printed.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kSentenceMax = 400;

/// The ways of failing that are a mistake whatever went wrong. Empty: it is none of them.
std::string mistake_of(const Failure& failure) {
  const std::string told = printable(failure.message, kSentenceMax);
  if (failure.origin == Origin::kThrew) return told + ", over the border between plugin and host";
  if (failure.origin == Origin::kMisuse) return "the host refuses what it makes: " + told;
  if (failure.code == "bad_status") return told;
  return {};
}

/// Of what a component tells by fail: for programs and for people.
std::string wordless(const Failure& failure) {
  if (failure.origin == Origin::kSilent) {
    return "it fails with status " + std::to_string(failure.status) + " and does not say why";
  }
  if (failure.origin != Origin::kPlugin) return {};
  if (failure.message.empty()) return "its failure " + failure.code + " has no sentence for people";
  if (failure.code == "failed") return "its failure has no code for programs";
  return {};
}

bool blames_known(const Bench& bench, const Failure& failure) {
  if (failure.parameter.empty()) return true;
  const auto names = [&](const std::vector<Parameter>& parameters) {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](const Parameter& p) { return p.name == failure.parameter; });
  };
  const auto& datasets = bench.component().datasets;
  return names(bench.component().params) ||
         std::any_of(datasets.begin(), datasets.end(),
                     [&](const Dataset& d) { return names(d.params); });
}

/// 500 says that the plugin is wrong; 502 and above that somebody else is: of a component that
/// asks nobody there is nobody else.
bool is_own_fault(const Bench& bench, const Failure& failure) {
  if (failure.status == BOURSE_INTERNAL) return true;
  const bool asks = bench.is_blocking() || bench.asks();
  return failure.status > BOURSE_INTERNAL && !asks;
}

bool has_note(const Played& played) { return played.report && played.report->wire().n_notes != 0; }

}  // namespace

bool judge_quiet(const Bench& bench, const std::string& place, const Played& played) {
  const Findings& findings = bench.subject().findings();
  if (played.ok()) return true;
  const Failure& failure = *played.failure;
  if (failure.code == "undeclared_dataset") return false;  // report.datasets says so, once
  if (const std::string mistake = mistake_of(failure); !mistake.empty()) {
    findings.fail(place, mistake);
    return false;
  }
  if (!played.observed.refused.empty()) {
    findings.fail(place, "the host refused what it said (" + played.observed.refused.front() +
                             "), and it fails with " + played.told());
    return false;
  }
  if (const std::string what = wordless(failure); !what.empty()) {
    findings.fail(place, what, "call host->fail with a code and a sentence, and return its status");
    return false;
  }
  if (is_own_fault(bench, failure)) {
    findings.fail(
        place, "legal values give " + played.told(),
        "answer, or refuse the value with a status from 400 to 499; narrow the parameter's bounds "
        "if it is never of use");
    return false;
  }
  if (!blames_known(bench, failure)) {
    findings.warn(place, "its failure blames the parameter " + in_quotes(failure.parameter) +
                             ", which is not declared");
  }
  return true;
}

bool judge_troubled(const Bench& bench, const std::string& place, const Played& played,
                    const std::string& trouble, const Played& undisturbed) {
  const Findings& findings = bench.subject().findings();
  if (!played.ok()) {
    const Failure& failure = *played.failure;
    const bool is_own = failure.origin == Origin::kThrew || failure.code == "bad_status";
    if (!is_own) return true;
    findings.fail(place, trouble + ", and then: " + printable(failure.message, kSentenceMax));
    return false;
  }
  // What reads a clock or another machine may have another answer for reasons of its own.
  if (has_note(played) || !bench.is_pure()) return true;
  if (played.product() == undisturbed.product()) return true;
  findings.fail(place, trouble + ", and it succeeds with another answer and says nothing of it: " +
                           first_difference(undisturbed.product(), played.product()));
  return false;
}

Effort::Effort(const Subject& subject, std::chrono::milliseconds usual)
    : until_(subject.end_of_work()) {
  if (!subject.request().is_long) {
    until_ = std::min(until_, std::chrono::steady_clock::now() + usual);
  }
}

bool Effort::has_time() const noexcept { return std::chrono::steady_clock::now() < until_; }

void Effort::tell(const Subject& subject, std::size_t done, std::size_t of) const {
  if (done >= of) return;
  subject.findings().note(
      "", "there was time for " + std::to_string(done) + " of " + std::to_string(of) + " calls",
      "give it more time by --long");
}

std::vector<std::size_t> spread(std::size_t n, std::size_t at_most) {
  std::vector<std::size_t> chosen;
  if (n == 0 || at_most == 0) return chosen;
  const std::size_t count = std::min(n, at_most);
  for (std::size_t i = 0; i < count; ++i) {
    chosen.push_back(count == 1 ? 0 : i * (n - 1) / (count - 1));
  }
  return chosen;
}

}  // namespace bourse::host::validate
