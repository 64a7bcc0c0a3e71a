// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <system_error>

#include "bourse/symbols.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kNameBytesMax = 64;
/// What the exchange itself takes as a number has 20 digits on either side of the point; 18 of its
/// decimals leave room to bring any column of them to one scale. It has never sent more than 15
/// and 8.
constexpr std::size_t kIntegerDigitsMax = 20, kDecimalsMax = 18;
/// 2100-01-01. Later times are microseconds, which nobody asked for.
constexpr std::int64_t kTimeMsMax = 4'102'444'800'000;

/// RapidJSON's own allocator returns null where there is no memory, and what asked it writes there.
struct Allocator : rapidjson::CrtAllocator {
  void* Malloc(std::size_t bytes) { return checked(CrtAllocator::Malloc(bytes), bytes); }
  void* Realloc(void* block, std::size_t was, std::size_t bytes) {
    return checked(CrtAllocator::Realloc(block, was, bytes), bytes);
  }

 private:
  static void* checked(void* block, std::size_t bytes) {
    if (block == nullptr && bytes > 0) throw std::bad_alloc();
    return block;
  }
};

/// What RapidJSON calls; counts the depth, so that its recursion is bounded.
class Adapter {
 public:
  explicit Adapter(JsonVisitor& visitor) : visitor_(visitor) {}
  [[nodiscard]] bool too_deep() const noexcept { return depth_ > kJsonDepthMax; }

  // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
  bool Null() { return visitor_.value({Scalar::Kind::kNull, "null"}); }
  bool Bool(bool value) { return visitor_.value({Scalar::Kind::kBool, value ? "true" : "false"}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return visitor_.value({Scalar::Kind::kNumber, {text, size}});
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return visitor_.value({Scalar::Kind::kString, {text, size}});
  }
  bool StartObject() { return ++depth_ <= kJsonDepthMax && visitor_.begin_object(); }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return visitor_.key({text, size});
  }
  bool EndObject(rapidjson::SizeType /*members*/) {
    --depth_;
    return visitor_.end_object();
  }
  bool StartArray() { return ++depth_ <= kJsonDepthMax && visitor_.begin_array(); }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth_;
    return visitor_.end_array();
  }
  // Numbers come as text: these are never called.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }
  // NOLINTEND(readability-identifier-naming)

 private:
  JsonVisitor& visitor_;
  int depth_ = 0;
};

Error odd(std::string_view what, const std::string& why) {
  return {.kind = ErrorKind::kProtocol,
          .message =
              "The exchange's answer about " + std::string(what) + " makes no sense: " + why + ".",
          .advice = "Try again later; if it stays so, this client may be out of date.",
          .reach = Reach::kAnswered};
}

}  // namespace

bool to_decimal(const Scalar& scalar, Decimal& out) noexcept {
  if (scalar.kind != Scalar::Kind::kString && scalar.kind != Scalar::Kind::kNumber) return false;
  std::string_view text = scalar.text;
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  if (point > kIntegerDigitsMax || text.size() - point > kDecimalsMax + 1) return false;
  const auto parsed = Decimal::parse(scalar.text);
  if (parsed) out = *parsed;
  return parsed.has_value();
}

bool to_integer(const Scalar& scalar, std::int64_t& out) noexcept {
  if (scalar.kind != Scalar::Kind::kNumber) return false;
  const char* const end = scalar.text.data() + scalar.text.size();
  std::int64_t value = 0;
  const auto [parsed, error] = std::from_chars(scalar.text.data(), end, value);
  if (error != std::errc{} || parsed != end) return false;
  out = value;
  return true;
}

bool to_bool(const Scalar& scalar, bool& out) noexcept {
  if (scalar.kind != Scalar::Kind::kBool) return false;
  out = scalar.text == "true";
  return true;
}

bool to_string(const Scalar& scalar, std::string& out) {
  if (scalar.kind != Scalar::Kind::kString) return false;
  out.assign(scalar.text);
  return true;
}

bool to_time(const Scalar& scalar, Time& out) noexcept {
  std::int64_t ms = 0;
  if (!to_integer(scalar, ms) || ms < 0 || ms > kTimeMsMax) return false;
  out = from_ms(ms);
  return true;
}

bool to_name(const Scalar& scalar, std::string& out) {
  if (scalar.kind != Scalar::Kind::kString || scalar.text.empty() ||
      scalar.text.size() > kNameBytesMax || printable(scalar.text, kNameBytesMax) != scalar.text) {
    return false;
  }
  out.assign(scalar.text);
  return true;
}

bool to_symbol(const Scalar& scalar, std::string& out) {
  if (scalar.kind != Scalar::Kind::kString || !is_symbol(scalar.text)) return false;
  out.assign(scalar.text);
  return true;
}

Status parse_json(std::string& body, JsonVisitor& visitor, std::string_view what) {
  // The parser takes a NUL for the end, and would not see what follows.
  if (body.find('\0') != std::string::npos) return odd(what, "it contains a zero byte");
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  Adapter adapter(visitor);
  rapidjson::InsituStringStream stream(body.data());
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, Allocator> reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, adapter);
  if (!result.IsError()) return Done{};
  if (adapter.too_deep()) return odd(what, "it is nested too deeply");
  if (!visitor.problem().empty()) return odd(what, visitor.problem());
  std::string_view why = rapidjson::GetParseError_En(result.Code());
  if (why.ends_with('.')) why.remove_suffix(1);  // the sentence goes on
  return odd(what, "at byte " + std::to_string(result.Offset()) + ", " + std::string(why));
}

}  // namespace bourse::binance
