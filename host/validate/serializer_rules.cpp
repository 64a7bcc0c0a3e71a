// SPDX-License-Identifier: MIT
//
// serializer: any report becomes bytes of the declared type, in bounded memory, for as long as
// somebody takes them.
#include <malloc.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "host/base/utf8.hpp"
#include "host/validate/judge.hpp"
#include "host/validate/reports.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kManyRows = 1'000'000;
constexpr std::size_t kSomeRows = 20'000;
/// Beyond the report, of what renders it.
constexpr std::size_t kMemoryMax = std::size_t{64} << 20;
constexpr std::chrono::milliseconds kSoon{100};
constexpr std::size_t kUsesAfterMax = 100;

std::string in_mib(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// The type without its parameters: "text/csv".
std::string type_of(const std::string& media_type) {
  return media_type.substr(0, media_type.find_first_of("; "));
}

bool is_utf8_type(const std::string& media_type) {
  const std::string type = type_of(media_type);
  return has(media_type, "utf-8") || type.starts_with("text/") || type.ends_with("json") ||
         type.ends_with("jsonl") || type.ends_with("xml");
}

void judge_utf8(const Findings& findings, const std::string& place, const std::string& type,
                const std::string& bytes) {
  const auto wrong = find_invalid_utf8(bytes);
  if (!wrong) return;
  const std::string_view rest = std::string_view(bytes).substr(*wrong, 12);
  findings.fail(place,
                "byte " + std::to_string(*wrong) + " of the answer is no UTF-8 (" +
                    in_quotes(rest) + "), and its type is " + type,
                "write texts as they come, whole characters, or name another charset");
}

void judge_json(const Findings& findings, const std::string& place, const std::string& bytes) {
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> handler;
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const auto result = reader.Parse<kFlags>(stream, handler);
  if (!result.IsError()) return;
  const std::size_t at = result.Offset();
  findings.fail(
      place,
      "the answer is no JSON: " + std::string(rapidjson::GetParseError_En(result.Code())) +
          ", at byte " + std::to_string(at) + ", " +
          in_quotes(std::string_view(bytes).substr(at < 20 ? 0 : at - 20, 40)),
      "escape quotation marks, backslashes and controls; NaN and infinity are null");
}

/// A document a line: NDJSON, JSON Lines.
void judge_json_lines(const Findings& findings, const std::string& place,
                      const std::string& bytes) {
  for (std::size_t begin = 0, line = 1; begin < bytes.size(); ++line) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    judge_json(findings, place + ", line " + std::to_string(line),
               bytes.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// XML 1.0, 2.2: of the characters below a blank there are three.
void judge_xml(const Findings& findings, const std::string& place, const std::string& bytes) {
  const auto wrong = std::find_if(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (wrong == bytes.end()) return;
  findings.fail(place,
                "byte " + std::to_string(wrong - bytes.begin()) +
                    " of the answer is a control that no XML may hold",
                "replace the controls that XML 1.0 forbids, such as by U+FFFD");
}

void judge_bytes(const Bench& bench, const std::string& place, const std::string& bytes) {
  const Findings& findings = bench.subject().findings();
  const std::string declared = lower(bench.component().media_type);
  const std::string type = type_of(declared);
  if (is_utf8_type(declared)) judge_utf8(findings, place, declared, bytes);
  if (type.ends_with("ndjson") || type.ends_with("jsonl")) {
    judge_json_lines(findings, place, bytes);
  } else if (type.ends_with("json")) {
    judge_json(findings, place, bytes);
  }
  if (type.ends_with("xml")) judge_xml(findings, place, bytes);
}

/// The act with that report; the parameters of all reports are the same.
Act act_with(const Bench& bench, ReportPtr report, const char* item) {
  Act act = bench.acts().front();
  act.report = std::move(report);
  act.item = item;
  return act;
}

void try_report(Subject& subject, ReportPtr report, const char* item) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const Act act = act_with(*bench, std::move(report), item);
  subject.findings().item(item);
  const Played played = bench->play(act);
  if (judge_quiet(*bench, item, played) && played.ok()) judge_bytes(*bench, item, played.bytes);
}

void show_everything(Subject& subject, const Findings&) {
  try_report(subject, everything(), "a report with everything");
}

void show_nothing(Subject& subject, const Findings&) {
  try_report(subject, nothing(), "an empty report");
}

// ---- many rows ----------------------------------------------------------------------------------

/// "VmHWM:" in bytes; 0: the machine does not tell.
std::size_t memory_of(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(name)) continue;
    return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
  }
  return 0;
}

/// What is used from now on is the most that was used, until more is.
bool forget_peak() {
  std::ofstream clear("/proc/self/clear_refs");
  clear << "5";
  clear.close();
  return clear.good();
}

/// Takes all, keeps nothing.
class Sieve : public Outlet {
 public:
  [[nodiscard]] std::size_t hold() const noexcept override { return std::size_t{64} * 1024; }
  Result<void> take(std::string bytes, const Output&) override {
    total_ += bytes.size();
    return {};
  }
  [[nodiscard]] std::size_t total() const noexcept { return total_; }

 private:
  std::size_t total_ = 0;
};

void show_many_rows(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const Act act = act_with(*bench, many_rows(kManyRows), "a report of a million rows");
  malloc_trim(0);
  const bool is_told = forget_peak();
  const std::size_t before = memory_of("VmRSS:");
  findings.item(act.item);
  Sieve sieve;
  const Played played = bench->play(act, {}, &sieve);
  const std::size_t peak = memory_of("VmHWM:");
  if (!judge_quiet(*bench, act.item, played) || !played.ok()) return;
  if (!is_told || before == 0) {
    return findings.skip("this machine does not tell how much memory is used");
  }
  const std::size_t used = peak > before ? peak - before : 0;
  if (used <= kMemoryMax) return;
  findings.fail(act.item, "it takes " + in_mib(used) + " of memory for an answer of " +
                              in_mib(sieve.total() + played.bytes.size()) + ", more than " +
                              in_mib(kMemoryMax));
}

// ---- gone ---------------------------------------------------------------------------------------

void client_gone(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  const std::vector<Act> acts = {act_with(*bench, ordinary(), "an ordinary report"),
                                 act_with(*bench, many_rows(kSomeRows), "a report of 20000 rows")};
  for (const Act& act : acts) {
    findings.item(act.item);
    const Played whole = bench->play(act);
    if (!whole.ok()) continue;
    const std::size_t first = whole.observed.all_uses - whole.observed.of(HostFunction::kWrite);
    for (const std::size_t n : spread(whole.observed.of(HostFunction::kWrite), 6)) {
      const std::string place =
          act.item + ", the client leaves before write " + std::to_string(n + 1);
      findings.item(place);
      const Stop stop{.status = BOURSE_CANCELLED, .at_use = first + n + 1};
      const Played played = bench->play(act, {.stop = stop});
      const Observed& seen = played.observed;
      if (seen.returned == BOURSE_OK) {
        findings.fail(place, "it returns OK for an answer that nobody took");
      } else if (seen.uses_after_stop > kUsesAfterMax) {
        findings.fail(
            place, "it goes on writing: " + std::to_string(seen.uses_after_stop) + " times more");
      } else if (seen.after_stop && *seen.after_stop > kSoon) {
        findings.warn(
            place, "it ends " +
                       std::to_string(
                           std::chrono::duration_cast<std::chrono::milliseconds>(*seen.after_stop)
                               .count()) +
                       " ms later");
      }
    }
  }
}

constexpr std::array kRules = {
    Rule{"serializer.everything",
         "A report with all that a report may hold becomes bytes of the declared media type.",
         "show what can be shown, leave out the rest; null, NaN, the ends of every type, markup "
         "and controls in texts are all legal",
         kToSerializers, show_everything, "report.accepted"},
    Rule{"serializer.nothing",
         "A report that holds nothing becomes bytes of the declared media type.",
         "n_meta, n_notes, n_scalars, n_tables and n_charts may be 0, and the arrays NULL",
         kToSerializers, show_nothing, "serializer.everything"},
    Rule{"serializer.many-rows", "A million rows take at most 64 MiB beyond the report.",
         "write by host->write as the bytes are made, instead of collecting them", kToSerializers,
         show_many_rows, "report.accepted"},
    Rule{"serializer.gone", "When the client has left, rendering ends at once.",
         "look at what host->write returns, and return it", kToSerializers, client_gone,
         "report.accepted"},
};

}  // namespace

Rules serializer_rules() { return kRules; }

}  // namespace bourse::host::validate
