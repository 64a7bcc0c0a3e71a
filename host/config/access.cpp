// SPDX-License-Identifier: MIT
#include "host/config/access.hpp"

#include <algorithm>
#include <utility>

#include "host/base/access.hpp"
#include "host/base/utf8.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

constexpr char kOr[] = "\"public\", or a map such as {tokens: [\"${ACCESS_TOKEN}\"]}";

class TokensReader {
 public:
  explicit TokensReader(Reader& reader) : reader_(reader) {}

  std::vector<TokenConfig> read(const Node& list) && {
    for (const NodePtr& item : list.items) {
      TokenConfig token;
      const bool known = item->kind == Node::Kind::kMap ? read_named(*item, token)
                                                        : read_token(*item, "a token", token.token);
      if (known && is_new(token)) tokens_.push_back(std::move(token));
    }
    return std::move(tokens_);
  }

 private:
  bool read_named(const Node& node, TokenConfig& token) {
    MapReader map(reader_, node, "a token", "token");
    const Node* const name = map.require("name", "such as name: grafana; the log shows it");
    const Node* const secret = map.require("token", "such as token: \"${GRAFANA_TOKEN}\"");
    const bool has_name = name != nullptr && read_name(*name, token.name);
    return secret != nullptr && read_token(*secret, "\"token\"", token.token) && has_name;
  }

  bool read_name(const Node& node, LocatedText& name) {
    const auto legal = [](std::string_view text) { return is_word(text, "-_.", 64); };
    auto text = reader_.text(node, "\"name\"", legal,
                             "a name of a-z, then a-z, 0-9 and -_., at most 64 bytes");
    if (!text) return false;
    name = *std::move(text);
    if (!name.from_environment) return true;
    reader_.error(node.mark, "bad_value",
                  "the log shows the names of tokens, so they do not come out of the environment",
                  "write the name itself");
    return false;
  }

  bool read_token(const Node& node, const std::string& what, LocatedText& token) {
    auto text = reader_.text(node, what);
    if (!text) return false;
    token = *std::move(text);
    if (!token.from_environment) {
      reader_.error(token.mark, kSecretInFile, "a token stands in the file itself",
                    "put it into the environment and write \"${NAME}\" here");
    } else if (!is_access_token(token.value)) {
      reader_.error(token.mark, "bad_value",
                    "the environment gives something that is no token: it needs 16 to 512 "
                    "characters of A-Z a-z 0-9 - . _ ~ + /, and may end in =",
                    "\"openssl rand -hex 32\" makes a good one");
    }
    return true;  // that there is one says that the route is closed, whatever is wrong with it
  }

  bool is_new(const TokenConfig& token) {
    for (const TokenConfig& other : tokens_) {
      if (!token.name.value.empty() && other.name.value == token.name.value) {
        reader_.error(token.name.mark, "duplicate_value",
                      "another token is called " + in_quotes(token.name.value),
                      "the first is at " + reader_.place(other.name.mark) +
                          "; who is who in the log would be unknown");
        return false;
      }
      if (other.token.value == token.token.value) {
        reader_.error(token.token.mark, "duplicate_value",
                      "this token is the same as another one of this list",
                      "the first is at " + reader_.place(other.token.mark) +
                          "; give each who asks one of his own");
        return false;
      }
    }
    return true;
  }

  Reader& reader_;
  std::vector<TokenConfig> tokens_;
};

}  // namespace

std::optional<AccessConfig> read_access(Reader& reader, const Node& node) {
  AccessConfig access{.mark = node.mark};
  if (node.kind == Node::Kind::kScalar) {
    const auto is_public = [](std::string_view text) { return text == "public"; };
    if (!reader.text(node, "\"access\"", is_public, kOr)) return std::nullopt;
    return access;
  }
  if (!reader.expect(node, Node::Kind::kMap, "\"access\"")) return std::nullopt;
  MapReader map(reader, node, "\"access\"", "access");
  const Node* const list = map.require("tokens", "such as tokens: [\"${ACCESS_TOKEN}\"]");
  if (list == nullptr || !reader.expect(*list, Node::Kind::kSequence, "\"tokens\"")) {
    return std::nullopt;
  }
  if (list->items.empty()) {
    reader.error(list->mark, "bad_value", "\"tokens\" is an empty list; name at least one");
    return std::nullopt;
  }
  access.tokens = TokensReader(reader).read(*list);
  if (access.tokens.empty()) return std::nullopt;
  return access;
}

const AccessConfig* access_for(const RouteConfig& route, const DefaultsConfig& defaults) {
  const auto& said = route.access ? route.access : defaults.access;
  return said && !said->tokens.empty() ? &*said : nullptr;
}

}  // namespace bourse::host
