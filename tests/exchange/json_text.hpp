// SPDX-License-Identifier: MIT
//
// Writes JSON in exactly the order it is told to, without blanks, as the exchange does. Commas come
// by themselves. Can be told to make what a client of tomorrow may meet: members that nobody knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::fake_exchange {

class JsonText {
 public:
  JsonText() = default;
  /// Every object gets a member, and every record() an item, that no document describes.
  explicit JsonText(bool unknown_fields) : unknown_fields_(unknown_fields) {}

  JsonText& object();
  JsonText& end_object();
  JsonText& array();
  JsonText& end_array();
  /// An array of fixed places, such as a candle: [openTime, open, ...].
  JsonText& record() { return array(); }
  JsonText& end_record();

  JsonText& key(std::string_view name);
  JsonText& text(std::string_view value);
  JsonText& number(std::int64_t value);
  JsonText& boolean(bool value);
  /// JSON that is already made.
  JsonText& raw(std::string_view json);

  JsonText& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonText& member(std::string_view name, const char* value) { return key(name).text(value); }
  JsonText& member(std::string_view name, std::int64_t value) { return key(name).number(value); }
  JsonText& member(std::string_view name, int value) { return key(name).number(value); }
  JsonText& member(std::string_view name, bool value) { return key(name).boolean(value); }

  [[nodiscard]] const std::string& str() const noexcept { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool unknown_fields_ = false;
};

}  // namespace bourse::fake_exchange
