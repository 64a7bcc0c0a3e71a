// SPDX-License-Identifier: MIT
//
// Where the market data comes from: a source plugin, asked for what it knows at an instant. So an
// answer that went through the exchange and one straight from the plugin can be compared.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::fake_exchange {

struct SourceSpec {
  std::string file;                 ///< "synthetic.so" in the build tree, or a path with a slash
  std::string id;                   ///< of the component
  bourse::test::Texts config = {};  ///< but not the time

  /// "synthetic", or "replay:FOLDER". `plugins`: folder of the libraries; empty: the build tree's.
  /// Throws std::invalid_argument with what is wrong.
  static SourceSpec parse(const std::string& text, std::uint64_t seed,
                          const std::string& plugins = "");
};

/// A source whose clock can be put anywhere, if it has a configuration `now`. It publishes once a
/// second: each instance stands at a second, and the last ones used are kept. Safe on any thread.
class Source {
 public:
  /// Throws std::runtime_error when the plugin refuses the configuration.
  explicit Source(SourceSpec spec);

  [[nodiscard]] host::Result<bourse::test::ReportPtr> fetch(std::string_view dataset,
                                                            const bourse::test::Texts& params,
                                                            std::int64_t at_us) const;
  [[nodiscard]] bool delivers(std::string_view dataset) const;
  /// Whether it can be asked for another time than the machine's.
  [[nodiscard]] bool travels() const noexcept { return travels_; }
  /// The earliest time that it can be asked for.
  [[nodiscard]] std::int64_t first_us() const noexcept { return first_second_ * 1'000'000; }
  /// The time it stands at by itself: a recording's end, else the machine's; 0: it does not say.
  [[nodiscard]] std::int64_t own_now_us() const noexcept { return own_now_us_; }

 private:
  struct Instance {
    std::unique_ptr<const bourse::test::Component> component;
    mutable std::atomic<std::int64_t> last_use{0};
  };
  [[nodiscard]] const Instance* find(std::int64_t second) const;
  void make(std::int64_t second) const;

  SourceSpec spec_;
  std::vector<std::string> datasets_;
  bool travels_ = false;
  std::int64_t first_second_ = 0;  ///< earliest that `now` can be
  std::int64_t own_now_us_ = 0;
  /// The contract lets a plugin be asked by many at once, but made and unmade by one alone.
  mutable std::shared_mutex mutex_;
  mutable std::map<std::int64_t, Instance> instances_;  ///< by second
  mutable std::atomic<std::int64_t> uses_{0};
};

}  // namespace bourse::fake_exchange
