// SPDX-License-Identifier: MIT
#include "host/api/forms.hpp"

#include <algorithm>

#include "host/api/schemas.hpp"
#include "host/http/html.hpp"
#include "host/routing/target.hpp"

namespace bourse::host {
namespace {

constexpr std::string_view kFormat = "format";

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + html_of(value) + '"';
}
std::string option(std::string_view value, std::string_view text, bool is_chosen) {
  return "<option" + attribute("value", value) + (is_chosen ? " selected" : "") + '>' +
         html_of(text) + "</option>";
}

/// "Moving average, fast", or the name in words.
std::string label_of(const Parameter& parameter) {
  if (!parameter.label.empty()) return parameter.label;
  std::string label = parameter.name;
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

/// The value that is there from the beginning: without one of its own, what is said of the default
/// stands behind it.
std::string input(const OperationParameter& of, const Parameter& parameter) {
  const bool needed = of.in_path || (parameter.required && of.formats.empty());
  const std::string name =
      attribute("name", parameter.name) + attribute("title", parameter_words(of));
  const std::string begin = needed ? of.example : "";
  const std::string otherwise = parameter.hidden ? "" : parameter.def.value_or("");
  std::vector<std::string> choices =
      parameter.hidden ? std::vector<std::string>() : parameter.choices;
  if (parameter.type == BOURSE_TYPE_BOOL) choices = {"true", "false"};
  if (!choices.empty() && parameter.type != BOURSE_TYPE_LIST) {
    std::string options;
    if (!needed) options += option("", otherwise.empty() ? "" : otherwise + " (default)", true);
    for (const std::string& choice : choices) {
      if (!needed && choice == otherwise) continue;
      options += option(choice, choice, needed && choice == begin);
    }
    return "<select" + name + '>' + options + "</select>";
  }
  std::string text = "<input" + name + attribute("value", begin);
  if (!otherwise.empty()) text += attribute("placeholder", otherwise);
  const bool is_number = parameter.type == BOURSE_TYPE_I64 || parameter.type == BOURSE_TYPE_F64 ||
                         parameter.type == BOURSE_TYPE_DECIMAL;
  if (is_number) {
    text += " type=\"number\"";
    text += attribute("step", parameter.type == BOURSE_TYPE_I64 ? "1" : "any");
    if (parameter.min && !parameter.hidden) text += attribute("min", *parameter.min);
    if (parameter.max && !parameter.hidden) text += attribute("max", *parameter.max);
  }
  return text + (needed ? " required>" : ">");
}

}  // namespace

RouteForm::RouteForm(const Operation& operation) : id_(operation.id), path_(operation.path) {
  for (const OperationParameter& of : operation.parameters) {
    if (of.parameter->secret || of.parameter->name == kFormat) continue;
    fields_.push_back({of, *of.parameter});
  }
  const Route& route = *operation.route;
  if (route.offers.size() < 2) return;
  for (const FormatOffer& offer : route.offers) formats_.push_back(offer.id);
}

std::string RouteForm::html(std::string_view base) const {
  // What the question is, and apart from that how the answer looks.
  std::string asked, shown;
  for (const Field& field : fields_) {
    OperationParameter of = field.of;
    of.parameter = &field.parameter;
    (of.formats.empty() ? asked : shown) += "<label><span>" + html_of(label_of(field.parameter)) +
                                            "</span>" + input(of, field.parameter) + "</label>\n";
  }
  if (!formats_.empty()) {
    std::string options = option("", "by the browser", true);
    for (const std::string& id : formats_) options += option(id, id, false);
    asked += "<label><span>Format</span><select name=\"format\">" + options + "</select></label>\n";
  }
  if (!shown.empty()) {
    shown = "<details><summary>Of a format</summary>\n<div class=\"fields\">\n" + shown +
            "</div></details>\n";
  }
  return "<form method=\"get\"" + attribute("action", std::string(base) + "docs/open/" + id_) +
         ">\n<div class=\"fields\">\n" + asked + "</div>\n" + shown +
         "<button>Ask</button>\n</form>\n";
}

const std::string* RouteForm::format_of(
    std::span<const std::pair<std::string, std::string>> fields) const {
  for (const auto& [name, text] : fields) {
    if (name != kFormat) continue;
    const auto found = std::find(formats_.begin(), formats_.end(), text);
    return found == formats_.end() ? nullptr : &*found;
  }
  return nullptr;
}

std::optional<std::string> RouteForm::target(
    std::span<const std::pair<std::string, std::string>> fields) const {
  const std::string* const format = format_of(fields);
  std::string path = path_;
  std::string query;
  for (const Field& field : fields_) {
    const Parameter& parameter = field.parameter;
    const auto said = std::find_if(fields.begin(), fields.end(), [&](const auto& one) {
      return one.first == parameter.name && !one.second.empty();
    });
    if (field.of.in_path) {
      const std::string variable = '{' + parameter.name + '}';
      const std::size_t at = path.find(variable);
      if (said == fields.end() || at == path.npos) return std::nullopt;
      path.replace(at, variable.size(), percent_encoded(said->second));
      continue;
    }
    const auto& of_formats = field.of.formats;
    const bool is_taken =
        of_formats.empty() || (format != nullptr && std::find(of_formats.begin(), of_formats.end(),
                                                              *format) != of_formats.end());
    if (said == fields.end() || !is_taken || said->second == parameter.def) continue;
    query += (query.empty() ? '?' : '&') + parameter.name + '=' + percent_encoded(said->second);
  }
  if (format != nullptr) {
    query += (query.empty() ? "?" : "&") + std::string(kFormat) + '=' + percent_encoded(*format);
  }
  return path + query;
}

std::string example_target(const Operation& operation) {
  if (!operation.route->access.is_public()) return {};
  std::string path = operation.path;
  std::string query;
  for (const OperationParameter& of : operation.parameters) {
    const Parameter& parameter = *of.parameter;
    const bool needed = of.in_path || (parameter.required && of.formats.empty());
    if (!needed) continue;
    if (of.example.empty()) return {};
    if (of.in_path) {
      const std::string variable = '{' + parameter.name + '}';
      const std::size_t at = path.find(variable);
      if (at == path.npos) return {};
      path.replace(at, variable.size(), percent_encoded(of.example));
    } else {
      query += (query.empty() ? '?' : '&') + parameter.name + '=' + percent_encoded(of.example);
    }
  }
  return path.find('{') != path.npos ? std::string() : path + query;
}

}  // namespace bourse::host
