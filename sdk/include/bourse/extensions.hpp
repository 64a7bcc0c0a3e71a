// SPDX-License-Identifier: MIT
//
// extensions.hpp - extensions.h in C++. A component offers an extension by having its method; the
// glue of plugin.hpp does the rest:
//
//   void collect(Metrics& metrics) const;                 its figures, for /metrics
//   void probe(Call& call, Findings& findings) const;     its checks, for `bourse probe`
//   static constexpr std::array probe_examples{Example{"symbol", "BTCUSDT"}};
//                                                         with which its datasets can be tried
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "bourse/extensions.h"
#include "bourse/report.hpp"

namespace bourse {

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
    std::vector<bourse_label> wire;
    wire.reserve(labels.size());
    for (const Label& label : labels) wire.push_back({borrow(label.name), borrow(label.value)});
    const bourse_metric metric{sizeof(bourse_metric), kind,        borrow(name), borrow(help),
                               wire.size(),           wire.data(), value};
    emit_(sink_, &metric);
  }
  void* sink_;
  Emit emit_;
};

/// Takes what a component's probe found, in the order in which it looked. Texts: bourse_finding.
class Findings {
 public:
  using Emit = void (*)(void*, const bourse_finding*);
  Findings(void* sink, Emit emit) noexcept : sink_(sink), emit_(emit) {}

  void pass(std::string_view name, std::string_view text) const {
    say(BOURSE_VERDICT_PASS, name, text, {});
  }
  void fail(std::string_view name, std::string_view text, std::string_view advice) const {
    say(BOURSE_VERDICT_FAIL, name, text, advice);
  }
  void skipped(std::string_view name, std::string_view text, std::string_view advice) const {
    say(BOURSE_VERDICT_SKIPPED, name, text, advice);
  }

 private:
  void say(std::int32_t verdict, std::string_view name, std::string_view text,
           std::string_view advice) const {
    const bourse_finding finding{sizeof(bourse_finding), verdict, borrow(name), borrow(text),
                                 borrow(advice)};
    emit_(sink_, &finding);
  }
  void* sink_;
  Emit emit_;
};

/// A text argument with which datasets can be tried.
struct Example {
  std::string_view name, value;
};

}  // namespace bourse
