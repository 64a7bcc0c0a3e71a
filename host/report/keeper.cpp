// SPDX-License-Identifier: MIT
#include "host/report/keeper.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "bourse/decimal.hpp"
#include "host/base/names.hpp"
#include "host/base/take.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::uint64_t kNotAscii = 0x8080808080808080U;

template <class Word>
Word move_word(char* to, const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  std::memcpy(to, &word, sizeof word);
  return word;
}

/// Copies, and says whether all of it is ASCII. Words overlap at the end instead of a loop over
/// single bytes: most texts of a table are shorter than 16.
bool copy_ascii(char* to, const char* from, std::size_t n) noexcept {
  if (n >= 8) {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i + 8 < n; i += 8) seen |= move_word<std::uint64_t>(to + i, from + i);
    seen |= move_word<std::uint64_t>(to + n - 8, from + n - 8);
    return (seen & kNotAscii) == 0;
  }
  if (n >= 4) {
    std::uint32_t seen = move_word<std::uint32_t>(to, from);
    seen |= move_word<std::uint32_t>(to + n - 4, from + n - 4);
    return (seen & static_cast<std::uint32_t>(kNotAscii)) == 0;
  }
  unsigned char seen = 0;
  for (std::size_t i = 0; i < n; ++i) seen |= move_word<unsigned char>(to + i, from + i);
  return (seen & 0x80U) == 0;
}

/// Whether n bytes are the same; n is not 0. Without a call for the short texts of a table.
bool is_same(const char* a, const char* b, std::size_t n) noexcept {
  if (n > 16) return std::memcmp(a, b, n) == 0;
  const auto differ = [&]<class Word>(Word, std::size_t at) {
    Word left, right;
    std::memcpy(&left, a + at, sizeof left);
    std::memcpy(&right, b + at, sizeof right);
    return static_cast<std::uint64_t>(left ^ right);
  };
  if (n >= 8) return (differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, n - 8)) == 0;
  if (n >= 4) return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, n - 4)) == 0;
  return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
}

/// Texts of one call, by where they stand: names of markets, say, a few of which fill a column.
/// What stands there does not change before the call returns, so nobody has to look.
class Seen {
 public:
  [[nodiscard]] const bourse_str* find(bourse_str given) const noexcept {
    const Entry& entry = entries_[place(given)];
    return entry.given.ptr == given.ptr && entry.given.len == given.len ? &entry.kept : nullptr;
  }
  void add(bourse_str given, bourse_str kept) noexcept { entries_[place(given)] = {given, kept}; }

 private:
  struct Entry {
    bourse_str given{nullptr, 0}, kept{nullptr, 0};  // no text of length 0 is asked for
  };
  static std::size_t place(bourse_str given) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(given.ptr);
    return (address ^ (address >> 6) ^ given.len) % kEntries;
  }
  static constexpr std::size_t kEntries = 64;
  std::array<Entry, kEntries> entries_;
};

constexpr std::size_t kTextsWorthRemembering = 64;

}  // namespace

Failure Keeper::too_large() const {
  return {.status = BOURSE_UNPROCESSABLE,
          .code = "report_too_large",
          .message = "the report is larger than " + std::to_string(bytes_max_) +
                     " bytes, the most that this host takes; ask for less"};
}

bourse_str Keeper::name(std::string_view text) {
  const std::string repaired = is_utf8(text) ? std::string() : repair_utf8(text);
  const std::string_view source = repaired.empty() ? text : std::string_view(repaired);
  bytes_ += source.size() + 1;
  char* const copy = arena_.characters(source.size() + 1);
  if (!source.empty()) std::memcpy(copy, source.data(), source.size());
  copy[source.size()] = '\0';
  return {copy, source.size()};
}

const char* Keeper::line_within(const char* text, std::size_t bytes_max, bool& too_long) {
  if (text == nullptr) return nullptr;
  const auto bounded = text_within(text, bytes_max);
  too_long = !bounded;
  return bounded ? name(*bounded).ptr : nullptr;
}

Result<bourse_str> Keeper::text(bourse_str text) {
  bourse_str copy;
  if (!keep(text, copy)) return why_not(text);
  return copy;
}

std::size_t Keeper::texts(std::size_t n, const bourse_str* from, const std::uint8_t* valid,
                          bourse_str& last, bourse_str* to) {
  std::optional<Seen> seen;
  if (n >= kTextsWorthRemembering) seen.emplace();
  for (std::size_t row = 0; row < n; ++row) {
    const auto given = foreign_item(from, row);
    if (!has_value(valid, row) || given.len == 0) {
      to[row] = {"", 0};
      continue;
    }
    const bourse_str* const known = seen ? seen->find(given) : nullptr;
    if (known != nullptr) {
      last = *known;
    } else if (given.len != last.len || given.ptr == nullptr ||
               !is_same(given.ptr, last.ptr, given.len)) {
      if (!keep(given, last)) return row;
      if (seen) seen->add(given, last);
    }
    to[row] = last;
  }
  return n;
}

Failure Keeper::why_not(bourse_str text) const {
  if (text.len != 0 && text.ptr == nullptr) return mistake("a text is null, but not empty");
  if (text.len > BOURSE_MAX_TEXT_BYTES) {
    return mistake("a text has " + std::to_string(text.len) + " bytes, at most " +
                   std::to_string(BOURSE_MAX_TEXT_BYTES) + " are taken");
  }
  return too_large();
}

bool Keeper::keep(bourse_str text, bourse_str& to) {
  to = {"", 0};
  if (text.len == 0) return true;
  if (text.ptr == nullptr || text.len > BOURSE_MAX_TEXT_BYTES || !charge(text.len)) return false;
  char* const copy = arena_.characters(text.len);
  const bool ascii = copy_ascii(copy, text.ptr, text.len);
  to = {copy, text.len};
  // The copy is looked at, not the plugin's: that one may change meanwhile.
  if (ascii || is_utf8({copy, text.len})) return true;
  return keep_repaired({copy, text.len}, to);
}

bool Keeper::keep_repaired(std::string_view copy, bourse_str& to) {
  const std::string repaired = repair_utf8(copy);
  if (!charge(repaired.size() - copy.size())) return false;
  char* const characters = arena_.characters(repaired.size());
  std::memcpy(characters, repaired.data(), repaired.size());
  to = {characters, repaired.size()};
  return true;
}

Result<bourse_value> Keeper::value(const bourse_value& value) {
  bourse_value copy{};
  copy.type = value.type;
  switch (value.type) {
    case BOURSE_TYPE_NULL:
      return copy;
    case BOURSE_TYPE_BOOL:
      copy.as.i64 = value.as.i64 != 0 ? 1 : 0;
      return copy;
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      copy.as.i64 = value.as.i64;
      return copy;
    case BOURSE_TYPE_F64:
      copy.as.f64 = value.as.f64;
      return copy;
    case BOURSE_TYPE_DECIMAL:
      if (!is_decimal(value.as.dec) || value.scale < Decimal::kScaleMin ||
          value.scale > Decimal::kScaleMax) {
        return mistake("a decimal has at most 38 digits and a scale from -38 to 38");
      }
      copy.scale = value.scale;
      copy.as.dec = value.as.dec;
      return copy;
    case BOURSE_TYPE_TEXT: {
      const auto text = this->text(value.as.text);
      if (!text) return text.failure();
      copy.as.text = *text;
      return copy;
    }
    default:
      return mistake("type " + std::to_string(value.type) + " is not one that a report can hold");
  }
}

}  // namespace bourse::host
