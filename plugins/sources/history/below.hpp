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

/// What a source says of its limit in the metas x_limit_used and x_limit_left.
struct SourceLimit {
  double used = 0;  ///< of it, in the window that runs, by all; 1: all of it
  double left = 0;  ///< seconds until the next window begins
};
/// nullopt: it says nothing of it.
std::optional<SourceLimit> limit_of(ReportView report);

/// [one call]
class CallBelow final : public Below {
 public:
  explicit CallBelow(Call& call) : call_(call) {}

  std::optional<Page> candles(const Question& question, const Asked& asked) override;
  [[nodiscard]] std::string why() const override;
  [[noreturn]] void fail() const override;
  void poll() const override { call_.poll(); }

  /// As the last answer said; nullopt: it did not.
  [[nodiscard]] const std::optional<SourceLimit>& limit() const noexcept { return limit_; }
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
  std::optional<SourceLimit> limit_;
  std::optional<std::string> status_;
  std::vector<Note> notes_;
};

}  // namespace bourse::history
