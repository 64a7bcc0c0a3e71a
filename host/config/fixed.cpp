// SPDX-License-Identifier: MIT
#include "host/config/fixed.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/config/reader.hpp"

namespace bourse::host {
namespace {

constexpr std::array<int, 4> kStatuses = {301, 302, 307, 308};

bool is_media_type(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != text.npos && slash > 0 && slash + 1 < text.size() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_authority(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

/// The parts of where a redirect leads to, as texts. The query has its "?".
struct Elsewhere {
  std::string_view authority;
  std::string_view path;
  std::string_view query;
};

/// Nothing: it is neither a path nor a URL.
std::optional<Elsewhere> split(std::string_view text) {
  Elsewhere parts;
  const std::size_t question = std::min(text.find('?'), text.size());
  parts.query = text.substr(question);
  text = text.substr(0, question);
  const std::size_t mark = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const std::size_t slash = mark == 0 ? 0 : std::min(text.find('/', mark), text.size());
  parts.authority = text.substr(0, slash);
  parts.path = text.substr(slash);
  if (mark == 0) return parts.path.starts_with('/') ? std::optional(parts) : std::nullopt;
  if (!is_authority(text.substr(mark, slash - mark))) return std::nullopt;
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

/// What RFC 3986 lets stand in a query; braces are none of it.
bool is_query(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
    const auto is_hex = [&](std::size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (!plain && !(c == '%' && is_hex(i + 1) && is_hex(i + 2))) return false;
  }
  return true;
}

void read_to(Reader& reader, const Node& node, const PathTemplate& from, RedirectConfig& redirect) {
  const auto text = reader.text(node, "what \"redirect\" leads to");
  if (!text) return;
  const std::string shown = Reader::shown(node, *text);
  const auto place = [&](std::size_t offset, std::size_t bytes) {
    return text->value == node.text ? reader.part(node, offset, bytes) : node.mark;
  };
  const auto refuse = [&](const Mark& mark, const std::string& why, const std::string& hint) {
    reader.error(mark, "bad_value", why, text->from_environment ? "" : hint);
  };
  const auto parts = split(text->value);
  if (!parts) {
    return refuse(
        node.mark,
        "\"redirect\" leads to " + shown + ", which is neither a path nor a URL with http or https",
        R"(such as "/new/{name}" or "https://other.example/new")");
  }
  if (const std::size_t at = text->value.find('#'); at != std::string::npos) {
    return refuse(place(at, 1), "\"redirect\" leads to " + shown + ", which has a fragment",
                  "leave out # and what is behind it");
  }
  ParsedPath parsed = parse_path_template(parts->path);
  if (!parsed.problems.empty()) {
    const PathProblem& problem = parsed.problems.front();
    return refuse(place(parts->authority.size() + problem.offset, problem.bytes),
                  "the path of " + shown + ", where \"redirect\" leads to, " +
                      (text->from_environment ? "is none" : problem.message),
                  problem.hint);
  }
  if (!is_query(parts->query)) {
    return refuse(node.mark, "the query of " + shown + " cannot stand in a URL",
                  "variables are for the path; other characters are written %XX");
  }
  const std::size_t before = reader.faults();
  for (const std::string& name : parsed.path.variables()) {
    if (from.text.empty() || from.has_variable(name)) continue;
    const std::size_t at = std::min(text->value.find('{' + name + '}'), text->value.size());
    refuse(place(at, name.size() + 2),
           "\"redirect\" leads to {" + name + "}, which the route's path does not have",
           "the variables of the path may be used");
  }
  const bool is_known = reader.faults() == before && !from.text.empty();
  if (is_known && parts->authority.empty() && parsed.path.shape() == from.shape()) {
    refuse(node.mark, "\"redirect\" leads to the route itself", "name another path");
  }
  redirect = {.authority = std::string(parts->authority),
              .path = std::move(parsed.path),
              .query = std::string(parts->query)};
}

void read_max_age(const MapReader& map, FixedConfig& fixed) {
  LocatedDuration max_age{fixed.max_age};
  map.read("max-age", max_age);
  fixed.max_age = max_age.value;
}

void read_media_type(Reader& reader, const MapReader& map, std::string& into) {
  const Node* const node = map.find("media-type");
  if (node == nullptr) return;
  if (auto text = reader.text(*node, "\"media-type\"", is_media_type,
                              "a media type such as \"text/html; charset=utf-8\"")) {
    into = std::move(text->value);
  }
}

void read_redirect(Reader& reader, const Node& node, const PathTemplate& from, FixedConfig& fixed) {
  RedirectConfig redirect;
  fixed.max_age = std::chrono::hours(1);  // a browser would remember 301 and 308 for ever
  if (node.kind == Node::Kind::kMap) {
    MapReader map(reader, node, "\"redirect\"", "redirect");
    if (const Node* const to = map.require("to", "name the path that it leads to")) {
      read_to(reader, *to, from, redirect);
    }
    enum class Status { k301, k302, k307, k308 };
    Located<Status> status;
    map.read_choice("status", status);
    redirect.status = kStatuses[static_cast<std::size_t>(status.value)];
    read_max_age(map, fixed);
  } else {
    read_to(reader, node, from, redirect);
  }
  fixed.answer = std::move(redirect);
}

void read_text(Reader& reader, const Node& node, FixedConfig& fixed) {
  TextConfig text;
  const auto read_body = [&](const Node& body) {
    if (auto lines = reader.lines(body, "\"text\"")) text.body = std::move(lines->value);
  };
  if (node.kind == Node::Kind::kMap) {
    MapReader map(reader, node, "\"text\"", "text");
    if (const Node* const body = map.require("body", "write what is sent")) read_body(*body);
    read_media_type(reader, map, text.media_type);
    read_max_age(map, fixed);
  } else {
    read_body(node);
  }
  fixed.answer = std::move(text);
}

/// The name of a file or a folder, from the folder of the configuration.
void read_name(Reader& reader, const Node& node, std::string_view key,
               std::filesystem::path& into) {
  const auto not_empty = [](std::string_view text) { return !text.empty(); };
  const std::string rule = "the name of a " + std::string(key);
  if (auto text = reader.text(node, in_quotes(key), not_empty, rule)) into = reader.absolute(*text);
}

void read_fixed_file(Reader& reader, const Node& node, FixedConfig& fixed) {
  FileConfig file;
  if (node.kind == Node::Kind::kMap) {
    MapReader map(reader, node, "\"file\"", "file");
    if (const Node* const path = map.require("path", "name the file")) {
      read_name(reader, *path, "file", file.path);
    }
    read_media_type(reader, map, file.media_type);
    read_max_age(map, fixed);
  } else {
    read_name(reader, node, "file", file.path);
  }
  fixed.answer = std::move(file);
}

void read_fixed_folder(Reader& reader, const Node& node, FixedConfig& fixed) {
  FolderConfig folder;
  if (node.kind == Node::Kind::kMap) {
    MapReader map(reader, node, "\"folder\"", "folder");
    if (const Node* const path = map.require("path", "name the folder")) {
      read_name(reader, *path, "folder", folder.path);
    }
    read_max_age(map, fixed);
  } else {
    read_name(reader, node, "folder", folder.path);
  }
  fixed.answer = std::move(folder);
}

}  // namespace

FixedConfig read_fixed(Reader& reader, std::string_view key, const Node& node,
                       const PathTemplate& path) {
  FixedConfig fixed{.mark = node.mark};
  if (key == "redirect") {
    read_redirect(reader, node, path, fixed);
    return fixed;
  }
  if (!path.variables().empty()) {
    reader.error(node.mark, "bad_value",
                 in_quotes(key) + " is the same for every value, but the path has {" +
                     path.variables().front() + "}",
                 "take the variable out of the path");
  }
  if (key == "text") read_text(reader, node, fixed);
  if (key == "file") read_fixed_file(reader, node, fixed);
  if (key == "folder") read_fixed_folder(reader, node, fixed);
  return fixed;
}

}  // namespace bourse::host
