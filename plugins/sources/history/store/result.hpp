// SPDX-License-Identifier: MIT
//
// What can go wrong between a history and its database, and Result<T>: a value or that.
//
// The kinds say what the caller does next. Questions go on from the source below in every case; a
// history that cannot keep is no reason not to answer.
//   soon again          kBusy, kGone      the same call may do in a moment
//   when somebody helps kFull, kReadOnly, kRefused, kLocked   a minute later, and say it in a note
//   not with this file  kCorrupt, kForeign, kNewer            until it is mended or replaced
//   ask what became     kUnknownOutcome   read the coverage back before writing again
//   the caller's fault  kInvalid          a bug or a bad argument; nothing was touched
//
// No text in an Error holds a password: of a database's address only host, port and name are shown.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bourse::history {

enum class ErrorKind : std::uint8_t {
  kBusy,            ///< another one wrote for longer than Options::wait
  kFull,            ///< no room on the disk; what was kept stays readable
  kReadOnly,        ///< file, folder or server may not be written
  kCorrupt,         ///< the file is damaged, cut off, or emptied behind our back
  kForeign,         ///< a database, or a file, of somebody else; it is left as it is
  kNewer,           ///< written by a later version of this program; it is left as it is
  kLocked,          ///< another server is the writer; its name is in the message
  kGone,            ///< no connection to the server, or it is just stopping or starting
  kRefused,         ///< the server does not want us: password, rights, name, TLS, a pooler between
  kUnknownOutcome,  ///< the connection broke while a commit was on its way
  kInvalid,         ///< an argument that breaks the contract of the function
};
/// "busy", "full", "read_only", "corrupt", "foreign", "newer", "locked", "gone", "refused",
/// "unknown_outcome", "invalid": for figures and logs.
std::string_view name_of(ErrorKind kind) noexcept;

struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string message = {};  ///< what happened and where, a sentence
  std::string advice = {};   ///< what to do about it, a sentence; may be empty

  /// "message; advice", for notes and logs.
  [[nodiscard]] std::string text() const;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  [[nodiscard]] T& operator*() & noexcept { return *value(); }
  [[nodiscard]] const T& operator*() const& noexcept { return *value(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*value()); }
  [[nodiscard]] T* operator->() noexcept { return value(); }
  [[nodiscard]] const T* operator->() const noexcept { return value(); }

  /// REQUIRES: !ok().
  [[nodiscard]] Error& error() & noexcept { return *failure(); }
  [[nodiscard]] const Error& error() const& noexcept { return *failure(); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*failure()); }

 private:
  T* value() noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  const T* value() const noexcept {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  Error* failure() noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }
  const Error* failure() const noexcept {
    assert(!ok());
    return std::get_if<1>(&state_);
  }

  std::variant<T, Error> state_;
};

/// Nothing to return, but it may have failed.
struct Done {};
using Status = Result<Done>;

}  // namespace bourse::history
