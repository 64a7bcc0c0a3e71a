// SPDX-License-Identifier: MIT
#include "host/cli/asking.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {

Result<AskedWith> arguments_for(const Dataset& dataset, const NamedTexts& given,
                                const NamedTexts& examples, std::int64_t now) {
  AskedWith arguments;
  for (const Parameter& parameter : dataset.params) {
    std::vector<std::string_view> texts;
    for (const NamedTexts* const from : {&given, &examples}) {
      if (!texts.empty()) break;
      for (const auto& [name, text] : *from) {
        if (name == parameter.name) texts.emplace_back(text);
      }
    }
    if (texts.empty()) {
      if (parameter.required) arguments.missing = parameter.name;
      continue;
    }
    auto value = read_value(parameter, texts, now);
    if (!value) return std::move(value).failure();
    arguments.names.push_back(parameter.name);
    arguments.values.push_back(*std::move(value));
  }
  return arguments;
}

Result<Answer> ask(Source& source, const Dataset& dataset, const AskedWith& arguments,
                   const Context& context, Workers* workers) {
  std::vector<bourse_arg> args;
  for (std::size_t i = 0; i < arguments.names.size(); ++i) {
    const std::string& name = arguments.names[i];
    args.push_back({{name.data(), name.size()}, arguments.values[i].view()});
  }
  bourse_query query{};
  query.size = sizeof query;
  query.dataset = {dataset.name.data(), dataset.name.size()};
  query.n_args = args.size();
  query.args = args.data();
  return source.fetch(context, query, workers);
}

Result<void> check_given(const NamedTexts& given, const std::vector<const Dataset*>& datasets) {
  std::vector<std::string> known;
  for (const Dataset* const dataset : datasets) {
    for (const Parameter& parameter : dataset->params) known.push_back(parameter.name);
  }
  for (const auto& [name, text] : given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string message = "no dataset of this source has a parameter " + in_quotes(name);
    if (const auto near = suggest(name, known)) message += "; did you mean " + *near + "?";
    return usage(message);
  }
  return {};
}

std::string as_option(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

}  // namespace bourse::host
