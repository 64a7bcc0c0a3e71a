// SPDX-License-Identifier: MIT
#include "host/validate/findings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/record.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kWordsMax = 4096;  // of one text; a plugin's own may be in it
constexpr std::size_t kFindingsMax = 200;
constexpr std::array<std::string_view, 3> kSeverities = {"note", "warning", "failed"};

void read_line(const std::vector<std::string>& fields, Said& said) {
  if (fields.size() == 2 && fields[0] == "item") said.item = fields[1];
  if (fields.size() == 2 && fields[0] == "skip" && said.skip_reason.empty()) {
    said.skip_reason = fields[1];
  }
  if (fields.size() != 5 || fields[0] != "finding" || said.findings.size() >= kFindingsMax) return;
  const auto* const known = std::find(kSeverities.begin(), kSeverities.end(), fields[1]);
  if (known == kSeverities.end()) return;
  said.findings.push_back({.severity = static_cast<Severity>(known - kSeverities.begin()),
                           .place = fields[2],
                           .seen = fields[3],
                           .remedy = fields[4]});
}

}  // namespace

std::string_view word_of(Outcome outcome) noexcept {
  constexpr std::array<std::string_view, 5> kWords = {"pass", "warning", "failed", "crashed",
                                                      "skipped"};
  return kWords[static_cast<std::size_t>(outcome)];
}

void Findings::item(std::string_view what) const {
  line_(record_line({"item", what.substr(0, kWordsMax)}));
}

void Findings::fail(std::string_view place, std::string_view seen, std::string_view remedy) const {
  tell(Severity::kFailed, place, seen, remedy);
}
void Findings::warn(std::string_view place, std::string_view seen, std::string_view remedy) const {
  tell(Severity::kWarning, place, seen, remedy);
}
void Findings::note(std::string_view place, std::string_view seen, std::string_view remedy) const {
  tell(Severity::kNote, place, seen, remedy);
}

void Findings::skip(std::string_view reason) const {
  line_(record_line({"skip", reason.substr(0, kWordsMax)}));
}

void Findings::tell(Severity severity, std::string_view place, std::string_view seen,
                    std::string_view remedy) const {
  line_(record_line({"finding", kSeverities[static_cast<std::size_t>(severity)],
                     place.substr(0, kWordsMax), seen.substr(0, kWordsMax),
                     remedy.empty() ? std::string_view(remedy_) : remedy.substr(0, kWordsMax)}));
}

Outcome Said::outcome() const noexcept {
  auto worst = Severity::kNote;
  for (const Finding& finding : findings) worst = std::max(worst, finding.severity);
  if (worst == Severity::kFailed) return Outcome::kFailed;
  if (worst == Severity::kWarning) return Outcome::kWarning;
  return skip_reason.empty() ? Outcome::kPass : Outcome::kSkipped;
}

Said read_said(std::string_view lines) {
  Said said;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    read_line(record_fields(lines.substr(0, end)), said);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return said;
}

}  // namespace bourse::host::validate
