// SPDX-License-Identifier: MIT
//
// Figures as Prometheus reads them: its text format, version 0.0.4.
//
//   Exposition figures;
//   figures.add({"a_total", "All of a.", MetricKind::kCounter}, {{"route", "/x"}}, 7);
//   figures.text();  # HELP a_total All of a.
//                    # TYPE a_total counter
//                    a_total{route="/x"} 7
//
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::host {

inline constexpr char kExpositionType[] = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

struct MetricFamily {
  std::string name;  ///< [a-z][a-z0-9_]*
  std::string help;
  MetricKind kind;
};

class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// Takes the names of a family, so that no other can: its own, those of a histogram's parts, and
  /// a counter's without "_total", by which OpenMetrics calls it. False: one of them is another's
  /// already; a scraper would refuse the whole page.
  bool declare(const MetricFamily& family);
  /// Values of one family come out together, families in the order in which they were first seen.
  /// `suffix` is for the parts of a histogram: "_bucket", "_sum", "_count". Declares the family;
  /// false, and the value is left out, when that fails.
  bool add(const MetricFamily& family, const Labels& labels, double value,
           std::string_view suffix = {});
  [[nodiscard]] std::string text() const;

 private:
  struct Known {
    MetricFamily family;
    std::string lines;
  };
  std::vector<Known> families_;
  /// Which family a name belongs to.
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace bourse::host
