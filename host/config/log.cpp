// SPDX-License-Identifier: MIT
#include "host/config/log.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "host/config/keys.hpp"
#include "host/config/reader.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

std::optional<double> parse_share(std::string_view text) {
  double share = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, share);
  if (error != std::errc{} || parsed_end != end || !(share > 0 && share <= 1)) return std::nullopt;
  return share;
}

constexpr std::int32_t level_number(std::size_t index) {
  return index == 0 ? BOURSE_LEVEL_INFO : index == 1 ? BOURSE_LEVEL_WARN : BOURSE_LEVEL_ERROR;
}

void read_map(Reader& reader, const Node& node, const std::string& what, AccessLog& access) {
  const MapReader map(reader, node, what, "access-log");
  if (const Node* const level = map.find("level")) {
    const auto index =
        reader.choice(*level, "\"level\"", key_of("access-log", "level").choice_list());
    if (index) access.level = level_number(index->value);
  }
  if (const Node* const sample = map.find("sample")) {
    const auto text = reader.text(
        *sample, "\"sample\"", [](std::string_view said) { return parse_share(said).has_value(); },
        "a number above 0 and up to 1, such as 0.1 for one request in ten");
    if (text) access.sample = *parse_share(text->value);
  }
  LocatedDuration slow{access.slow};
  map.read("slow", slow);
  access.slow = slow.value;
}

}  // namespace

std::optional<AccessLog> read_access_log(Reader& reader, const Node& node,
                                         const std::string& what) {
  AccessLog access;
  if (node.kind == Node::Kind::kMap) {
    const std::size_t before = reader.errors();
    read_map(reader, node, what, access);
    return reader.errors() == before ? std::optional(access) : std::nullopt;
  }
  const auto index = reader.choice(node, what, key_of("log", "access").choice_list());
  if (!index) return std::nullopt;
  access.off = index->value == 0;
  if (!access.off) access.level = level_number(index->value - 1);
  return access;
}

void read_log(Reader& reader, const Node& node, LogConfig& log) {
  if (!reader.expect(node, Node::Kind::kMap, "\"log\"")) return;
  const MapReader map(reader, node, "\"log\"", "log");
  map.read_choice("level", log.level);
  map.read_choice("format", log.format);
  if (const Node* const access = map.find("access")) {
    if (auto read = read_access_log(reader, *access, "\"access\"")) log.access = *read;
  }
  const Node* const file = map.find("file");
  if (file == nullptr) return;
  const auto text = reader.text(
      *file, "\"file\"",
      [](std::string_view said) { return !said.empty() && !said.ends_with('/'); },
      "the name of a file");
  if (!text) return;
  log.file = {.value = reader.absolute(*text).string(),
              .mark = text->mark,
              .from_environment = text->from_environment};
}

}  // namespace bourse::host
