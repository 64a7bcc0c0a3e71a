// SPDX-License-Identifier: MIT
#include "host/config/syntax.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/config/load.hpp"

namespace bourse::host {
namespace {

constexpr std::string_view kBlank = " \t";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct Line {
  std::size_t start = 0;
  std::string_view text = {};  // without its end
  std::size_t indent = 0;      // blanks and tabs before the first character
  bool in_block = true;        // it begins outside of quotes, brackets and block scalars

  [[nodiscard]] std::string_view rest() const { return text.substr(indent); }
  [[nodiscard]] bool says_nothing() const { return rest().empty() || rest()[0] == '#'; }
};

struct Quoted {
  std::size_t offset = 0;
  std::size_t end = 0;  // behind the closing mark, or of the text
  bool closed = false;
  std::size_t line = 0;  // in which it begins
  std::size_t last_line = 0;
};

struct Bracket {
  std::size_t offset = 0;
  std::size_t line = 0;
  std::size_t indent = 0;
};

/// "key:" or "- ": how an entry of a block begins.
bool begins_entry(std::string_view rest) {
  if (rest.starts_with("- ") || rest == "-") return true;
  const std::size_t colon = rest.find(':');
  if (colon == rest.npos || colon == 0) return false;
  if (colon + 1 < rest.size() && !is_blank(rest[colon + 1])) return false;
  return std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '"' || c == '\'' || c == '/';
  });
}

/// Finds quotes, brackets and block scalars; knows as much of YAML as that needs.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    split();
    scan();
  }

  std::vector<Line> lines = {};
  std::vector<Quoted> quoted = {};
  std::vector<Bracket> open = {};                           // those that were never closed
  std::optional<Bracket> stray = {};                        // a closing one without an opening one
  std::optional<std::pair<Bracket, Bracket>> crossed = {};  // "[" closed by "}"

  [[nodiscard]] std::size_t line_of(std::size_t offset) const {
    const auto after =
        std::upper_bound(lines.begin(), lines.end(), offset,
                         [](std::size_t at, const Line& line) { return at < line.start; });
    return after == lines.begin() ? 0 : static_cast<std::size_t>(after - lines.begin()) - 1;
  }

 private:
  void split() {
    for (std::size_t at = 0; at <= text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      std::string_view line = text_.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      const std::size_t indent = std::min(line.find_first_not_of(kBlank), line.size());
      lines.push_back({.start = at, .text = line, .indent = indent});
      at = end + 1;
    }
  }

  void scan() {
    for (number_ = 0; number_ < lines.size(); ++number_) {
      Line& line = lines[number_];
      if (in_quote_) {
        line.in_block = false;
        scan_line(continue_quote(line.start));
        continue;
      }
      line.in_block = stack_.empty() && !is_in_scalar(line);
      if (is_in_scalar(line)) continue;
      scalar_indent_.reset();
      scan_line(line.start + line.indent);
    }
    open = stack_;
  }

  // Lines of a block scalar are deeper than that of its key, or empty.
  [[nodiscard]] bool is_in_scalar(const Line& line) const {
    return scalar_indent_ && (line.rest().empty() || line.indent > *scalar_indent_);
  }

  [[nodiscard]] std::size_t line_end() const {
    return lines[number_].start + lines[number_].text.size();
  }

  void scan_line(std::size_t at) {
    bool at_token = true;  // here a quote opens a text; elsewhere it is a character
    while (at < line_end()) {
      const char c = text_[at];
      const bool after_blank = at == lines[number_].start || is_blank(text_[at - 1]);
      if (c == '#' && after_blank) return;
      if ((c == '"' || c == '\'') && at_token) {
        at = open_quote(at);
        at_token = false;
        continue;
      }
      if (c == '[' || c == '{') {
        if (at_token) stack_.push_back({at, number_, lines[number_].indent});
      } else if (c == ']' || c == '}') {
        close(at);
      } else if ((c == '|' || c == '>') && at_token && stack_.empty()) {
        return open_scalar();
      }
      if (!is_blank(c)) at_token = announces(at);
      ++at;
    }
  }

  // What comes next is a token of its own.
  [[nodiscard]] bool announces(std::size_t at) const {
    const char c = text_[at];
    const bool alone = at + 1 >= line_end() || is_blank(text_[at + 1]);
    if (c == ',' || c == '[' || c == '{') return true;
    if (c == ':') return alone || !stack_.empty();
    return (c == '-' || c == '?') && alone;
  }

  std::size_t open_quote(std::size_t at) {
    quoted.push_back({.offset = at, .end = text_.size(), .line = number_, .last_line = number_});
    in_quote_ = text_[at];
    return continue_quote(at + 1);
  }

  // Where scanning goes on: behind the quote, or at the end of the line.
  std::size_t continue_quote(std::size_t at) {
    const char mark = *in_quote_;
    for (; at < line_end(); ++at) {
      if (mark == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == mark) {
        if (mark == '\'' && at + 1 < line_end() && text_[at + 1] == '\'') {
          ++at;
          continue;
        }
        in_quote_.reset();
        quoted.back().end = at + 1;
        quoted.back().closed = true;
        quoted.back().last_line = number_;
        return at + 1;
      }
    }
    quoted.back().last_line = number_;
    return line_end();
  }

  void close(std::size_t at) {
    if (stack_.empty()) {
      // In a block, "a}b" is a text; only a token of its own is a bracket.
      const std::string_view rest = text_.substr(at + 1, line_end() - at - 1);
      if (!stray && rest.find_first_not_of(" \t]},") == rest.npos && saw_bracket_) {
        stray = Bracket{at, number_, lines[number_].indent};
      }
      return;
    }
    const char wanted = text_[stack_.back().offset] == '[' ? ']' : '}';
    if (text_[at] != wanted && !crossed) {
      crossed = {stack_.back(), Bracket{at, number_, lines[number_].indent}};
    }
    stack_.pop_back();
    saw_bracket_ = true;
  }

  void open_scalar() { scalar_indent_ = lines[number_].indent; }

  std::string_view text_;
  std::size_t number_ = 0;
  std::vector<Bracket> stack_;
  std::optional<char> in_quote_;
  std::optional<std::size_t> scalar_indent_;
  bool saw_bracket_ = false;
};

