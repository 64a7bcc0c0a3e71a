// SPDX-License-Identifier: MIT
#include "host/api/html.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <utility>

#include "host/api/forms.hpp"
#include "host/api/openapi.hpp"
#include "host/api/schemas.hpp"
#include "host/base/json_allocator.hpp"
#include "host/http/html.hpp"

namespace bourse::host {
namespace {

using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using JsonWriter =
    rapidjson::Writer<JsonBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

std::string element(const std::string& name, std::string_view text) {
  return '<' + name + '>' + html_of(text) + "</" + name + '>';
}
std::string code(std::string_view text) { return element("code", text); }
std::string link(const std::string& to, std::string_view text) {
  return "<a href=\"" + html_of(to) + "\">" + html_of(text) + "</a>";
}

/// `head`: more of it.
std::string page(std::string_view title, std::string_view base, const std::string& body,
                 const std::string& head = "") {
  const std::string root(base);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n" +
         element("title", title) + "\n<link rel=\"icon\" href=\"data:,\">\n" +
         "<link rel=\"stylesheet\" href=\"" + root + "docs/pages.css\">\n" + head +
         "</head>\n<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

std::string formats_of(const Route& route) {
  std::string out;
  for (const FormatOffer& offer : route.offers) out += (out.empty() ? "" : " ") + code(offer.id);
  return out;
}

/// From a page to a path of the server.
std::string from(std::string_view base, const std::string& path) {
  const std::string relative = std::string(base) + path.substr(1);
  return relative.empty() ? "./" : relative;
}

std::string needs(const Route& route) {
  return route.access.is_public() ? std::string() : " <span class=\"token\">needs a token</span>";
}

std::string with(const std::string& target, const std::string& parameter) {
  return target + (target.find('?') == target.npos ? '?' : '&') + parameter;
}

/// The example in each format, to be looked at.
std::string format_links(const Route& route, const std::string& target) {
  if (target.empty() || route.offers.size() < 2) return formats_of(route);
  std::string out;
  for (const FormatOffer& offer : route.offers) {
    const std::string to = from("", with(target, "format=" + offer.id));
    out += (out.empty() ? "" : " ") + link(to, offer.id);
  }
  return out;
}

/// Of the example, where the route has pictures; how large it is drawn is said if it can be.
std::string picture(const Operation& operation, const std::string& target) {
  const auto& offers = operation.route->offers;
  const auto image = std::find_if(offers.begin(), offers.end(), [](const FormatOffer& offer) {
    return offer.media_type.starts_with("image/");
  });
  if (target.empty() || image == offers.end()) return {};
  std::string to = offers.size() > 1 ? with(target, "format=" + image->id) : target;
  for (const auto& [name, size] : {std::pair{"width", "480"}, {"height", "320"}}) {
    const auto takes =
        std::find_if(operation.parameters.begin(), operation.parameters.end(),
                     [name = name](const OperationParameter& of) {
                       return of.parameter->name == name && of.parameter->type == BOURSE_TYPE_I64;
                     });
    if (takes != operation.parameters.end()) to = with(to, std::string(name) + '=' + size);
  }
  return "<a class=\"picture\" href=\"" + html_of(from("", target)) + "\"><img src=\"" +
         html_of(from("", to)) + "\" alt=\"" + html_of(operation.title) +
         "\" width=\"480\" height=\"320\" loading=\"lazy\"></a>\n";
}

/// What messengers and networks show of a link to the page (ogp.me). Addresses must be whole there,
/// so only where the configuration says how the server is reached.
std::string preview(const std::vector<Operation>& operations, const ApiConfig& config) {
  const auto meta = [](const char* property, std::string_view content) {
    return "<meta property=\"" + std::string(property) + "\" content=\"" + html_of(content) +
           "\">\n";
  };
  std::string out = "<meta name=\"description\" content=\"What this server answers.\">\n" +
                    meta("og:title", config.title) +
                    meta("og:description", "What this server answers.");
  if (config.url.empty()) return out;
  out += meta("og:url", config.url + '/');
  for (const Operation& operation : operations) {
    const auto& offers = operation.route->offers;
    const std::string target = example_target(operation);
    const auto png = std::find_if(offers.begin(), offers.end(), [](const FormatOffer& offer) {
      return offer.media_type == "image/png";
    });
    if (target.empty() || png == offers.end()) continue;
    std::string to = offers.size() > 1 ? with(target, "format=" + png->id) : target;
    return out + meta("og:image", config.url + to) + meta("og:image:alt", operation.title) +
           "<meta name=\"twitter:card\" content=\"summary_large_image\">\n";
  }
  return out;
}

std::string index_card(const Operation& operation) {
  const std::string target = example_target(operation);
  std::string path = code(operation.path);
  if (!target.empty()) path = "<a href=\"" + html_of(from("", target)) + "\">" + path + "</a>";
  std::string out = "<section id=\"" + html_of(operation.id) + "\">\n" +
                    element("h2", operation.title) + "\n<p>" + path + needs(*operation.route) +
                    "</p>\n" + picture(operation, target) + "<p class=\"formats\">" +
                    format_links(*operation.route, target) + " · " +
                    link("docs/plain#" + operation.id, "what it takes and returns") + "</p>\n";
  if (operation.route->access.is_public()) {
    out += "<details><summary>Ask it</summary>\n" + RouteForm(operation).html("") + "</details>\n";
  }
  return out + "</section>\n";
}

std::string parameter_row(const OperationParameter& of) {
  const Parameter& parameter = *of.parameter;
  std::string where = of.in_path ? "path" : "query";
  if (of.in_path || (parameter.required && of.formats.empty())) where += ", required";
  return "<tr><td>" + code(parameter.name) + "</td><td>" + where + "</td><td>" +
         html_of(parameter_words(of)) + "</td></tr>\n";
}

std::string field_rows(const std::string& of, const std::vector<Field>& fields) {
  std::string rows;
  for (const Field& field : fields) {
    std::string words = field.label;
    if (!field.doc.empty()) words += (words.empty() ? "" : ": ") + field.doc;
    if (field.optional) words += words.empty() ? "not always there" : "; not always there";
    rows += "<tr><td>" + (of.empty() ? "" : code(of) + " ") + code(field.name) + "</td><td>" +
            html_of(field.unit) + "</td><td>" + html_of(words) + "</td></tr>\n";
  }
  return rows;
}

std::string returned_table(const Component& analysis) {
  if (!analysis.returned) return {};
  std::string rows = field_rows("", analysis.returned->scalars);
  for (const ReturnedTable& table : analysis.returned->tables) {
    rows += field_rows(table.name, table.fields);
  }
  return "<details><summary>What it returns</summary>\n<div class=\"wide\"><table "
         "class=\"names\">\n<thead><tr>"
         "<th>Value, or table and column</th><th>Unit</th><th>Meaning</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div></details>\n";
}

std::string formats_table(const Operation& operation) {
  const Route& route = *operation.route;
  std::string rows;
  for (const FormatOffer& offer : route.offers) {
    rows += "<tr><td>" + code(offer.id) + "</td><td>" + code(offer.media_type) + "</td><td>" +
            (route.negotiated ? code("." + offer.suffix) : "") + "</td></tr>\n";
  }
  return "<p>" + html_of(choice_of_formats(route)) +
         "</p>\n<div class=\"wide\"><table>\n<thead><tr><th>Format</th><th>Media type</th>"
         "<th>Suffix</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div>\n";
}

std::string section(const Operation& operation, std::string_view base) {
  const Component& analysis = operation.analysis->instance->component();
  std::string out = "<section id=\"" + html_of(operation.id) +
                    "\">\n<h2><span class=\"method\">GET"
                    "</span> " +
                    code(operation.path) + needs(*operation.route) + "</h2>\n";
  out += "<p>" + element("strong", operation.title);
  if (!analysis.doc.empty()) out += ". " + html_of(analysis.doc);
  out += "</p>\n";
  const std::string target = example_target(operation);
  if (!target.empty()) out += "<p>For example " + link(from(base, target), target) + "</p>\n";
  if (operation.route->access.is_public()) {
    out +=
        "<details><summary>Ask it</summary>\n" + RouteForm(operation).html(base) + "</details>\n";
  }
  std::string rows;
  for (const OperationParameter& parameter : operation.parameters) rows += parameter_row(parameter);
  if (!rows.empty()) {
    out +=
        "<div class=\"wide\"><table "
        "class=\"names\">\n<thead><tr><th>Parameter</th><th>In</th><th>Meaning</th>"
        "</tr></thead>\n<tbody>" +
        rows + "</tbody></table></div>\n";
  }
  return out + formats_table(operation) + returned_table(analysis) + "</section>\n";
}

std::string problems_table(const std::vector<Operation>& operations) {
  std::vector<const ProblemKind*> all;
  for (const Operation& operation : operations) {
    for (const ProblemKind* problem : problems_of(operation)) {
      if (std::find(all.begin(), all.end(), problem) == all.end()) all.push_back(problem);
    }
  }
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->status < b->status; });
  std::string rows;
  for (const ProblemKind* problem : all) {
    rows += "<tr><td>" + std::to_string(problem->status) + "</td><td>" + html_of(problem->words) +
            "</td><td>" + html_of(problem->codes) + "</td></tr>\n";
  }
  return "<section id=\"problems\">\n<h2>What can go wrong</h2>\n<p>Such answers are " +
         code("application/problem+json") + " with a stable " + code("code") +
         ".</p>\n<div class=\"wide\"><table>\n<thead><tr><th>Status</th><th>Meaning</th>"
         "<th>Codes</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div>\n</section>\n";
}

}  // namespace

