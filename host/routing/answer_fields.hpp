// SPDX-License-Identifier: MIT
//
// What goes with every answer of a route, whatever it is: the operator's headers, and what a page
// of another origin may read (https://fetch.spec.whatwg.org/#http-cors-protocol). Made once; the
// lines for each origin are written ahead, so that an answer costs a look into a map and no copy.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/config/clients.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

class AnswerFields {
 public:
  /// Null where nothing goes with answers.
  [[nodiscard]] static std::shared_ptr<const AnswerFields> make(const ClientsConfig& clients);

  /// `origin`: the one that a request names, empty when it names none or several.
  [[nodiscard]] Attached of(std::string_view origin) const;
  /// Whether what is attached depends on it.
  [[nodiscard]] bool is_by_origin() const noexcept { return !lines_by_origin_.empty(); }
  /// Whether pages of other origins are answered at all.
  [[nodiscard]] bool is_for_origins() const noexcept { return is_by_origin() || is_for_all_; }

  /// What answers the question of a browser whether it may send a request, beside what is attached.
  /// Nothing but Vary to an origin that may not.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> preflight(
      std::string_view origin) const;

 private:
  using Lines = std::shared_ptr<const std::string>;

  AnswerFields() = default;

  Lines lines_;  ///< for who has no origin, or one that may read nothing; may be null
  std::map<std::string, Lines, std::less<>> lines_by_origin_;
  bool is_for_all_ = false;
  std::string allowed_headers_;
  std::string max_age_;  ///< seconds
};

}  // namespace bourse::host
