// SPDX-License-Identifier: MIT
//
// Must not compile: a method that a component offers is not const. METHOD says which.
#include "bourse/plugin.hpp"

struct Forgetful {
  static constexpr bourse::About about{.id = "forgetful", .title = "Forgetful"};
  void fetch(bourse::Call&, std::size_t, const bourse::Values&) const {}
#if METHOD == 1
  void collect(bourse::Metrics&) {}
#elif METHOD == 2
  void probe(bourse::Call&, bourse::Findings&) {}
#endif
};

BOURSE_PLUGIN("fixture.forgetful", "1.0.0", Forgetful)
