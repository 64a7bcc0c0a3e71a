// SPDX-License-Identifier: MIT
#include "tests/exchange/faults.hpp"

#include <algorithm>
#include <array>

namespace bourse::fake_exchange {
namespace {

constexpr auto kInstead = FaultStage::kInstead;
constexpr auto kContent = FaultStage::kContent;
constexpr auto kDelivery = FaultStage::kDelivery;
constexpr auto kStream = FaultStage::kStream;
constexpr std::array kNames = {
    FaultName{FaultKind::kFirewall, kInstead, "firewall", "403 with the page of the CDN"},
    FaultName{FaultKind::kGeoBlock, kInstead, "geo_block", "451 with pretty JSON, code 0"},
    FaultName{FaultKind::kNotFound, kInstead, "not_found", "404 as for an unknown path"},
    FaultName{FaultKind::kServerError, kInstead, "server_error", "500 without a body"},
    FaultName{FaultKind::kBadGateway, kInstead, "bad_gateway", "502 with a proxy's page"},
    FaultName{FaultKind::kGatewayTimeout, kInstead, "gateway_timeout", "504 with a proxy's page"},
    FaultName{FaultKind::kBusy, kInstead, "busy", "503 with -1008"},
    FaultName{FaultKind::kTimeout, kInstead, "timeout", "-1007; status: 503 unless given"},
    FaultName{FaultKind::kError, kInstead, "error", "any error: status (400), code, text"},
    FaultName{FaultKind::kEmpty, kInstead, "empty", "200 without a body"},
    FaultName{FaultKind::kBody, kInstead, "body", "status (200) and a body of your own: text"},
    FaultName{FaultKind::kRedirect, kInstead, "redirect", "status (302) to the location: text"},
    FaultName{FaultKind::kMicroseconds, kContent, "microseconds", "16-digit times, unasked"},
    FaultName{FaultKind::kUnknownEnum, kContent, "unknown_enum", "words that nobody knows"},
    FaultName{FaultKind::kUnknownField, kContent, "unknown_field", "members that nobody knows"},
    FaultName{FaultKind::kReversed, kContent, "reversed", "lists of symbols in reverse order"},
    FaultName{FaultKind::kClosesBeforeItOpens, kContent, "closes_before_it_opens",
              "a candle's close time is 757.923 s before its open, as on 2020-12-21 14:00"},
    FaultName{FaultKind::kClosesTooLate, kContent, "closes_too_late",
              "a candle's close time is that of the next"},
    FaultName{FaultKind::kZeroPrices, kContent, "zero_prices",
              "a candle's prices are zero, its volume is not"},
    FaultName{FaultKind::kHighBelowLow, kContent, "high_below_low",
              "a candle's high and low have changed places"},
    FaultName{FaultKind::kUnreadableRow, kContent, "unreadable_row",
              "a candle's open is no number"},
    FaultName{FaultKind::kThirdElement, kContent, "third_element",
              "levels of a book have a third element, an empty list"},
    FaultName{FaultKind::kCrossed, kContent, "crossed",
              "best bid and ask have changed places: book, bookTicker, ticker/24hr"},
    FaultName{FaultKind::kForeignFilters, kContent, "foreign_filters",
              "filters have members of other filters: empty, null, of another type"},
    FaultName{FaultKind::kNoCommissionRates, kContent, "no_commission_rates",
              "the account has basis points and no commissionRates"},
    FaultName{FaultKind::kSlow, kDelivery, "slow", "waits for `delay`, then answers"},
    FaultName{FaultKind::kDrip, kDelivery, "drip", "sends `bytes` (1), waits for `delay`, ..."},
    FaultName{FaultKind::kHangUnread, kDelivery, "hang_unread", "never reads the request"},
    FaultName{FaultKind::kHang, kDelivery, "hang", "reads the request, never answers"},
    FaultName{FaultKind::kResetBefore, kDelivery, "reset_before", "TCP reset instead of an answer"},
    FaultName{FaultKind::kCloseBefore, kDelivery, "close_before", "closes instead of an answer"},
    FaultName{FaultKind::kResetMidBody, kDelivery, "reset_mid_body", "TCP reset after half a body"},
    FaultName{FaultKind::kCloseMidBody, kDelivery, "close_mid_body", "closes after half a body"},
    FaultName{FaultKind::kTruncatedJson, kDelivery, "truncated_json", "half a body, declared so"},
    FaultName{FaultKind::kLengthTooLong, kDelivery, "length_too_long",
              "declares 10 bytes more than it sends, closes"},
    FaultName{FaultKind::kLengthTooShort, kDelivery, "length_too_short",
              "declares 10 bytes less than it sends, stays open"},
    FaultName{FaultKind::kGzip, kDelivery, "gzip", "compressed, asked for or not"},
    FaultName{FaultKind::kGzipBad, kDelivery, "gzip_bad", "compressed, a byte in it is wrong"},
    FaultName{FaultKind::kGzipFalse, kDelivery, "gzip_false", "says gzip, is not compressed"},
    FaultName{FaultKind::kGzipUnlabelled, kDelivery, "gzip_unlabelled", "compressed, says nothing"},
    FaultName{FaultKind::kGzipBomb, kDelivery, "gzip_bomb",
              "compressed, `bytes` (64 MiB) of blanks follow the JSON"},
    FaultName{FaultKind::kChunked, kDelivery, "chunked", "in chunks of odd sizes"},
    FaultName{FaultKind::kChunkedBroken, kDelivery, "chunked_broken",
              "a chunk's size is no number"},
    FaultName{FaultKind::kHttp10, kDelivery, "http10", "HTTP/1.0, ends with the connection"},
    FaultName{FaultKind::kClose, kDelivery, "close", "announces and closes the connection"},
    FaultName{FaultKind::kCloseSilently, kDelivery, "close_silently",
              "closes the connection after the answer, unannounced"},
    FaultName{FaultKind::kHuge, kDelivery, "huge", "`bytes` (64 MiB) of blanks follow the JSON"},
    FaultName{FaultKind::kHugeHead, kDelivery, "huge_head", "`bytes` (1 MiB) of headers"},
    FaultName{FaultKind::kNotHttp, kDelivery, "not_http", "bytes that are not HTTP, closes"},
    FaultName{FaultKind::kTooManyPage, kInstead, "too_many_page", "429 with a proxy's page"},
    FaultName{FaultKind::kOldBook, kContent, "old_book", "depth as it was `age` (1m) ago"},
    FaultName{FaultKind::kStreamMute, kStream, "stream_mute",
              "the connection tells nothing more; its pings go on"},
    FaultName{FaultKind::kStreamQuiet, kStream, "stream_quiet",
              "this stream tells nothing more on the connection"},
    FaultName{FaultKind::kStreamDeaf, kStream, "stream_deaf",
              "nothing more is read: no pong, no answer, no close handshake"},
    FaultName{FaultKind::kStreamPings, kStream, "stream_pings",
              "a ping every `delay` (300ms) and nothing else"},
    FaultName{FaultKind::kStreamGap, kStream, "stream_gap", "a message is left out"},
    FaultName{FaultKind::kStreamRepeat, kStream, "stream_repeat", "a message comes twice"},
    FaultName{FaultKind::kStreamFlood, kStream, "stream_flood",
              "a message comes `bytes` (1000) times at once"},
    FaultName{FaultKind::kStreamOverlap, kStream, "stream_overlap",
              "a diff's U is `bytes` (5) lower"},
    FaultName{FaultKind::kStreamSwap, kStream, "stream_swap",
              "a message comes after the one that follows"},
    FaultName{FaultKind::kStreamNoEnd, kStream, "stream_no_end",
              "a candle's last message (x: true) is left out"},
    FaultName{FaultKind::kStreamCrossing, kStream, "stream_crossing",
              "a diff bids what the best ask asks for"},
    FaultName{FaultKind::kStreamWrongQuote, kStream, "stream_wrong_quote",
              "a bookTicker has another bid quantity than the book"},
    FaultName{FaultKind::kStreamWrongJson, kStream, "stream_wrong_json",
              "half of a message's JSON, or a text of your own: text"},
    FaultName{FaultKind::kStreamHalf, kStream, "stream_half",
              "every second name of a subscription is passed over in silence"},
    FaultName{FaultKind::kStreamRefuse, kStream, "stream_refuse",
              "what the client says is answered with an error: code, text"},
    FaultName{FaultKind::kStreamNoAnswer, kStream, "stream_no_answer",
              "what the client says is neither done nor answered"},
    FaultName{FaultKind::kStreamClose, kStream, "stream_close",
              "closes with code (1001) and text instead of a message"},
    FaultName{FaultKind::kStreamCut, kStream, "stream_cut",
              "ends without a close frame or a farewell of TLS"},
    FaultName{FaultKind::kStreamReset, kStream, "stream_reset", "TCP reset"},
    FaultName{FaultKind::kStreamCutFrame, kStream, "stream_cut_frame",
              "ends after half a message's frame"},
    FaultName{FaultKind::kStreamBadFrame, kStream, "stream_bad_frame",
              "a frame of no known kind, then the message"},
    FaultName{FaultKind::kStreamNoFarewell, kStream, "stream_no_farewell",
              "TLS will end without close_notify"},
};

}  // namespace

std::span<const FaultName> fault_names() noexcept { return kNames; }

const FaultName& fault_name(FaultKind kind) noexcept {
  return *std::find_if(kNames.begin(), kNames.end(),
                       [kind](const FaultName& n) { return n.kind == kind; });
}

std::optional<FaultKind> parse_fault(std::string_view name) noexcept {
  for (const FaultName& known : kNames) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

void Faults::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(fault));
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
}