class Explainer {
 public:
  Explainer(std::string_view text, std::size_t stopped, std::string_view said)
      : text_(text),
        stopped_(std::min(stopped, text.size())),
        said_(said),
        scanner_(text),
        line_(scanner_.line_of(stopped_)) {}

  SyntaxFault explain() {
    for (const auto look :
         {&Explainer::tab, &Explainer::quote, &Explainer::bracket, &Explainer::braces_in_text,
          &Explainer::escape, &Explainer::alias, &Explainer::reserved, &Explainer::colons,
          &Explainer::indent, &Explainer::list_or_map}) {
      if (auto fault = (this->*look)()) return *std::move(fault);
    }
    return {.offset = stopped_,
            .message = "this is not YAML: " + std::string(said_),
            .hint =
                "look at this line and the one above it: `key: value`, lists of `- item`, the "
                "same indentation for what belongs together; a text with other characters "
                "stands between quotation marks"};
  }

 private:
  using Found = std::optional<SyntaxFault>;

  [[nodiscard]] const Line& line(std::size_t number) const { return scanner_.lines[number]; }

  Found tab() {
    for (std::size_t number = 0; number <= line_; ++number) {
      const Line& one = line(number);
      const std::size_t at = one.text.substr(0, one.indent).find('\t');
      if (!one.in_block || at == std::string_view::npos || one.says_nothing()) continue;
      return SyntaxFault{.offset = one.start + at,
                         .message = "a tab stands in the indentation",
                         .hint = "indent with blanks: YAML knows no tabs"};
    }
    return std::nullopt;
  }

  Found quote() {
    for (const Quoted& one : scanner_.quoted) {
      if (one.offset > stopped_) break;
      const bool runs_on = one.last_line > one.line && one.line + 1 < scanner_.lines.size() &&
                           swallows_an_entry(one);
      if (one.closed && !runs_on) {
        if (auto fault = behind_quote(one)) return fault;
        continue;
      }
      const std::string mark(1, text_[one.offset]);
      return SyntaxFault{.offset = one.offset,
                         .bytes = line_end(one.line) - one.offset,
                         .message = "the quotation mark " + mark + " is not closed in its line",
                         .hint = "write the closing " + mark + " at the end of the value"};
    }
    return std::nullopt;
  }

