// SPDX-License-Identifier: MIT
#include "host/routing/dataset_rules.hpp"

#include <algorithm>
#include <array>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

/// How a source stands to one column or argument.
enum class Offered { kAbsent, kOtherType, kMayBeAbsent, kThere };

struct Rule {
  Offered offered;
  bool is_optional;  ///< for the analysis
  std::string_view column;
  std::string_view argument;
  std::string_view hint = {};
};

constexpr std::string_view kTakeAnother =
    "take another source or another analysis: `bourse plugins` shows what each delivers and reads";

/// What is wrong, by what the source offers and whether the analysis could do without. What is in
/// no row is right.
constexpr std::array kRules = {
    Rule{Offered::kAbsent, false, "does not deliver", "does not take", kTakeAnother},
    Rule{Offered::kOtherType, false, "delivers", "takes", kTakeAnother},
    Rule{Offered::kOtherType, true, "delivers", "takes", kTakeAnother},
    Rule{Offered::kMayBeAbsent, false, "may leave out: it declares it optional", "",
         "take a source that always delivers it, or an analysis that goes on without it"},
};

const Rule* find_rule(Offered offered, bool is_optional) {
  const auto found = std::find_if(kRules.begin(), kRules.end(), [&](const Rule& rule) {
    return rule.offered == offered && rule.is_optional == is_optional;
  });
  return found == kRules.end() ? nullptr : &*found;
}

std::string_view words_for(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "true or false";
    case BOURSE_TYPE_I64:
      return "whole numbers";
    case BOURSE_TYPE_F64:
      return "numbers";
    case BOURSE_TYPE_DECIMAL:
      return "decimal numbers";
    case BOURSE_TYPE_TIME:
      return "times";
    case BOURSE_TYPE_LIST:
      return "a list";
    default:
      return "text";
  }
}

/// A list's items count: a list of texts is no list of numbers.
bool same_type(const Parameter& a, const Parameter& b) {
  return a.type == b.type && (a.type != BOURSE_TYPE_LIST || a.item == b.item);
}
bool same_type(const Field& a, const Field& b) { return a.type == b.type; }

bool may_be_absent(const Field& field) { return field.optional; }
bool may_be_absent(const Parameter&) { return false; }  // a source takes what it declares

template <class Part>
const Part* find_part(const std::vector<Part>& parts, const std::string& name) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

template <class Part>
Offered standing_of(const Part& wanted, const Part* offered) {
  if (offered == nullptr) return Offered::kAbsent;
  if (!same_type(*offered, wanted)) return Offered::kOtherType;
  return may_be_absent(*offered) ? Offered::kMayBeAbsent : Offered::kThere;
}

/// " as text, and not as whole numbers"; empty where the type is not the trouble.
template <class Part>
std::string types_text(const Part& wanted, const Part* offered, Offered standing) {
  if (standing != Offered::kOtherType) return {};
  if (wanted.type == offered->type) return " with items of another type";
  return " as " + std::string(words_for(offered->type)) + ", not as " +
         std::string(words_for(wanted.type));
}

class Checker {
 public:
  Checker(const Dataset& wanted, const DatasetSides& sides) : wanted_(wanted), sides_(sides) {}

  void column(const Field& field, const Field* offered) {
    const Offered standing = standing_of(field, offered);
    const Rule* const rule = find_rule(standing, field.optional);
    if (rule == nullptr) return;
    differs("reads column ", field.name,
            std::string(rule->column) + types_text(field, offered, standing), rule->hint);
  }
  void argument(const Parameter& parameter, const Parameter* offered) {
    const Offered standing = standing_of(parameter, offered);
    const Rule* const rule = find_rule(standing, parameter.optional);
    if (rule == nullptr) return;
    differs("may give argument ", parameter.name,
            std::string(rule->argument) + types_text(parameter, offered, standing), rule->hint);
  }
  void add(std::string code, std::string message, std::string hint = {}) {
    problems_.push_back({std::move(code), std::move(message), std::move(hint)});
  }
  std::vector<DatasetProblem> take() && { return std::move(problems_); }

 private:
  void differs(std::string_view what, const std::string& name, const std::string& said,
               std::string_view hint) {
    add("dataset_differs",
        std::string(sides_.analysis) + " " + std::string(what) + in_quotes(name) + " of " +
            in_quotes(wanted_.name) + ", which source " + in_quotes(sides_.source) + " " + said,
        std::string(hint));
  }

  const Dataset& wanted_;
  const DatasetSides& sides_;
  std::vector<DatasetProblem> problems_;
};

}  // namespace

std::vector<DatasetProblem> check_dataset(const Dataset& wanted, const Dataset* offered,
                                          const DatasetSides& sides, bool is_public) {
  Checker checker(wanted, sides);
  if (offered == nullptr) {
    if (!wanted.optional) {
      checker.add("dataset_not_offered",
                  std::string(sides.analysis) + " needs " + in_quotes(wanted.name) +
                      ", which source " + in_quotes(sides.source) + " does not deliver",
                  std::string(kTakeAnother));
    }
    return std::move(checker).take();
  }
  // Optional or not: the analysis would ask for it, and every request would be refused.
  if ((wanted.is_private || offered->is_private) && is_public) {
    checker.add("private_without_access",
                std::string(sides.analysis) + " shows " + in_quotes(wanted.name) +
                    ", which is private, and everybody may use this route",
                "add `access: {tokens: [\"${ACCESS_TOKEN}\"]}` to it");
  }
  for (const Field& field : wanted.fields) {
    checker.column(field, find_part(offered->fields, field.name));
  }
  for (const Parameter& parameter : wanted.params) {
    checker.argument(parameter, find_part(offered->params, parameter.name));
  }
  return std::move(checker).take();
}

}  // namespace bourse::host
