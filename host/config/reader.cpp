// SPDX-License-Identifier: MIT
#include "host/config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "host/base/ascii.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/config/environment.hpp"
#include "host/config/quantity.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kTextBytesMax = 65536;

std::string_view words(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kNull:
      break;
  }
  return "nothing";
}

/// "level info" and "level:info" where a map should be.
std::string hint_for_text(const Node& node) {
  if (node.kind != Node::Kind::kScalar) return {};
  const std::size_t end = node.text.find_first_of(" :");
  const std::size_t value = node.text.find_first_not_of(" :", end);
  if (end == 0 || value == std::string::npos || node.text.size() > 80) return {};
  return "write " + in_quotes(node.text.substr(0, end) + ": " + node.text.substr(value)) +
         ", with a \":\" and a blank behind the key";
}

template <class T>
Located<T> located(T value, const LocatedText& like) {
  return {.value = std::move(value), .mark = like.mark, .from_environment = like.from_environment};
}

}  // namespace

bool Reader::expect(const Node& node, Node::Kind kind, const std::string& what) {
  if (node.refused) {
    fault();
    return false;
  }
  if (node.kind == kind) return true;
  error(node.mark, "wrong_type",
        what + " must be " + std::string(words(kind)) + ", not " + std::string(words(node.kind)),
        kind == Node::Kind::kMap ? hint_for_text(node) : "");
  return false;
}

std::string Reader::shown(const Node& node, const LocatedText& text) {
  return in_quotes(text.from_environment ? node.text : text.value);
}

Mark Reader::part(const Node& node, std::size_t offset, std::size_t bytes) const {
  if (!node.verbatim) return node.mark;
  const std::uint32_t file = node.mark.file;
  return diagnostics_.file(file).mark(file, node.offset + offset, bytes);
}

void Reader::bad_value(const Node& node, const LocatedText& text, const std::string& what,
                       const std::string& rule, std::string hint) {
  error(node.mark, "bad_value", what + " must be " + rule + ", not " + shown(node, text),
        std::move(hint));
}

void Reader::out_of_range(const Node& node, const LocatedText& text, const std::string& what,
                          const std::string& rule) {
  error(node.mark, "out_of_range",
        what + " must be " + rule + "; " + shown(node, text) + " is out of range");
}

std::optional<LocatedText> Reader::expanded(const Node& node, const std::string& what) {
  if (!expect(node, Node::Kind::kScalar, what)) return std::nullopt;
  Expansion expansion = expand_environment(node.text, environment_);
  for (EnvironmentProblem& problem : expansion.problems) {
    error(part(node, problem.offset, problem.bytes), std::move(problem.code),
          std::move(problem.message), std::move(problem.hint));
  }
  if (!expansion.problems.empty()) return std::nullopt;
  for (const OpenFile& file : expansion.open_files) {
    warning(part(node, file.offset, file.bytes), "open_secret",
            "the file of the variable " + in_quotes(file.variable) +
                " may be read by everybody on this machine",
            "if it holds a secret: `chmod o-rwx` it, and replace the secret if others may have "
            "read it");
  }
  if (expansion.text.size() > kTextBytesMax) {
    error(node.mark, "bad_value", what + " is longer than 64 KiB");
    return std::nullopt;
  }
  return LocatedText{.value = std::move(expansion.text),
                     .mark = node.mark,
                     .from_environment = expansion.from_environment};
}

std::optional<LocatedText> Reader::text(const Node& node, const std::string& what) {
  auto value = expanded(node, what);
  if (!value || !has_control(value->value)) return value;
  error(node.mark, "bad_value", what + " holds a line end or another control character",
        "write the value on one line");
  return std::nullopt;
}

std::optional<LocatedText> Reader::lines(const Node& node, const std::string& what) {
  auto value = expanded(node, what);
  if (!value) return value;
  std::string rest = value->value;
  std::erase_if(rest, [](char c) { return c == '\n' || c == '\r' || c == '\t'; });
  if (!has_control(rest)) return value;
  error(node.mark, "bad_value", what + " holds a control character that is no line end and no tab");
  return std::nullopt;
}

