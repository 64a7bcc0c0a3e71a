// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/losses.hpp"

namespace bourse::xlsx {
namespace {

constexpr std::size_t kPlacesShown = 10;

struct Words {
  std::string_view code, one, many;
};
constexpr std::array<Words, kLosses> kWords = {{
    {"digits_as_text", "number has more than the 15 digits that Excel computes with and is text: ",
     "numbers have more than the 15 digits that Excel computes with and are text: "},
    {"text_cut", "text is longer than the 32,767 characters of a cell and is cut: ",
     "texts are longer than the 32,767 characters of a cell and are cut: "},
    {"time_rounded", "time is finer than a millisecond and is rounded to it: ",
     "times are finer than a millisecond and are rounded to it: "},
    {"time_as_text", "time is before 1900-03-01, where Excel's calendar begins, and is text: ",
     "times are before 1900-03-01, where Excel's calendar begins, and are text: "},
}};

}  // namespace

void Losses::add(const std::string& place, const LossCounts& counts) {
  for (std::size_t i = 0; i < kLosses; ++i) {
    if (counts[i] == 0) continue;
    Kind& kind = kinds_[i];
    kind.total += counts[i];
    if (++kind.n_places > kPlacesShown) continue;
    if (kind.n_places > 1) kind.places += ", ";
    kind.places += place + " (" + std::to_string(counts[i]) + ")";
  }
}

std::vector<Losses::Note> Losses::notes() const {
  std::vector<Note> out;
  for (std::size_t i = 0; i < kLosses; ++i) {
    const Kind& kind = kinds_[i];
    if (kind.total == 0) continue;
    std::string text = std::to_string(kind.total) + " ";
    text += kind.total == 1 ? kWords[i].one : kWords[i].many;
    text += kind.places;
    if (kind.n_places > kPlacesShown) {
      text += " and " + std::to_string(kind.n_places - kPlacesShown) + " more places";
    }
    out.push_back({kWords[i].code, std::move(text)});
  }
  return out;
}

}  // namespace bourse::xlsx
