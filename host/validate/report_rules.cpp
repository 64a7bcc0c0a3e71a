// SPDX-License-Identifier: MIT
//
// report: what a component makes is what it declared, the server takes it, and it is the same
// twice.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/calls/returned.hpp"
#include "host/routing/instances.hpp"
#include "host/validate/judge.hpp"
#include "host/validate/printed.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::string_view kOldestFirst = "oldest first.";

std::string_view text_in(bourse_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, text.len);
}

// ---- accepted -----------------------------------------------------------------------------------

void accepted(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  (void)bench->good_acts();
  for (const Act& act : bench->acts()) {
    findings.item(act.item);
    const Played played = bench->play(act);
    if (!judge_quiet(*bench, act.item, played) || !played.report) continue;
    const bourse_report& report = played.report->wire();
    for (std::size_t i = 0; i < report.n_notes; ++i) {
      if (text_in(report.notes[i]->code) != "not_shown") continue;
      findings.warn(
          act.item,
          "the host leaves out of its report: " + printable(text_in(report.notes[i]->text), 300),
          "say what this minor of the contract knows, in lines of at most 512 bytes");
    }
  }
}

// ---- the same -----------------------------------------------------------------------------------

/// In the opposite order: what a call leaves behind must not matter.
bool is_the_same(const Bench& bench, const std::vector<Act>& acts,
                 const std::vector<std::string>& before, const std::string& what) {
  const Findings& findings = bench.subject().findings();
  for (std::size_t i = acts.size(); i-- > 0;) {
    findings.item(acts[i].item + ", " + what);
    const Played played = bench.play(acts[i]);
    const std::string difference =
        played.ok() ? first_difference(before[i], played.product()) : played.told();
    if (difference.empty()) continue;
    findings.fail(acts[i].item,
                  "it is declared PURE, and " + what + " it answers differently: " + difference);
    return false;
  }
  return true;
}

void the_same_twice(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  if (!bench->is_pure()) return findings.skip("it is not declared PURE");
  const auto& acts = bench->good_acts();
  std::vector<std::string> first;
  for (const Act& act : acts) {
    findings.item(act.item);
    first.push_back(bench->play(act).product());
  }
  if (is_the_same(*bench, acts, first, "the second time") && bench->renew()) {
    is_the_same(*bench, acts, first, "by another instance");
  }
}

// ---- declared -----------------------------------------------------------------------------------

void compare_parts(const Findings& findings, const Component& component, const Act& act,
                   const bourse_report& report) {
  const auto expect = [&](std::uint32_t part, std::size_t n, const char* what) {
    if (n == 0 || (component.parts & part) != 0) return;
    findings.fail(
        act.item,
        std::string("its report has ") + what + ", which `parts` of the component does not have",
        "add the part to bourse_component.parts");
  };
  expect(BOURSE_PART_SCALARS, report.n_scalars, "scalars");
  expect(BOURSE_PART_TABLES, report.n_tables, "tables");
  expect(BOURSE_PART_CHARTS, report.n_charts, "charts");
  expect(BOURSE_PART_NOTES, report.n_notes, "notes");
}

void as_declared(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const Component& component = bench->component();
  for (const Act& act : bench->good_acts()) {
    for (const std::size_t rows : {60U, 1U, 0U, 5000U}) {
      if (bench->generated() != nullptr) bench->generated()->shape({.rows = rows});
      findings.item(act.item + ", " + std::to_string(rows) + " rows");
      const Played played = bench->play(act);
      if (!played.report) continue;
      compare_parts(findings, component, act, played.report->wire());
      if (!component.returned) continue;
      for (const std::string& difference :
           differences(played.report->wire(), *component.returned)) {
        findings.fail(act.item, difference);
      }
    }
  }
  if (!component.returned && !bench->good_acts().empty()) {
    findings.note("", "it does not declare what its reports hold",
                  "set scalars and tables of bourse_component: OpenAPI and forms show them");
  }
}

// ---- datasets -----------------------------------------------------------------------------------

const Dataset* declared_dataset(const Component& component, const std::string& name) {
  const auto found = std::find_if(component.datasets.begin(), component.datasets.end(),
                                  [&](const Dataset& dataset) { return dataset.name == name; });
  return found == component.datasets.end() ? nullptr : &*found;
}

void asks_as_declared(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  if (!bench->asks()) return findings.skip("it asks no source");
  (void)bench->good_acts();
  std::set<std::string> told;
  for (const Act& act : bench->acts()) {
    findings.item(act.item);
    for (const AskedArgument& asked : bench->play(act).observed.asked) {
      const Dataset* const dataset = declared_dataset(bench->component(), asked.dataset);
      if (dataset == nullptr) {
        if (!told.insert(asked.dataset).second) continue;
        findings.fail(
            act.item,
            "it asks for the dataset " + in_quotes(asked.dataset) + ", which it does not declare",
            "add the dataset to bourse_component.datasets");
        continue;
      }
      const bool is_known = asked.name.empty() || dataset->params.empty() ||
                            std::any_of(dataset->params.begin(), dataset->params.end(),
                                        [&](const Parameter& p) { return p.name == asked.name; });
      if (is_known || !told.insert(asked.dataset + "." + asked.name).second) continue;
      findings.fail(act.item,
                    "it gives the argument " + in_quotes(asked.name) + " of " +
                        in_quotes(asked.dataset) + ", which it does not declare",
                    "add the parameter to the dataset that the component declares");
    }
  }
}

