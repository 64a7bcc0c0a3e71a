// SPDX-License-Identifier: MIT
//
// Everything that goes wrong on the way to a real exchange, on command. A fault waits until a
// request matches it, acts so many times, and is gone. Requests below /_fake/ never meet one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::fake_exchange {

enum class FaultKind {
  // Instead of the exchange's answer.
  kFirewall,
  kGeoBlock,
  kNotFound,
  kServerError,
  kBadGateway,
  kGatewayTimeout,
  kBusy,
  kTimeout,
  kError,
  kEmpty,
  kBody,
  kRedirect,
  // In what the answer says. Several can act on one request.
  kMicroseconds,
  kUnknownEnum,
  kUnknownField,
  kReversed,
  kClosesBeforeItOpens,
  kClosesTooLate,
  kZeroPrices,
  kHighBelowLow,
  kUnreadableRow,
  kThirdElement,
  kCrossed,
  kForeignFilters,
  kNoCommissionRates,
  // In how the answer is delivered.
  kSlow,
  kDrip,
  kHangUnread,
  kHang,
  kResetBefore,
  kCloseBefore,
  kResetMidBody,
  kCloseMidBody,
  kTruncatedJson,
  kLengthTooLong,
  kLengthTooShort,
  kGzip,
  kGzipBad,
  kGzipFalse,
  kGzipUnlabelled,
  kGzipBomb,
  kChunked,
  kChunkedBroken,
  kHttp10,
  kClose,
  kCloseSilently,
  kHuge,
  kHugeHead,
  kNotHttp,
  // Since there are streams: one of each stage above.
  kTooManyPage,
  kOldBook,
  // On stream connections: what they send, and how.
  kStreamMute,
  kStreamQuiet,
  kStreamDeaf,
  kStreamPings,
  kStreamGap,
  kStreamRepeat,
  kStreamFlood,
  kStreamOverlap,
  kStreamSwap,
  kStreamNoEnd,
  kStreamCrossing,
  kStreamWrongQuote,
  kStreamWrongJson,
  kStreamHalf,
  kStreamRefuse,
  kStreamNoAnswer,
  kStreamClose,
  kStreamCut,
  kStreamReset,
  kStreamCutFrame,
  kStreamBadFrame,
  kStreamNoFarewell,
};

/// kStream faults never meet a request; the others meet the upgrade of a stream connection too.
enum class FaultStage { kInstead, kContent, kDelivery, kStream };

struct FaultName {
  FaultKind kind;
  FaultStage stage;
  std::string_view name, doc;
};
[[nodiscard]] std::span<const FaultName> fault_names() noexcept;
[[nodiscard]] const FaultName& fault_name(FaultKind kind) noexcept;
[[nodiscard]] std::optional<FaultKind> parse_fault(std::string_view name) noexcept;

inline constexpr std::int64_t kUntilCleared = 0;

struct Fault {
  FaultKind kind = FaultKind::kServerError;
  /// "" is every path, "/api/v3/ticker*" what begins so, else the whole path. Of kStream: the path
  /// of a connection ("/ws*", "/stream") when it is opened or says something, the name of a stream
  /// ("btcusdt@depth*") when there is an event of it.
  std::string path = {};
  std::int64_t times = 1;  ///< how many requests it meets; kUntilCleared
  std::int64_t after = 0;  ///< how many matching requests it lets pass first
  /// Real time that passes before anything is sent, whatever the kind; of kDrip: before each piece.
  std::chrono::milliseconds delay{0};
  int status = 0;           ///< of kTimeout, kError, kBody, kRedirect, where not the usual one
  int code = -1000;         ///< of kError
  std::string text = {};    ///< message of kError, body of kBody, location of kRedirect
  std::string header = {};  ///< one more of what is answered instead: "Retry-After: 5"
  /// Of kHuge, kGzipBomb, kHugeHead; size of kDrip's pieces; copies of kStreamFlood, ids of
  /// kStreamOverlap. 0: the usual.
  std::int64_t bytes = 0;
  /// Open time (us) of the candle that is odd; nothing: the one in the middle of each answer.
  std::optional<std::int64_t> at = {};
  std::int64_t age_us = 0;  ///< of kOldBook; 0: a minute
};

/// What one request meets.
struct Met {
  std::optional<Fault> instead, delivery;
  bool microseconds = false, unknown_enum = false, unknown_field = false, reversed = false;
  std::vector<Fault> content = {};    ///< all of kContent, these four among them
  std::vector<FaultKind> kinds = {};  ///< all of them, for the log
};

/// Safe on any thread.
class Faults {
 public:
  void add(Fault fault);
  void clear();
  [[nodiscard]] std::vector<Fault> waiting() const;
  /// How many requests have met this kind so far.
  [[nodiscard]] std::int64_t met(FaultKind kind) const;

  /// Of each stage the first that matches; of kContent all. Uses them up.
  Met take(std::string_view path);
  /// Of kStream all that match and of whose kind `acts` says so.
  std::vector<Fault> take_stream(std::string_view path, const std::function<bool(FaultKind)>& acts);
  /// Whether the request that is about to be read shall be left unread (kHangUnread).
  bool take_unread();

 private:
  [[nodiscard]] bool due(Fault& fault, std::string_view path) const;
  void use(Fault& fault);
  void drop_spent();

  mutable std::mutex mutex_;
  std::vector<Fault> waiting_;
  std::vector<std::int64_t> met_ = std::vector<std::int64_t>(128);
};

}  // namespace bourse::fake_exchange
