// SPDX-License-Identifier: MIT
#include "host/cli/inspect.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "bourse/render.hpp"
#include "bourse/words.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/facts_json.hpp"
#include "host/cli/output.hpp"
#include "host/cli/route_facts.hpp"
#include "host/config/access.hpp"
#include "host/config/quantity.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

std::string appended(const std::string& list, const std::string& item, const char* separator) {
  return list.empty() ? item : list + separator + item;
}

std::string joined_by(const std::vector<std::string>& words, const char* separator) {
  std::string list;
  for (const std::string& word : words) list = appended(list, word, separator);
  return list;
}

void print_left_out(const std::vector<std::string>& notes, const std::string& margin) {
  for (const std::string& note : notes) print(margin + "left out: " + printable(note, 400));
}

/// A name, what is to be said of it, and under that its label and doc.
void print_named(const std::string& margin, const std::string& name, const std::string& said,
                 const std::string& label, const std::string& doc) {
  print(margin + padded(name, 22) + printable(said, 400));
  const std::string words = appended(label, doc, label.empty() ? "" : ": ");
  if (!words.empty()) print(margin + std::string(22, ' ') + printable(words, 400));
}

void print_parameters(const std::string& margin, const char* title,
                      const std::vector<Parameter>& parameters) {
  if (parameters.empty()) return;
  print(margin + title);
  for (const Parameter& p : parameters) {
    print_named(margin + "  ", p.name, describe(p), p.label, p.doc);
  }
}

void print_columns(const std::string& margin, const std::vector<Field>& fields) {
  if (fields.empty()) return;
  print(margin + "columns");
  for (const Field& field : fields) {
    std::string said(type_name(field.type));
    if (!field.unit.empty()) said += " (in " + field.unit + ")";
    if (field.optional) said += ", optional";
    print_named(margin + "  ", field.name, said, field.label, field.doc);
  }
}

void print_dataset(const Component& component, const Dataset& dataset) {
  const bool delivers = component.kind == BOURSE_KIND_SOURCE;
  std::string line = std::string("    ") + (delivers ? "delivers " : "asks for ") + dataset.name;
  if (dataset.optional) line += ", optional";
  if (dataset.is_private) line += ", private: only for routes with `access`";
  print(line);
  if (!dataset.doc.empty()) print("      " + printable(dataset.doc, 2000));
  print_parameters("      ", "parameters", dataset.params);
  print_columns("      ", dataset.fields);
}

void print_component(const Component& component) {
  print("  " + padded(std::string(kind_name(component.kind)), 11) + component.id + ": " +
        printable(component.title, 200));
  if (is_layer(component)) print("    a layer: it lies over another source (`over:`)");
  if (!component.doc.empty()) print("    " + printable(component.doc, 2000));
  if (component.kind == BOURSE_KIND_SERIALIZER) {
    print("    " + component.media_type + ", suffix ." + component.suffix);
  }
  print_parameters("    ", "parameters", component.params);
  print_parameters("    ", "settings", component.config);
  for (const Dataset& dataset : component.datasets) print_dataset(component, dataset);
  print_left_out(component.notes, "    ");
}

/// "vendor Acme, license MIT, https://acme.example, built with gcc 12": what it says of itself.
std::string origin_of(const Plugin& plugin) {
  std::string origin =
      "abi " + std::to_string(BOURSE_ABI_MAJOR) + "." + std::to_string(plugin.abi_minor);
  const auto add = [&](const char* title, const std::string& text) {
    if (!text.empty()) origin += std::string(", ") + title + printable(text, 200);
  };
  add("vendor ", plugin.vendor);
  add("license ", plugin.license);
  add("", plugin.url);
  add("built with ", plugin.built_with);
  return origin;
}

void print_plugin(const Plugin& plugin) {
  print(plugin.name + " " + plugin.version + "  " + plugin.file.string());
  print("  sha256:" + plugin.sha256);
  print("  " + origin_of(plugin));
  print_left_out(plugin.notes, "  ");
  for (const auto& component : plugin.components) print_component(*component);
  print("");
}

