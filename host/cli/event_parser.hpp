// SPDX-License-Identifier: MIT
//
// Reads server-sent events, as browsers do. HTML, section 9.2.6.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::host {

struct StreamEvent {
  std::string type = "message";
  std::string id;  ///< the newest that was said, of this event or one before
  std::string data;
};

class EventParser {
 public:
  explicit EventParser(std::function<void(const StreamEvent&)> event) : event_(std::move(event)) {}

  /// Bytes as they come, in pieces of any size.
  void feed(std::string_view bytes);
  /// What was not ended by an empty line is thrown away: another stream begins. The id stays.
  void restart();

  [[nodiscard]] const std::string& last_id() const noexcept { return id_; }
  /// When to come back after the end, if that was said.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }

 private:
  void end_line();
  void field(std::string_view name, std::string_view value);

  std::function<void(const StreamEvent&)> event_;
  std::string line_;
  std::string type_;
  std::string data_;
  std::string id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool began_ = false;         ///< something came, so no mark of byte order does
  bool after_return_ = false;  ///< a line feed here belongs to the end before it
};

}  // namespace bourse::host
