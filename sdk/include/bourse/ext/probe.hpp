// SPDX-License-Identifier: MIT
//
// probe.hpp - probe.h in C++. A source has it that has one of
//   void probe(bourse::Call& call, bourse::Findings& findings) const;
//   static constexpr std::array probe_examples{bourse::Example{"symbol", "BTCUSDT"}};
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bourse/detail/component.hpp"
#include "bourse/ext/probe.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

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

namespace detail {
template <class T>
struct Extension<ProbeTag, T> {
  static constexpr std::string_view kId = BOURSE_PROBE_ID;
  static bourse_status probe(void* self, bourse_call* wire, void* sink,
                             Findings::Emit emit) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      Findings findings(sink, emit);
      if constexpr (Probes<T>) instance.self.probe(call, findings);
    });
  }
  static constexpr auto examples() {
    if constexpr (HasExamples<T>) {
      std::array<bourse_arg, std::size(T::probe_examples)> out{};
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].name = borrow(T::probe_examples[i].name);
        out[i].value = text_value(borrow(T::probe_examples[i].value));
      }
      return out;
    } else {
      return std::array<bourse_arg, 0>{};
    }
  }
  static constexpr auto kExamples = examples();
  static constexpr bourse_probe kTable{sizeof(bourse_probe), 0, kExamples.size(), kExamples.data(),
                                       Probes<T> ? probe : nullptr};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
