// SPDX-License-Identifier: MIT
//
// parameters: whatever the server lets pass gets an answer, or is refused in words.
#include <algorithm>
#include <array>

#include "host/validate/cases.hpp"
#include "host/validate/judge.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

using Making = std::vector<Case> (*)(std::span<const Parameter>, const NamedTexts&, Subject&);

/// One act for each list of parameters: a serializer has one, whatever it renders.
std::vector<Act> acts_with_parameters(Bench& bench) {
  std::vector<Act> acts;
  for (const Act& act : bench.acts()) {
    if (bench.parameters(act).empty()) continue;
    acts.push_back(act);
    if (act.dataset == nullptr) break;
  }
  return acts;
}

void try_cases(Subject& subject, Making making) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const auto acts = acts_with_parameters(*bench);
  if (acts.empty()) return subject.findings().skip("it has no parameters");
  (void)bench->good_acts();  // what it asks for is known from then on
  std::vector<Act> tries;
  for (const Act& act : acts) {
    const std::string where = act.dataset != nullptr ? act.dataset->name + ": " : std::string();
    for (const Case& made : making(bench->parameters(act), bench->texts(act), subject)) {
      // What is not legal never gets as far as a component.
      if (auto legal = bench->with(act, made.texts, where + made.item)) {
        tries.push_back(*std::move(legal));
      }
    }
  }
  if (tries.empty()) return subject.findings().skip("no parameter takes such values");
  const Effort effort(subject);
  const auto chosen = spread(tries.size(), bench->is_blocking() ? kBlockingCallsMax : tries.size());
  std::size_t done = 0;
  for (const std::size_t i : chosen) {
    if (done > 0 && !effort.has_time()) break;
    subject.findings().item(tries[i].item);
    judge_quiet(*bench, tries[i].item, bench->play(tries[i]));
    ++done;
  }
  effort.tell(subject, done, tries.size());
}

void try_edges(Subject& subject, const Findings&) {
  try_cases(subject, [](std::span<const Parameter> parameters, const NamedTexts& base, Subject&) {
    return edge_cases(parameters, base);
  });
}

void try_texts(Subject& subject, const Findings&) {
  try_cases(subject,
            [](std::span<const Parameter> parameters, const NamedTexts& base, Subject& of) {
              return text_cases(parameters, base, of.random(), of.request().is_long ? 1000 : 30);
            });
}

void try_mixed(Subject& subject, const Findings&) {
  try_cases(subject,
            [](std::span<const Parameter> parameters, const NamedTexts& base, Subject& of) {
              return mixed_cases(parameters, base, of.random(), of.request().is_long ? 5000 : 60);
            });
}

constexpr std::array kRules = {
    Rule{"parameters.edges",
         "Every default, bound and choice, and the ends of every type, give an answer or a failure "
         "with a code and a sentence.",
         "check the value where it is read, and refuse it by host->fail with 400 or 422; or narrow "
         "the parameter's min and max",
         kToComponents, try_edges, "report.accepted"},
    Rule{"parameters.texts",
         "Texts of all kinds give an answer or a failure with a code and a sentence.",
         "take a text for bytes of any kind: no fixed buffer, no format, no path; refuse what is "
         "of no use by host->fail with 400 or 404",
         kToComponents, try_texts, "parameters.edges"},
    Rule{"parameters.mixed",
         "Legal values give an answer or a failure with a code and a sentence, whatever the others "
         "are.",
         "check values that depend on each other where they are read, and refuse them by "
         "host->fail with 400",
         kToComponents, try_mixed, "parameters.edges"},
};

}  // namespace

Rules parameter_rules() { return kRules; }

}  // namespace bourse::host::validate
