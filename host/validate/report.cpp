// SPDX-License-Identifier: MIT
#include "host/validate/report.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "host/base/utf8.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kWordsMax = 2000;  // of one text for people

std::string seconds_text(std::chrono::nanoseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", std::chrono::duration<double>(time).count());
  return text.data();
}

// ---- text ---------------------------------------------------------------------------------------

std::string padded_word(std::string_view word) {
  std::string text(word);
  text.resize(std::max<std::size_t>(text.size(), 9), ' ');
  return text;
}

void add_line(std::string& text, std::string_view title, std::string_view words) {
  if (words.empty()) return;
  text += "    ";
  text += title;
  text += std::string(title.size() < 7 ? 7 - title.size() : 1, ' ');
  text += printable(words, kWordsMax);
  text += '\n';
}

std::string_view word_of_severity(Severity severity) {
  return severity == Severity::kFailed ? "seen" : severity == Severity::kWarning ? "warns" : "note";
}

void add_run(std::string& text, const Report& report, const Run& run) {
  text += padded_word(word_of(run.outcome)) + run.title() + "\n";
  if (run.outcome == Outcome::kCrashed) {
    add_line(text, "asks", run.rule->asks);
    add_line(text, "in", run.item.empty() ? "the start of the rule" : run.item);
    add_line(text, "seen", run.crash);
    add_line(text, "said", run.printed);
    if (run.findings.empty()) add_line(text, "do", run.rule->remedy);
  }
  for (const Finding& finding : run.findings) {
    add_line(text, "at", finding.place);
    add_line(text, word_of_severity(finding.severity), finding.seen);
    if (finding.severity != Severity::kNote) add_line(text, "do", finding.remedy);
  }
  if (run.outcome == Outcome::kFailed || run.outcome == Outcome::kCrashed ||
      run.outcome == Outcome::kWarning) {
    add_line(text, "again", command_to_repeat(report.task, report.verdict.survey, run));
  }
  if (run.outcome == Outcome::kSkipped) add_line(text, "why", run.reason);
}

bool is_shown(const Report& report, const Run& run) {
  return report.is_verbose || run.outcome != Outcome::kPass || !run.findings.empty();
}

std::string counted_outcomes(const Verdict& verdict) {
  std::string text;
  for (const auto outcome : {Outcome::kPass, Outcome::kWarning, Outcome::kFailed, Outcome::kCrashed,
                             Outcome::kSkipped}) {
    if (!text.empty()) text += ", ";
    text += std::to_string(verdict.count(outcome)) + " " + std::string(word_of(outcome));
  }
  return text;
}

