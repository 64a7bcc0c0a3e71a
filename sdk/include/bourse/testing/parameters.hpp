// SPDX-License-Identifier: MIT
//
// testing/parameters.hpp - parameters and settings as the host reads them: texts, checked by what a
// component declares, defaults filled in. Part of bourse/testing.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/detail/utf8.hpp"
#include "bourse/read.hpp"
#include "bourse/testing/values.hpp"

namespace bourse::inline sdk_0_1::testing {

/// Name and value as in a query string or a YAML file: {{"symbol", "BTCUSDT"}, {"limit", "5"}}. One
/// name several times, or commas, for a list.
using Texts = std::vector<std::pair<std::string, std::string>>;

/// Why a call failed, or is to fail.
struct Failure {
  bourse_status status = BOURSE_OK;
  std::string code, message;
  std::string parameter = {};  ///< to blame
  Duration retry_after = {};

  /// 422 too_few_rows: ... (parameter "limit")
  [[nodiscard]] std::string text() const {
    return std::to_string(status) + " " + code + ": " + message +
           (parameter.empty() ? "" : " (parameter \"" + parameter + "\")");
  }
};

/// A plugin that will not be loaded, a component that will not be made, parameters or settings that
/// the host would refuse: what() is failure.text().
class Refused : public std::runtime_error {
 public:
  explicit Refused(Failure why) : std::runtime_error(why.text()), failure(std::move(why)) {}
  Failure failure;
};

namespace inside {

/// Reads the texts of one parameter.
class ParameterReader {
 public:
  ParameterReader(const bourse_param& declared, Time now) : p_(declared), now_(now) {}

  [[nodiscard]] Cell read(const std::vector<std::string_view>& texts) const {
    const bool list = p_.type == BOURSE_TYPE_LIST;
    if (texts.empty()) {
      if (p_.def != nullptr) return list ? read_list(split(p_.def)) : read_one(p_.def);
      if ((p_.flags & BOURSE_PARAM_REQUIRED) == 0) return Cell();
      refuse("missing_parameter", "it is required");
    }
    if (!list) {
      if (texts.size() == 1) return read_one(texts.front());
      refuse("repeated_parameter", "it is given " + std::to_string(texts.size()) + " times");
    }
    std::vector<std::string_view> items;
    for (const std::string_view text : texts) {
      std::vector<std::string_view> more = split(text);
      if (more.empty()) more.push_back(text);  // "?s=" names an empty item
      items.insert(items.end(), more.begin(), more.end());
    }
    return read_list(items);
  }

 private:
  [[noreturn]] void refuse(const char* code, const std::string& why) const {
    throw Refused({BOURSE_BAD_PARAM,
                   code,
                   "parameter \"" + std::string(p_.name) + "\": " + why,
                   p_.name,
                   {}});
  }
  [[nodiscard]] std::string shown(std::string_view text) const {
    return (p_.flags & BOURSE_PARAM_SECRET) != 0 ? "a hidden value" : detail::quoted(text);
  }
  [[noreturn]] void refuse(detail::Reading reading, std::string_view text) const {
    if (reading == detail::Reading::kMalformed) {
      refuse("bad_parameter", shown(text) + " is not of its type, or holds controls");
    }
    refuse("parameter_out_of_range", shown(text) + " is more than can be computed with");
  }
  static std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> items;
    while (!text.empty()) {
      const std::size_t comma = text.find(',');
      items.push_back(trimmed(text.substr(0, comma)));
      if (comma == text.npos) return items;
      text.remove_prefix(comma + 1);
      if (text.empty()) items.push_back(text);
    }
    return items;
  }
  static std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  }
  [[nodiscard]] bourse_type single() const {
    return p_.type == BOURSE_TYPE_LIST ? p_.item : p_.type;
  }

