// SPDX-License-Identifier: MIT
//
// notes.hpp - what an analysis says of a source's answer that is less than was asked for: markets
// that are not in it, columns that it does not have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/symbols.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

/// Whether a note of the answer has this code and names this symbol: then it need not be said
/// again.
inline bool is_told(ReportView answer, std::string_view code, std::string_view symbol) {
  for (const bourse_note* const note : answer.notes()) {
    if (view(note->code) == code && names_symbol(view(note->text), symbol)) return true;
  }
  return false;
}

/// A symbol that has neither a row nor a note of the source is not dropped in silence: one note
/// `symbol_unavailable` for each. `there`: the symbols that have one, as texts. `what` the source
/// did not send: "price".
template <class Names>
void say_missing(const Call& call, const std::vector<std::string_view>& asked, const Names& there,
                 ReportView answer, std::string_view what) {
  for (const std::string_view symbol : asked) {
    bool known =
        is_told(answer, "symbol_unavailable", symbol) || is_told(answer, "unreadable_row", symbol);
    for (const std::string_view name : there) known = known || name == symbol;
    if (known) continue;
    call.warn("symbol_unavailable", std::string(symbol) + " is left out: the source sent no " +
                                        std::string(what) + " of it.");
  }
}

/// Columns that keep their place in the report though the source's answer does not have them.
class UndeliveredNote {
 public:
  void add(std::string_view column) {
    if (!columns_.empty()) columns_ += ", ";
    columns_ += column;
  }
  /// One note `columns_unavailable` that names them all; nothing when none was added.
  void say(const Call& call) const {
    if (columns_.empty()) return;
    call.note(BOURSE_LEVEL_INFO, "columns_unavailable",
              "Null, because the source does not deliver it: " + columns_ + ".");
  }

 private:
  std::string columns_;
};

}  // namespace bourse::inline sdk_0_1
