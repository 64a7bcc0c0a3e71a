// SPDX-License-Identifier: MIT
//
// From nodes to typed values. Each function that finds something wrong adds an error at its place
// and returns nothing, so that reading goes on and all errors are found.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"
#include "host/config/document.hpp"
#include "host/config/keys.hpp"
#include "host/config/load.hpp"

namespace bourse::host {

/// Reads single values. `what` names the value in messages: "\"queue\"", "a format".
class Reader {
 public:
  /// Borrows all three. `folders`: of each file, by its index in `diagnostics`.
  Reader(Diagnostics& diagnostics, const Environment& environment,
         const std::vector<std::filesystem::path>& folders)
      : diagnostics_(diagnostics), environment_(environment), folders_(folders) {}

  /// Whether it is of that kind, with an error when not: "\"routes\" must be a list, not text".
  bool expect(const Node& node, Node::Kind kind, const std::string& what);

  /// Any text, ${NAME} replaced; no controls, at most 64 KiB.
  std::optional<LocatedText> text(const Node& node, const std::string& what);
  /// Any text of several lines, ${NAME} replaced; no other controls than line ends and tabs.
  std::optional<LocatedText> lines(const Node& node, const std::string& what);
  /// A text of which `legal` holds; `rule` says what that is: "a name of a-z and 0-9".
  std::optional<LocatedText> text(const Node& node, const std::string& what,
                                  bool (*legal)(std::string_view), const std::string& rule);
  /// The index of one of `choices`.
  std::optional<Located<std::size_t>> choice(const Node& node, const std::string& what,
                                             const std::vector<std::string>& choices);
  std::optional<LocatedCount> count(const Node& node, const std::string& what, std::uint32_t min,
                                    std::uint32_t max);
  std::optional<LocatedDuration> duration(const Node& node, const std::string& what,
                                          std::chrono::nanoseconds min,
                                          std::chrono::nanoseconds max);
  std::optional<LocatedSize> size(const Node& node, const std::string& what, std::uint64_t min,
                                  std::uint64_t max);
  /// A text or a list of texts; items of lists hold no comma and are not empty.
  std::optional<Values> values(const Node& node, const std::string& what);
  /// A list of different texts, at least one.
  std::optional<std::vector<LocatedText>> list(const Node& node, const std::string& what,
                                               const std::string& item_what,
                                               bool (*legal)(std::string_view),
                                               const std::string& rule);

  /// `text` for a message: as written in the file when the environment had a part in it.
  [[nodiscard]] static std::string shown(const Node& node, const LocatedText& text);
  /// Where a stretch of a value stands; the whole value when that cannot be said.
  [[nodiscard]] Mark part(const Node& node, std::size_t offset, std::size_t bytes) const;

  void error(const Mark& mark, std::string code, std::string message, std::string hint = {}) {
    ++faults_;
    diagnostics_.error(mark, std::move(code), std::move(message), std::move(hint));
  }
  void warning(const Mark& mark, std::string code, std::string message, std::string hint = {}) {
    diagnostics_.warning(mark, std::move(code), std::move(message), std::move(hint));
  }
  /// Something is wrong that was told elsewhere.
  void fault() { ++faults_; }
  /// A path from the folder of the file in which it stands.
  [[nodiscard]] std::filesystem::path absolute(const LocatedText& path) const {
    return (folders_.at(path.mark.file) / path.value).lexically_normal();
  }
  /// Found so far, in the whole configuration.
  [[nodiscard]] std::size_t errors() const noexcept { return diagnostics_.errors(); }
  /// The same, with those that were found before: of an alias, or of what several inherit.
  [[nodiscard]] std::size_t faults() const noexcept { return faults_; }
  [[nodiscard]] std::string place(const Mark& mark) const { return diagnostics_.place(mark); }

 private:
  std::optional<LocatedText> expanded(const Node& node, const std::string& what);
  void bad_value(const Node& node, const LocatedText& text, const std::string& what,
                 const std::string& rule, std::string hint = {});
  void out_of_range(const Node& node, const LocatedText& text, const std::string& what,
                    const std::string& rule);

  Diagnostics& diagnostics_;
  const Environment& environment_;
  const std::vector<std::filesystem::path>& folders_;
  std::size_t faults_ = 0;
};

/// A map with known keys: reports the others when it is made, with "did you mean", but for those
/// that mean nothing on purpose (kFreeKeyPrefix).
class MapReader {
 public:
  /// `where` completes "unknown key ... in": "a route". The known keys are those of `shape`, in
  /// keys.hpp. REQUIRES: `map` is a map.
  MapReader(Reader& reader, const Node& map, std::string where, std::string_view shape);

  /// Takes a key's value, if it is there and what its row says. REQUIRES: made with a shape.
  void read(std::string_view key, LocatedCount& into) const;
  void read(std::string_view key, LocatedSize& into) const;
  void read(std::string_view key, LocatedDuration& into) const;
  /// The same for one of a row's choices, which are the values of `Enum` in their order.
  template <class Enum>
  void read_choice(std::string_view key, Located<Enum>& into) const {
    if (const auto index = choice(key)) {
      into = {static_cast<Enum>(index->value), index->mark, index->from_environment};
    }
  }

  /// The value of a key, or null.
  [[nodiscard]] const Node* find(std::string_view key) const;
  /// The same; reports a missing key, unless a misspelt one is likely to be it.
  const Node* require(std::string_view key, const std::string& hint);
  [[nodiscard]] Mark key_mark(std::string_view key) const;
  /// Whether a key that was refused is likely to be this one.
  [[nodiscard]] bool is_misspelt(std::string_view key) const;
  [[nodiscard]] const Mark& mark() const { return map_.mark; }

 private:
  void check_keys(std::span<const std::string_view> known);
  void report_unknown(const Node::Entry& entry, std::span<const std::string_view> known,
                      std::span<const std::string_view> absent);
  [[nodiscard]] std::optional<Located<std::size_t>> choice(std::string_view key) const;

  Reader& reader_;
  const Node& map_;
  std::string where_;
  std::string_view shape_;
  std::vector<std::string> meant_;  ///< keys that misspelt ones were likely to be
};

}  // namespace bourse::host
