// SPDX-License-Identifier: MIT
#include <charconv>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kMessageBytesMax = 512;

class ErrorVisitor final : public JsonVisitor {
 public:
  ErrorBody found;

  bool begin_object() override { return ++depth_ > 0; }
  bool end_object() override { return --depth_ >= 0; }
  bool begin_array() override { return depth_++ > 0; }  // the document is an object
  bool end_array() override { return --depth_ >= 0; }
  bool key(std::string_view name) override {
    field_ = depth_ != 1      ? Field::kOther
             : name == "code" ? Field::kCode
             : name == "msg"  ? Field::kMessage
                              : Field::kOther;
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (depth_ != 1) return true;
    if (field_ == Field::kCode) {
      const char* const end = scalar.text.data() + scalar.text.size();
      const auto read = std::from_chars(scalar.text.data(), end, found.code);
      found.found = read.ec == std::errc{} && read.ptr == end;
    } else if (field_ == Field::kMessage && scalar.kind == Scalar::Kind::kString) {
      found.message = printable(scalar.text, kMessageBytesMax);
    }
    return true;
  }

 private:
  enum class Field : std::uint8_t { kCode, kMessage, kOther };
  Field field_ = Field::kOther;
  int depth_ = 0;
};

}  // namespace

ErrorBody parse_error(std::string body) {
  ErrorVisitor visitor;
  const bool whole = parse_json(body, visitor, "an error").ok();
  return whole && visitor.found.found ? std::move(visitor.found) : ErrorBody{};
}

}  // namespace bourse::binance
