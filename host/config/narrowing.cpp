// SPDX-License-Identifier: MIT
#include "host/config/narrowing.hpp"

namespace bourse::host {

Narrowing to_narrowing(const ParamRule& rule) {
  Narrowing by;
  const auto take = [&by](const LocatedText& text) {
    by.hidden = by.hidden || text.from_environment;
    return text.value;
  };
  const auto join = [&by](const Values& values) {
    by.hidden = by.hidden || values.from_environment();
    return values.joined();
  };
  if (rule.fixed) by.fixed = join(*rule.fixed);
  if (rule.def) by.def = join(*rule.def);
  if (rule.min) by.min = take(*rule.min);
  if (rule.max) by.max = take(*rule.max);
  if (rule.choices) {
    by.choices.emplace();
    for (const LocatedText& choice : *rule.choices) by.choices->push_back(take(choice));
  }
  return by;
}

}  // namespace bourse::host
