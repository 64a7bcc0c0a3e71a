// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bourse/interval.hpp"

namespace bourse::fake_exchange {
namespace {

using Kind = StreamKind;

/// Takes `prefix` off the front of `text`.
bool take_front(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_back(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

/// Letters that are not ASCII have no other case here: they belong to symbols as they are.
std::optional<std::string> in_capitals(std::string_view lower) {
  std::string out(lower);
  for (char& c : out) {
    if ('A' <= c && c <= 'Z') return std::nullopt;
    if ('a' <= c && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_window(std::string_view text) { return text == "1h" || text == "4h" || text == "1d"; }

bool read_depth(std::string_view what, StreamName& out) {
  out.fast = take_back(what, "@100ms");
  out.kind = what.empty() ? Kind::kDepth : Kind::kPartialDepth;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kLevels = {
      {{"", 0}, {"5", 5}, {"10", 10}, {"20", 20}}};
  const auto found =
      std::find_if(kLevels.begin(), kLevels.end(), [&](const auto& l) { return l.first == what; });
  if (found == kLevels.end()) return false;
  out.levels = found->second;
  return true;
}

bool read_candle(std::string_view what, StreamName& out) {
  if (take_back(what, "@+08:00")) out.zone_minutes = 8 * 60;
  out.kind = Kind::kCandle;
  out.span = what;
  return Interval::parse(what).has_value();
}

/// What stands behind "symbol@".
bool read_what(std::string_view what, StreamName& out) {
  constexpr std::array<std::pair<std::string_view, Kind>, 8> kPlain = {
      {{"aggTrade", Kind::kAggregateTrade},
       {"trade", Kind::kTrade},
       {"blockTrade", Kind::kBlockTrade},
       {"miniTicker", Kind::kMiniTicker},
       {"ticker", Kind::kTicker},
       {"bookTicker", Kind::kQuote},
       {"avgPrice", Kind::kAverage},
       {"referencePrice", Kind::kReferencePrice}}};
  for (const auto& [name, kind] : kPlain) {
    if (name != what) continue;
    out.kind = kind;
    return true;
  }
  if (take_front(what, "kline_")) return read_candle(what, out);
  if (take_front(what, "depth")) return read_depth(what, out);
  out.kind = Kind::kWindowTicker;
  if (!take_front(what, "ticker_") || !is_window(what)) return false;
  out.span = what;
  return true;
}

std::optional<StreamName> of_all_markets(std::string_view what) {
  StreamName out;
  if (!take_back(what, "@arr")) return std::nullopt;
  if (what == "miniTicker") {
    out.kind = Kind::kMiniTicker;
    return out;
  }
  out.kind = Kind::kWindowTicker;
  if (!take_front(what, "ticker_") || !is_window(what)) return std::nullopt;
  out.span = what;
  return out;
}

}  // namespace

std::optional<StreamName> StreamName::parse(std::string_view text) {
  if (take_front(text, "!")) return of_all_markets(text);
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return std::nullopt;
  StreamName out;
  const auto symbol = in_capitals(text.substr(0, at));
  if (!symbol || !read_what(text.substr(at + 1), out)) return std::nullopt;
  out.symbol = *symbol;
  return out;
}

}  // namespace bourse::fake_exchange