std::string index_html(const std::vector<Operation>& operations, const ApiConfig& config) {
  std::string cards;
  for (const Operation& operation : operations) cards += index_card(operation);
  const std::string body = element("h1", config.title) + "\n<p>What this server answers. " +
                           link("docs", "Documentation with requests to try") + "; " +
                           link("docs/plain", "a plain page") + "; " +
                           link("openapi.json", "OpenAPI description") +
                           " for programs.</p>\n<div class=\"cards\">\n" + cards + "</div>\n";
  return page(config.title, "", body, preview(operations, config));
}

std::string index_json(const std::vector<Operation>& operations, const ApiConfig& config) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  const auto text = [&json](std::string_view value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  const auto member = [&](const char* name, std::string_view value) {
    json.Key(name);
    text(value);
  };
  json.StartObject();
  member("title", config.title);
  member("description", "openapi.json");
  member("documentation", "docs");
  json.Key("routes");
  json.StartArray();
  for (const Operation& operation : operations) {
    json.StartObject();
    member("path", operation.path);
    member("title", operation.title);
    member("analysis", operation.analysis->name);
    json.Key("formats");
    json.StartArray();
    for (const FormatOffer& offer : operation.route->offers) text(offer.id);
    json.EndArray();
    json.Key("needs_token");
    json.Bool(!operation.route->access.is_public());
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + '\n';
}

std::string reference_html(const std::vector<Operation>& operations, const ApiConfig& config,
                           std::string_view base, std::string_view notice) {
  std::string contents;
  std::string sections;
  for (const Operation& operation : operations) {
    contents += "<li>" + link('#' + operation.id, operation.path) + ' ' + html_of(operation.title) +
                "</li>\n";
    sections += section(operation, base);
  }
  const std::string root(base);
  const std::string body = element("h1", config.title) + '\n' + std::string(notice) + "<p>" +
                           link(root.empty() ? "./" : root, "All routes") + " · " +
                           link(root + "openapi.json", "OpenAPI description") + "</p>\n<ul>\n" +
                           contents +
                           "<li><a href=\"#problems\">What can go wrong</a></li>\n</ul>\n" +
                           sections + problems_table(operations);
  return page(config.title + ": documentation", base, body);
}

std::string explorer_html(const ApiConfig& config) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
         element("title", config.title + ": documentation") +
         "\n<link rel=\"icon\" href=\"data:,\">\n"
         "<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">\n"
         "<link rel=\"stylesheet\" href=\"docs/explorer.css\">\n</head>\n<body>\n"
         "<nav><a href=\"./\">All routes</a> <a href=\"docs/plain\">Plain page</a> "
         "<a href=\"openapi.json\">OpenAPI</a></nav>\n"
         "<div id=\"explorer\"><noscript>This page needs JavaScript; <a href=\"docs/plain\">the "
         "plain page</a> does not.</noscript></div>\n"
         "<script src=\"docs/swagger-ui-bundle.js\"></script>\n"
         "<script src=\"docs/explorer.js\"></script>\n</body>\n</html>\n";
}

