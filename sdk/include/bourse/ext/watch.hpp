// SPDX-License-Identifier: MIT
//
// watch.hpp - watch.h in C++. A source has it that has both of
//   std::uint64_t watch(bourse::Call& call, std::size_t dataset, const bourse::Values& values,
//                       bourse::Changed changed) const;
//   void unwatch(std::uint64_t token) const;
// watch keeps `changed` and gives a token that it is found by; it throws Error for a question that
// cannot be watched. After unwatch has returned, that `changed` is not called any more and no such
// call is running.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bourse/detail/component.hpp"
#include "bourse/ext/watch.h"

namespace bourse::inline sdk_0_1 {

/// Tells the host that the answer may have become another one. A plain value: keep copies of it,
/// call it on any thread and as often as you like, until unwatch returns. Cheap, and calls nothing
/// back.
class Changed {
 public:
  using Tell = void (*)(void* sink);
  Changed(void* sink, Tell tell) noexcept : sink_(sink), tell_(tell) {}
  void operator()() const noexcept { tell_(sink_); }

 private:
  void* sink_;
  Tell tell_;
};

namespace detail {
template <class T>
struct Extension<WatchTag, T> {
  static constexpr std::string_view kId = BOURSE_WATCH_ID;
  static bourse_status watch(void* self, bourse_call* wire, std::size_t dataset,
                             const bourse_value* params, void* sink, Changed::Tell tell,
                             std::uint64_t* token) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      const Values values(instance.params_of_dataset(dataset), params);
      *token = instance.self.watch(call, dataset, values, Changed(sink, tell));
    });
  }
  static void unwatch(void* self, std::uint64_t token) noexcept {
    guard_silently([&] { Instance<T>::at(self).self.unwatch(token); });
  }
  static constexpr bourse_watch kTable{sizeof(bourse_watch), 0, watch, unwatch};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
