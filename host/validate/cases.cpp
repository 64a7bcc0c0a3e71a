// SPDX-License-Identifier: MIT
#include "host/validate/cases.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "host/base/utf8.hpp"
#include "host/parameters/parse.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kItemsMax = 1000;  // of a list that is tried at its longest
constexpr std::size_t kRandomCharacters = 40;

std::vector<std::string> ends_of(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return {"true", "false"};
    case BOURSE_TYPE_I64:
      return {"0", "1", "-1", "9223372036854775807", "-9223372036854775808"};
    case BOURSE_TYPE_F64:
      return {"0",      "-0", "1", "-1", "1.7976931348623157e308", "-1.7976931348623157e308",
              "5e-324", "0.1"};
    case BOURSE_TYPE_DECIMAL:
      return {"0",
              "1",
              "-1",
              "99999999999999999999999999999999999999",
              "-99999999999999999999999999999999999999",
              "0.00000000000000000000000000000000000001"};
    case BOURSE_TYPE_TIME:
      return {"1970-01-01", "1678-01-01", "2261-12-31", "2024-02-29T23:59:59.999999999Z",
              "now",        "-1m",        "-30d",       "-5000w"};
    default:
      return {};
  }
}

const std::vector<std::string>& hard_texts() {
  static const std::vector<std::string> kTexts = {"",
                                                  " ",
                                                  "0",
                                                  "-1",
                                                  "null",
                                                  "../../../../etc/passwd",
                                                  "/dev/zero",
                                                  "%s%s%s%n%n",
                                                  "'; DROP TABLE x; --",
                                                  "<script>alert(1)</script>",
                                                  "&lt;&amp;\"'`",
                                                  "${jndi:ldap://x/}",
                                                  "{{7*7}}",
                                                  "\\",
                                                  "\\x00\\u0000",
                                                  "a=b&c=d#e?f",
                                                  "\u00e4\u00f6\u00fc\u00df",
                                                  "e\u0301",
                                                  "\u4e2d\u6587",
                                                  "\U0001F9EE\u200d\U0001F3FD",
                                                  "\ufeff",
                                                  "\ufffd\uffff",
                                                  "A,B",
                                                  "*",
                                                  "(((((((((((((((((((",
                                                  "9999999999999999999999999999999999999999999",
                                                  "1e999",
                                                  "NaN",
                                                  "true"};
  return kTexts;
}

/// Characters of one to four bytes, without those that no text of a request has.
std::string random_text(Random& random) {
  static constexpr std::array<std::string_view, 12> kSome = {
      "a", "Z", "0", "/", "<", "\"", "\\", "\u00e9", "\u20ac", "\u4e00", "\U0001F600", " "};
  std::string text;
  const std::size_t n = 1 + random.below(kRandomCharacters);
  for (std::size_t i = 0; i < n; ++i) {
    if (random.below(2) == 0) {
      text += static_cast<char>(0x20 + random.below(0x5f));
    } else {
      text += kSome[random.below(kSome.size())];
    }
  }
  return text;
}

std::string list_of(const std::vector<std::string>& items, std::size_t n) {
  std::string list;
  for (std::size_t i = 0; i < n; ++i) {
    if (i != 0) list += ',';
    list += items[i % items.size()];
  }
  return list;
}

/// So many items, all different where there are no choices.
std::string long_list(const Parameter& parameter, std::size_t n) {
  if (!parameter.choices.empty()) return list_of(parameter.choices, n);
  std::vector<std::string> items;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string number = std::to_string(i + 1);
    items.push_back(parameter.item == BOURSE_TYPE_TEXT ? "ITEM" + number : number);
  }
  return items.empty() ? std::string() : list_of(items, n);
}

std::vector<std::string> edges_of_list(const Parameter& parameter) {
  const auto length = length_bounds(parameter);
  const auto at_most = [](std::int64_t n) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(n, 0)), kItemsMax);
  };
  std::vector<std::string> texts = parameter.choices;
  texts.push_back(long_list(parameter, at_most(length.min)));
  texts.push_back(long_list(parameter, 1));
  texts.push_back(long_list(parameter, at_most(length.max)));
  const std::string twice = long_list(parameter, 1);
  texts.push_back(twice + "," + twice);
  return texts;
}