std::string_view stylesheet() noexcept {
  return R"(:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--back:#fff;
  --tint:#f6f8fa;--link:#0a58ca;--mark:#9a6700}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--back:#0d1117;
  --tint:#161b22;--link:#6cb6ff;--mark:#d4a72c}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.6rem;margin:0 0 .75rem}
h2{font-size:1.1rem;margin:2.5rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
a{color:var(--link)}
code{font:.9em ui-monospace,monospace;background:var(--tint);padding:.1em .3em;border-radius:4px;
  overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;font-size:.9rem}
.wide{overflow-x:auto}
.names td:first-child code{overflow-wrap:normal;white-space:nowrap}
.method{color:var(--soft);font-weight:600}
.token{color:var(--mark);border:1px solid currentColor;border-radius:1em;padding:0 .5em;
  font-size:.8rem;font-weight:400;white-space:nowrap}
.notice{background:var(--tint);border-left:4px solid var(--mark);padding:.6rem 1rem}
summary{cursor:pointer;color:var(--link)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1rem}
.cards section{border:1px solid var(--line);border-radius:8px;padding:1rem;min-width:0}
.cards h2{margin:0 0 .25rem;padding:0;border:0}
.cards p{margin:.25rem 0}
.picture img{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:4px;
  margin:.5rem 0}
.formats{font-size:.9rem}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,9rem),1fr));gap:.5rem;
  margin:.75rem 0;align-items:end}
label span{display:block;color:var(--soft);font-size:.85rem}
input,select,button{width:100%;font:inherit;color:inherit;background:var(--back);padding:.3rem .4rem;
  border:1px solid var(--soft);border-radius:4px}
button{background:var(--tint);cursor:pointer}
)";
}

// queryConfigEnabled: false by default, so no ?url= can name another description; no validator,
// which would load a picture from elsewhere; no token is kept in the browser.
std::string_view explorer_script() noexcept {
  return R"('use strict';
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#explorer',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  supportedSubmitMethods: ['get', 'head'],
});
)";
}

}  // namespace bourse::host
