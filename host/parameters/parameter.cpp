// SPDX-License-Identifier: MIT
#include "host/parameters/parameter.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/names.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/parse.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kValueBytesMax = 65536;  // of a default, which may be a long list
constexpr std::size_t kChoicesMax = 1000;

// Why a declaration is refused: a sentence about "parameter NAME", or nothing.
using Complaint = std::optional<std::string>;

struct CheckedText {
  std::string text = {};
  Complaint complaint = {};
};

// Copies a C string of a plugin; looks at no byte past the first `bytes_max` + 1.
CheckedText copy_text(const char* from, std::string_view what, std::size_t bytes_max) {
  if (from == nullptr) return {};
  const std::size_t bytes = strnlen(from, bytes_max + 1);
  const std::string name(what);
  if (bytes > bytes_max) {
    return {.complaint = "its " + name + " is longer than " + std::to_string(bytes_max) +
                         " bytes; shorten it"};
  }
  std::string text(from, bytes);
  if (!is_utf8(text)) return {.complaint = "its " + name + " is not UTF-8; save it as UTF-8"};
  return {.text = std::move(text)};
}

bool is_single_type(bourse_type type) {
  return type >= BOURSE_TYPE_BOOL && type <= BOURSE_TYPE_TEXT;
}

std::string value_words(const Parameter& parameter, std::string_view text) {
  return parameter.secret ? "(a hidden value)" : in_quotes(text);
}

// What is wrong with one bound, looking at nothing but itself.
Complaint bound_complaint(const Parameter& parameter, std::string_view which,
                          const std::optional<std::string>& bound) {
  if (!bound) return std::nullopt;
  const std::string its = "its " + std::string(which) + " " + value_words(parameter, *bound);
  if (parameter.type == BOURSE_TYPE_BOOL) return its + " means nothing for a BOOL; remove it";
  const ParsedValue parsed = parse_single(bound_type(parameter.type), *bound);
  const bool length = !is_ordered(parameter.type);
  if (parameter.type == BOURSE_TYPE_TIME && parse_time(*bound, 0).ns && !parse_time(*bound).ns) {
    return its + " is relative to the time of a request; a bound must be a time that stays";
  }
  if (parsed.reading != Reading::kOk) {
    return its + (length ? " is a length and must be a whole number"
                         : " does not parse as a value of its type");
  }
  if (!length) return std::nullopt;
  const std::int64_t limit = parameter.type == BOURSE_TYPE_TEXT ? kTextBytesLimit : kListItemsLimit;
  const std::int64_t given = parsed.value.view().as.i64;
  if (given >= 0 && given <= limit) return std::nullopt;
  return its + " is a length and must be from 0 to " + std::to_string(limit);
}

Complaint bounds_complaint(const Parameter& parameter) {
  if (auto wrong = bound_complaint(parameter, "min", parameter.min)) return wrong;
  if (auto wrong = bound_complaint(parameter, "max", parameter.max)) return wrong;
  bool crossed = false;
  if (is_ordered(parameter.type)) {
    crossed = parameter.min && parameter.max &&
              compare(parse_single(parameter.type, *parameter.min).value,
                      parse_single(parameter.type, *parameter.max).value) > 0;
  } else if (parameter.type != BOURSE_TYPE_BOOL) {
    const LengthBounds bounds = length_bounds(parameter);
    if (bounds.min > bounds.max && !parameter.max) {
      return "its min " + *parameter.min + " is above " + std::to_string(bounds.max) +
             ", the max where none is declared; declare one";
    }
    crossed = bounds.min > bounds.max;
  }
  if (!crossed) return std::nullopt;
  return "its min " + value_words(parameter, *parameter.min) + " is above its max " +
         value_words(parameter, *parameter.max) + ", so no value is legal";
}

Complaint choices_complaint(const Parameter& parameter) {
  if (parameter.choices.empty()) return std::nullopt;
  if (parameter.type == BOURSE_TYPE_BOOL || parameter.item == BOURSE_TYPE_BOOL) {
    return "choices mean nothing for a BOOL; remove them";
  }
  Parameter free = parameter;
  free.choices.clear();
  const std::int64_t now = wall_clock();  // one for all: -1d and -24h are the same choice
  std::vector<std::string> seen;
  for (const std::string& choice : parameter.choices) {
    const Result<Value> value = read_choice(free, choice, now);
    if (!value) {
      return "its choice " + value_words(parameter, choice) +
             " is not legal by its other rules: expected " + expectation(free);
    }
    if (parameter.type == BOURSE_TYPE_LIST && choice.find(',') != choice.npos) {
      return "its choice " + value_words(parameter, choice) +
             " holds a comma, which separates items";
    }
    if (parameter.type == BOURSE_TYPE_LIST && trimmed(choice) != choice) {
      return "its choice " + value_words(parameter, choice) +
             " has blanks around it, which are no part of an item";
    }
    seen.push_back(value->canonical());
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice == seen.end()) return std::nullopt;
  return "its choice " + value_words(parameter, *twice) + " is there twice; remove one";
}

