// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/redact.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace bourse::binance {
namespace {

constexpr std::string_view kRemoved = "[removed]";
/// Caches keep error pages, so signatures of other requests may be there as well.
constexpr std::string_view kName = "signature=";
constexpr std::string_view kEnds = "& \t\r\n\"'<>\\";

struct Needle {
  std::string_view text;
  std::size_t at;  ///< the next one
};

}  // namespace

void redact(std::string& text, std::span<const std::string_view> secrets) {
  std::vector<Needle> needles{{kName, text.find(kName)}};
  for (const std::string_view secret : secrets) {
    if (!secret.empty()) needles.push_back({secret, text.find(secret)});
  }
  std::string out;
  std::size_t done = 0;  // of text
  while (true) {
    const Needle next = *std::ranges::min_element(needles, {}, &Needle::at);
    if (next.at == std::string::npos) break;
    const bool is_name = next.text == kName;
    const std::size_t begin = next.at + (is_name ? kName.size() : 0);
    const std::size_t end = is_name ? std::min(text.find_first_of(kEnds, begin), text.size())
                                    : begin + next.text.size();
    out.append(text, done, begin - done);
    if (begin < end) out.append(kRemoved);
    done = end;
    for (Needle& needle : needles) {
      if (needle.at < done) needle.at = text.find(needle.text, done);
    }
  }
  if (done == 0) return;
  out.append(text, done);
  text = std::move(out);
}

}  // namespace bourse::binance
