// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/result.hpp"

namespace bourse::history {

std::string_view name_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kFull:
      return "full";
    case ErrorKind::kReadOnly:
      return "read_only";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kForeign:
      return "foreign";
    case ErrorKind::kNewer:
      return "newer";
    case ErrorKind::kLocked:
      return "locked";
    case ErrorKind::kGone:
      return "gone";
    case ErrorKind::kRefused:
      return "refused";
    case ErrorKind::kUnknownOutcome:
      return "unknown_outcome";
    case ErrorKind::kInvalid:
      break;
  }
  return "invalid";
}

std::string Error::text() const {
  if (advice.empty()) return message;
  return message + "; " + advice;
}

}  // namespace bourse::history