  using Parsed = std::pair<Cell, detail::Reading>;
  /// Without a `now`, as of a bound, no time is relative to it.
  [[nodiscard]] static Parsed parse(bourse_type type, std::string_view text, const Time* now) {
    using detail::Reading;
    constexpr std::size_t kNumberBytesMax = 512;
    if (type == BOURSE_TYPE_TEXT) {
      return {Cell(text), is_plain(text) ? Reading::kOk : Reading::kMalformed};
    }
    if (text.size() > kNumberBytesMax) return {Cell(), Reading::kMalformed};
    switch (type) {
      case BOURSE_TYPE_BOOL: {
        const bool yes = text == "true" || text == "1";
        const bool no = text == "false" || text == "0";
        return {Cell(yes), yes || no ? Reading::kOk : Reading::kMalformed};
      }
      case BOURSE_TYPE_I64: {
        const auto read = detail::read_whole(text);
        return {Cell(read.value), read.reading};
      }
      case BOURSE_TYPE_F64: {
        const auto read = detail::read_binary(text);
        return {Cell(read.value), read.reading};
      }
      case BOURSE_TYPE_DECIMAL: {
        const auto digits = detail::read(text, Decimal::kDigitsMax, Decimal::kScaleMax);
        const auto decimal = Decimal::parse(text);
        if (decimal) return {Cell(*decimal), Reading::kOk};
        const bool large = digits.problem == detail::Problem::kRange;
        return {Cell(), large ? Reading::kTooLarge : Reading::kMalformed};
      }
      case BOURSE_TYPE_TIME:
        return parse_time(text, now);
      default:
        return {Cell(), Reading::kMalformed};
    }
  }
  /// RFC 3339, a date, milliseconds since 1970, or relative to now: now, -90m, -12h, -30d, -2w.
  [[nodiscard]] static Parsed parse_time(std::string_view text, const Time* now) {
    using detail::Reading;
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (now != nullptr && (text == "now" || unit_of(text) != 0)) {
      const std::int64_t rest = now->ns % kSecond;
      std::int64_t at = now->ns - (rest < 0 ? rest + kSecond : rest);
      if (text == "now") return {Cell(Time{at}), Reading::kOk};
      const auto count = detail::read_whole(text.substr(1, text.size() - 2));
      std::int64_t back = 0;
      if (count.reading != Reading::kOk ||
          __builtin_mul_overflow(count.value, unit_of(text) * kSecond, &back) ||
          __builtin_sub_overflow(at, back, &at) || at < -9'214'560'000 * kSecond) {
        return {Cell(), Reading::kTooLarge};
      }
      return {Cell(Time{at}), Reading::kOk};
    }
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
      const auto read = detail::read_moment(text);
      return {Cell(read.value), read.reading};
    }
    const auto ms = detail::read_whole(text);
    if (ms.reading != Reading::kOk) return {Cell(), ms.reading};
    if (ms.value < -9'214'560'000'000 || ms.value > 9'214'646'399'999) {
      return {Cell(), Reading::kTooLarge};
    }
    return {Cell(Time{ms.value * 1'000'000}), Reading::kOk};
  }
  /// Of "-30d", in seconds; 0: it is not relative.
  [[nodiscard]] static std::int64_t unit_of(std::string_view text) {
    if (text.size() < 3 || text.front() != '-') return 0;
    if (detail::digits_in_front(text.substr(1)) != text.size() - 2) return 0;
    switch (text.back()) {
      case 'm':
        return 60;
      case 'h':
        return 3600;
      case 'd':
        return 86'400;
      case 'w':
        return 7 * 86'400;
      default:
        return 0;
    }
  }
  /// UTF-8 without controls, separators and marks that reorder text.
  [[nodiscard]] static bool is_plain(std::string_view text) {
    while (!text.empty()) {
      const std::size_t length = utf8_length(text);
      if (length == 0) return false;
      const char32_t c = detail::code_point(text.substr(0, length));
      if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
          c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
          (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF) {
        return false;
      }
      text.remove_prefix(length);
    }
    return true;
  }

  [[nodiscard]] Cell read_one(std::string_view text) const {
    auto [cell, reading] = parse(single(), text, &now_);
    if (reading != detail::Reading::kOk) refuse(reading, text);
    check_bounds(cell, text);
    if (p_.choices == nullptr) return cell;
    std::string legal;
    for (std::size_t i = 0; p_.choices[i] != nullptr; ++i) {
      if (parse(single(), p_.choices[i], &now_).first == cell) return cell;
      legal += (i == 0 ? "" : ", ") + std::string(p_.choices[i]);
    }
    refuse("bad_parameter", shown(text) + " is none of " + legal);
  }
  void check_bounds(const Cell& cell, std::string_view text) const {
    if (single() == BOURSE_TYPE_TEXT) {  // those of a LIST are of its count
      const bool alone = p_.type == BOURSE_TYPE_TEXT;
      const auto bytes = static_cast<std::int64_t>(text.size());
      const std::int64_t least = alone ? length(p_.min, 0) : 1;
      const std::int64_t most = alone ? length(p_.max, 256) : 256;
      if (bytes >= least && bytes <= most) return;
      refuse("parameter_out_of_range", shown(text) + " has " + std::to_string(bytes) +
                                           " bytes, legal are " + std::to_string(least) + " to " +
                                           std::to_string(most));
    }
    if (p_.type == BOURSE_TYPE_LIST || p_.type == BOURSE_TYPE_BOOL) return;
    if (p_.min != nullptr && below(cell, parse(p_.type, p_.min, nullptr).first)) {
      refuse("parameter_out_of_range", shown(text) + " is below " + p_.min);
    }
    if (p_.max != nullptr && below(parse(p_.type, p_.max, nullptr).first, cell)) {
      refuse("parameter_out_of_range", shown(text) + " is above " + p_.max);
    }
  }
  [[nodiscard]] static bool below(const Cell& a, const Cell& b) {
    if (b.is_null()) return false;
    switch (a.type()) {
      case BOURSE_TYPE_F64:
        return a.real() < b.real();
      case BOURSE_TYPE_DECIMAL:
        return a.decimal() < b.decimal();
      case BOURSE_TYPE_TIME:
        return a.time() < b.time();
      default:
        return a.integer() < b.integer();
    }
  }
  [[nodiscard]] static std::int64_t length(const char* declared, std::int64_t otherwise) {
    return declared == nullptr ? otherwise : read_integer(declared).value_or(otherwise);
  }
  [[nodiscard]] Cell read_list(const std::vector<std::string_view>& items) const {
    const auto count = static_cast<std::int64_t>(items.size());
    if (count > length(p_.max, 1000)) {
      refuse("parameter_out_of_range",
             "more than " + std::to_string(length(p_.max, 1000)) + " items are given");
    }
    Cells cells;
    for (const std::string_view item : items) {
      if (item.empty()) refuse("bad_parameter", "an item is empty");
      cells.push_back(read_one(item));
    }
    if (count < length(p_.min, 0)) {
      refuse("parameter_out_of_range", std::to_string(count) + " items are given, at least " +
                                           std::to_string(length(p_.min, 0)) + " are wanted");
    }
    return Cell::list(std::move(cells));
  }

  const bourse_param& p_;
  Time now_;
};

