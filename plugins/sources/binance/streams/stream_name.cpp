// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/stream_name.hpp"

#include <array>

namespace bourse::binance {
namespace {

using std::chrono::seconds;

struct KindInfo {
  std::string_view name;
  std::string_view on_wire;  ///< behind the @
  seconds patience;
};
constexpr std::array<KindInfo, kStreamKinds> kKinds = {{
    {"kline", "kline_", seconds(15)},
    {"ticker", "ticker", seconds(10)},
    {"mini_ticker", "miniTicker", seconds(10)},
    {"book_ticker", "bookTicker", seconds(30)},
    {"trade", "trade", seconds(30)},
    {"depth", "depth@100ms", seconds(10)},
}};

const KindInfo& info_of(StreamKind kind) noexcept {
  return kKinds.at(static_cast<std::size_t>(kind));
}

/// Letters of other scripts have no case, or are left as they are.
std::string with_case(std::string_view text, char first, char last, int by) {
  std::string out(text);
  for (char& c : out) {
    if (first <= c && c <= last) c = static_cast<char>(c + by);
  }
  return out;
}

}  // namespace

std::string_view name_of(StreamKind kind) noexcept { return info_of(kind).name; }

std::array<seconds, kStreamKinds> usual_patience() noexcept {
  std::array<seconds, kStreamKinds> all{};
  for (std::size_t i = 0; i < kStreamKinds; ++i) all.at(i) = kKinds.at(i).patience;
  return all;
}

std::string StreamName::text() const {
  std::string text = with_case(symbol, 'A', 'Z', 'a' - 'A') + '@';
  text += info_of(kind).on_wire;
  if (interval) text += interval->name();
  return text;
}

std::optional<StreamName> parse_stream(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return std::nullopt;
  const std::string_view what = text.substr(at + 1);
  StreamName name{.symbol = with_case(text.substr(0, at), 'a', 'z', 'A' - 'a')};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    name.kind = static_cast<StreamKind>(i);
    if (name.kind != StreamKind::kKline) {
      if (what == kKinds[i].on_wire) return name;
    } else if (what.starts_with(kKinds[i].on_wire)) {
      name.interval = Interval::parse(what.substr(kKinds[i].on_wire.size()));
      if (name.interval) return name;
    }
  }
  return std::nullopt;
}

}  // namespace bourse::binance
