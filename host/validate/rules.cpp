// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string_view>

#include "host/validate/rule.hpp"

namespace bourse::host::validate {

std::string_view Rule::group() const noexcept {
  const std::string_view whole = id;
  return whole.substr(0, whole.find('.'));
}

std::string_view Rule::name() const noexcept {
  const std::string_view whole = id;
  return whole.substr(whole.find('.') + 1);
}

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> kAll = [] {
    std::vector<Rule> all;
    for (const auto group :
         {file_rules(), description_rules(), lifecycle_rules(), time_travel_rules(),
          manners_rules(), parameter_rules(), thread_rules(), deadline_rules(), failure_rules(),
          report_rules(), serializer_rules()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return kAll;
}

const Rule* find_rule(std::string_view id) {
  const auto& all = all_rules();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace bourse::host::validate
