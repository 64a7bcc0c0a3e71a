// SPDX-License-Identifier: MIT
#include "host/validate/run.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

#include "host/base/record.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host::validate {
namespace {

using std::chrono::milliseconds;

Applies kind_of(bourse_kind kind) {
  if (kind == BOURSE_KIND_SOURCE) return kToSources;
  return kind == BOURSE_KIND_SERIALIZER ? kToSerializers : kToAnalyses;
}

template <class Number>
bool read_number(const std::string& text, Number& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size();
}

std::vector<std::string> words_of(const Rule& rule, const Request& request) {
  std::vector<std::string> words = {
      "validate",
      rule.id,
      request.file.string(),
      request.component,
      std::to_string(request.seed),
      std::string(request.is_long ? "long" : "short"),
      std::string(request.in_place ? "place" : "copy"),
      request.base,
      std::to_string(std::chrono::duration_cast<milliseconds>(request.limit).count())};
  for (const auto& [name, text] : request.settings) {
    words.push_back(name);
    words.push_back(text);
  }
  // No setting is named so.
  for (const auto& folder : request.plugins) {
    words.emplace_back("--plugins");
    words.push_back(folder.string());
  }
  if (!request.use.empty()) {
    words.emplace_back("--use");
    words.push_back(request.use);
  }
  return words;
}

std::optional<Request> read_words(std::span<const std::string> words) {
  Request request;
  std::int64_t limit = 0;
  if (words.size() < 8 || words.size() % 2 != 0 || !read_number(words[3], request.seed) ||
      !read_number(words[7], limit)) {
    return std::nullopt;
  }
  request.file = words[1];
  request.component = words[2];
  request.is_long = words[4] == "long";
  request.in_place = words[5] == "place";
  request.base = words[6];
  request.limit = milliseconds(limit);
  for (std::size_t i = 8; i < words.size(); i += 2) {
    if (words[i] == "--plugins") {
      request.plugins.emplace_back(words[i + 1]);
    } else if (words[i] == "--use") {
      request.use = words[i + 1];
    } else {
      request.settings.emplace_back(words[i], words[i + 1]);
    }
  }
  return request;
}

// The end of what it printed says why more often than the beginning, but the beginning is what was
// kept; lines that are only blank help nobody.
std::string last_lines(const std::string& text) {
  constexpr std::size_t kShown = 400;
  auto end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::string whole = text.substr(0, end + 1);
  return whole.size() <= kShown ? whole : whole.substr(whole.size() - kShown);
}

// A server loads a copy, so what is about loading does, too. All others take the file itself: a
// copy of a library with its debug information costs more than most rules.
bool needs_copy(const Rule& rule) {
  const std::string_view id = rule.id;
  return id == kFirstRule || id == "lifecycle.two-copies";
}

}  // namespace

std::string Run::title() const {
  return component.empty() ? rule->id : std::string(rule->id) + " (" + component + ")";
}

void tell_survey(const Subject& subject, const std::function<void(std::string_view line)>& line) {
  line(record_line({"plugin", subject.declaration().name, subject.declaration().version}));
  for (const auto& component : subject.components()) {
    line(record_line(
        {"component", kind_and_id(*component), std::to_string(kind_of(component->kind))}));
    for (const Parameter& parameter : component->config) {
      if (parameter.secret) line(record_line({"secret", parameter.name}));
    }
  }
}

Survey read_survey(std::string_view lines) {
  Survey survey;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto fields = record_fields(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    unsigned int kind = 0;
    if (fields[0] == "plugin" && fields.size() == 3) {
      survey.plugin = fields[1];
      survey.version = fields[2];
    } else if (fields[0] == "component" && fields.size() == 3 && read_number(fields[2], kind)) {
      survey.components.push_back({fields[1], static_cast<Applies>(kind)});
    } else if (fields[0] == "secret" && fields.size() == 2) {
      survey.secrets.push_back(fields[1]);
    }
  }
  return survey;
}

void perform(const Rule& rule, const Request& request,
             const std::function<void(std::string_view line)>& line) {
  const Findings findings(rule.remedy, line);
  try {
    Request own = request;
    own.in_place = request.in_place || !needs_copy(rule);
    Subject subject(std::move(own), findings);
    rule.check(subject, findings);
    if (rule.id == kFirstRule && !subject.components().empty()) tell_survey(subject, line);
  } catch (const std::exception& error) {
    findings.fail("", std::string("the rule could not be tried to its end: ") + error.what(),
                  "give it more memory, or report this as a fault of the validator");
  }
}

void take_said(Run& run, std::string_view lines) {
  Said said = read_said(lines);
  run.outcome = said.outcome();
  run.findings = std::move(said.findings);
  run.reason = std::move(said.skip_reason);
  run.item = std::move(said.item);
}

void perform_in_child(Run& run, const Request& request, Survey* survey) {
  ChildRequest child{.arguments = words_of(*run.rule, request), .limit = request.limit};
  const auto outcome = run_child(child);
  if (!outcome) {
    run.outcome = Outcome::kCrashed;
    run.crash = outcome.failure().message;
    return;
  }
  take_said(run, outcome->record);
  run.took = outcome->took;
  if (survey != nullptr) *survey = read_survey(outcome->record);
  if (outcome->is_good()) return;
  run.outcome = Outcome::kCrashed;
  run.crash = outcome->how_it_ended(request.limit);
  run.printed = last_lines(outcome->errors);
}

int perform_as_child(std::span<const std::string> words, Record& record) {
  const Rule* const rule = words.empty() ? nullptr : find_rule(words[0]);
  const auto request = read_words(words);
  if (rule == nullptr || !request) return 2;
  perform(*rule, *request, [&](std::string_view line) { record.append(line); });
  // What is left runs now: destructors, and what was registered by atexit.
  record.append(record_line({"item", "the end of the process"}));
  record.complete();
  return 0;
}

}  // namespace bourse::host::validate
