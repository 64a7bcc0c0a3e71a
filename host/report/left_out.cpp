// SPDX-License-Identifier: MIT
#include "host/report/left_out.hpp"

#include <utility>

namespace bourse::host {
namespace {

constexpr std::size_t kItemsToldMax = 20;

}  // namespace

void LeftOut::Items::add(std::string what) {
  ++count;
  if (first.size() < kItemsToldMax) first.push_back(std::move(what));
}

std::string LeftOut::Items::joined() const {
  std::string text;
  for (const std::string& item : first) text += (text.empty() ? "" : ", ") + item;
  if (count > first.size()) text += ", and " + std::to_string(count - first.size()) + " more";
  return text + ".";
}

void LeftOut::unknown(std::string what) { unknown_.add(std::move(what)); }

void LeftOut::too_long(const std::string& what, std::size_t bytes_max) {
  too_long_.add(what + " (at most " + std::to_string(bytes_max) + " bytes)");
}

std::string LeftOut::text() const {
  std::string text;
  if (unknown_.count > 0) {
    text = "Left out, because this host does not know it: " + unknown_.joined();
  }
  if (too_long_.count > 0) {
    text += (text.empty() ? "" : " ");
    text += "Left out, because it is too long: " + too_long_.joined();
  }
  return text;
}

}  // namespace bourse::host