// ---- JSON ---------------------------------------------------------------------------------------

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void member(Json& json, const char* name, std::string_view value) {
  const std::string clean = repair_utf8(value);
  json.Key(name);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void member_if(Json& json, const char* name, std::string_view value) {
  if (!value.empty()) member(json, name, value);
}

void member(Json& json, const char* name, std::uint64_t value) {
  json.Key(name);
  json.Uint64(value);
}

void write_finding(Json& json, const Finding& finding) {
  constexpr std::array<std::string_view, 3> kWords = {"note", "warning", "failed"};
  json.StartObject();
  member(json, "severity", kWords[static_cast<std::size_t>(finding.severity)]);
  member_if(json, "place", finding.place);
  member(json, "seen", finding.seen);
  member(json, "remedy", finding.remedy);
  json.EndObject();
}

void write_run(Json& json, const Report& report, const Run& run) {
  json.StartObject();
  member(json, "rule", run.rule->id);
  member_if(json, "component", run.component);
  member(json, "outcome", word_of(run.outcome));
  member(json, "asks", run.rule->asks);
  member_if(json, "reason", run.reason);
  json.Key("seconds");
  json.Double(std::chrono::duration<double>(run.took).count());
  if (run.outcome == Outcome::kCrashed) {
    member(json, "crash", run.crash);
    member_if(json, "item", run.item);
    member_if(json, "printed", run.printed);
    member(json, "remedy", run.rule->remedy);
  }
  if (run.outcome != Outcome::kPass && run.outcome != Outcome::kSkipped) {
    member(json, "repeat", command_to_repeat(report.task, report.verdict.survey, run));
  }
  json.Key("findings");
  json.StartArray();
  for (const Finding& finding : run.findings) write_finding(json, finding);
  json.EndArray();
  json.EndObject();
}

// ---- JUnit --------------------------------------------------------------------------------------

// XML 1.0 has no way to write most controls, nor U+FFFE and U+FFFF: they are left out.
std::string xml(std::string_view text) {
  const std::string whole = repair_utf8(text);
  std::string out;
  for (std::string_view rest = whole; !rest.empty();) {
    const Utf8Step step = utf8_step(rest);
    const auto bytes = rest.substr(0, step.bytes);
    rest.remove_prefix(step.bytes);
    const char32_t c = step.character;
    const bool is_legal = (c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff) || c == '\n' ||
                          c == '\t' || c == '\r';
    if (!is_legal) continue;
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out += "&#" + std::to_string(static_cast<unsigned int>(c)) + ";";
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string told(const Report& report, const Run& run) {
  std::string text;
  add_run(text, report, run);
  return text;
}

std::string first_seen(const Run& run) {
  for (const Finding& finding : run.findings) {
    if (finding.severity != Severity::kNote) return finding.seen;
  }
  return {};
}

void add_element(std::string& to, const char* name, const std::string& message,
                 const std::string& body) {
  to += std::string("<") + name + " message=\"" + xml(message) + "\">" + xml(body) + "</" + name +
        ">";
}

std::string testcase(const Report& report, const Run& run) {
  std::string name(run.rule->name());
  if (!run.component.empty()) name += " (" + run.component + ")";
  std::string text = "    <testcase classname=\"" + xml(run.rule->group()) + "\" name=\"" +
                     xml(name) + "\" time=\"" + seconds_text(run.took) + "\">";
  const bool warns_fatally = report.strict && run.outcome == Outcome::kWarning;
  if (run.outcome == Outcome::kFailed || warns_fatally) {
    add_element(text, "failure", first_seen(run), told(report, run));
  } else if (run.outcome == Outcome::kCrashed) {
    add_element(text, "error", run.item.empty() ? run.crash : run.item + ": " + run.crash,
                told(report, run));
  } else if (run.outcome == Outcome::kSkipped) {
    text += "<skipped message=\"" + xml(run.reason) + "\"/>";
  } else if (!run.findings.empty()) {
    text += "<system-out>" + xml(told(report, run)) + "</system-out>";
  }
  return text + "</testcase>\n";
}

std::string attribute(const char* name, std::size_t value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

}  // namespace

std::string as_text(const Report& report) {
  const Verdict& verdict = report.verdict;
  const std::string file = printable(report.task.request.file.string(), kWordsMax);
  std::string text = verdict.survey.plugin.empty()
                         ? file + "\n"
                         : printable(verdict.survey.plugin) + " " +
                               printable(verdict.survey.version) + "  " + file + "\n";
  for (const Run& run : verdict.runs) {
    if (is_shown(report, run)) add_run(text, report, run);
  }
  text += verdict.is_good(report.strict) ? "good: " : "not good: ";
  text += counted_outcomes(verdict) + "; " + seconds_text(verdict.took) + " s, seed " +
          std::to_string(report.task.request.seed);
  if (report.strict && !verdict.is_good(true) && verdict.is_good(false)) {
    text += "; --strict takes no warnings";
  }
  return text + "\n";
}

std::string as_json(const Report& report) {
  const Verdict& verdict = report.verdict;
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.SetIndent(' ', 2);
  json.StartObject();
  member(json, "file", report.task.request.file.string());
  member_if(json, "plugin", verdict.survey.plugin);
  member_if(json, "version", verdict.survey.version);
  json.Key("good");
  json.Bool(verdict.is_good(report.strict));
  member(json, "seed", report.task.request.seed);
  json.Key("seconds");
  json.Double(std::chrono::duration<double>(verdict.took).count());
  for (const auto outcome : {Outcome::kPass, Outcome::kWarning, Outcome::kFailed, Outcome::kCrashed,
                             Outcome::kSkipped}) {
    member(json, std::string(word_of(outcome)).c_str(), verdict.count(outcome));
  }
  json.Key("runs");
  json.StartArray();
  for (const Run& run : verdict.runs) write_run(json, report, run);
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string as_junit(const Report& report) {
  const Verdict& verdict = report.verdict;
  const std::size_t failures =
      verdict.count(Outcome::kFailed) + (report.strict ? verdict.count(Outcome::kWarning) : 0);
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
      xml("bourse validate " + report.task.request.file.filename().string()) + "\"" +
      attribute("tests", verdict.runs.size()) + attribute("failures", failures) +
      attribute("errors", verdict.count(Outcome::kCrashed)) +
      attribute("skipped", verdict.count(Outcome::kSkipped)) + " time=\"" +
      seconds_text(verdict.took) + "\">\n";
  text += "    <properties><property name=\"seed\" value=\"" +
          std::to_string(report.task.request.seed) + "\"/></properties>\n";
  for (const Run& run : verdict.runs) text += testcase(report, run);
  return text + "  </testsuite>\n</testsuites>\n";
}

std::string rules_as_text(const std::vector<const Rule*>& rules) {
  std::size_t width = 0;
  for (const Rule* const rule : rules) width = std::max(width, std::string_view(rule->id).size());
  std::string text;
  for (const Rule* const rule : rules) {
    std::string id = rule->id;
    id.resize(width + 2, ' ');
    text += id + rule->asks + "\n";
  }
  return text;
}

std::string rules_as_json(const std::vector<const Rule*>& rules) {
  constexpr std::array<std::pair<Applies, const char*>, 5> kWords = {
      {{kToFile, "file"},
       {kToPlugin, "plugin"},
       {kToAnalyses, "analysis"},
       {kToSources, "source"},
       {kToSerializers, "serializer"}}};
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.SetIndent(' ', 2);
  json.StartArray();
  for (const Rule* const rule : rules) {
    json.StartObject();
    member(json, "rule", rule->id);
    member(json, "group", rule->group());
    member(json, "asks", rule->asks);
    member(json, "remedy", rule->remedy);
    json.Key("of");
    json.StartArray();
    for (const auto& [bit, word] : kWords) {
      if ((rule->applies & bit) != 0) json.String(word);
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace bourse::host::validate
