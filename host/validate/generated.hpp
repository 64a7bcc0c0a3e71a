// SPDX-License-Identifier: MIT
//
// A source that delivers what is declared of its datasets and nothing more is known of: columns by
// their types, filled from a seed. So that what comes is what was asked for, a text column that is
// named as an argument holds it (the items of a list, if that is its plural), and one whose
// description quotes words holds these; rows are as far apart as an argument says ("15m"), from its
// start and to its end; and there are never more of them than the smallest number of an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "host/calls/sources.hpp"
#include "host/plugins/component.hpp"
#include "host/validate/stage.hpp"

namespace bourse::host::validate {

/// What its tables are like.
struct Shape {
  std::size_t rows = 60;
  bool has_nulls = false;    ///< about one value in four of every column
  bool has_optional = true;  ///< columns that may be left out are there
  bool has_unknown = false;  ///< and one that nobody declared
  bool is_extreme = false;   ///< the largest and the smallest of each type
  std::uint64_t seed = 1;
};

/// The n-th question that it is asked (the first is 1) is answered with this status; n 0: each is.
struct FailedAnswer {
  std::size_t nth = 1;
  bourse_status status = BOURSE_UPSTREAM;
};

/// Any thread, but for learn(), shape() and fail().
class GeneratedSource {
 public:
  /// `datasets`: as whoever asks declares them.
  explicit GeneratedSource(std::vector<Dataset> datasets);
  ~GeneratedSource();
  GeneratedSource(const GeneratedSource&) = delete;
  GeneratedSource& operator=(const GeneratedSource&) = delete;

  /// Lives as long as this; another one after learn().
  [[nodiscard]] const std::shared_ptr<Source>& source() const noexcept { return source_; }
  /// Takes arguments from now on that the declaration does not have. False: nothing was new.
  bool learn(const std::vector<AskedArgument>& asked);
  void shape(const Shape& shape);
  void fail(std::optional<FailedAnswer> failed);
  /// Questions since the last call of shape() or fail().
  [[nodiscard]] std::size_t asked() const noexcept;

  struct State;

 private:
  void make();

  std::vector<Dataset> datasets_;
  std::unique_ptr<State> state_;
  std::shared_ptr<Source> source_;
};

}  // namespace bourse::host::validate
