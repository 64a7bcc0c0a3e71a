// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/answer_budget.hpp"

#include "plugins/sources/binance/client/network.hpp"

namespace bourse::binance {

Error no_room_for_answer(const AnswerShare& share) {
  const std::string most = std::to_string(share.bytes_max() >> 20U) + " MB";
  Error error;
  if (share.never_fits()) {
    error = network_error(
        "An answer of the exchange needs more memory than all of them may take together: " + most +
        ".");
    error.advice = "Ask for less at once, or allow more: `answer_memory`.";
    error.permanent = true;
  } else {
    error = network_error(
        "Answers of the exchange that come at the same time need more memory "
        "than they may take together: " +
        most + ".");
    error.advice = "Try again, ask for less at once, or allow more: `answer_memory`.";
  }
  error.no_room = true;
  return error;
}

}  // namespace bourse::binance
