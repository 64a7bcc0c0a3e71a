// SPDX-License-Identifier: MIT
//
// The parts that declarations of plugins have in common: names, texts, arrays and parameters, read
// from bytes that may be anything. descriptors.hpp says what can be checked and what cannot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/parameters/parameter.hpp"

namespace bourse::host {

inline constexpr const char* kBad = "bad_descriptor";

using Notes = std::vector<std::string>;
using Names = std::set<std::string, std::less<>>;

[[nodiscard]] Failure bad(std::string message);  ///< kBad
/// The failure, with `where` it was found in front of its words.
[[nodiscard]] Failure within(const std::string& where, Failure failure);

/// "left out column "m" of dataset "series": this host does not know its type 12".
[[nodiscard]] std::string left_out(const std::string& what, const std::string& name,
                                   const std::string& of, const char* number, std::int32_t is);

template <class Item>
Result<std::span<const Item* const>> array_of(const Item* const* items, std::size_t count,
                                              std::size_t count_max, const char* what) {
  if (count > count_max) {
    return bad("declares " + std::to_string(count) + " " + what + ", at most " +
               std::to_string(count_max) + " are taken");
  }
  if (count > 0 && items == nullptr) {
    return bad("declares " + std::to_string(count) + " " + what + " in a null array");
  }
  if (reinterpret_cast<std::uintptr_t>(items) % alignof(const Item*) != 0) {
    return bad(std::string("its array of ") + what + " is a misaligned pointer");
  }
  return std::span(items, count);
}

enum class Text { kLine, kProse };

/// Copies `text` into `to`; null is empty. Nothing returned means that it went well.
[[nodiscard]] std::optional<Failure> take_text(const char* text, Text kind, const char* what,
                                               std::string& to);

/// A name that may break its rule; `rule` is shown to the author.
[[nodiscard]] std::optional<Failure> take_name(const char* text,
                                               bool (*legal)(std::string_view) noexcept,
                                               const char* rule, std::string& to);

/// A list of parameters, with what was left out of it.
struct ParameterList {
  std::vector<Parameter> known = {};
  std::vector<bool> left_out = {};  ///< see Component::params_left_out
  std::string missed = {};          ///< the note on the first REQUIRED one that was left out
};

/// `what` and `of` name one that is left out, in `notes`: "parameter", " of dataset "series"".
[[nodiscard]] Result<ParameterList> check_parameters(const bourse_param* const* params,
                                                     std::size_t n, const std::string& what,
                                                     const std::string& of, Notes& notes);

}  // namespace bourse::host
