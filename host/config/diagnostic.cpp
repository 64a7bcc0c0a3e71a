// SPDX-License-Identifier: MIT
#include "host/config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include "bourse/words.hpp"
#include "host/base/utf8.hpp"
#include "host/config/snippet.hpp"

namespace bourse::host {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMessageCharactersMax = 2000;

// Every character has one byte that does not continue another.
std::uint32_t count_characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80;
  }));
}

}  // namespace

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), starts_{0} {
  if (text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
  for (std::size_t at = text_.find('\n'); at != text_.npos; at = text_.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
  counts_.push_back(0);
  for (std::size_t at = kStride; at <= text_.size(); at += kStride) {
    const std::string_view stride = std::string_view(text_).substr(at - kStride, kStride);
    counts_.push_back(counts_.back() + count_characters(stride));
  }
}

std::uint32_t SourceFile::characters_before(std::size_t offset) const noexcept {
  const std::size_t counted = offset / kStride * kStride;
  return counts_[offset / kStride] +
         count_characters(std::string_view(text_).substr(counted, offset - counted));
}

std::string_view SourceFile::line(std::size_t number) const noexcept {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t start = starts_[number - 1];
  const std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  std::string_view found = std::string_view(text_).substr(start, end - start);
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

Mark SourceFile::mark(std::uint32_t file, std::size_t offset, std::size_t bytes) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto number = static_cast<std::size_t>(after - starts_.begin());
  const std::string_view whole = line(number);
  const std::size_t start = starts_[number - 1];
  const std::size_t first = std::min(offset, start + whole.size());
  const std::size_t last = first + std::min(bytes, start + whole.size() - first);
  return {.file = file,
          .line = static_cast<std::uint32_t>(number),
          .column = characters_before(first) - characters_before(start) + 1,
          .length = characters_before(last) - characters_before(first)};
}

std::uint32_t Diagnostics::add_file(SourceFile file) {
  files_.push_back(std::move(file));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Diagnostics::add(Diagnostic diagnostic) {
  diagnostic.message = printable(diagnostic.message, kMessageCharactersMax);
  diagnostic.hint = printable(diagnostic.hint, kMessageCharactersMax);
  const bool known = std::any_of(kept_.begin(), kept_.end(), [&](const Diagnostic& other) {
    return other.mark == diagnostic.mark && other.code == diagnostic.code &&
           other.message == diagnostic.message;
  });
  if (known) return;
  if (diagnostic.code == kSecretInFile) secrets_.push_back(diagnostic.mark);
  ++(diagnostic.severity == Severity::kError ? errors_ : warnings_);
  if (kept_.size() < kKeptMax) kept_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const Mark& mark, std::string code, std::string message, std::string hint) {
  add({Severity::kError, mark, std::move(code), std::move(message), std::move(hint)});
}

void Diagnostics::warning(const Mark& mark, std::string code, std::string message,
                          std::string hint) {
  add({Severity::kWarning, mark, std::move(code), std::move(message), std::move(hint)});
}

std::string Diagnostics::place(const Mark& mark) const {
  std::string where =
      mark.file < files_.size() ? printable(files_[mark.file].name(), 1000) : "configuration";
  if (mark.line == 0) return where;
  return where + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
}

// A secret that was found in a file is shown in no message about its line.
std::string Diagnostics::shown_line(const Mark& mark) const {
  const std::string_view line = files_[mark.file].line(mark.line);
  std::string shown;
  std::uint32_t column = 1;
  for (std::size_t at = 0; at < line.size(); ++column) {
    const std::size_t bytes = utf8_step(line.substr(at)).bytes;
    const bool hidden = std::any_of(secrets_.begin(), secrets_.end(), [&](const Mark& secret) {
      return secret.file == mark.file && secret.line == mark.line && column >= secret.column &&
             column < secret.column + secret.length;
    });
    shown += hidden ? "*" : line.substr(at, bytes);
    at += bytes;
  }
  return shown;
}

std::string Diagnostics::render_one(const Diagnostic& diagnostic) const {
  const Mark& mark = diagnostic.mark;
  const std::string_view word = diagnostic.severity == Severity::kError ? "error" : "warning";
  std::string block = place(mark) + ": " + std::string(word) + '[' + diagnostic.code +
                      "]: " + diagnostic.message + '\n';
  if (mark.line != 0 && mark.file < files_.size()) {
    block += snippet(shown_line(mark), mark.line, mark.column, mark.length);
  }
  if (!diagnostic.hint.empty()) block += "  help: " + diagnostic.hint + '\n';
  return block;
}

std::string Diagnostics::render() const {
  if (empty()) return {};
  std::vector<const Diagnostic*> order;
  for (const Diagnostic& diagnostic : kept_) order.push_back(&diagnostic);
  std::stable_sort(order.begin(), order.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return std::tie(a->mark.file, a->mark.line, a->mark.column) <
           std::tie(b->mark.file, b->mark.line, b->mark.column);
  });
  std::string text;
  const std::size_t shown = std::min(order.size(), kShownMax);
  for (std::size_t i = 0; i < shown; ++i) text += render_one(*order[i]) + '\n';
  if (const std::size_t rest = errors_ + warnings_ - shown; rest != 0) {
    text += "and " + std::to_string(rest) + " more\n\n";
  }
  text += counted(errors_, "error");
  if (warnings_ != 0) text += ", " + counted(warnings_, "warning");
  return text + '\n';
}

}  // namespace bourse::host
