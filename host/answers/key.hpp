// SPDX-License-Identifier: MIT
//
// What a question is known by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::host {

enum class QuestionKind : std::uint8_t { kDataset, kReport, kRendering };
inline constexpr std::size_t kQuestionKinds = 3;

/// A question: who answers it, by a number that no other instance ever has, and its arguments in
/// one spelling, completed by their defaults. Two questions are one if all of that is equal; the
/// hash only finds them. It is keyed with a secret of this process, so that nobody can choose
/// questions that collide. A value; compared in full.
class QuestionKey {
 public:
  /// `arguments`: as Arguments::canonical() or asked() spells them.
  static QuestionKey of_dataset(std::uint64_t source, std::string_view dataset,
                                std::string_view arguments);
  /// `source`: what the analysis asks where it names none; 0 is none.
  static QuestionKey of_report(std::uint64_t analysis, std::uint64_t source,
                               std::string_view arguments);
  static QuestionKey of_rendering(const QuestionKey& report, std::uint64_t serializer,
                                  std::string_view arguments);

  [[nodiscard]] QuestionKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  /// Bytes, not for people: of two questions never the same.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// What it takes beside itself.
  [[nodiscard]] std::size_t bytes() const noexcept;
  friend bool operator==(const QuestionKey& a, const QuestionKey& b) noexcept {
    return a.hash_ == b.hash_ && a.text_ == b.text_;
  }

 private:
  QuestionKey(QuestionKind kind, std::string text);

  QuestionKind kind_;
  std::uint64_t hash_;
  /// The kind, the numbers, and each text behind its length, so that none can look like another.
  std::string text_;
};

/// A hash of any text under the secret of this process.
[[nodiscard]] std::uint64_t keyed_hash(std::string_view text) noexcept;

/// SipHash-2-4 (Aumasson, Bernstein: SipHash: a fast short-input PRF, 2012) of `text` under the key
/// whose 16 bytes are `low` and `high` in little-endian order.
[[nodiscard]] std::uint64_t sip_hash(std::string_view text, std::uint64_t low,
                                     std::uint64_t high) noexcept;

}  // namespace bourse::host