/// The values in declared order. Throws Refused.
inline Cells read_parameters(const bourse_param* const* declared, std::size_t n, const Texts& texts,
                             Time now) {
  for (const auto& given : texts) {
    std::string known;
    bool found = false;
    for (std::size_t i = 0; i < n; ++i) {
      found = found || declared[i]->name == given.first;
      known += (i == 0 ? "" : ", ") + std::string(declared[i]->name);
    }
    if (!found) {
      throw Refused({BOURSE_BAD_PARAM,
                     "unknown_parameter",
                     "there is no parameter \"" + given.first + "\"; there are: " + known,
                     given.first,
                     {}});
    }
  }
  Cells cells;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::string_view> its;
    for (const auto& [name, text] : texts) {
      if (name == declared[i]->name) its.push_back(text);
    }
    cells.push_back(ParameterReader(*declared[i], now).read(its));
  }
  return cells;
}

/// Values as a component receives them; borrows from the cells.
class WireValues {
 public:
  explicit WireValues(const Cells& cells) : rooms_(cells.size()) {
    for (std::size_t i = 0; i < cells.size(); ++i) values_.push_back(cells[i].wire(rooms_[i]));
    values_.push_back({});  // so that there is something to point to
  }
  [[nodiscard]] const bourse_value* data() const noexcept { return values_.data(); }

 private:
  std::vector<std::vector<bourse_value>> rooms_;
  std::vector<bourse_value> values_;
};

}  // namespace inside
}  // namespace bourse::inline sdk_0_1::testing
