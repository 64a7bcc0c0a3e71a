// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_faults.hpp"

#include <algorithm>

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kFloodUsual = 1'000, kFloodMax = 1'000'000, kOverlapUsual = 5;

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out(text);
  const std::size_t at = out.find(what);
  if (at != std::string::npos) out.replace(at, what.size(), by);
  return out;
}

/// The same quantities, said to begin with an earlier id: right, as quantities are absolute.
std::string overlapping(std::string_view text, std::int64_t first_id, std::int64_t by) {
  return replaced(text, "\"U\":" + std::to_string(first_id),
                  "\"U\":" + std::to_string(std::max<std::int64_t>(1, first_id - by)));
}

/// Somebody bids what the best ask asks for.
std::string crossing(std::string_view text, const std::string& best_ask) {
  const std::string bid = "\"b\":[[\"" + best_ask + "\",\"1.00000000\"]";
  const bool alone = text.find("\"b\":[]") != std::string_view::npos;
  return replaced(text, "\"b\":[", alone ? bid : bid + ",");
}

/// A bid quantity that the book has never had.
std::string wrong_quote(std::string_view text) {
  const std::size_t name = text.find("\"B\":\"");
  if (name == std::string_view::npos) return std::string(text);
  const std::size_t begin = name + 5, end = text.find('"', begin);
  return std::string(text.substr(0, begin)) + "987654.32100000" + std::string(text.substr(end));
}

bool is_quote(const StreamEvent& event) { return event.stream.ends_with("@bookTicker"); }

}  // namespace

bool acts_on_opening(FaultKind kind) noexcept {
  switch (kind) {
    case FaultKind::kStreamMute:
    case FaultKind::kStreamDeaf:
    case FaultKind::kStreamPings:
    case FaultKind::kStreamNoFarewell:
    case FaultKind::kStreamCut:
    case FaultKind::kStreamReset:
    case FaultKind::kStreamClose:
    case FaultKind::kStreamHalf:
      return true;
    default:
      return false;
  }
}

bool acts_on_message(FaultKind kind) noexcept {
  return kind == FaultKind::kStreamHalf || kind == FaultKind::kStreamRefuse ||
         kind == FaultKind::kStreamNoAnswer;
}

bool acts_on_event(FaultKind kind, const StreamEvent& event) noexcept {
  switch (kind) {
    case FaultKind::kStreamHalf:
    case FaultKind::kStreamRefuse:
    case FaultKind::kStreamNoAnswer:
      return false;
    case FaultKind::kStreamOverlap:
      return event.first_id > 0;
    case FaultKind::kStreamCrossing:
      return event.first_id > 0 && !event.best_ask.empty();
    case FaultKind::kStreamNoEnd:
      return event.closes;
    case FaultKind::kStreamWrongQuote:
      return is_quote(event);
    default:
      return true;
  }
}

std::string bent_text(const Fault& fault, const StreamEvent& event, std::string_view text) {
  switch (fault.kind) {
    case FaultKind::kStreamOverlap:
      return overlapping(text, event.first_id, fault.bytes > 0 ? fault.bytes : kOverlapUsual);
    case FaultKind::kStreamCrossing:
      return crossing(text, event.best_ask);
    case FaultKind::kStreamWrongQuote:
      return wrong_quote(text);
    case FaultKind::kStreamWrongJson:
      return fault.text.empty() ? std::string(text.substr(0, text.size() / 2)) : fault.text;
    default:
      return std::string(text);
  }
}

std::int64_t copies_of(const Fault& fault) noexcept {
  switch (fault.kind) {
    case FaultKind::kStreamGap:
    case FaultKind::kStreamNoEnd:
      return 0;
    case FaultKind::kStreamRepeat:
      return 2;
    case FaultKind::kStreamFlood:
      return std::min(kFloodMax, fault.bytes > 0 ? fault.bytes : kFloodUsual);
    default:
      return 1;
  }
}

std::string half_a_frame(std::string_view text) {
  constexpr char kLastText = static_cast<char>(0x81), kLengthOf8Bytes = 127;
  std::string out = {kLastText, kLengthOf8Bytes};
  for (int byte = 7; byte >= 0; --byte) {
    out += static_cast<char>((static_cast<std::uint64_t>(text.size()) >> (8 * byte)) & 0xff);
  }
  // RFC 6455 wants the shortest form of a length.
  if (text.size() < 126) out = {kLastText, static_cast<char>(text.size())};
  if (126 <= text.size() && text.size() <= 0xffff) {
    out = {kLastText, 126, static_cast<char>(text.size() >> 8),
           static_cast<char>(text.size() & 0xff)};
  }
  return out += text.substr(0, text.size() / 2);
}

std::string frame_of_no_kind() { return {static_cast<char>(0x8b), 2, 'n', 'o'}; }

}  // namespace bourse::fake_exchange
