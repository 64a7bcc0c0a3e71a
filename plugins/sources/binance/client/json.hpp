// SPDX-License-Identifier: MIT
//
// JSON as a sequence of events, for visitors that build models without a tree in between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/decimal.hpp"
#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

struct Scalar {
  enum class Kind : std::uint8_t { kString, kNumber, kBool, kNull };
  Kind kind;
  /// Of strings without quotes and escapes; of numbers as written; "true", "false", "null".
  /// Valid during the event only.
  std::string_view text;
};

/// Conversions: false, and `out` untouched, when the scalar is something else.
/// A string or a number, of at most 20 digits before the point and 18 behind it.
bool to_decimal(const Scalar& scalar, Decimal& out) noexcept;
bool to_integer(const Scalar& scalar, std::int64_t& out) noexcept;  ///< a number
bool to_bool(const Scalar& scalar, bool& out) noexcept;
bool to_string(const Scalar& scalar, std::string& out);
/// A time in ms, from 1970 to 2100.
bool to_time(const Scalar& scalar, Time& out) noexcept;
/// A name that may be shown: well-formed UTF-8 without control characters, 1 to 64 bytes.
bool to_name(const Scalar& scalar, std::string& out);
/// A market's name, as bourse/symbols.hpp has it.
bool to_symbol(const Scalar& scalar, std::string& out);

/// Every event returns whether to go on; use `return fail(...)` to stop.
class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  virtual bool begin_object() = 0;
  virtual bool end_object() = 0;
  virtual bool begin_array() = 0;
  virtual bool end_array() = 0;
  virtual bool key(std::string_view name) = 0;
  virtual bool value(const Scalar& scalar) = 0;

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 protected:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

 private:
  std::string problem_;
};

/// Containers deeper than this end the parse; the exchange's documents have six levels.
inline constexpr int kJsonDepthMax = 16;

/// Walks through one JSON document, destroying its bytes. `what` names it in errors: "candles".
Status parse_json(std::string& body, JsonVisitor& visitor, std::string_view what);

}  // namespace bourse::binance