std::string in_item(const std::string& name, const std::string& text) {
  return name + "=" + in_quotes(text);
}

NamedTexts replaced(const NamedTexts& base, const std::string& name, const std::string& text) {
  NamedTexts texts;
  for (const auto& [known, value] : base) {
    if (known != name) texts.emplace_back(known, value);
  }
  texts.emplace_back(name, text);
  return texts;
}

/// A comma parts the items of a list.
std::string as_item(std::string text) {
  std::replace(text.begin(), text.end(), ',', ';');
  return text;
}

bool takes_texts(const Parameter& parameter) {
  const bool is_text = parameter.type == BOURSE_TYPE_TEXT ||
                       (parameter.type == BOURSE_TYPE_LIST && parameter.item == BOURSE_TYPE_TEXT);
  return is_text && parameter.choices.empty();
}

std::vector<std::string> ends_of_declaration(const Parameter& parameter) {
  std::vector<std::string> texts;
  if (parameter.def) texts.push_back(*parameter.def);
  if (parameter.type == BOURSE_TYPE_LIST) {
    const auto of_list = edges_of_list(parameter);
    texts.insert(texts.end(), of_list.begin(), of_list.end());
    return texts;
  }
  if (!parameter.choices.empty()) {
    texts.insert(texts.end(), parameter.choices.begin(), parameter.choices.end());
    return texts;
  }
  if (parameter.type == BOURSE_TYPE_TEXT) {
    const auto length = length_bounds(parameter);
    texts.emplace_back(static_cast<std::size_t>(length.min), 'x');
    texts.emplace_back(static_cast<std::size_t>(length.max), 'x');
    return texts;
  }
  for (const auto& bound : {parameter.min, parameter.max}) {
    if (bound) texts.push_back(*bound);
  }
  const auto ends = ends_of(parameter.type);
  texts.insert(texts.end(), ends.begin(), ends.end());
  return texts;
}

}  // namespace

std::vector<std::string> edges(const Parameter& parameter) {
  std::vector<std::string> texts = ends_of_declaration(parameter);
  std::erase_if(texts, [&](const std::string& text) {
    const std::string_view view = text;
    return !read_value(parameter, std::span(&view, 1)).ok();
  });
  return texts;
}

std::vector<Case> edge_cases(std::span<const Parameter> parameters, const NamedTexts& base) {
  std::vector<Case> cases;
  for (const Parameter& parameter : parameters) {
    for (const std::string& text : edges(parameter)) {
      cases.push_back({in_item(parameter.name, text), replaced(base, parameter.name, text)});
    }
  }
  return cases;
}

std::vector<Case> text_cases(std::span<const Parameter> parameters, const NamedTexts& base,
                             Random& random, std::size_t n) {
  std::vector<Case> cases;
  for (const Parameter& parameter : parameters) {
    if (!takes_texts(parameter)) continue;
    std::vector<std::string> texts = hard_texts();
    for (std::size_t i = 0; i < n; ++i) texts.push_back(random_text(random));
    for (std::string& text : texts) {
      if (parameter.type == BOURSE_TYPE_LIST) text = as_item(std::move(text));
      cases.push_back({in_item(parameter.name, text), replaced(base, parameter.name, text)});
    }
  }
  return cases;
}

std::vector<Case> mixed_cases(std::span<const Parameter> parameters, const NamedTexts& base,
                              Random& random, std::size_t n) {
  std::vector<Case> cases;
  for (std::size_t i = 0; i < n && !parameters.empty(); ++i) {
    Case made{.item = {}, .texts = base};
    for (const Parameter& parameter : parameters) {
      const auto texts = edges(parameter);
      if (texts.empty() || random.below(2) == 0) continue;
      const std::string& text = texts[random.below(texts.size())];
      if (!made.item.empty()) made.item += ", ";
      made.item += in_item(parameter.name, text);
      made.texts = replaced(made.texts, parameter.name, text);
    }
    cases.push_back(std::move(made));
  }
  return cases;
}

}  // namespace bourse::host::validate
