// SPDX-License-Identifier: MIT
//
// One declared parameter, as the host keeps it: a checked copy of a plugin's bourse_param, possibly
// narrowed by a route. The same declaration checks query strings, YAML values and command lines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/clock.hpp"
#include "host/base/result.hpp"
#include "host/parameters/value.hpp"

namespace bourse::host {

struct Parameter {
  std::string name;
  std::string label = {};
  std::string doc = {};
  std::string unit = {};
  bourse_type type = BOURSE_TYPE_TEXT;
  bourse_type item = BOURSE_TYPE_NULL;  ///< type of each item of a BOURSE_TYPE_LIST
  bool required = false;
  bool secret = false;
  bool optional = false;  ///< of a dataset, in who asks: not sent to a source that lacks it
  bool fixed = false;     ///< a route gave the one value (in `def`); requests must not name it
  bool hidden = false;    ///< a route's text came from the environment: no page may show its rules
  std::optional<std::string> def = {};
  std::optional<std::string> min = {};
  std::optional<std::string> max = {};
  std::vector<std::string> choices = {};  ///< empty: any value
};

/// How a route narrows a parameter (YAML `params:`). Texts as written; each may be absent.
struct Narrowing {
  std::optional<std::string> fixed = {};
  std::optional<std::string> def = {};
  std::optional<std::string> min = {};
  std::optional<std::string> max = {};
  std::optional<std::vector<std::string>> choices = {};
  bool hidden = false;  ///< a text came from the environment: messages must show none of them
};

inline constexpr std::int64_t kTextBytesMax = 256;   ///< of a TEXT that declares no `max`
inline constexpr std::int64_t kListItemsMax = 1000;  ///< of a LIST that declares no `max`
/// The most that a declaration may ask for.
inline constexpr std::int64_t kTextBytesLimit = 65536;
inline constexpr std::int64_t kListItemsLimit = 10000;

/// Copies and checks a plugin's declaration: legal name ([a-z][a-z0-9_]*, at most 64 bytes), known
/// type, bounds and default that parse and agree with each other. The failure (BOURSE_INTERNAL,
/// code "bad_parameter") is a sentence that names the parameter and the remedy for its author.
/// `declared` was taken (host/base/take.hpp); its pointers may be anything that can be read.
Result<Parameter> check_parameter(const bourse_param& declared);

/// A legal name, but a type (or a LIST's type of items) that is above all that this host knows: not
/// a mistake, a newer contract. Such a parameter is not for check_parameter.
[[nodiscard]] bool is_of_unknown_type(const bourse_param& declared) noexcept;

/// The parameter with a route's tighter rules; one with a default or fixed is no longer required.
/// Fails (BOURSE_BAD_PARAM, code "not_narrower") when a rule is wider than the plugin's own, does
/// not parse, or leaves the default (the route's or the plugin's) outside.
Result<Parameter> narrow(const Parameter& declared, const Narrowing& by);

/// Reads the texts that a request gave for one parameter (several only for a list: "?s=A&s=B"
/// equals "?s=A,B") and checks type, bounds and choices. No texts: the default, or null, or a
/// failure when required. Failures are BOURSE_BAD_PARAM with `parameter` set and a stable code:
/// "missing_parameter", "bad_parameter", "parameter_out_of_range", "repeated_parameter",
/// "fixed_parameter"; `offer` holds the choices when it is one of few. The message shows the start
/// of what was given with controls escaped, or nothing of it when the parameter is secret.
///
/// How each type is written:
///   BOOL     true, false, 1 or 0
///   I64      a whole number, nothing before or behind: -5, 100
///   F64      a finite number: 0.5, -1e-3
///   DECIMAL  0.00000001, up to 38 digits
///   TIME     2024-12-31, 2024-12-31T23:59:59.5Z, ...+02:00, or milliseconds since 1970, UTC; from
///            1678 to 2261, to the nanosecond, no leap seconds; or what is relative to `now`: now,
///            -90m, -12h, -30d, -2w (a default too, but no bound)
///   TEXT     UTF-8 without controls, at most kTextBytesMax bytes unless `max` says otherwise
///   LIST     items between commas, blanks around them are no part of them, none empty, at most
///            kListItemsMax unless `max` says otherwise
///
/// `now`: ns since 1970, the time of the request.
Result<Value> read_value(const Parameter& parameter, std::span<const std::string_view> texts,
                         std::int64_t now = wall_clock());

/// Human words for the rule: "a whole number from 1 to 1000, default 100", and whether it is
/// optional or secret. For --help and errors.
std::string describe(const Parameter& parameter);

}  // namespace bourse::host
