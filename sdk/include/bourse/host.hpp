// SPDX-License-Identifier: MIT
//
// host.hpp - what the host offers outside of a call. A component whose constructor takes a Host,
// and init, may keep it: it is a plain value and true until deinit returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {
/// At most BOURSE_MAX_LOG_FIELDS fields; who has more says less.
inline void log(const bourse_host* host, bourse_call* call, std::int32_t level,
                std::string_view message, std::initializer_list<LogField> fields) noexcept {
  if (host->log == nullptr) return;
  bourse_arg args[BOURSE_MAX_LOG_FIELDS];
  std::size_t n = 0;
  for (const LogField& field : fields) {
    if (n < BOURSE_MAX_LOG_FIELDS) args[n++] = field;
  }
  host->log(host, call, level, borrow(message), args, n);
}
}  // namespace detail

/// The host, as this plugin sees it. Every method: any thread.
class Host {
 public:
  explicit Host(const bourse_host* host) noexcept : host_(host) {}

  /// "0.1.0"
  [[nodiscard]] std::string_view version() const noexcept { return view(host_->version); }
  /// The minor of the contract that it speaks.
  [[nodiscard]] std::uint32_t abi_minor() const noexcept { return host_->abi_minor; }

  /// A line in the host's log, about no call; about one: Call::log. The host adds time and plugin.
  ///   host.log(BOURSE_LEVEL_WARN, "the disk is slow", {{"ms", 1200}, {"file", path}});
  void log(std::int32_t level, std::string_view message,
           std::initializer_list<LogField> fields = {}) const noexcept {
    detail::log(host_, nullptr, level, message, fields);
  }
  /// A small interface by its id, which ends in its revision ("bourse.shared/1"); null when the
  /// host offers none of that revision. Typed faces of the known ones are in bourse/ext.
  template <class Extension>
  [[nodiscard]] const Extension* extension(const char* id) const noexcept {
    if (host_->extension == nullptr) return nullptr;
    return static_cast<const Extension*>(host_->extension(host_, id));
  }

  [[nodiscard]] const bourse_host* wire() const noexcept { return host_; }

 private:
  const bourse_host* host_;
};

}  // namespace bourse::inline sdk_0_1
