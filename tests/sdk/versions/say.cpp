// SPDX-License-Identifier: MIT
//
// Compiled twice, against two versions of the headers; -O0, so that nothing is inlined and every
// function is one for the linker to choose.
#include "tests/sdk/versions/say.hpp"

#include "bourse/plugin.hpp"

std::string SAID_BY() {
  try {
    bourse::Decimal::from("x");
  } catch (const bourse::DecimalError& e) {
    return e.what();
  }
  return {};
}
