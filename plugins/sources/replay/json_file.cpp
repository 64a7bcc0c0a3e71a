// SPDX-License-Identifier: MIT
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

using Json = rapidjson::Value;

rapidjson::Document parse(const std::filesystem::path& file, std::uintmax_t bytes_max) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw bad_file(file, 0, std::string("cannot be opened: ") + std::strerror(errno));
  std::string text;
  std::string chunk(std::size_t{1} << 16, '\0');
  while (stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) ||
         stream.gcount() > 0) {
    text.append(chunk, 0, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > bytes_max) throw bad_file(file, 0, "is larger than a JSON file may be");
  }
  std::string_view json = text;
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);
  rapidjson::Document document;
  // Iterative: a deeply nested file must not use up the stack.
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      json.data(), json.size());
  if (document.HasParseError()) {
    throw bad_file(
        file, 0,
        "is not JSON: " + std::string(rapidjson::GetParseError_En(document.GetParseError())) +
            " At byte " + std::to_string(document.GetErrorOffset()) + ".");
  }
  return document;
}

/// One JSON object of a file, for reading members with a good complaint.
class Object {
 public:
  Object(const std::filesystem::path& file, const Json& json, std::string where)
      : file_(file), json_(json), where_(std::move(where)) {
    if (!json.IsObject()) fail("expected an object");
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw bad_file(file_, 0, where_ + ": " + reason);
  }
  [[nodiscard]] const Json* find(const char* name) const {
    const auto member = json_.FindMember(name);
    return member == json_.MemberEnd() ? nullptr : &member->value;
  }
  [[nodiscard]] const Json& get(const char* name) const {
    const Json* const value = find(name);
    if (value == nullptr) fail(std::string(name) + " is missing");
    return *value;
  }
  [[nodiscard]] std::int64_t integer(const char* name) const {
    const Json& value = get(name);
    if (!value.IsInt64()) fail(std::string(name) + " must be a whole number");
    return value.GetInt64();
  }
  [[nodiscard]] std::string text(const char* name) const {
    const Json& value = get(name);
    if (!value.IsString()) fail(std::string(name) + " must be a text");
    return {value.GetString(), value.GetStringLength()};
  }
  [[nodiscard]] std::optional<Decimal> optional_decimal(const char* name) const {
    return find(name) == nullptr ? std::nullopt : std::optional(decimal(name));
  }
  [[nodiscard]] Decimal decimal(const char* name) const { return decimal(get(name), name); }
  [[nodiscard]] Decimal decimal(const Json& value, const std::string& name) const {
    if (!value.IsString()) fail(name + " must be a decimal number in quotes");
    const std::string_view text(value.GetString(), value.GetStringLength());
    if (const auto number = Decimal::parse(text)) return *number;
    fail(name + " is " + detail::quoted(text) + "; expected a decimal number of at most 38 digits");
  }
  /// Milliseconds, or microseconds when it is that large.
  [[nodiscard]] Time time(const char* name) const {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kMicroseconds = 100'000'000'000'000;
    const std::int64_t value = integer(name);
    const std::int64_t unit = value >= kMicroseconds ? 1'000 : 1'000'000;
    if (value < 0 || value > kMax / unit) fail(std::string(name) + " is out of range");
    return Time{value * unit};
  }

 private:
  const std::filesystem::path& file_;
  const Json& json_;
  std::string where_;
};

void check(const Object& object, const Ticker& t) {
  for (const auto* price : {&t.last, &t.open, &t.high, &t.low, &t.volume, &t.quote_volume}) {
    if ((*price)->sign() < 0) object.fail("prices and volumes must not be negative");
  }
  if (t.trades < 0) object.fail("count must not be negative");
  if (t.low > t.high) object.fail("lowPrice is above highPrice");
  if (t.close_time < t.open_time) object.fail("closeTime is before openTime");
}

Ticker read_ticker(const Object& object) {
  Ticker t;
  t.last = object.decimal("lastPrice");
  t.open = object.decimal("openPrice");
  t.high = object.decimal("highPrice");
  t.low = object.decimal("lowPrice");
  t.volume = object.decimal("volume");
  t.quote_volume = object.decimal("quoteVolume");
  t.open_time = object.time("openTime");
  t.close_time = object.time("closeTime");
  t.trades = object.integer("count");
  t.last_quantity = object.optional_decimal("lastQty");
  t.previous_close = object.optional_decimal("prevClosePrice");
  t.price_change = object.optional_decimal("priceChange");
  t.price_change_percent = object.optional_decimal("priceChangePercent");
  t.weighted_average = object.optional_decimal("weightedAvgPrice");
  t.bid = object.optional_decimal("bidPrice");
  t.bid_quantity = object.optional_decimal("bidQty");
  t.ask = object.optional_decimal("askPrice");
  t.ask_quantity = object.optional_decimal("askQty");
  check(object, t);
  t.complete();
  return t;
}

std::vector<BookLevel> read_side(const Object& object, const char* name, int direction) {
  const Json& side = object.get(name);
  if (!side.IsArray()) object.fail(std::string(name) + " must be an array");
  std::vector<BookLevel> levels;
  levels.reserve(side.Size());
  for (const Json& pair : side.GetArray()) {
    const std::string where = std::string(name) + "[" + std::to_string(levels.size()) + "]";
    if (!pair.IsArray() || pair.Size() < 2) object.fail(where + " must be [price, quantity]");
    const BookLevel level{object.decimal(pair[0], where + " price"),
                          object.decimal(pair[1], where + " quantity")};
    if (level.price.sign() <= 0 || level.quantity.sign() < 0) {
      object.fail(where + " must have a price above 0 and a quantity that is not negative");
    }
    if (!levels.empty() && (level.price <=> levels.back().price) != (direction <=> 0)) {
      object.fail(where + " is out of order: bids go down from the best, asks go up");
    }
    levels.push_back(level);
  }
  return levels;
}

}  // namespace

std::vector<std::pair<std::string, Ticker>> read_tickers(const std::filesystem::path& file,
                                                         std::uintmax_t bytes_max) {
  const rapidjson::Document document = parse(file, bytes_max);
  std::vector<std::pair<std::string, Ticker>> out;
  const auto add = [&](const Json& json, const std::string& where) {
    const Object object(file, json, where);
    std::string symbol = object.text("symbol");
    out.emplace_back(std::move(symbol), read_ticker(object));
  };
  if (!document.IsArray()) {
    add(document, "the ticker");
    return out;
  }
  for (const Json& json : document.GetArray()) {
    add(json, "element " + std::to_string(out.size()));
  }
  return out;
}

Book read_book(const std::filesystem::path& file, std::uintmax_t bytes_max) {
  const rapidjson::Document document = parse(file, bytes_max);
  const Object object(file, document, "the order book");
  Book book;
  book.last_update_id = object.integer("lastUpdateId");
  book.bids = read_side(object, "bids", -1);
  book.asks = read_side(object, "asks", 1);
  if (!book.bids.empty() && !book.asks.empty() && book.bids[0].price >= book.asks[0].price) {
    object.fail("the best bid " + book.bids[0].price.text() + " is not below the best ask " +
                book.asks[0].price.text());
  }
  return book;
}

}  // namespace bourse::replay
