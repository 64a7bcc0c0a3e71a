// SPDX-License-Identifier: MIT
//
// shared.hpp - shared.h in C++: counters in windows, leases and small values that several hosts
// share.
//
//   const Shared::Count used = shared.count("weight", std::chrono::minutes(1), cost, limit);
//   if (used.status == BOURSE_TOO_MANY) ...     // nothing was added
//   if (used.status == BOURSE_UNAVAILABLE) ...  // go on with your own share of the limit
#pragma once

#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/ext/shared.h"
#include "bourse/host.hpp"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

/// Looked up once, in init or a constructor: Shared(host). Empty where the host offers none: all is
/// UNAVAILABLE then, as when the store does not answer. Nothing here waits longer than 50 ms. Any
/// thread.
class Shared {
 public:
  explicit Shared(Host host) noexcept
      : host_(host.wire()), shared_(host.extension<bourse_shared>(BOURSE_SHARED_ID)) {}
  [[nodiscard]] explicit operator bool() const noexcept { return shared_ != nullptr; }

  struct Count {
    bourse_status status;    ///< OK, TOO_MANY or UNAVAILABLE
    std::uint64_t used = 0;  ///< what is in the window now; 0 if that is not known
  };
  /// Adds `amount` to the counter of the window that now lies in, unless that would take it above
  /// `limit`.
  [[nodiscard]] Count count(std::string_view key, Duration window, std::uint64_t amount,
                            std::uint64_t limit) const noexcept {
    Count out{BOURSE_UNAVAILABLE};
    if (shared_ != nullptr && BOURSE_HAS(shared_, count)) {
      out.status = shared_->count(host_, borrow(key), window.ns, amount, limit, &out.used);
    }
    return out;
  }

  /// A lease that is given back when it goes out of scope.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : shared_(other.shared_),
          key_(std::move(other.key_)),
          token_(std::exchange(other.token_, 0)),
          status_(std::exchange(other.status_, BOURSE_UNAVAILABLE)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (held() && shared_->shared_ != nullptr && BOURSE_HAS(shared_->shared_, unlease)) {
        shared_->shared_->unlease(shared_->host_, borrow(key_), token_);
      }
    }
    /// OK: it is ours. TOO_MANY: another has it. UNAVAILABLE.
    [[nodiscard]] bourse_status status() const noexcept { return status_; }
    [[nodiscard]] bool held() const noexcept { return status_ == BOURSE_OK; }
    /// For another `length` from now; whether it is still ours.
    bool renew(Duration length) noexcept {
      if (held()) status_ = shared_->take(key_, length, token_);
      return held();
    }

   private:
    friend class Shared;
    Lease(const Shared& shared, std::string key, Duration length)
        : shared_(&shared), key_(std::move(key)), status_(shared.take(key_, length, token_)) {}
    const Shared* shared_;  ///< outlives it
    std::string key_;
    std::uint64_t token_ = 0;
    bourse_status status_;
  };
  [[nodiscard]] Lease lease(std::string key, Duration length) const {
    return Lease(*this, std::move(key), length);
  }

  /// Keeps a value of at most 64 KiB for `length`. OK or UNAVAILABLE.
  bourse_status put(std::string_view key, std::string_view value, Duration length) const noexcept {
    if (shared_ == nullptr || !BOURSE_HAS(shared_, put)) return BOURSE_UNAVAILABLE;
    return shared_->put(host_, borrow(key), borrow(value), length.ns);
  }
  /// Nothing: there is none, or the store does not answer.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) const {
    if (shared_ == nullptr || !BOURSE_HAS(shared_, get)) return std::nullopt;
    Taken taken;
    const bourse_status status = shared_->get(host_, borrow(key), &taken, take_value);
    if (taken.no_memory) throw std::bad_alloc();
    if (status != BOURSE_OK) return std::nullopt;
    return std::move(taken.value);
  }

 private:
  struct Taken {
    std::optional<std::string> value;
    bool no_memory = false;
  };
  static void take_value(void* sink, bourse_str value) noexcept {
    auto& taken = *static_cast<Taken*>(sink);
    try {
      taken.value = std::string(view(value));
    } catch (...) {  // no exception may pass through the host
      taken.no_memory = true;
    }
  }
  [[nodiscard]] bourse_status take(std::string_view key, Duration length,
                                   std::uint64_t& token) const noexcept {
    if (shared_ == nullptr || !BOURSE_HAS(shared_, lease)) return BOURSE_UNAVAILABLE;
    return shared_->lease(host_, borrow(key), length.ns, &token);
  }
  const bourse_host* host_;
  const bourse_shared* shared_;
};

}  // namespace bourse::inline sdk_0_1