  [[nodiscard]] bool swallows_an_entry(const Quoted& one) const {
    for (std::size_t number = one.line + 1; number <= one.last_line; ++number) {
      if (begins_entry(line(number).rest())) return true;
    }
    return false;
  }

  // `"a" b`: the text is over.
  Found behind_quote(const Quoted& one) {
    const std::size_t end = line_end(one.last_line);
    std::size_t at = one.end;
    while (at < end && is_blank(text_[at])) ++at;
    if (at >= end || std::string_view(":,]}#").find(text_[at]) != std::string_view::npos) {
      return std::nullopt;
    }
    if (scanner_.line_of(stopped_) > one.last_line + 1) return std::nullopt;
    return SyntaxFault{
        .offset = at,
        .bytes = end - at,
        .message = "something stands behind the closing quotation mark",
        .hint =
            "put all of the value between the marks; a mark inside is doubled in '...' and "
            "written \\\" in \"...\""};
  }

  Found bracket() {
    if (scanner_.crossed && scanner_.crossed->second.offset <= stopped_ + 1) {
      const auto& [first, last] = *scanner_.crossed;
      if (first.line != last.line) {
        if (auto fault = unclosed(first)) return fault;
      }
      const std::string wanted = text_[first.offset] == '[' ? "]" : "}";
      return SyntaxFault{.offset = last.offset,
                         .message = "the " + in_quotes(text_.substr(first.offset, 1)) +
                                    " of line " + std::to_string(first.line + 1) +
                                    " is closed by " + in_quotes(text_.substr(last.offset, 1)),
                         .hint = "close it with " + in_quotes(wanted) +
                                 ", or look for a bracket between them that is not closed"};
    }
    if (scanner_.stray && scanner_.stray->offset <= stopped_) {
      const char c = text_[scanner_.stray->offset];
      return SyntaxFault{.offset = scanner_.stray->offset,
                         .message = std::string("there is no ") + (c == ']' ? "\"[\"" : "\"{\"") +
                                    " for this " + in_quotes(std::string(1, c)),
                         .hint = "remove it, or open it where the list or the map begins"};
    }
    if (scanner_.open.empty()) return std::nullopt;
    if (scanner_.open.size() > kConfigDepthMax) {
      return SyntaxFault{.offset = scanner_.open[kConfigDepthMax].offset,
                         .message = "lists and maps are nested deeper than " +
                                    std::to_string(kConfigDepthMax) + " levels, and not closed",
                         .hint = "take levels out: no key of a configuration needs so many"};
    }
    // The innermost one that is followed by lines that cannot be meant to stand in it.
    for (auto one = scanner_.open.rbegin(); one != scanner_.open.rend(); ++one) {
      if (auto fault = unclosed(*one)) return fault;
    }
    return not_closed(scanner_.open.back());
  }

  Found unclosed(const Bracket& one) {
    for (std::size_t number = one.line + 1; number < scanner_.lines.size(); ++number) {
      const Line& next = line(number);
      if (next.says_nothing()) continue;
      if (next.indent <= one.indent && begins_entry(next.rest())) return not_closed(one);
      return std::nullopt;
    }
    return std::nullopt;
  }

  SyntaxFault not_closed(const Bracket& one) {
    const bool list = text_[one.offset] == '[';
    return {
        .offset = one.offset,
        .bytes = line_end(one.line) - one.offset,
        .message = list ? "the \"[\" is not closed" : "the \"{\" is not closed",
        .hint = list ? "write \"]\" behind the last item" : "write \"}\" behind the last entry"};
  }

