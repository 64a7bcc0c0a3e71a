// SPDX-License-Identifier: MIT
#include <algorithm>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/parse.hpp"

namespace bourse::host {
namespace {

Failure failure(const Parameter& parameter, std::string code, const std::string& sentence) {
  return Failure{.status = BOURSE_BAD_PARAM,
                 .code = std::move(code),
                 .message = "parameter \"" + parameter.name + "\": " + sentence,
                 .parameter = parameter.name};
}

std::string shown(const Parameter& parameter, std::string_view text) {
  return parameter.secret ? "a hidden value" : in_quotes(text);
}

std::string got(const Parameter& parameter, std::string_view text) {
  return "expected " + expectation(parameter) + ", got " + shown(parameter, text);
}

// The type of one value: of the parameter, or of the items of a list.
bourse_type single_type(const Parameter& parameter) {
  return parameter.type == BOURSE_TYPE_LIST ? parameter.item : parameter.type;
}

// "...T00:00:00+02:00" comes as "...T00:00:00 02:00". Without a T, a blank stands where one should.
bool lost_plus(std::string_view text) {
  constexpr std::size_t kOffset = 6;
  if (text.size() < kOffset || text[text.size() - kOffset] != ' ') return false;
  return text.substr(0, text.size() - kOffset).find_first_of("Tt") != std::string_view::npos;
}

Failure malformed(const Parameter& parameter, std::string_view text) {
  std::string why = got(parameter, text);
  const bool is_text = parameter.type == BOURSE_TYPE_TEXT || parameter.item == BOURSE_TYPE_TEXT;
  if (!is_utf8(text)) {
    why += "; it is not UTF-8";
  } else if (is_text && has_control(text)) {
    why += "; it holds control characters";
  } else if (single_type(parameter) == BOURSE_TYPE_TIME && lost_plus(text)) {
    why += "; in a URL, write %2B for +";
  }
  return failure(parameter, "bad_parameter", why);
}

Failure out_of_range(const Parameter& parameter, std::string_view text, std::string_view why) {
  return failure(parameter, "parameter_out_of_range",
                 got(parameter, text) + "; " + std::string(why));
}

Failure not_a_choice(const Parameter& parameter, std::string_view text) {
  std::string why = got(parameter, text);
  if (!parameter.secret) {
    if (const auto near = suggest(text, std::span<const std::string>(parameter.choices))) {
      why += "; did you mean " + in_quotes(*near) + "?";
    }
  }
  Failure told = failure(parameter, "bad_parameter", why);
  told.offer = parameter.choices;
  return told;
}

// `place`: of `count`, from 0.
Failure empty_item(const Parameter& parameter, std::size_t place, std::size_t count) {
  const std::string expected = "expected " + expectation(parameter);
  return failure(parameter, "bad_parameter",
                 count == 1 ? expected + ", got nothing; leave it out"
                            : expected + ", but item " + std::to_string(place + 1) +
                                  " is empty; take out the comma that is too many");
}

bool is_choice(const Parameter& parameter, const Value& value, std::int64_t now) {
  if (parameter.choices.empty()) return true;
  const bourse_type type = single_type(parameter);
  const std::string spelling = value.canonical();  // "05" is the choice 5
  return std::any_of(parameter.choices.begin(), parameter.choices.end(),
                     [&](const std::string& choice) {
                       return parse_single(type, choice, now).value.canonical() == spelling;
                     });
}

Result<void> check_bounds(const Parameter& parameter, const Value& value, std::string_view text) {
  if (is_ordered(parameter.type)) {
    const auto bound = [&](const std::string& written) {
      return parse_single(parameter.type, written).value;
    };
    if (parameter.min && compare(value, bound(*parameter.min)) < 0) {
      return out_of_range(parameter, text, "it is below " + *parameter.min);
    }
    if (parameter.max && compare(value, bound(*parameter.max)) > 0) {
      return out_of_range(parameter, text, "it is above " + *parameter.max);
    }
    return {};
  }
  if (single_type(parameter) != BOURSE_TYPE_TEXT) return {};
  // The bounds of a LIST are of its count: its texts have the limit of undeclared ones.
  const LengthBounds bounds = parameter.type == BOURSE_TYPE_TEXT
                                  ? length_bounds(parameter)
                                  : LengthBounds{.min = 1, .max = kTextBytesMax};
  const auto bytes = static_cast<std::int64_t>(text.size());
  if (bytes >= bounds.min && bytes <= bounds.max) return {};
  return out_of_range(parameter, text,
                      "it has " + std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes") +
                          ", legal are " + std::to_string(bounds.min) + " to " +
                          std::to_string(bounds.max));
}

Result<Value> read_single(const Parameter& parameter, std::string_view text, std::int64_t now) {
  ParsedValue parsed = parse_single(single_type(parameter), text, now);
  if (parsed.reading == Reading::kMalformed) return malformed(parameter, text);
  if (parsed.reading == Reading::kTooLarge) {
    return out_of_range(parameter, text, "that is more than can be computed with");
  }
  if (Result<void> bounded = check_bounds(parameter, parsed.value, text); !bounded) {
    return std::move(bounded).failure();
  }
  return std::move(parsed.value);
}

Result<Value> read_item(const Parameter& parameter, std::string_view text, std::int64_t now) {
  Result<Value> value = read_single(parameter, text, now);
  if (value && !is_choice(parameter, *value, now)) return not_a_choice(parameter, text);
  return value;
}

Result<Value> read_items(const Parameter& parameter, std::span<const std::string_view> items,
                         std::int64_t now) {
  const LengthBounds bounds = length_bounds(parameter);
  const auto count = static_cast<std::int64_t>(items.size());
  if (count > bounds.max) {
    return failure(parameter, "parameter_out_of_range",
                   "expected " + expectation(parameter) + ", got more than " +
                       std::to_string(bounds.max) + " items");
  }
  std::vector<Value> values;
  values.reserve(items.size());
  for (const std::string_view item : items) {
    if (item.empty()) return empty_item(parameter, values.size(), items.size());
    Result<Value> value = read_item(parameter, item, now);
    if (!value) return value;
    values.push_back(*std::move(value));
  }
  if (count < bounds.min) {
    return failure(parameter, "parameter_out_of_range",
                   "expected " + expectation(parameter) + ", got " + std::to_string(count) +
                       (count == 1 ? " item" : " items"));
  }
  return Value::list(std::move(values));
}

}  // namespace

Result<Value> read_choice(const Parameter& parameter, std::string_view text, std::int64_t now) {
  if (text.empty() && parameter.type == BOURSE_TYPE_LIST) return malformed(parameter, text);
  return read_single(parameter, text, now);
}

Result<Value> read_text(const Parameter& parameter, std::string_view text, std::int64_t now) {
  if (parameter.type != BOURSE_TYPE_LIST) return read_item(parameter, text, now);
  const auto items_max = static_cast<std::size_t>(length_bounds(parameter).max);
  return read_items(parameter, split_list(text, items_max), now);
}

Result<Value> read_value(const Parameter& parameter, std::span<const std::string_view> texts,
                         std::int64_t now) {
  if (parameter.fixed && !texts.empty()) {
    return failure(parameter, "fixed_parameter", "this route has fixed its value; leave it out");
  }
  if (texts.empty()) {
    if (parameter.def) return read_text(parameter, *parameter.def, now);
    if (!parameter.required) return Value();
    return failure(parameter, "missing_parameter", "missing; give " + expectation(parameter));
  }
  if (parameter.type != BOURSE_TYPE_LIST) {
    if (texts.size() == 1) return read_item(parameter, texts[0], now);
    return failure(parameter, "repeated_parameter",
                   "given " + std::to_string(texts.size()) + " times; give it once");
  }
  const auto items_max = static_cast<std::size_t>(length_bounds(parameter).max);
  std::vector<std::string_view> items;
  for (const std::string_view text : texts) {
    std::vector<std::string_view> more = split_list(text, items_max);
    if (more.empty()) more.push_back(text);  // "?s=" names an empty item
    items.insert(items.end(), more.begin(), more.end());
    if (items.size() > items_max) break;
  }
  return read_items(parameter, items, now);
}

}  // namespace bourse::host