std::vector<Fault> Faults::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::int64_t Faults::met(FaultKind kind) const {
  const std::lock_guard lock(mutex_);
  return met_[static_cast<std::size_t>(kind)];
}

bool Faults::due(Fault& fault, std::string_view path) const {
  const std::string_view wanted = fault.path;
  const bool prefix = wanted.ends_with('*');
  const bool matches =
      wanted.empty() ||
      (prefix ? path.starts_with(wanted.substr(0, wanted.size() - 1)) : path == wanted);
  if (!matches || fault.times < 0) return false;
  if (fault.after == 0) return true;
  --fault.after;
  return false;
}

void Faults::use(Fault& fault) {
  ++met_[static_cast<std::size_t>(fault.kind)];
  if (fault.times != kUntilCleared && --fault.times == 0) fault.times = -1;  // spent
}

void Faults::drop_spent() {
  std::erase_if(waiting_, [](const Fault& fault) { return fault.times < 0; });
}

Met Faults::take(std::string_view path) {
  const std::lock_guard lock(mutex_);
  Met met;
  for (Fault& fault : waiting_) {
    if (fault.kind == FaultKind::kHangUnread) continue;
    const FaultStage stage = fault_name(fault.kind).stage;
    if (stage == FaultStage::kStream) continue;
    if (stage == FaultStage::kInstead && met.instead) continue;
    if (stage == FaultStage::kDelivery && met.delivery) continue;
    if (!due(fault, path)) continue;
    if (stage == FaultStage::kInstead) met.instead = fault;
    if (stage == FaultStage::kDelivery) met.delivery = fault;
    met.microseconds |= fault.kind == FaultKind::kMicroseconds;
    met.unknown_enum |= fault.kind == FaultKind::kUnknownEnum;
    met.unknown_field |= fault.kind == FaultKind::kUnknownField;
    met.reversed |= fault.kind == FaultKind::kReversed;
    if (stage == FaultStage::kContent) met.content.push_back(fault);
    met.kinds.push_back(fault.kind);
    use(fault);
  }
  drop_spent();
  return met;
}

std::vector<Fault> Faults::take_stream(std::string_view path,
                                       const std::function<bool(FaultKind)>& acts) {
  const std::lock_guard lock(mutex_);
  std::vector<Fault> out;
  for (Fault& fault : waiting_) {
    if (fault_name(fault.kind).stage != FaultStage::kStream || !acts(fault.kind)) continue;
    if (!due(fault, path)) continue;
    out.push_back(fault);
    use(fault);
  }
  drop_spent();
  return out;
}

bool Faults::take_unread() {
  const std::lock_guard lock(mutex_);
  for (Fault& fault : waiting_) {
    if (fault.kind != FaultKind::kHangUnread || !due(fault, "")) continue;
    use(fault);
    drop_spent();
    return true;
  }
  return false;
}

}  // namespace bourse::fake_exchange