Complaint default_complaint(const Parameter& parameter) {
  if (!parameter.def) return std::nullopt;
  if (parameter.required) return "it is required and has a default; drop one of the two";
  const Result<Value> value = read_text(parameter, *parameter.def, wall_clock());
  if (value) return std::nullopt;
  const std::string its =
      parameter.secret ? "its default" : "its default " + in_quotes(*parameter.def);
  return its + " is not legal by its own rules: expected " + expectation(parameter);
}

Complaint type_complaint(const Parameter& parameter) {
  if (!is_single_type(parameter.type) && parameter.type != BOURSE_TYPE_LIST) {
    return "its type " + std::to_string(parameter.type) +
           " is unknown; use BOURSE_TYPE_BOOL to BOURSE_TYPE_LIST";
  }
  if (parameter.type == BOURSE_TYPE_LIST && !is_single_type(parameter.item)) {
    return "the type of its items, " + std::to_string(parameter.item) +
           ", cannot stand in a list; use BOURSE_TYPE_BOOL to BOURSE_TYPE_TEXT";
  }
  return std::nullopt;
}

Complaint rules_complaint(const Parameter& parameter) {
  if (auto wrong = type_complaint(parameter)) return wrong;
  if (auto wrong = bounds_complaint(parameter)) return wrong;
  if (auto wrong = choices_complaint(parameter)) return wrong;
  return default_complaint(parameter);
}

// Copies the texts of a declaration into `to`.
Complaint copy_texts(const bourse_param& declared, Parameter& to) {
  Complaint complaint;
  const auto copy = [&](const char* from, std::string_view what, std::size_t bytes_max) {
    CheckedText checked = copy_text(from, what, bytes_max);
    if (checked.complaint && !complaint) complaint = std::move(checked.complaint);
    return std::move(checked.text);
  };
  to.label = copy(declared.label, "label", BOURSE_MAX_LINE_BYTES);
  to.doc = copy(declared.doc, "doc", BOURSE_MAX_DOC_BYTES);
  to.unit = copy(declared.unit, "unit", BOURSE_MAX_LINE_BYTES);
  if (declared.def != nullptr) to.def = copy(declared.def, "default", kValueBytesMax);
  if (declared.min != nullptr) to.min = copy(declared.min, "min", kValueBytesMax);
  if (declared.max != nullptr) to.max = copy(declared.max, "max", kValueBytesMax);
  if (!complaint && has_control(to.label)) complaint = "its label has control characters";
  if (declared.choices == nullptr) return complaint;
  for (std::size_t i = 0; declared.choices[i] != nullptr; ++i) {
    if (i == kChoicesMax) {
      return "it has more than " + std::to_string(kChoicesMax) +
             " choices, or the list lacks the NULL at its end";
    }
    to.choices.push_back(copy(declared.choices[i], "choice", kTextBytesMax));
  }
  if (to.choices.empty()) return "its list of choices is empty; use NULL when any value is legal";
  return complaint;
}

Failure bad_declaration(const std::string& whose, const std::string& complaint) {
  return Failure{
      .status = BOURSE_INTERNAL, .code = "bad_parameter", .message = whose + ": " + complaint};
}

// ---- narrowing ----------------------------------------------------------------------------------

Complaint narrow_bound(Parameter& to, const Parameter& from, std::string_view which,
                       const std::optional<std::string>& bound) {
  if (!bound) return std::nullopt;
  const bool is_min = which == "min";
  (is_min ? to.min : to.max) = *bound;
  if (auto wrong = bound_complaint(to, which, bound)) return wrong;
  const Value given = parse_single(bound_type(to.type), *bound).value;
  std::optional<std::string> limit = is_min ? from.min : from.max;
  if (!is_ordered(to.type) && !is_min) limit = std::to_string(length_bounds(from).max);
  if (!limit) return std::nullopt;
  const auto order = compare(given, parse_single(bound_type(to.type), *limit).value);
  if (is_min ? order >= 0 : order <= 0) return std::nullopt;
  return "the route's " + std::string(which) + " " + value_words(to, *bound) +
         " is wider than the plugin's own " + *limit + "; a route can only narrow";
}

