// SPDX-License-Identifier: MIT
#include "tests/exchange/request.hpp"

#include <algorithm>
#include <charconv>

#include "tests/exchange/api_error.hpp"

namespace bourse::fake_exchange {
namespace {

char lower(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= lower(c) && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

/// Of a symbol; names beyond ASCII are legal since December 2025.
bool symbol_character(char c) {
  return ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-' || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

template <class Use>
void each_pair(std::string_view raw, const Use& use) {
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    if (end > 0) use(raw.substr(0, end));
    raw.remove_prefix(std::min(end + 1, raw.size()));
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string without_signature(std::string_view raw) {
  constexpr std::string_view kName = "signature=";
  const bool first = raw.starts_with(kName);
  const std::size_t begin = first ? 0 : raw.find("&signature=");
  if (begin == std::string_view::npos) return std::string(raw);
  std::size_t end = std::min(raw.find('&', begin + 1), raw.size());
  if (first && end < raw.size()) ++end;  // its & follows
  return std::string(raw.substr(0, begin)).append(raw.substr(end));
}

Parameters::Parameters(std::string_view query, std::string_view body) {
  add(query, false);
  add(body, true);
}

void Parameters::add(std::string_view raw, bool in_body) {
  each_pair(raw, [this, in_body](std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name) throw illegal(pair.substr(0, equals), "%XX");
    if (!value) throw illegal(*name, "%XX");
    for (const One& one : all_) {
      if (one.name != *name) continue;
      if (one.in_body == in_body) {
        throw ApiError(-1101, "Duplicate values for a parameter detected.");
      }
      return;  // the query has it and wins
    }
    all_.push_back({std::move(*name), std::move(*value), in_body, false});
  });
}

std::optional<std::string> Parameters::find(std::string_view name) {
  for (One& one : all_) {
    if (one.name != name) continue;
    one.read = true;
    if (one.value.empty()) {
      throw ApiError(-1105, "Parameter '" + std::string(name) + "' was empty.");
    }
    return one.value;
  }
  return std::nullopt;
}

std::string Parameters::required(std::string_view name) {
  if (peek(name).empty()) throw missing(name);
  return *find(name);
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) {
  const auto text = find(name);
  if (!text) return std::nullopt;
  const bool digits = text->size() <= 20 && std::all_of(text->begin(), text->end(), [](char c) {
                        return '0' <= c && c <= '9';
                      });
  if (!digits) throw illegal(name, kIntegerRange);
  std::int64_t value = 0;
  const auto error = std::from_chars(text->data(), text->data() + text->size(), value).ec;
  if (error != std::errc{}) {
    throw ApiError(-1108, "The value of parameter '" + std::string(name) + "' is too large.");
  }
  return value;
}

bool Parameters::boolean(std::string_view name, bool otherwise) {
  const auto text = find(name);
  if (!text) return otherwise;
  if (equal_ignoring_case(*text, "true")) return true;
  if (equal_ignoring_case(*text, "false")) return false;
  throw illegal(name, "true|false");
}

std::optional<std::int64_t> Parameters::time_us(std::string_view name) {
  constexpr std::int64_t kFirstMicrosecond = 100'000'000'000'000;  // as ms: the year 5138
  const auto value = integer(name);
  if (!value) return std::nullopt;
  return *value < kFirstMicrosecond ? *value * 1'000 : *value;
}

std::string_view Parameters::peek(std::string_view name) const {
  for (const One& one : all_) {
    if (one.name == name) return one.value;
  }
  return {};
}

void Parameters::check_all_read() const {
  const auto read = std::count_if(all_.begin(), all_.end(), [](const One& p) { return p.read; });
  const auto sent = static_cast<std::ptrdiff_t>(all_.size());
  if (read == sent) return;
  throw ApiError(-1104, "Not all sent parameters were read; read '" + std::to_string(read) +
                            "' parameter(s) but was sent '" + std::to_string(sent) + "'.");
}

void check_symbol_text(std::string_view symbol) {
  constexpr std::size_t kBytesMax = 60;  // 20 characters of up to three bytes
  const bool ascii = std::all_of(symbol.begin(), symbol.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (symbol.empty() || symbol.size() > (ascii ? 20 : kBytesMax) ||
      !std::all_of(symbol.begin(), symbol.end(), symbol_character)) {
    throw illegal("symbol", kSymbolRange);
  }
}

std::vector<std::string> parse_names(std::string_view parameter, std::string_view text) {
  const bool legal = std::all_of(text.begin(), text.end(), [](char c) {
    return symbol_character(c) || c == '[' || c == ']' || c == '"' || c == ',';
  });
  if (!legal) throw illegal(parameter, kSymbolsRange);
  const ApiError broken(-1135,
                        "JSON sent for parameter '" + std::string(parameter) + "' is not valid");
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') throw broken;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t close = text.find('"', 1);
    if (text.front() != '"' || close == std::string_view::npos || close == 1) throw broken;
    names.emplace_back(text.substr(1, close - 1));
    if (std::count(names.begin(), names.end(), names.back()) > 1) {
      throw ApiError(-1151, "Symbol is present multiple times in the list.");
    }
    text.remove_prefix(close + 1);
    if (text.empty()) break;
    if (text.front() != ',' || text.size() == 1) throw broken;
    text.remove_prefix(1);
  }
  if (names.empty()) throw not_valid(parameter);
  return names;
}

}  // namespace bourse::fake_exchange