constexpr std::size_t kCells = 6;
constexpr std::size_t kColumns = 100;

/// "market over exchange, else spare"
std::string sources_text(const Route& route) {
  if (!route.source) return "-";
  std::string text = tower_text(*route.source);
  for (const auto& spare : route.spares) text += ", else " + tower_text(*spare);
  return text;
}

/// A line of the table: path, analyses, formats, source, deadline, who may.
std::array<std::string, kCells> cells_of(const Route& route, const AccessConfig* access) {
  std::string analyses;
  for (const RouteAnalysis& a : route.analyses) analyses = appended(analyses, a.name, "|");
  if (route.fixed) analyses = route.fixed->description();
  std::string formats;
  for (const FormatOffer& f : route.offers) formats = appended(formats, f.id, ",");
  return {route.path,
          analyses,
          formats.empty() ? "-" : formats,
          sources_text(route),
          route.fixed ? "-" : print_duration(route.deadline),
          tokens_text(access)};
}

/// "{name}", "limit=200", "depth=5 fixed", "start": short, because `explain` says more.
std::vector<std::string> shown_parameters(const Route& route, const RouteConfig* lines) {
  std::vector<std::string> words;
  const auto parameters = parameters_of(route, lines);
  for (const RouteParameter& of_route : parameters) {
    const Parameter& p = *of_route.parameter;
    if (of_route.where == "path") {
      words.push_back("{" + p.name + "}");
      continue;
    }
    std::string word = p.name;
    if (of_route.hidden || p.secret) {
      word += p.fixed ? "=***" : "";
    } else if (p.def && !p.def->empty()) {
      word += "=" + printable(*p.def, 60);
    }
    if (p.fixed) word += " fixed";
    if (p.required) word += " required";
    const bool ambiguous =
        std::count_if(parameters.begin(), parameters.end(), [&](const RouteParameter& other) {
          return other.parameter->name == p.name;
        }) > 1;
    if (ambiguous) word += " of " + joined_by(of_route.of, "|");
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

int list_routes(const LookOptions& options) {
  const auto setup = set_up(options.setup);
  if (!setup) return kFailed;
  if (options.json) {
    print(route_table_json(setup->config, *setup->generation));
    return kDone;
  }
  std::vector<std::array<std::string, kCells>> table;
  std::array<std::size_t, kCells> widths{};
  for (const Route& route : setup->generation->routes()) {
    const RouteConfig* const lines = lines_of(setup->config, route);
    table.push_back(
        cells_of(route, lines == nullptr ? nullptr : access_for(*lines, setup->config.defaults)));
    for (std::size_t i = 0; i < kCells; ++i) {
      widths[i] = std::max(widths[i], table.back()[i].size());
    }
  }
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Route& route = setup->generation->routes()[row];
    std::string line;
    for (std::size_t i = 0; i < kCells; ++i) line += padded(table[row][i], widths[i] + 2);
    print(line.substr(0, line.find_last_not_of(' ') + 1));
    if (!route.title.empty()) print("    " + printable(route.title, 400));
    print_wrapped("    ", ", ", kColumns, shown_parameters(route, lines_of(setup->config, route)));
  }
  return kDone;
}

int list_plugins(const LookOptions& options) {
  SetupOptions setup = options.setup;
  setup.tries_plugins = true;
  const Loaded loaded = load_configured_plugins(setup, nullptr);
  if (options.json) {
    print(plugins_and_refusals_json(loaded));
    return loaded.refusals.empty() ? kDone : kFailed;
  }
  for (const auto& plugin : loaded.catalog->plugins()) print_plugin(*plugin);
  for (const Refusal& refusal : loaded.refusals) {
    std::fprintf(stderr, "refused: %s\n", printable(refusal.why.message, 2000).c_str());
  }
  return loaded.refusals.empty() ? kDone : kFailed;
}

}  // namespace bourse::host