// Own choices of the route, or those of the plugin that the narrower bounds leave.
Complaint narrow_choices(Parameter& to, const Parameter& from, const Narrowing& by) {
  Parameter free = to;
  free.choices.clear();
  const std::int64_t now = wall_clock();
  if (!by.choices) {
    std::erase_if(to.choices,
                  [&](const std::string& choice) { return !read_choice(free, choice, now).ok(); });
    if (!from.choices.empty() && to.choices.empty()) {
      return "the route's bounds leave none of the plugin's choices";
    }
    return std::nullopt;
  }
  if (by.choices->empty()) return "the route's list of choices is empty";
  for (const std::string& choice : *by.choices) {
    Parameter one = from;  // as if a request gave it, but a LIST's count does not matter
    one.min = from.type == BOURSE_TYPE_LIST ? std::nullopt : from.min;
    const Result<Value> known = read_text(one, choice, now);
    if (!known) return "the route's choice: " + known.failure().message;
  }
  to.choices = *by.choices;
  return choices_complaint(to);
}

Complaint narrow_default(Parameter& to, const Narrowing& by) {
  const std::optional<std::string>& given = by.fixed ? by.fixed : by.def;
  if (given) {
    to.def = given;
    to.required = false;
    to.fixed = by.fixed.has_value();
  }
  if (!to.def) return std::nullopt;
  const Result<Value> value = read_text(to, *to.def, wall_clock());
  if (value) return std::nullopt;
  if (given) return "the route's value is not legal: " + value.failure().message;
  return "the route's rules leave out the plugin's default " + value_words(to, *to.def) +
         "; give a default as well";
}

Complaint apply(Parameter& to, const Parameter& from, const Narrowing& by) {
  if (from.fixed) return "it is fixed already";
  if (by.fixed && (by.def || by.min || by.max || by.choices)) {
    return "a fixed value leaves nothing for default, min, max or choices to say";
  }
  if (auto wrong = narrow_bound(to, from, "min", by.min)) return wrong;
  if (auto wrong = narrow_bound(to, from, "max", by.max)) return wrong;
  if (auto wrong = bounds_complaint(to)) return wrong;
  if (auto wrong = narrow_choices(to, from, by)) return wrong;
  return narrow_default(to, by);
}

}  // namespace

Result<Parameter> check_parameter(const bourse_param& declared) {
  if (declared.name == nullptr) return bad_declaration("a parameter", "it has no name");
  const std::string name(declared.name, strnlen(declared.name, BOURSE_MAX_ID_BYTES + 1));
  const std::string whose = "parameter " + in_quotes(name);
  if (!is_name(name, BOURSE_MAX_ID_BYTES)) {
    return bad_declaration(whose, "its name must be a-z, then a-z, 0-9 and _, at most " +
                                      std::to_string(BOURSE_MAX_ID_BYTES) + " bytes");
  }
  Parameter checked{.name = name,
                    .type = declared.type,
                    .item = declared.type == BOURSE_TYPE_LIST ? declared.item : BOURSE_TYPE_NULL,
                    .required = (declared.flags & BOURSE_PARAM_REQUIRED) != 0,
                    .secret = (declared.flags & BOURSE_PARAM_SECRET) != 0,
                    .optional = (declared.flags & BOURSE_PARAM_OPTIONAL) != 0};
  if (auto wrong = copy_texts(declared, checked)) return bad_declaration(whose, *wrong);
  if (auto wrong = rules_complaint(checked)) return bad_declaration(whose, *wrong);
  return checked;
}

bool is_of_unknown_type(const bourse_param& declared) noexcept {
  const bool named = declared.name != nullptr &&
                     is_name({declared.name, strnlen(declared.name, BOURSE_MAX_ID_BYTES + 1)},
                             BOURSE_MAX_ID_BYTES);
  const bourse_type type = declared.type == BOURSE_TYPE_LIST ? declared.item : declared.type;
  return named && type > BOURSE_TYPE_LIST;
}

Result<Parameter> narrow(const Parameter& declared, const Narrowing& by) {
  Parameter narrower = declared;
  std::optional<std::string> wrong = apply(narrower, declared, by);
  if (!wrong) {
    narrower.hidden = narrower.hidden || by.hidden;
    return narrower;
  }
  if (by.hidden) {
    wrong =
        "the route's rules hold values of the environment (not shown here), and one of them is "
        "not legal or wider than the plugin's own rule: " +
        expectation(declared);
  }
  return Failure{.status = BOURSE_BAD_PARAM,
                 .code = "not_narrower",
                 .message = "parameter \"" + declared.name + "\": " + *wrong,
                 .parameter = declared.name};
}

}  // namespace bourse::host
