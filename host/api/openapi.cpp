// SPDX-License-Identifier: MIT
#include "host/api/openapi.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "host/api/schemas.hpp"
#include "host/base/json_allocator.hpp"
#include "host/calls/schema.hpp"
#include "host/http/status.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using JsonWriter =
    rapidjson::Writer<JsonBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

constexpr std::array<ProblemKind, 11> kProblems = {{
    {400, "BadRequest", "A parameter is missing, unknown or not legal.",
     "missing_parameter, bad_parameter, parameter_out_of_range, repeated_parameter, "
     "fixed_parameter, unknown_parameter, format_conflict, bad_target"},
    {401, "Unauthorized", "The route needs an access token.", "token_missing, token_refused"},
    {404, "NotFound",
     "What was asked for does not exist, such as a name that the source does not know.",
     "no_route, unknown_analysis, and what plugins say"},
    {406, "NotAcceptable", "Nothing that the request accepts is offered.",
     "not_acceptable, encoding_not_acceptable"},
    {422, "Unprocessable", "The parameters are legal, and no answer can be made of them.",
     "what plugins say"},
    {429, "TooManyRequests", "Too much was asked; retry_after says when to try again.",
     "what limits and sources say"},
    {500, "InternalError", "A fault of the server or of a plugin, which its log tells.",
     "what plugins say"},
    {502, "BadGateway", "The source behind the route failed.", "what sources say"},
    {503, "Unavailable", "The server is busy or stopping; retry_after says when to try again.",
     "overloaded, stopping, and what sources say"},
    {504, "GatewayTimeout", "The answer took longer than the route allows.",
     "deadline_exceeded, only_if_cached"},
    {412, "PreconditionFailed", "The answer is another one than If-Match names.",
     "precondition_failed"},
}};

constexpr std::string_view kProblemSchema = R"({"type":"object",
"description":"RFC 9457. `code` is stable and for programs, `detail` is for people.",
"required":["type","title","status"],"properties":{
"type":{"type":"string","description":"urn:bourse:problem: and the code.","examples":["urn:bourse:problem:parameter_out_of_range"]},
"title":{"type":"string","examples":["Bad Request"]},
"status":{"type":"integer","minimum":400,"maximum":599,"examples":[400]},
"detail":{"type":"string","description":"What is wrong, where, and what to do."},
"code":{"type":"string","examples":["parameter_out_of_range"]},
"instance":{"type":"string","description":"The target of the request."},
"request_id":{"type":"string","description":"As in X-Request-Id and in the server's log."},
"parameter":{"type":"string","description":"The parameter to blame."},
"offer":{"type":"array","items":{"type":"string"},"description":"What would have been accepted."},
"retry_after":{"type":"integer","minimum":0,"description":"Seconds, as in Retry-After."}}})";

constexpr std::string_view kHeaders = R"({
"ETag":{"description":"Of these bytes; for If-None-Match.","schema":{"type":"string"}},
"CacheControl":{"description":"How long the answer may be kept.","schema":{"type":"string"}},
"Link":{"description":"The same answer in the other formats, rel=alternate.","schema":{"type":"string"}},
"RequestId":{"description":"The request's id in the server's log.","schema":{"type":"string"}},
"RetryAfter":{"description":"Seconds to wait before trying again.","schema":{"type":"integer"}}})";

constexpr const char* kIntroduction =
    "Every path answers GET and HEAD. Parameters that are not listed are refused, lists are "
    "written "
    "with commas. What goes wrong is application/problem+json with a stable `code`. Answers have "
    "an "
    "ETag, and say by Cache-Control how long they hold.";

