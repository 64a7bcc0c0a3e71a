// SPDX-License-Identifier: MIT
#include "host/routing/format.hpp"

#include <algorithm>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/http/accept.hpp"

namespace bourse::host {
namespace {

std::string list_of(std::span<const FormatOffer> offer) {
  std::string out;
  for (const FormatOffer& format : offer) {
    if (!out.empty()) out += ", ";
    out += format.id;
  }
  return out;
}

Failure not_acceptable(std::span<const FormatOffer> offer, const std::string& wanted) {
  Failure failure{.status = 406,
                  .code = "not_acceptable",
                  .message = wanted + " is not among the formats of this route: " + list_of(offer) +
                             ". Ask for one of these by ?format=, or by Accept."};
  for (const FormatOffer& format : offer) failure.offer.push_back(format.id);
  return failure;
}

std::optional<std::size_t> find(std::span<const FormatOffer> offer, std::string_view name,
                                std::string FormatOffer::*member) {
  const auto found = std::find_if(offer.begin(), offer.end(),
                                  [&](const FormatOffer& f) { return f.*member == name; });
  if (found == offer.end()) return std::nullopt;
  return static_cast<std::size_t>(found - offer.begin());
}

}  // namespace

Result<std::size_t> choose_format(std::span<const FormatOffer> offer, const FormatWish& wish) {
  std::optional<std::size_t> by_suffix;
  if (wish.suffix) by_suffix = find(offer, *wish.suffix, &FormatOffer::suffix);
  if (wish.query) {
    const auto by_query = find(offer, *wish.query, &FormatOffer::id);
    if (!by_query) {
      Failure failure = not_acceptable(offer, in_quotes(*wish.query));
      failure.parameter = "format";
      if (const auto near = suggest(*wish.query, failure.offer)) {
        failure.message += " Did you mean " + *near + "?";
      }
      return failure;
    }
    if (by_suffix && *by_suffix != *by_query) {
      return Failure{.status = BOURSE_BAD_PARAM,
                     .code = "format_conflict",
                     .message = "The path asks for " + offer[*by_suffix].id + ", the query for " +
                                offer[*by_query].id + ". Leave one of them out.",
                     .parameter = "format"};
    }
    return *by_query;
  }
  if (by_suffix) return *by_suffix;
  if (offer.size() == 1 || wish.accept.empty()) return std::size_t{0};
  std::size_t best = 0;
  Liking most;
  for (std::size_t i = 0; i < offer.size(); ++i) {
    const Liking liking = accept_liking(wish.accept, offer[i].media_type);
    if (liking.quality < 0) return std::size_t{0};
    if (liking.is_more_than(most)) {
      best = i;
      most = liking;
    }
  }
  if (most.quality == 0) return not_acceptable(offer, "Accept: " + printable(wish.accept));
  return best;
}

}  // namespace bourse::host