  // In a flow map, "{path: /x/{y}}" ends the plain text at the second brace.
  Found braces_in_text() {
    const Line& here = line(line_);
    for (const std::string_view mark : {"/{", "${"}) {
      const std::size_t at = here.text.find(mark);
      if (at == std::string_view::npos || here.start + at > stopped_ + 1) continue;
      const std::size_t first = here.text.substr(0, at).find_first_of("[{");
      if (first == std::string_view::npos || is_quoted(here.start + at)) continue;
      const std::size_t begin = here.text.find_last_of(" \t,[{", at == 0 ? 0 : at - 1) + 1;
      const std::size_t end = std::min(here.text.find_first_of(" \t,", at), here.text.size());
      std::string_view shown = here.text.substr(begin, end - begin);
      while (std::count(shown.begin(), shown.end(), '}') >
                 std::count(shown.begin(), shown.end(), '{') &&
             shown.ends_with('}')) {
        shown.remove_suffix(1);  // of the map around it
      }
      return SyntaxFault{
          .offset = here.start + begin,
          .bytes = shown.size(),
          .message = "a text with braces stands inside { } or [ ] without quotation marks",
          .hint =
              "inside { } and [ ] a text with braces of its own must stand between quotation "
              "marks"};
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_quoted(std::size_t offset) const {
    return std::any_of(scanner_.quoted.begin(), scanner_.quoted.end(),
                       [&](const Quoted& one) { return offset > one.offset && offset < one.end; });
  }

  Found escape() {
    if (said_.find("escape") == said_.npos && said_.find("hex") == said_.npos) return std::nullopt;
    const std::size_t at = text_.rfind('\\', stopped_);
    const std::size_t offset = at == text_.npos ? stopped_ : at;
    return SyntaxFault{
        .offset = offset,
        .bytes = 2,
        .message = in_quotes(text_.substr(offset, 2)) + " is nothing that a text in \"...\" knows",
        .hint =
            "write \\\\ for a backslash, or the text in '...', where it is a "
            "character like others"};
  }

  Found alias() {
    std::size_t at = stopped_;
    if (at < text_.size() && text_[at] != '*' && at > 0 && text_[at - 1] == '*') --at;
    if (at >= text_.size() || (text_[at] != '*' && text_[at] != '&')) return std::nullopt;
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,]}", at), text_.size());
    const std::string name(text_.substr(at + 1, end - at - 1));
    if (text_[at] == '&') {
      return SyntaxFault{.offset = at,
                         .bytes = std::max<std::size_t>(1, end - at),
                         .message = "an anchor needs a name and what it names",
                         .hint =
                             "write `&name value`; a text that begins with & stands between "
                             "quotation marks"};
    }
    return SyntaxFault{
        .offset = at,
        .bytes = std::max<std::size_t>(1, end - at),
        .message = name.empty() ? "a text cannot begin with \"*\""
                                : "there is no anchor " + in_quotes('&' + name) + " above",
        .hint =
            "an alias stands for what an anchor above it names; a text that begins with * "
            "stands between quotation marks"};
  }

  Found reserved() {
    const Line& here = line(line_);
    const std::size_t colon = here.text.find(": ");
    const std::size_t at = colon == std::string_view::npos
                               ? here.indent
                               : here.text.find_first_not_of(kBlank, colon + 1);
    if (at >= here.text.size()) return std::nullopt;
    if (std::string_view("@`%!").find(here.text[at]) == std::string_view::npos) return std::nullopt;
    return SyntaxFault{.offset = here.start + at,
                       .bytes = here.text.size() - at,
                       .message = "a text cannot begin with " + in_quotes(here.text.substr(at, 1)),
                       .hint = "put it between quotation marks"};
  }

  // Where a key lacks its colon or its blank, a parser takes the line for a text that goes on.
  Found colons() {
    for (std::size_t number = line_ + 1; number-- > 0;) {
      const Line& one = line(number);
      if (one.says_nothing() || !one.in_block) continue;
      if (auto fault = lacks_colon(one)) return fault;
      if (number < line_) break;
    }
    return second_colon(line(line_));
  }

  Found lacks_colon(const Line& one) {
    std::size_t at = one.indent;
    if (one.text.substr(at).starts_with("- ")) {
      at = one.text.find_first_not_of(kBlank, at + 1);
      if (at == std::string_view::npos) return std::nullopt;
    }
    const std::string_view rest = one.text.substr(at);
    if (std::string_view("\"'[{|>&*#").find(rest[0]) != std::string_view::npos) return std::nullopt;
    if (begins_entry(rest)) return std::nullopt;
    const std::size_t colon = rest.find(':');
    const std::size_t blank = rest.find_first_of(kBlank);
    const auto is_key = [](std::string_view word) {
      return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
    };
    if (colon < blank && is_key(rest.substr(0, colon))) {
      return SyntaxFault{.offset = one.start + at + colon,
                         .message = "no blank stands behind the \":\"",
                         .hint = "write " + in_quotes(std::string(rest.substr(0, colon)) + ": " +
                                                      shortened(rest.substr(colon + 1)))};
    }
    if (blank != rest.npos && is_key(rest.substr(0, blank))) {
      const std::string_view value = rest.substr(rest.find_first_not_of(kBlank, blank));
      return SyntaxFault{.offset = one.start + at,
                         .bytes = blank,
                         .message = "no \":\" stands between " + in_quotes(rest.substr(0, blank)) +
                                    " and its value",
                         .hint = "write " + in_quotes(std::string(rest.substr(0, blank)) + ": " +
                                                      shortened(value))};
    }
    if (!is_key(rest)) return std::nullopt;
    return SyntaxFault{.offset = one.start + at,
                       .bytes = rest.size(),
                       .message = "no \":\" stands behind " + in_quotes(rest),
                       .hint = "write " + in_quotes(std::string(rest) + ":")};
  }

