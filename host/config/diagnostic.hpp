// SPDX-License-Identifier: MIT
//
// What is wrong with a configuration and where: all of it at once, so that one run of `bourse
// check` is enough to repair a file.
//
//   config.yaml:12:24: error[unknown_key]: unknown key "fromat" in a route
//      12 |   - {path: /x, run: y, fromat: json}
//         |                        ^^^^^^
//     help: did you mean "format"?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host {

/// A stretch of one line of a file. Lines and columns count from 1 and in characters, not bytes.
struct Mark {
  std::uint32_t file = 0;    ///< index given by Diagnostics::add_file()
  std::uint32_t line = 0;    ///< 0: the file as a whole
  std::uint32_t column = 0;  ///< 0 when `line` is
  std::uint32_t length = 0;  ///< characters to underline; 0 counts as 1

  friend bool operator==(const Mark&, const Mark&) = default;
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  Mark mark;
  std::string code;     ///< stable, for programs: "unknown_key"
  std::string message;  ///< one sentence, without capital and full stop
  std::string hint;     ///< what to do; may be empty
};

/// A text with its lines found. Immutable. A UTF-8 byte order mark at the start is left out.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// Without its line end; empty when there is no such line. Lines count from 1.
  [[nodiscard]] std::string_view line(std::size_t number) const noexcept;
  /// `offset` and `bytes` in text(); both are cut to the line in which `offset` lies.
  [[nodiscard]] Mark mark(std::uint32_t file, std::size_t offset, std::size_t bytes) const;

 private:
  static constexpr std::size_t kStride = 256;
  [[nodiscard]] std::uint32_t characters_before(std::size_t offset) const noexcept;

  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;  ///< offset of each line
  /// Characters before each kStride-th byte, so that a column deep in a line of a megabyte is
  /// found without counting the megabyte.
  std::vector<std::uint32_t> counts_;
};

/// The code of an error about a secret: what stands at its mark is shown in no message.
inline constexpr char kSecretInFile[] = "secret_in_file";

/// Collects. Not thread-safe. Messages and hints are made printable; the caller sees to it that
/// none holds a value of the environment.
class Diagnostics {
 public:
  static constexpr std::size_t kShownMax = 100;  ///< render() says how many more there are
  static constexpr std::size_t kKeptMax = 1000;  ///< later ones are only counted

  /// Returns the index that marks of this file carry.
  std::uint32_t add_file(SourceFile file);
  [[nodiscard]] const SourceFile& file(std::uint32_t index) const { return files_.at(index); }
  [[nodiscard]] std::uint32_t file_count() const noexcept {
    return static_cast<std::uint32_t>(files_.size());
  }
  [[nodiscard]] bool has_file(std::uint32_t index) const noexcept { return index < files_.size(); }

  /// Adds one; the same twice (an alias used twice leads there) is one.
  void add(Diagnostic diagnostic);
  void error(const Mark& mark, std::string code, std::string message, std::string hint = {});
  void warning(const Mark& mark, std::string code, std::string message, std::string hint = {});

  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::size_t warnings() const noexcept { return warnings_; }
  [[nodiscard]] bool empty() const noexcept { return errors_ + warnings_ == 0; }
  /// In the order in which they were added.
  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return kept_; }

  /// "config.yaml:12:5", or "config.yaml" for a whole file.
  [[nodiscard]] std::string place(const Mark& mark) const;
  /// All, by position, with source lines, and a last line that counts; "" when there are none.
  [[nodiscard]] std::string render() const;

 private:
  [[nodiscard]] std::string shown_line(const Mark& mark) const;
  [[nodiscard]] std::string render_one(const Diagnostic& diagnostic) const;

  std::vector<SourceFile> files_;
  std::vector<Diagnostic> kept_;
  std::vector<Mark> secrets_;  ///< of those with kSecretInFile
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace bourse::host
