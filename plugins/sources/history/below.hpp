// SPDX-License-Identifier: MIT
//
// The source below, as a call reaches it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "plugins/sources/history/question.hpp"

namespace bourse::history {

/// [one call]
class CallBelow final : public Below {
 public:
  explicit CallBelow(Call& call) : call_(call) {}

  std::optional<Page> candles(const Question& question, const Asked& asked) override;
  [[nodiscard]] std::string why() const override;
  [[noreturn]] void fail() const override;
  void poll() const override { call_.poll(); }

  /// Says what was said with what was brought: each note once, and the market's status.
  void pass_on() const;

 private:
  struct Note {
    std::int32_t level = 0;
    std::string code, text;
    friend bool operator==(const Note&, const Note&) = default;
  };
  void look_at(ReportView report);

  Call& call_;
  std::optional<bourse::Error> failure_;
  std::optional<std::string> status_;
  std::vector<Note> notes_;
};

}  // namespace bourse::history