  // `title: Prices: all`
  Found second_colon(const Line& one) {
    if (!one.in_block) return std::nullopt;
    const std::size_t first = one.text.find(": ");
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t value = one.text.find_first_not_of(kBlank, first + 1);
    if (value == std::string_view::npos ||
        std::string_view("\"'[{").find(one.text[value]) != std::string_view::npos) {
      return std::nullopt;
    }
    const std::size_t second = one.text.find(": ", value);
    const bool at_end = one.text.ends_with(':') && one.text.size() - 1 > value;
    if (second == std::string_view::npos && !at_end) return std::nullopt;
    return SyntaxFault{.offset = one.start + value,
                       .bytes = one.text.size() - value,
                       .message = "the value holds a \":\" and a blank, as if it were a key",
                       .hint =
                           "put the value between quotation marks; what is meant as a key of "
                           "its own goes into the next line"};
  }

  // An entry whose indentation is that of no line that it could belong to.
  Found indent() {
    const Line& here = line(line_);
    if (!here.in_block || here.says_nothing()) return std::nullopt;
    std::optional<std::size_t> nearest;
    for (std::size_t number = line_; number-- > 0;) {
      const Line& one = line(number);
      if (one.says_nothing() || !one.in_block) continue;
      if (one.indent == here.indent) return std::nullopt;
      if (!nearest) nearest = number;
      if (one.indent < here.indent) break;
    }
    if (!nearest) return std::nullopt;
    return SyntaxFault{.offset = here.start + here.indent,
                       .bytes = std::max<std::size_t>(1, here.rest().size()),
                       .message = "this line is indented by " + std::to_string(here.indent) +
                                  (here.indent == 1 ? " blank" : " blanks") +
                                  ", as no line above that it could "
                                  "belong to; line " +
                                  std::to_string(*nearest + 1) + " has " +
                                  std::to_string(line(*nearest).indent),
                       .hint = "begin what belongs together in the same column"};
  }

  // `- item` among keys, or a key among items.
  Found list_or_map() {
    const Line& here = line(line_);
    if (!here.in_block || here.says_nothing()) return std::nullopt;
    const bool item = here.rest().starts_with("-");
    for (std::size_t number = line_; number-- > 0;) {
      const Line& one = line(number);
      if (one.says_nothing() || !one.in_block || one.indent > here.indent) continue;
      if (one.indent < here.indent) return std::nullopt;
      if (one.rest().starts_with("-") == item) continue;
      return SyntaxFault{
          .offset = here.start + here.indent,
          .bytes = std::max<std::size_t>(1, here.rest().size()),
          .message = item ? "an item of a list stands among the keys of a map"
                          : "a key stands among the items of a list",
          .hint = item ? "indent it under the key that it belongs to"
                       : "begin an item with \"- \", or indent the key as deep as the others of "
                         "its item"};
    }
    return std::nullopt;
  }

  static std::string shortened(std::string_view text) {
    constexpr std::size_t kShown = 40;
    return text.size() <= kShown ? std::string(text) : "...";
  }

  [[nodiscard]] std::size_t line_end(std::size_t number) const {
    return line(number).start + line(number).text.size();
  }

  std::string_view text_;
  std::size_t stopped_;
  std::string_view said_;
  Scanner scanner_;
  std::size_t line_;
};

}  // namespace

SyntaxFault explain_syntax(std::string_view text, std::size_t stopped, std::string_view said) {
  SyntaxFault fault = Explainer(text, stopped, said).explain();
  fault.bytes = std::max<std::size_t>(1, fault.bytes);
  return fault;
}

}  // namespace bourse::host
