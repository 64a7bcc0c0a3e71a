// SPDX-License-Identifier: MIT
//
// What is kept of an answered question: a report, or the bytes that a format made of one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/answers/freshness.hpp"
#include "host/base/backoff.hpp"
#include "host/base/result.hpp"
#include "host/calls/call.hpp"

namespace bourse::host {

/// Ways to write the same bytes shorter.
enum class Coding : std::uint8_t { kGzip, kBrotli, kZstd };
inline constexpr std::size_t kCodings = 3;

using BytesPtr = std::shared_ptr<const std::string>;

/// The bytes of an answer and what is said of them; shared by all who send them. Immutable but for
/// its twins, which come later.
class Rendition {
 public:
  struct Parts {
    std::string bytes;
    std::string media_type;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t as_of = 0;
  };
  explicit Rendition(Parts parts);

  [[nodiscard]] const BytesPtr& bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::string& media_type() const noexcept { return media_type_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return headers_;
  }
  /// Time of the newest input of its report, ns since 1970; 0: unknown.
  [[nodiscard]] std::int64_t as_of() const noexcept { return as_of_; }
  /// A hash of the bytes and of nothing else, 22 characters of base64url: the same after a restart
  /// and on every host.
  [[nodiscard]] const std::string& version() const noexcept { return version_; }

  /// Null: it was not made, or it was not worth it. [any]
  [[nodiscard]] BytesPtr twin(Coding coding) const noexcept;
  /// True, once: the caller makes the twin and tells by set_twin. [any]
  [[nodiscard]] bool claim_twin(Coding coding) const noexcept;
  /// It was not made after all, and may be claimed again. REQUIRES: it was claimed.
  void withdraw_twin(Coding coding) const noexcept;
  /// Null: it is not worth it, or has no room, and never will. REQUIRES: it was claimed.
  void set_twin(Coding coding, BytesPtr bytes) const noexcept;
  /// One bit for each twin that is there: changes when one comes. [any]
  [[nodiscard]] unsigned twins_there() const noexcept;
  /// Of itself and its texts; twins are counted apart (Shelf::grow).
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  BytesPtr bytes_;
  std::string media_type_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::int64_t as_of_;
  std::string version_;
  struct Twin {
    std::atomic<bool> claimed{false};
    std::atomic<bool> made{false};  ///< then `bytes` is not written any more
    BytesPtr bytes;
  };
  mutable std::array<Twin, kCodings> twins_;
};

/// An answer as it is kept: exactly one of report and rendition is there.
struct Kept {
  ReportPtr report = {};
  std::shared_ptr<const Rendition> rendition = {};
  std::optional<std::int64_t> fresh_until = {};  ///< as Answer::fresh_until
  Life life = {};
  std::shared_ptr<ChangeMark> mark = {};  ///< what life.mark points to
  /// Goes on from one answer to the next of the same question.
  std::shared_ptr<Backoff> backoff = std::make_shared<Backoff>();

  [[nodiscard]] std::size_t size() const noexcept;
};
using KeptPtr = std::shared_ptr<const Kept>;

}  // namespace bourse::host
