// SPDX-License-Identifier: MIT
//
// metrics.hpp - metrics.h in C++. A component has it that has
//   void collect(bourse::Metrics& metrics) const;
// and says there what each figure is now: metrics.gauge("used_weight", "Weight of this minute.",
// 7); What it throws is swallowed: figures that cannot be had are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "bourse/detail/component.hpp"
#include "bourse/ext/metrics.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

struct Label {
  std::string_view name, value;
};

/// Takes a component's figures. Names and rules: bourse_metric.
class Metrics {
 public:
  using Emit = void (*)(void*, const bourse_metric*);
  Metrics(void* sink, Emit emit) noexcept : sink_(sink), emit_(emit) {}

  /// Only grows; the name ends in _total.
  void counter(std::string_view name, std::string_view help, double value,
               std::initializer_list<Label> labels = {}) const {
    say(BOURSE_METRIC_COUNTER, name, help, value, labels);
  }
  void gauge(std::string_view name, std::string_view help, double value,
             std::initializer_list<Label> labels = {}) const {
    say(BOURSE_METRIC_GAUGE, name, help, value, labels);
  }

 private:
  void say(std::int32_t kind, std::string_view name, std::string_view help, double value,
           std::initializer_list<Label> labels) const {
    constexpr std::size_t kLabelsMax = 8;  // metrics.h: who has more says less
    bourse_label wire[kLabelsMax];
    std::size_t n = 0;
    for (const Label& label : labels) {
      if (n < kLabelsMax) wire[n++] = {borrow(label.name), borrow(label.value)};
    }
    const bourse_metric metric{
        sizeof(bourse_metric), kind, borrow(name), borrow(help), n, wire, value};
    emit_(sink_, &metric);
  }
  void* sink_;
  Emit emit_;
};

namespace detail {
template <class T>
struct Extension<MetricsTag, T> {
  static constexpr std::string_view kId = BOURSE_METRICS_ID;
  static void collect(void* self, void* sink, Metrics::Emit emit) noexcept {
    guard_silently([&] {
      Metrics metrics(sink, emit);
      Instance<T>::at(self).self.collect(metrics);
    });
  }
  static constexpr bourse_metrics kTable{sizeof(bourse_metrics), 0, collect};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
