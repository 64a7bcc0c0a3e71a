// SPDX-License-Identifier: MIT
#include "host/validate/plan.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host::validate {
namespace {

Failure usage_failure(std::string code, std::string message) {
  return {.status = BOURSE_BAD_PARAM, .code = std::move(code), .message = std::move(message)};
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool means_one(std::string_view pattern) {
  const auto& all = all_rules();
  return std::any_of(all.begin(), all.end(),
                     [&](const Rule& rule) { return is_meant(pattern, rule); });
}

// "there is no rule "fiel.*"; did you mean file?"
std::string no_rule(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (const Rule& rule : all_rules()) {
    names.emplace_back(rule.id);
    names.push_back(rule.group());
  }
  const auto near = suggest(pattern, names);
  return "there is no rule " + in_quotes(pattern) +
         (near ? "; did you mean " + *near + "?" : "; `bourse validate --list` lists them");
}

Result<Exclusion> read_exclusion(std::string_view line) {
  const auto colon = line.find(':');
  const auto name = without_blanks(line.substr(0, colon));
  const auto reason =
      colon == std::string_view::npos ? std::string_view() : without_blanks(line.substr(colon + 1));
  if (name.empty() || reason.empty()) {
    return usage_failure("bad_exclusions", "write RULE: reason, and why it is accepted as reason");
  }
  const auto at = name.find('@');
  Exclusion exclusion{
      .pattern = std::string(name.substr(0, at)), .component = {}, .reason = std::string(reason)};
  if (at != std::string_view::npos) exclusion.component = name.substr(at + 1);
  if (!means_one(exclusion.pattern)) {
    return usage_failure("bad_exclusions", no_rule(exclusion.pattern));
  }
  return exclusion;
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), FNM_NOESCAPE) == 0;
}

bool is_meant(std::string_view pattern, const Rule& rule) {
  return fits(pattern, rule.id) || fits(pattern, rule.group());
}

Result<std::vector<Exclusion>> read_exclusions(std::string_view text, std::string_view name) {
  std::vector<Exclusion> exclusions;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto exclusion = read_exclusion(line);
    if (!exclusion) {
      exclusion.failure().message.insert(0,
                                         std::string(name) + ":" + std::to_string(number) + ": ");
      return std::move(exclusion).failure();
    }
    exclusions.push_back(*std::move(exclusion));
  }
  return exclusions;
}

std::filesystem::path exclusions_beside(const std::filesystem::path& plugin) {
  std::filesystem::path beside = plugin;
  return beside.replace_extension(".validate");
}

const Exclusion* excusing(std::span<const Exclusion> exclusions, const Rule& rule,
                          std::string_view component) {
  const auto found =
      std::find_if(exclusions.begin(), exclusions.end(), [&](const Exclusion& exclusion) {
        return is_meant(exclusion.pattern, rule) &&
               (exclusion.component.empty() || fits(exclusion.component, component));
      });
  return found == exclusions.end() ? nullptr : &*found;
}

Result<std::vector<const Rule*>> select(const std::vector<std::string>& only,
                                        const std::vector<std::string>& except) {
  for (const auto* patterns : {&only, &except}) {
    for (const std::string& pattern : *patterns) {
      if (!means_one(pattern)) return usage_failure("usage", no_rule(pattern));
    }
  }
  const auto is_one_of = [](const std::vector<std::string>& patterns, const Rule& rule) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return is_meant(pattern, rule); });
  };
  std::vector<const Rule*> chosen;
  for (const Rule& rule : all_rules()) {
    if ((only.empty() || is_one_of(only, rule)) && !is_one_of(except, rule)) {
      chosen.push_back(&rule);
    }
  }
  if (chosen.empty()) return usage_failure("usage", "no rule is left: --except takes all of them");
  return chosen;
}

}  // namespace bourse::host::validate
