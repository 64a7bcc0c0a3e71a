// SPDX-License-Identifier: MIT
#include "host/config/api.hpp"

#include <cctype>
#include <optional>
#include <utility>

#include "host/config/reader.hpp"

namespace bourse::host {
namespace {

bool is_line(std::string_view text) { return !text.empty() && text.size() <= 200; }

/// http or https, a host, perhaps a path; no slash at the end, no query.
bool is_base(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    if (rest.empty() || rest.front() == '/' || rest.back() == '/' || rest.size() > 500)
      return false;
    for (const char c : rest) {
      const bool legal = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                         std::string_view("-._~:/[]%").find(c) != std::string_view::npos;
      if (!legal) return false;
    }
    return true;
  }
  return false;
}

bool is_folder(std::string_view text) { return text == "off" || text.starts_with('/'); }

}  // namespace

void read_api(Reader& reader, const Node& node, ApiConfig& api) {
  api.mark = node.mark;
  const std::vector<std::string> places = {"public", "admin", "off"};
  if (node.kind != Node::Kind::kMap) {
    if (const auto place = reader.choice(node, "\"api\"", places)) {
      api.pages = static_cast<ApiPlace>(place->value);
    }
    return;
  }
  const MapReader map(reader, node, "\"api\"", "server.api");
  Located<ApiPlace> pages{api.pages};
  map.read_choice("pages", pages);
  api.pages = pages.value;
  if (const Node* const title = map.find("title")) {
    if (auto text = reader.text(*title, "\"title\"", is_line, "a text of at most 200 bytes")) {
      api.title = std::move(text->value);
    }
  }
  if (const Node* const url = map.find("url")) {
    auto text = reader.text(*url, "\"url\"", is_base,
                            "the address under which clients reach the server, without a slash at "
                            "its end, such as \"https://api.example.org\"");
    if (text) api.url = std::move(text->value);
  }
  if (const Node* const docs = map.find("docs")) {
    const auto text = reader.text(*docs, "\"docs\"", is_folder,
                                  "the absolute path of a folder that has swagger-ui-bundle.js and "
                                  "swagger-ui.css, or \"off\"");
    if (!text) return;
    api.has_explorer = text->value != "off";
    if (api.has_explorer) api.docs = text->value;
  }
}

void check_api(Reader& reader, const ApiConfig& api, bool has_admin) {
  if (api.pages != ApiPlace::kAdmin || has_admin) return;
  reader.error(api.mark, "conflicting_keys",
               "\"api\" is to be served by the admin listener, and there is none",
               "add \"admin\", such as admin: \"127.0.0.1:9090\", or write \"off\"");
}

}  // namespace bourse::host