// ---- order --------------------------------------------------------------------------------------

const bourse_field* first_time(const bourse_table& table, std::size_t& column) {
  for (column = 0; column < table.n_fields; ++column) {
    if (table.fields[column]->type == BOURSE_TYPE_TIME) return table.fields[column];
  }
  return nullptr;
}

void judge_order(const Findings& findings, const Act& act, const bourse_table& table) {
  std::size_t column = 0;
  const bourse_field* const field = first_time(table, column);
  if (field == nullptr || table.columns[column].valid != nullptr) return;
  const auto* const times = static_cast<const std::int64_t*>(table.columns[column].data);
  for (std::size_t row = 1; row < table.n_rows; ++row) {
    if (times[row - 1] <= times[row]) continue;
    findings.fail(act.item, std::string("column ") + field->name + ", row " + std::to_string(row) +
                                ": it is earlier than the row before, and " + act.dataset->name +
                                " is declared \"oldest first\"");
    return;
  }
}

void in_order(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  bool is_any = false;
  for (const Act& act : bench->good_acts()) {
    if (act.dataset->doc.find(kOldestFirst) == std::string::npos) continue;
    is_any = true;
    findings.item(act.item);
    const Played played = bench->play(act);
    if (played.report && played.report->wire().n_tables == 1) {
      judge_order(findings, act, *played.report->wire().tables[0]);
    }
  }
  if (!is_any) findings.skip("no dataset of it is declared \"oldest first\"");
}

// ---- shown --------------------------------------------------------------------------------------

struct Format {
  std::shared_ptr<Instance> serializer;
  Arguments arguments;
};

/// Those that can be made without settings.
std::vector<Format> formats_of(const Bench& bench) {
  std::vector<Format> formats;
  for (const auto& component : bench.others().serializers()) {
    auto instance = make_instance(component, {});
    auto arguments =
        read_arguments(component->params, example_texts(component->params), bench.now());
    if (instance && arguments) {
      formats.push_back({*std::move(instance), *std::move(arguments)});
    }
  }
  return formats;
}

void show(const Bench& bench, const Act& act, const Report& report, const Format& format) {
  const Findings& findings = bench.subject().findings();
  const std::string place = act.item + " as " + format.serializer->component().id;
  findings.item(place);
  Job job;
  job.serializer = format.serializer;
  job.serializer_arguments = format.arguments;
  job.logs_mistakes = false;
  const auto shown =
      render(job, report, {}, {.request_id = "validate", .route = "validate"}, nullptr);
  if (shown) return;
  const std::string why =
      std::to_string(shown.failure().status) + " " + printable(shown.failure().message, 300);
  if (shown.failure().status >= BOURSE_INTERNAL) {
    findings.fail(place, "its report cannot be shown: " + why);
  } else {
    findings.note(place, "this format refuses its report: " + why);  // such as one without a chart
  }
}

void shown_by_all(Subject& subject, const Findings& findings) {
  if (subject.request().plugins.empty()) {
    return findings.skip("no formats were given; --plugins DIR names a folder of them");
  }
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const auto formats = formats_of(*bench);
  if (formats.empty()) return findings.skip("the folders of --plugins hold no format");
  for (const Act& act : bench->good_acts()) {
    const Played played = bench->play(act);
    if (!played.report) continue;
    for (const Format& format : formats) show(*bench, act, *played.report, format);
  }
}

constexpr std::array kRules = {
    Rule{"report.accepted", "What a call makes is taken by the server as it is.",
         "the sentence names what the server refuses, and where; set what the contract asks for",
         kToComponents, accepted, "lifecycle.one-call"},
    Rule{"report.same", "A PURE component answers the same question twice with the same bytes.",
         "read no clock but host->now, no random numbers, no state of earlier calls, and no order "
         "of a hash table; or do not declare PURE",
         kToComponents, the_same_twice, "report.accepted"},
    Rule{"report.declared",
         "A report holds the parts, scalars, tables and columns that its analysis declared.",
         "declare what the report holds, or call it optional (BOURSE_FIELD_OPTIONAL, "
         "BOURSE_TABLE_OPTIONAL)",
         kToAnalyses, as_declared, "report.accepted"},
    Rule{"report.datasets",
         "A component asks for datasets that it declares, by parameters that it declares.",
         "declare what is asked for", kToAnalyses | kToSources, asks_as_declared,
         "lifecycle.one-call"},
    Rule{"report.order", "A dataset that is declared \"oldest first\" is delivered so.",
         "sort the rows by their time", kToSources, in_order, "report.accepted"},
    Rule{"report.shown", "Every format that is given shows the report.",
         "look at the report as JSON: what it holds is legal, so the format may be wrong; tell its "
         "author",
         kToAnalyses | kToSources, shown_by_all, "report.accepted"},
};

}  // namespace

Rules report_rules() { return kRules; }

}  // namespace bourse::host::validate