std::optional<LocatedText> Reader::text(const Node& node, const std::string& what,
                                        bool (*legal)(std::string_view), const std::string& rule) {
  std::optional<LocatedText> value = text(node, what);
  if (!value || legal(value->value)) return value;
  const std::string small = lower_case(value->value);
  const bool is_case = !value->from_environment && small != value->value && legal(small);
  bad_value(node, *value, what, rule, is_case ? "did you mean " + in_quotes(small) + "?" : "");
  return std::nullopt;
}

std::optional<Located<std::size_t>> Reader::choice(const Node& node, const std::string& what,
                                                   const std::vector<std::string>& choices) {
  const std::optional<LocatedText> value = text(node, what);
  if (!value) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), value->value);
  if (found != choices.end()) {
    return located(static_cast<std::size_t>(found - choices.begin()), *value);
  }
  std::string rule = "one of ";
  for (const std::string& one : choices) rule += (&one == choices.data() ? "" : ", ") + one;
  const auto near = suggest(value->value, std::span<const std::string>(choices));
  bad_value(node, *value, what, rule, near ? "did you mean " + in_quotes(*near) + "?" : "");
  return std::nullopt;
}

std::optional<LocatedCount> Reader::count(const Node& node, const std::string& what,
                                          std::uint32_t min, std::uint32_t max) {
  const std::optional<LocatedText> value = text(node, what);
  if (!value) return std::nullopt;
  const std::string rule =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  std::uint32_t number = 0;
  const char* const end = value->value.data() + value->value.size();
  const auto [parsed_end, error] = std::from_chars(value->value.data(), end, number);
  if (parsed_end != end || error == std::errc::invalid_argument) {
    bad_value(node, *value, what, rule);
    return std::nullopt;
  }
  if (error != std::errc{} || number < min || number > max) {
    out_of_range(node, *value, what, rule);
    return std::nullopt;
  }
  return located(number, *value);
}

std::optional<LocatedDuration> Reader::duration(const Node& node, const std::string& what,
                                                std::chrono::nanoseconds min,
                                                std::chrono::nanoseconds max) {
  const std::optional<LocatedText> value = text(node, what);
  if (!value) return std::nullopt;
  const std::string rule = "a duration from " + print_duration(min) + " to " + print_duration(max);
  const std::optional<std::chrono::nanoseconds> parsed = parse_duration(value->value);
  if (!parsed) {
    bad_value(node, *value, what, rule, "write a whole number and a unit: 250ms, 5s, 10m, 1h");
    return std::nullopt;
  }
  if (*parsed < min || *parsed > max) {
    out_of_range(node, *value, what, rule);
    return std::nullopt;
  }
  return located(*parsed, *value);
}

std::optional<LocatedSize> Reader::size(const Node& node, const std::string& what,
                                        std::uint64_t min, std::uint64_t max) {
  const std::optional<LocatedText> value = text(node, what);
  if (!value) return std::nullopt;
  const std::string rule = "a size from " + print_size(min) + " to " + print_size(max);
  const std::optional<std::uint64_t> parsed = parse_size(value->value);
  if (!parsed) {
    bad_value(node, *value, what, rule,
              "write a whole number of bytes, or with a unit: 64KiB, 1MiB, 2GiB");
    return std::nullopt;
  }
  if (*parsed < min || *parsed > max) {
    out_of_range(node, *value, what, rule);
    return std::nullopt;
  }
  return located(*parsed, *value);
}

std::optional<Values> Reader::values(const Node& node, const std::string& what) {
  Values read{.items = {}, .is_list = node.kind == Node::Kind::kSequence, .mark = node.mark};
  if (!read.is_list) {
    std::optional<LocatedText> one = text(node, what);
    if (!one) return std::nullopt;
    read.items.push_back(*std::move(one));
    return read;
  }
  for (const NodePtr& item : node.items) {
    std::optional<LocatedText> one = text(*item, "an item of " + what);
    if (one && (one->value.empty() || one->value.find(',') != std::string::npos)) {
      error(item->mark, "bad_value",
            "an item of " + what + " is empty or holds a comma, which separates items");
    } else if (one) {
      read.items.push_back(*std::move(one));
    }
  }
  if (read.items.size() != node.items.size()) return std::nullopt;
  return read;
}