/// application/json of "application/json; charset=utf-8".
std::string essence(const std::string& media_type) {
  std::string out = media_type.substr(0, media_type.find(';'));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class Description {
 public:
  Description(const std::vector<Operation>& operations, const ApiConfig& config)
      : operations_(operations), config_(config), json_(buffer_) {}

  std::string write() {
    json_.StartObject();
    member("openapi", "3.1.0");
    info();
    servers();
    tags();
    paths();
    components();
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + '\n';
  }

 private:
  void key(std::string_view name) {
    json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void text(std::string_view value) {
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    json_.Bool(value);
  }
  void raw(std::string_view name, std::string_view value) {
    key(name);
    json_.RawValue(value.data(), value.size(), rapidjson::kObjectType);
  }
  template <class Body>
  void object(std::string_view name, Body body) {
    key(name);
    json_.StartObject();
    body();
    json_.EndObject();
  }
  void reference(std::string_view to) { member("$ref", "#/components/" + std::string(to)); }

  void info() {
    object("info", [&] {
      member("title", config_.title);
      member("version", BOURSE_VERSION);
      member("summary", "Reports over HTTP, in several formats.");
      member("description", kIntroduction);
      object("license", [&] {
        member("name", "MIT");
        member("identifier", "MIT");
      });
      object("contact", [&] { member("name", "Who runs this server"); });
    });
  }
  void servers() {
    key("servers");
    json_.StartArray();
    json_.StartObject();
    member("url", config_.url.empty() ? "/" : config_.url);
    member("description", config_.url.empty() ? "This server." : "Where clients reach it.");
    json_.EndObject();
    json_.EndArray();
  }

  /// By analysis: what it is called, or its full name where two are called alike.
  std::string tag_of(const Component& analysis) {
    const std::string& title = analysis.title.empty() ? analysis.id : analysis.title;
    const auto [known, is_new] = tag_owner_.try_emplace(title, &analysis);
    return is_new || known->second->full_name() == analysis.full_name() ? title
                                                                        : analysis.full_name();
  }
  void tags() {
    std::vector<std::string> seen;
    key("tags");
    json_.StartArray();
    for (const Operation& operation : operations_) {
      const Component& analysis = operation.analysis->instance->component();
      const std::string tag = tag_of(analysis);
      if (std::find(seen.begin(), seen.end(), tag) != seen.end()) continue;
      seen.push_back(tag);
      json_.StartObject();
      member("name", tag);
      member("description", analysis.doc.empty() ? analysis.title : analysis.doc);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void paths() {
    object("paths", [&] {
      for (const Operation& operation : operations_) {
        object(operation.path, [&] { object("get", [&] { get(operation); }); });
      }
    });
  }
  void get(const Operation& operation) {
    const Component& analysis = operation.analysis->instance->component();
    member("operationId", operation.id);
    member("summary", operation.title);
    member("description", words_of(operation));
    key("tags");
    json_.StartArray();
    text(tag_of(analysis));
    json_.EndArray();
    key("security");
    json_.StartArray();
    if (!operation.route->access.is_public()) {
      json_.StartObject();
      key("bearer");
      json_.StartArray();
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndArray();
    parameters(operation);
    object("responses", [&] { responses(operation); });
  }
  static std::string words_of(const Operation& operation) {
    const Component& analysis = operation.analysis->instance->component();
    std::string words = analysis.doc.empty() ? analysis.title + "." : analysis.doc;
    words += " " + choice_of_formats(*operation.route);
    if (!operation.aliases.empty()) {
      words += " In the path, " + operation.analysis->name + " may also be written";
      for (std::size_t i = 0; i < operation.aliases.size(); ++i) {
        words += (i == 0 ? " " : ", ") + operation.aliases[i];
      }
      words += '.';
    }
    return words;
  }

  void parameters(const Operation& operation) {
    key("parameters");
    json_.StartArray();
    for (const OperationParameter& parameter : operation.parameters) this->parameter(parameter);
    if (operation.route->offers.size() > 1) format(*operation.route);
    json_.EndArray();
  }
  void parameter(const OperationParameter& of) {
    const Parameter& parameter = *of.parameter;
    json_.StartObject();
    member("name", parameter.name);
    member("in", of.in_path ? "path" : "query");
    flag("required", of.in_path || (parameter.required && of.formats.empty()));
    member("description", parameter_words(of));
    if (parameter.type == BOURSE_TYPE_LIST) {
      member("style", of.in_path ? "simple" : "form");
      flag("explode", false);
    }
    raw("schema", parameter_schema(of));
    if (const std::string example = parameter_example(of); !example.empty()) {
      raw("example", example);
    }
    json_.EndObject();
  }
  /// No default and no example: what is filled in would win over Accept.
  void format(const Route& route) {
    json_.StartObject();
    member("name", "format");
    member("in", "query");
    flag("required", false);
    member("description", choice_of_formats(route));
    object("schema", [&] {
      member("type", "string");
      key("enum");
      json_.StartArray();
      for (const FormatOffer& offer : route.offers) text(offer.id);
      json_.EndArray();
    });
    json_.EndObject();
  }

  void responses(const Operation& operation) {
    object("200", [&] {
      member("description", operation.title);
      object("headers", [&] {
        for (const auto& [name, header] : {std::pair{"ETag", "ETag"},
                                           {"Cache-Control", "CacheControl"},
                                           {"X-Request-Id", "RequestId"}}) {
          object(name, [&, shared = header] { reference("headers/" + std::string(shared)); });
        }
        if (operation.route->offers.size() > 1) {
          object("Link", [&] { reference("headers/Link"); });
        }
      });
      object("content", [&] { content(operation); });
    });
    for (const ProblemKind* problem : problems_of(operation)) {
      object(std::to_string(problem->status),
             [&] { reference("responses/" + std::string(problem->name)); });
      if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
        problems_.push_back(problem);
      }
    }
  }
  void content(const Operation& operation) {
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < operation.route->offers.size(); ++i) {
      const std::string type = essence(operation.route->offers[i].media_type);
      if (std::find(seen.begin(), seen.end(), type) != seen.end()) continue;
      seen.push_back(type);
      object(type, [&] {
        const std::string schema = schema_name(operation, i);
        if (!schema.empty()) {
          object("schema", [&] { reference("schemas/" + schema); });
        } else if (type.starts_with("text/")) {
          object("schema", [&] { member("type", "string"); });
        }
      });
    }
  }
  /// Where the schema of a format is; empty: its serializer tells none.
  std::string schema_name(const Operation& operation, std::size_t format) {
    const RouteFormat& of = operation.route->formats[format];
    const Component& analysis = operation.analysis->instance->component();
    const std::string& id = operation.route->offers[format].id;
    std::string asked = of.serializer->full_name() + '\n' + analysis.full_name();
    for (const Parameter& parameter : of.parameters) {
      if (parameter.fixed) asked += '\n' + parameter.name + '=' + parameter.def.value_or("");
    }
    const auto known = schema_names_.find(asked);
    if (known != schema_names_.end()) return known->second;
    return schema_names_[asked] = told_schema(of, analysis, id);
  }
  std::string told_schema(const RouteFormat& of, const Component& analysis, const std::string& id) {
    const auto told = schema_of(*of.serializer, of.parameters, analysis);
    if (told && told->empty()) return {};
    const auto name = told ? schemas_.add_foreign(analysis.id + '.' + id, id, *told) : std::nullopt;
    if (name) return *name;
    log_event(BOURSE_LEVEL_WARN, "schema_left_out",
              {{"component", of.serializer->full_name()},
               {"message", told ? "what it writes is no JSON object whose $ref are of its own $defs"
                                : told.failure().message}});
    return {};
  }

  void components() {
    const bool has_private =
        std::any_of(operations_.begin(), operations_.end(),
                    [](const Operation& o) { return !o.route->access.is_public(); });
    object("components", [&] {
      if (!problems_.empty()) {
        schemas_.add("Problem", std::string(kProblemSchema));
        raw("headers", kHeaders);
        object("responses", [&] {
          for (const ProblemKind* problem : problems_) {
            object(problem->name, [&] { response(*problem); });
          }
        });
      }
      object("schemas", [&] {
        for (const auto& [name, schema] : schemas_.all()) raw(name, schema);
      });
      if (!has_private) return;
      object("securitySchemes", [&] {
        object("bearer", [&] {
          member("type", "http");
          member("scheme", "bearer");
          member("description", "An access token of the route: Authorization: Bearer TOKEN.");
        });
      });
    });
  }
  void response(const ProblemKind& problem) {
    member("description",
           std::string(problem.words) + " Codes: " + std::string(problem.codes) + '.');
    object("headers", [&] {
      object("X-Request-Id", [&] { reference("headers/RequestId"); });
      if (problem.status == 429 || problem.status == 503) {
        object("Retry-After", [&] { reference("headers/RetryAfter"); });
      }
    });
    object("content", [&] {
      object("application/problem+json", [&] {
        object("schema", [&] { reference("schemas/Problem"); });
        object("example", [&] { example(problem); });
      });
    });
  }

  /// Short: a page shows one for each status of each operation. Its code is the first one.
  void example(const ProblemKind& problem) {
    const std::string_view codes(problem.codes);
    const std::string_view code = codes.substr(0, codes.find(','));
    const bool is_ours = code.find(' ') == code.npos;
    member("type", is_ours ? "urn:bourse:problem:" + std::string(code) : "about:blank");
    member("title", reason_phrase(problem.status));
    key("status");
    json_.Int(problem.status);
    member("detail", problem.words);
    if (is_ours) member("code", code);
  }

  const std::vector<Operation>& operations_;
  const ApiConfig& config_;
  JsonBuffer buffer_;
  JsonWriter json_;
  Schemas schemas_;
  std::map<std::string, std::string> schema_names_;
  std::map<std::string, const Component*> tag_owner_;
  std::vector<const ProblemKind*> problems_;
};

}  // namespace

std::vector<const ProblemKind*> problems_of(const Operation& operation) {
  std::vector<const ProblemKind*> out;
  for (const ProblemKind& problem : kProblems) {
    if (problem.status == 401 && operation.route->access.is_public()) continue;
    out.push_back(&problem);
  }
  std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return a->status < b->status; });
  return out;
}

std::string openapi_json(const std::vector<Operation>& operations, const ApiConfig& config) {
  return Description(operations, config).write();
}

}  // namespace bourse::host
