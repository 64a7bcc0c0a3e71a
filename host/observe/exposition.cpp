// SPDX-License-Identifier: MIT
#include "host/observe/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace bourse::host {
namespace {

std::string_view name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    default:
      return "histogram";
  }
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quoted && c == '"')) {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> digits{};
    // Whole numbers as people write them: 300000, not 3e+05.
    const bool whole = std::abs(value) < 1e15 && std::trunc(value) == value;
    const auto end =
        whole ? std::to_chars(digits.begin(), digits.end(), static_cast<std::int64_t>(value))
              : std::to_chars(digits.begin(), digits.end(), value);
    out.append(digits.data(), end.ptr);
  }
}

std::vector<std::string> names_of(const MetricFamily& family) {
  std::vector<std::string> names = {family.name};
  if (family.kind == MetricKind::kHistogram) {
    for (const char* const part : {"_bucket", "_sum", "_count"}) {
      names.push_back(family.name + part);
    }
  }
  constexpr std::string_view kTotal = "_total";
  if (family.kind == MetricKind::kCounter && family.name.ends_with(kTotal)) {
    names.push_back(family.name.substr(0, family.name.size() - kTotal.size()));
  }
  return names;
}

}  // namespace

bool Exposition::declare(const MetricFamily& family) {
  if (const auto known = index_.find(family.name); known != index_.end()) {
    const MetricFamily& before = families_[known->second].family;
    return before.name == family.name && before.kind == family.kind;
  }
  std::vector<std::string> names = names_of(family);
  for (const std::string& name : names) {
    if (index_.contains(name)) return false;
  }
  for (std::string& name : names) index_.emplace(std::move(name), families_.size());
  families_.push_back({family, {}});
  return true;
}

bool Exposition::add(const MetricFamily& family, const Labels& labels, double value,
                     std::string_view suffix) {
  if (!declare(family)) return false;
  std::string& out = families_[index_.at(family.name)].lines;
  (out += family.name) += suffix;
  char separator = '{';
  for (const auto& [name, text] : labels) {
    ((out += separator) += name) += "=\"";
    append_escaped(out, text, true);
    out += '"';
    separator = ',';
  }
  out += labels.empty() ? " " : "} ";
  append_number(out, value);
  out += '\n';
  return true;
}

std::string Exposition::text() const {
  std::string out;
  for (const Known& known : families_) {
    if (known.lines.empty()) continue;
    ((out += "# HELP ") += known.family.name) += ' ';
    append_escaped(out, known.family.help, false);
    (((out += "\n# TYPE ") += known.family.name) += ' ') += name_of(known.family.kind);
    (out += '\n') += known.lines;
  }
  return out;
}

}  // namespace bourse::host
