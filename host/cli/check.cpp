// SPDX-License-Identifier: MIT
#include "host/cli/check.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bourse/words.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/serve.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

/// What whoever starts the server passes to it, and who only checks cannot have.
std::vector<std::string> passed_listeners(const ServerConfig& config) {
  std::vector<std::string> names;
  const auto add = [&names](const Listeners& listeners) {
    for (const ListenAddress& address : listeners) {
      if (!address.passed.empty()) names.push_back(address.text());
    }
  };
  add(config.listen.value);
  if (config.admin) add(config.admin->value);
  return names;
}

void text(Json& json, std::string_view value) {
  const std::string clean = repair_utf8(value);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void member(Json& json, const char* name, std::string_view value) {
  json.Key(name);
  text(json, value);
}

void member_or_null(Json& json, const char* name, std::string_view value) {
  json.Key(name);
  value.empty() ? static_cast<void>(json.Null()) : text(json, value);
}

void place_member(Json& json, const char* name, std::uint32_t value, const Mark& mark) {
  json.Key(name);
  mark.line == 0 ? json.Null() : json.Uint(value);
}

void write_diagnostic(Json& json, const Diagnostic& diagnostic, const Diagnostics& all) {
  const Mark& mark = diagnostic.mark;
  json.StartObject();
  member(json, "severity", diagnostic.severity == Severity::kError ? "error" : "warning");
  member(json, "code", diagnostic.code);
  member(json, "message", diagnostic.message);
  member_or_null(json, "remedy", diagnostic.hint);
  member_or_null(json, "file", all.has_file(mark.file) ? all.file(mark.file).name() : "");
  place_member(json, "line", mark.line, mark);
  place_member(json, "column", mark.column, mark);
  place_member(json, "length", std::max(mark.length, 1U), mark);
  json.EndObject();
}

std::vector<const Diagnostic*> in_order(const Diagnostics& diagnostics) {
  std::vector<const Diagnostic*> order;
  for (const Diagnostic& diagnostic : diagnostics.all()) order.push_back(&diagnostic);
  std::stable_sort(order.begin(), order.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return std::tie(a->mark.file, a->mark.line, a->mark.column) <
           std::tie(b->mark.file, b->mark.line, b->mark.column);
  });
  return order;
}

void count(Json& json, const char* name, std::size_t number) {
  json.Key(name);
  json.Uint64(number);
}

void write_json(const Attempt& made, bool good, const std::vector<std::string>* not_tried) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.SetIndent(' ', 2);
  json.StartObject();
  json.Key("good");
  json.Bool(good);
  count(json, "errors", made.diagnostics.errors());
  count(json, "warnings", made.diagnostics.warnings());
  if (made.setup) {
    count(json, "routes", made.setup->generation->routes().size());
    count(json, "sources", made.setup->generation->sources()->size());
    count(json, "plugins", made.setup->loaded.catalog->plugins().size());
  }
  if (not_tried != nullptr) {
    json.Key("not_tried");
    json.StartArray();
    for (const std::string& name : *not_tried) text(json, name);
    json.EndArray();
  }
  json.Key("diagnostics");
  json.StartArray();
  for (const Diagnostic* const diagnostic : in_order(made.diagnostics)) {
    write_diagnostic(json, *diagnostic, made.diagnostics);
  }
  json.EndArray();
  json.EndObject();
  print({buffer.GetString(), buffer.GetSize()});
}

void write_lines(const Attempt& made, bool good, const std::vector<std::string>* not_tried) {
  std::fputs(made.diagnostics.render().c_str(), stderr);
  if (!good) {
    if (made.diagnostics.errors() == 0) {
      std::fputs("error: --strict takes no warnings\n", stderr);
    }
    return;
  }
  const Setup& setup = *made.setup;
  print("good: " + counted(setup.generation->routes().size(), "route") + ", " +
        counted(setup.generation->sources()->size(), "source") + ", " +
        counted(setup.loaded.catalog->plugins().size(), "plugin") +
        (not_tried != nullptr ? ", and it can listen" : ""));
  if (not_tried != nullptr && !not_tried->empty()) {
    print("not tried, because whoever starts the server passes it: " + joined(*not_tried));
  }
}

}  // namespace

int check(const CheckOptions& options) {
  SetupOptions setup = options.setup;
  setup.tries_plugins = true;
  Attempt made = attempt(setup);
  std::vector<std::string> not_tried;
  const bool tries = options.bind && made.server.has_value();
  if (tries) {
    try_to_listen(*made.server, made.diagnostics);
    not_tried = passed_listeners(*made.server);
  }
  const bool good = made.setup && made.diagnostics.errors() == 0 &&
                    !(options.strict && made.diagnostics.warnings() != 0);
  (options.json ? write_json : write_lines)(made, good, tries ? &not_tried : nullptr);
  return good ? kDone : kFailed;
}

}  // namespace bourse::host
