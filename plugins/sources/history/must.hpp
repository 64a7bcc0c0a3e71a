// SPDX-License-Identifier: MIT
//
// A failure of the database, or of a file, as that of the call.
#pragma once

#include <string>
#include <utility>

#include "bourse/value.hpp"
#include "plugins/sources/history/store/result.hpp"

namespace bourse::history {

/// The value, or the call fails with what the database says.
template <class T>
T must(Result<T> result, const char* code = "not_kept") {
  if (!result) throw bourse::Error(BOURSE_UNAVAILABLE, code, result.error().text());
  return std::move(*result);
}

inline bourse::Error bad_file(const std::string& what) {
  return {BOURSE_UNPROCESSABLE, "bad_file", what};
}

}  // namespace bourse::history
