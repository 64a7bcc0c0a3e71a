// SPDX-License-Identifier: MIT
#include "host/service/verdicts.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "host/base/json_allocator.hpp"
#include "host/base/utf8.hpp"
#include "host/http/problem.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Json = rapidjson::Writer<JsonBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

constexpr std::size_t kLoggedMax = 20;

void put(Json& json, std::string_view value) {
  const std::string clean = repair_utf8(value);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void put(Json& json, const char* name, std::string_view value) {
  json.Key(name);
  put(json, value);
}

void put(Json& json, const char* name, std::span<const std::string> list) {
  json.Key(name);
  json.StartArray();
  for (const std::string& item : list) put(json, item);
  json.EndArray();
}

void put(Json& json, const char* name, const ChangesOf& changes) {
  json.Key(name);
  json.StartObject();
  put(json, "added", changes.added);
  put(json, "removed", changes.removed);
  put(json, "changed", changes.changed);
  json.Key("kept");
  json.Uint64(changes.kept);
  json.EndObject();
}

void put(Json& json, const char* name, const Diagnostics& diagnostics, Severity severity) {
  json.Key(name);
  json.StartArray();
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity != severity) continue;
    json.StartObject();
    put(json, "place", diagnostics.place(diagnostic.mark));
    put(json, "code", diagnostic.code);
    put(json, "message", diagnostic.message);
    if (!diagnostic.hint.empty()) put(json, "help", diagnostic.hint);
    json.EndObject();
  }
  json.EndArray();
}

Response response(int status, const char* type, const JsonBuffer& body) {
  Response response;
  response.status = status;
  response.headers = {
      {"Content-Type", type}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  response.body =
      std::make_shared<const std::string>(std::string(body.GetString(), body.GetSize()) + "\n");
  return response;
}

void log_all(std::int32_t level, const char* event, const Diagnostics& diagnostics,
             Severity severity) {
  std::size_t logged = 0;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity != severity || ++logged > kLoggedMax) continue;
    log_event(level, event,
              {{"place", diagnostics.place(diagnostic.mark)},
               {"code", diagnostic.code},
               {"message", diagnostic.message},
               {"help", diagnostic.hint}});
  }
}

std::string in_short(const ChangesOf& changes) {
  return "+" + std::to_string(changes.added.size()) + " -" +
         std::to_string(changes.removed.size()) + " ~" + std::to_string(changes.changed.size());
}

std::string counted_errors(std::size_t errors) {
  return std::to_string(errors) + (errors == 1 ? " error" : " errors");
}

}  // namespace

ReloadVerdict reload_taken(const Served& served, const Changes& changes,
                           std::span<const std::string> needs_restart,
                           const Diagnostics& diagnostics) {
  log_all(BOURSE_LEVEL_WARN, "configuration_warning", diagnostics, Severity::kWarning);
  std::string later;
  for (const std::string& key : needs_restart) (later += later.empty() ? "" : ", ") += key;
  if (!later.empty()) {
    log_event(BOURSE_LEVEL_WARN, "needs_restart",
              {{"keys", later}, {"message", "these cannot change in a running server"}});
  }
  log_event(BOURSE_LEVEL_INFO, "reloaded",
            {{"generation", served.generation},
             {"configuration", served.sha256},
             {"routes", in_short(changes.routes)},
             {"sources", in_short(changes.sources)},
             {"components", in_short(changes.components)},
             {"plugins", in_short(changes.plugins)}});
  JsonBuffer buffer;
  Json json(buffer);
  json.StartObject();
  json.Key("generation");
  json.Uint64(served.generation);
  put(json, "configuration", served.sha256);
  put(json, "routes", changes.routes);
  put(json, "sources", changes.sources);
  put(json, "components", changes.components);
  put(json, "plugins", changes.plugins);
  put(json, "needs_restart", needs_restart);
  put(json, "warnings", diagnostics, Severity::kWarning);
  json.EndObject();
  return {.taken = true, .response = response(200, "application/json", buffer)};
}

ReloadVerdict reload_refused(const Diagnostics& diagnostics) {
  log_all(BOURSE_LEVEL_ERROR, "configuration_error", diagnostics, Severity::kError);
  log_event(
      BOURSE_LEVEL_ERROR, "reload_refused",
      {{"errors", diagnostics.errors()}, {"message", "what was served before goes on, whole"}});
  JsonBuffer buffer;
  Json json(buffer);
  json.StartObject();
  put(json, "type", "urn:bourse:problem:configuration_refused");
  put(json, "title", "Unprocessable Content");
  json.Key("status");
  json.Int(422);
  put(json, "detail",
      "The configuration has " + counted_errors(diagnostics.errors()) +
          "; what was served before goes on, whole.");
  put(json, "code", "configuration_refused");
  put(json, "errors", diagnostics, Severity::kError);
  put(json, "warnings", diagnostics, Severity::kWarning);
  put(json, "report", diagnostics.render());
  json.EndObject();
  return {.response = response(422, "application/problem+json", buffer),
          .report = diagnostics.render()};
}

ReloadVerdict reload_failed(const Failure& failure) {
  log_event(BOURSE_LEVEL_ERROR, "reload_refused",
            {{"code", failure.code}, {"message", failure.message}});
  return {.response = problem_response(failure, {}),
          .report = "error[" + failure.code + "]: " + failure.message + "\n"};
}

}  // namespace bourse::host