std::optional<std::vector<LocatedText>> Reader::list(const Node& node, const std::string& what,
                                                     const std::string& item_what,
                                                     bool (*legal)(std::string_view),
                                                     const std::string& rule) {
  if (!expect(node, Node::Kind::kSequence, what)) return std::nullopt;
  if (node.items.empty()) {
    error(node.mark, "bad_value", what + " is an empty list; name at least one");
    return std::nullopt;
  }
  std::vector<LocatedText> items;
  std::set<std::string> seen;
  for (const NodePtr& item : node.items) {
    std::optional<LocatedText> one = text(*item, item_what, legal, rule);
    if (!one) continue;
    if (!seen.insert(one->value).second) {
      error(item->mark, "duplicate_value", what + " names " + shown(*item, *one) + " twice");
      continue;
    }
    items.push_back(*std::move(one));
  }
  if (items.size() != node.items.size()) return std::nullopt;
  return items;
}

MapReader::MapReader(Reader& reader, const Node& map, std::string where, std::string_view shape)
    : reader_(reader), map_(map), where_(std::move(where)), shape_(shape) {
  check_keys(keys_of(shape));
}

void MapReader::check_keys(std::span<const std::string_view> known) {
  std::vector<std::string_view> absent;  // a key that is there is not what a misspelt one meant
  for (const std::string_view key : known) {
    if (find(key) == nullptr) absent.push_back(key);
  }
  for (const Node::Entry& entry : map_.entries) {
    if (entry.key.starts_with(kFreeKeyPrefix)) continue;
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    report_unknown(entry, known, absent);
  }
}

void MapReader::read(std::string_view key, LocatedCount& into) const {
  const Node* const node = find(key);
  if (node == nullptr) return;
  const Key& row = key_of(shape_, key);
  const auto read = reader_.count(*node, in_quotes(key), static_cast<std::uint32_t>(row.min),
                                  static_cast<std::uint32_t>(row.max));
  if (read) into = *read;
}

void MapReader::read(std::string_view key, LocatedSize& into) const {
  const Node* const node = find(key);
  if (node == nullptr) return;
  const Key& row = key_of(shape_, key);
  if (const auto read = reader_.size(*node, in_quotes(key), row.min, row.max)) into = *read;
}

void MapReader::read(std::string_view key, LocatedDuration& into) const {
  const Node* const node = find(key);
  if (node == nullptr) return;
  const Key& row = key_of(shape_, key);
  const auto read = reader_.duration(*node, in_quotes(key), row.min_duration(), row.max_duration());
  if (read) into = *read;
}

std::optional<Located<std::size_t>> MapReader::choice(std::string_view key) const {
  const Node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  return reader_.choice(*node, in_quotes(key), key_of(shape_, key).choice_list());
}

void MapReader::report_unknown(const Node::Entry& entry, std::span<const std::string_view> known,
                               std::span<const std::string_view> absent) {
  std::string hint;
  if (const auto near = suggest(entry.key, absent)) {
    hint = "did you mean " + in_quotes(*near) + "?";
    if (!is_misspelt(*near)) meant_.push_back(*near);
  } else {
    for (const std::string_view key : known) {
      hint += hint.empty() ? "known keys: " : ", ";
      hint += key;
    }
  }
  reader_.error(entry.mark, "unknown_key", "unknown key " + in_quotes(entry.key) + " in " + where_,
                hint);
}

const Node* MapReader::find(std::string_view key) const {
  for (const Node::Entry& entry : map_.entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

Mark MapReader::key_mark(std::string_view key) const {
  for (const Node::Entry& entry : map_.entries) {
    if (entry.key == key) return entry.mark;
  }
  return map_.mark;
}

bool MapReader::is_misspelt(std::string_view key) const {
  return map_.incomplete || std::find(meant_.begin(), meant_.end(), key) != meant_.end();
}

const Node* MapReader::require(std::string_view key, const std::string& hint) {
  const Node* const found = find(key);
  if (found == nullptr && !is_misspelt(key)) {
    reader_.error(map_.mark, "missing_key",
                  "the key " + in_quotes(key) + " is missing in " + where_, hint);
  }
  return found;
}

}  // namespace bourse::host
