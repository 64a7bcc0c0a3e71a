// SPDX-License-Identifier: MIT
#include "host/config/limits.hpp"

#include <charconv>

#include "host/base/utf8.hpp"
#include "host/config/quantity.hpp"

namespace bourse::host {
namespace {

constexpr std::uint32_t kCountMax = 1'000'000;
constexpr char kRateRule[] =
    "a count from 1 to 1000000, \"/\" and a time of whole seconds, from 1s to 24h";
constexpr char kRateHint[] = "such as 100/1m: a hundred in each minute";

std::optional<std::uint32_t> parse_percent(std::string_view text) {
  std::uint32_t percent = 0;
  if (!text.ends_with('%')) return std::nullopt;
  const char* const end = text.data() + text.size() - 1;
  const auto [parsed_end, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc{} || parsed_end != end || percent > 100) return std::nullopt;
  return percent;
}
bool is_percent(std::string_view text) { return parse_percent(text).has_value(); }

std::optional<RateRule> read_rate(Reader& reader, const Node& node, const std::string& what) {
  const auto text = reader.text(node, what);
  if (!text) return std::nullopt;
  auto rule = parse_rate(text->value);
  if (!rule) {
    reader.error(node.mark, "bad_value",
                 what + " must be " + kRateRule + ", not " + Reader::shown(node, *text), kRateHint);
  }
  return rule;
}

/// `concurrency`: null where there is none.
std::optional<RateRule> read_bucket(Reader& reader, const Node& node, const std::string& key,
                                    std::uint32_t* concurrency) {
  const std::string what = in_quotes(key) + " of \"limits\"";
  if (node.kind != Node::Kind::kMap) return read_rate(reader, node, what);
  const MapReader map(reader, node, what, concurrency == nullptr ? "limit" : "client-limit");
  const Node* const rate = map.find("rate");
  const Node* const burst = map.find("burst");
  const Node* const most = concurrency == nullptr ? nullptr : map.find("concurrency");
  if (most != nullptr) {
    LocatedCount value;
    map.read("concurrency", value);
    *concurrency = value.value;
  }
  if (rate == nullptr) {
    if (burst != nullptr) {
      reader.error(burst->mark, "missing_key", "a \"burst\" is a part of a \"rate\"",
                   "add one, such as rate: 100/1m");
    } else if (most == nullptr) {
      reader.error(node.mark, "missing_key", "the key \"rate\" is missing in " + what,
                   std::string(kRateHint));
    }
    return std::nullopt;
  }
  auto rule = read_rate(reader, *rate, "\"rate\"");
  if (burst == nullptr) return rule;
  LocatedCount count;
  map.read("burst", count);
  if (rule && count.value > 0) rule->burst = count.value;
  return rule;
}

}  // namespace

std::optional<RateRule> parse_rate(std::string_view text) {
  using std::chrono::seconds;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  RateRule rule;
  const char* const end = text.data() + slash;
  const auto [parsed_end, error] = std::from_chars(text.data(), end, rule.count);
  const auto window = parse_duration(text.substr(slash + 1));
  if (error != std::errc{} || parsed_end != end || rule.count == 0 || rule.count > kCountMax ||
      !window || *window < seconds(1) || *window > seconds(86'400) ||
      *window % seconds(1) != std::chrono::nanoseconds(0)) {
    return std::nullopt;
  }
  rule.window = std::chrono::duration_cast<seconds>(*window);
  rule.burst = rule.count;
  return rule;
}

std::optional<LimitRules> read_limits(Reader& reader, const Node& node) {
  LimitRules rules;
  if (node.kind == Node::Kind::kScalar) {
    const auto is_off = [](std::string_view text) { return text == "off"; };
    if (!reader.text(node, "\"limits\"", is_off, "\"off\", or a map such as {client: 100/1m}")) {
      return std::nullopt;
    }
    return rules;
  }
  if (!reader.expect(node, Node::Kind::kMap, "\"limits\"")) return std::nullopt;
  const std::size_t before = reader.errors();
  const MapReader map(reader, node, "\"limits\"", "limits");
  if (const Node* const client = map.find("client")) {
    rules.client = read_bucket(reader, *client, "client", &rules.client_concurrency);
  }
  if (const Node* const token = map.find("token")) {
    rules.token = read_bucket(reader, *token, "token", nullptr);
  }
  if (const Node* const route = map.find("route")) {
    rules.route = read_bucket(reader, *route, "route", nullptr);
  }
  LocatedCount concurrency;
  map.read("concurrency", concurrency);
  rules.concurrency = concurrency.value;
  if (const Node* const hits = map.find("hits")) {
    if (auto text = reader.text(*hits, "\"hits\"", is_percent, "a whole number from 0% to 100%")) {
      rules.hit_percent = *parse_percent(text->value);
    }
  }
  if (rules.is_off() && reader.errors() == before) {
    reader.error(node.mark, "bad_value", "\"limits\" limits nothing",
                 "say what one may ask, such as {client: 100/1m}, or \"off\"");
  }
  if (reader.errors() != before) return std::nullopt;
  return rules;
}

}  // namespace bourse::host
