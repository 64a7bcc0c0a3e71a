// SPDX-License-Identifier: MIT
#include "host/api/operations.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "host/plugins/digest.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/router.hpp"

namespace bourse::host {
namespace {

bool is_variable(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}
std::string_view name_of(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

/// "/a/{x}/b-c" is "get_a_by_x_b_c".
std::string id_of(std::string_view path) {
  std::string id = "get";
  for (const std::string_view segment : split_path(path)) {
    id += is_variable(segment) ? "_by_" : "_";
    for (const char c : is_variable(segment) ? name_of(segment) : segment) {
      const auto byte = static_cast<unsigned char>(c);
      id += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '_';
    }
  }
  return id;
}

/// All of those that would be called alike are told apart by their path, so that it does not depend
/// on which comes first.
void tell_apart(std::vector<Operation>& operations) {
  std::map<std::string, int> times;
  for (const Operation& operation : operations) ++times[operation.id];
  for (Operation& operation : operations) {
    if (times[operation.id] > 1) operation.id += '_' + sha256_hex(operation.path).substr(0, 8);
  }
}

std::string path_with(const Route& route, std::string_view analysis) {
  std::string path;
  for (const std::string_view segment : split_path(route.path)) {
    const bool picks = is_variable(segment) && name_of(segment) == route.selector;
    (path += '/') += picks ? analysis : segment;
  }
  return path.empty() ? "/" : path;
}

/// Whether a request for this path comes to this route: a literal of another one may win.
bool is_reached(const Generation& generation, const Route& route, const std::string& path) {
  std::vector<std::string> segments;
  for (const std::string_view segment : split_path(path)) segments.emplace_back(segment);
  const auto match = generation.router().find(segments);
  return match && &generation.routes()[match->route] == &route;
}

using Examples = std::vector<std::pair<std::string, std::string>>;

/// What the source has for a name, if the parameter takes it.
std::string example_of(const Parameter& parameter, const Examples& examples) {
  if (parameter.secret) return {};
  for (const auto& [name, text] : examples) {
    const std::array<std::string_view, 1> texts{text};
    if (name == parameter.name && read_value(parameter, texts)) return text;
  }
  return {};
}

class Parameters {
 public:
  Parameters(const Route& route, const RouteAnalysis& analysis, const Examples& examples)
      : route_(route), analysis_(analysis), examples_(examples) {}

  std::vector<OperationParameter> all() && {
    const auto segments = split_path(route_.path);
    for (const std::string_view segment : segments) {
      if (is_variable(segment)) add_of_path(name_of(segment));
    }
    for (const Parameter& parameter : analysis_.parameters) add(parameter, nullptr);
    for (std::size_t i = 0; i < route_.formats.size(); ++i) {
      for (const Parameter& parameter : route_.formats[i].parameters) {
        add(parameter, route_.formats.size() == 1 ? nullptr : &route_.offers[i].id);
      }
    }
    return std::move(list_);
  }

 private:
  void add_of_path(std::string_view name) {
    if (name == route_.selector) return;
    const Parameter* found = find_parameter(analysis_.parameters, name);
    for (std::size_t i = 0; found == nullptr && i < route_.formats.size(); ++i) {
      found = find_parameter(route_.formats[i].parameters, name);
    }
    if (found != nullptr) {
      list_.push_back(
          {.parameter = found, .in_path = true, .example = example_of(*found, examples_)});
    }
  }
  void add(const Parameter& parameter, const std::string* format) {
    if (parameter.fixed) return;
    for (OperationParameter& known : list_) {
      if (known.parameter->name != parameter.name) continue;
      if (format != nullptr && !known.formats.empty()) known.formats.push_back(*format);
      return;
    }
    list_.push_back(
        {.parameter = &parameter,
         .formats = format == nullptr ? std::vector<std::string>() : std::vector{*format},
         .example = example_of(parameter, examples_)});
  }

  const Route& route_;
  const RouteAnalysis& analysis_;
  const Examples& examples_;
  std::vector<OperationParameter> list_;
};

}  // namespace

std::vector<Operation> operations_of(const Generation& generation) {
  std::map<const Source*, Examples> examples;
  std::vector<Operation> operations;
  for (const Route& route : generation.routes()) {
    const Source* const source = route.source.get();
    if (source != nullptr && !examples.contains(source)) {
      examples.emplace(source, source->probe_offer().examples);
    }
    for (std::size_t i = 0; i < route.analyses.size(); ++i) {
      const RouteAnalysis& analysis = route.analyses[i];
      Operation operation;
      operation.path = path_with(route, analysis.name);
      if (!is_reached(generation, route, operation.path)) continue;
      operation.id = id_of(operation.path);
      const bool has_own_title = route.selector.empty();
      operation.title = has_own_title ? route.title : analysis.instance->component().title;
      operation.route = &route;
      operation.analysis = &analysis;
      for (const auto& [name, index] : route.names) {
        if (index == i && name != analysis.name) operation.aliases.push_back(name);
      }
      operation.parameters = Parameters(route, analysis, examples[source]).all();
      operations.push_back(std::move(operation));
    }
  }
  tell_apart(operations);
  return operations;
}

std::string choice_of_formats(const Route& route) {
  const FormatOffer& first = route.offers.front();
  if (route.offers.size() == 1) return "Always " + first.id + ".";
  std::string names;
  for (const FormatOffer& offer : route.offers) names += (names.empty() ? "" : ", ") + offer.id;
  return "The format, one of " + names + ", is what the path ends in (." + first.suffix +
         "), else what ?format= says, else what Accept wants most, else " + first.id + ".";
}

}  // namespace bourse::host
