// SPDX-License-Identifier: MIT
#include "host/config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/config/load.hpp"
#include "host/config/syntax.hpp"

namespace bourse::host {
namespace {

// Thrown through yaml-cpp, which has no other way to be stopped, and caught in parse_document().
struct Stop {
  Mark mark;
  std::string code;
  std::string message;
  std::string hint;
};

// What a scalar looks like in the file, on its first line.
struct Extent {
  std::size_t offset = 0;   // of the first character, a quotation mark included
  std::size_t bytes = 1;    // to underline
  std::size_t content = 0;  // where the text itself starts
};

std::size_t quoted_bytes(std::string_view rest) {
  const char quote = rest[0];
  for (std::size_t i = 1; i < rest.size() && rest[i] != '\n'; ++i) {
    if (rest[i] == '\\' && quote == '"') {
      ++i;
    } else if (rest[i] == quote) {
      if (quote != '\'' || i + 1 >= rest.size() || rest[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::min(rest.find('\n'), rest.size());
}

// yaml-cpp says where a node starts, anchor and tag included, but not where it ends.
Extent find_extent(std::string_view text, std::size_t offset, std::string_view value) {
  while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
    offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
    offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
  }
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  if (rest.empty()) return {.offset = offset, .bytes = 1, .content = offset};
  if (rest[0] == '"' || rest[0] == '\'') {
    return {.offset = offset, .bytes = quoted_bytes(rest), .content = offset + 1};
  }
  if (rest[0] == '|' || rest[0] == '>') return {.offset = offset, .bytes = 1, .content = offset};
  // The end of the line is looked for only when it matters: a line may hold 100000 values.
  const std::size_t bytes =
      rest.starts_with(value) ? value.size() : std::min(rest.find_first_of("\r\n"), rest.size());
  return {.offset = offset, .bytes = std::max<std::size_t>(1, bytes), .content = offset};
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(const SourceFile& file, std::uint32_t index, Diagnostics& diagnostics)
      : file_(file), index_(index), diagnostics_(diagnostics) {}

  [[nodiscard]] NodePtr root() const { return root_; }
  [[nodiscard]] Mark mark(const YAML::Mark& at, std::size_t bytes = 1) const {
    const auto offset = at.pos < 0 ? std::size_t{0} : static_cast<std::size_t>(at.pos);
    return file_.mark(index_, offset, bytes);
  }

  void OnDocumentStart(const YAML::Mark& at) override {
    if (documents_++ == 0) return;
    throw Stop{mark(at, 3), "unsupported_yaml", "the file holds a second document",
               "put it into a file of its own"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    const std::string_view rest =
        file_.text().substr(std::min(static_cast<std::size_t>(at.pos), file_.text().size()));
    const bool written = rest.starts_with('~') || rest.starts_with('n') || rest.starts_with('N');
    if (wants_key()) return refuse_key(mark(at), "wrong_type", "a key must be text, not nothing");
    Node node;
    node.mark = written ? mark(at, rest[0] == '~' ? 1 : 4) : place_of_nothing(at);
    finish(std::make_shared<Node>(std::move(node)), anchor);
  }

  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Extent extent = find_extent(file_.text(), static_cast<std::size_t>(at.pos), value);
    const Mark place = file_.mark(index_, extent.offset, extent.bytes);
    const bool refused = refuse_tag(tag, mark(at));
    if (wants_key()) return take_key(value, place);
    Node node;
    node.refused = refused;
    node.kind = Node::Kind::kScalar;
    node.mark = place;
    node.text = value;
    node.offset = extent.content;
    node.verbatim = file_.text().substr(extent.content).starts_with(value);
    finish(std::make_shared<Node>(std::move(node)), anchor);
  }

  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    const Mark place = mark(at);
    if (wants_key()) return refuse_key(place, "unsupported_yaml", "a key cannot be an alias");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{place, "unsupported_yaml", "an alias stands inside what it stands for", ""};
    }
    check_depth(frames_.size() + found->second->height, place);
    count(found->second->weight, place);
    attach(found->second);
  }

  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kSequence, at, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kMap, at, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Key {
    std::string text;
    Mark mark;
    bool refused = false;  // its value is parsed and dropped
  };
  struct Frame {  // a sequence or map that is not finished
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    std::optional<Key> key = {};
    std::map<std::string, Mark, std::less<>> keys = {};
  };

  [[nodiscard]] bool wants_key() const {
    return !frames_.empty() && frames_.back().node->kind == Node::Kind::kMap && !frames_.back().key;
  }

  // Where to point when a value is missing: at its key, or at the mark that announces an item.
  [[nodiscard]] Mark place_of_nothing(const YAML::Mark& at) const {
    if (frames_.empty()) return mark(at);
    if (frames_.back().key) return frames_.back().key->mark;
    const std::string_view before = file_.text().substr(0, static_cast<std::size_t>(at.pos));
    const std::size_t last = before.find_last_not_of(" \t\r\n");
    if (last == before.npos || std::string_view("-,[").find(before[last]) == before.npos) {
      return frames_.back().node->mark;
    }
    return file_.mark(index_, last, 1);
  }

  /// Whether there is one.
  bool refuse_tag(const std::string& tag, const Mark& place) {
    if (tag.empty() || tag == "?" || tag == "!") return false;  // yaml-cpp's names for "no tag"
    diagnostics_.error(place, "unsupported_yaml", "tags have no meaning here",
                       "leave out the \"!...\": the key decides the type");
    return true;
  }

  void refuse_key(const Mark& place, const char* code, std::string message, std::string hint = {}) {
    diagnostics_.error(place, code, std::move(message), std::move(hint));
    frames_.back().key = Key{.text = {}, .mark = place, .refused = true};
    frames_.back().node->incomplete = true;
  }

  void take_key(const std::string& key, const Mark& place) {
    Frame& frame = frames_.back();
    if (key == "<<") {
      return refuse_key(place, "unsupported_yaml", "merge keys are not supported",
                        "write the keys out, or use an alias for a whole value");
    }
    if (key.find("${") != key.npos) {
      return refuse_key(place, "bad_key", "the key " + in_quotes(key) + " asks for the environment",
                        "${NAME} is read in values only");
    }
    const auto [first, is_new] = frame.keys.emplace(key, place);
    if (!is_new) {
      return refuse_key(
          place, "duplicate_key", "the key " + in_quotes(key) + " is there twice",
          "the first is at " + diagnostics_.place(first->second) + "; remove one of them");
    }
    frame.key = Key{.text = key, .mark = place};
  }

  void open(Node::Kind kind, const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) {
    const Mark place = mark(at);
    if (wants_key()) {
      const std::size_t offset = at.pos < 0 ? 0 : static_cast<std::size_t>(at.pos);
      const std::string_view rest = file_.text().substr(std::min(offset, file_.text().size()));
      check_depth(std::min(rest.find_first_not_of("[{ "), rest.size()), place);
      throw Stop{place, "unsupported_yaml", "a key must be text, not a list or a map",
                 "if this was meant to be text such as {name}, put it between quotation marks"};
    }
    const bool refused = refuse_tag(tag, place);
    check_depth(frames_.size() + 1, place);
    auto node = std::make_shared<Node>();
    node->refused = refused;
    node->kind = kind;
    node->mark = place;
    frames_.push_back({.node = std::move(node), .anchor = anchor});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    finish(std::move(frame.node), frame.anchor);
  }

  void finish(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    count(1, node->mark);
    if (anchor != 0) anchors_[anchor] = node;
    attach(std::move(node));
  }

  void attach(NodePtr node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    frame.node->weight += node->weight;
    frame.node->height = std::max(frame.node->height, node->height + 1);
    if (frame.node->kind == Node::Kind::kSequence) {
      frame.node->items.push_back(std::move(node));
      return;
    }
    const Key key = *std::exchange(frame.key, std::nullopt);
    if (!key.refused) frame.node->entries.push_back({key.text, key.mark, std::move(node)});
  }

  static void check_depth(std::size_t depth, const Mark& place) {
    if (depth <= kConfigDepthMax) return;
    throw Stop{
        place, "too_large",
        "lists and maps are nested deeper than " + std::to_string(kConfigDepthMax) + " levels", ""};
  }

  void count(std::size_t nodes, const Mark& place) {
    nodes_ += nodes;
    if (nodes_ <= kConfigNodesMax) return;
    throw Stop{place, "too_large",
               "the file has more than " + std::to_string(kConfigNodesMax) +
                   " values, counting each alias as what it stands for",
               ""};
  }

  const SourceFile& file_;
  std::uint32_t index_;
  Diagnostics& diagnostics_;
  NodePtr root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
};

// Anything but plain lines of text is refused before the parser sees it: it takes a byte 4 for the
// end of the file and replaces bad UTF-8 without a word.
bool is_plain_text(const SourceFile& file, std::uint32_t index, Diagnostics& diagnostics) {
  const std::string_view text = file.text();
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = utf8_step(text.substr(at));
    if (text[at] == '\r' && !text.substr(at + 1).starts_with('\n')) {
      diagnostics.error(file.mark(index, at, 1), "not_text",
                        "a line ends with a carriage return alone",
                        "save the file with line ends of Unix (LF) or Windows (CR LF)");
      return false;
    }
    const bool blank = text[at] == '\n' || text[at] == '\r' || text[at] == '\t';
    if (!step.valid || (is_control(step.character) && !blank)) {
      diagnostics.error(
          file.mark(index, at, step.bytes), "not_text",
          step.valid
              ? "the file holds the control character " + printable(text.substr(at, step.bytes))
              : "the file is not UTF-8: it holds the byte " + printable(text.substr(at, 1)),
          "save it as plain UTF-8 text");
      return false;
    }
    at += step.bytes;
  }
  return true;
}

// Whether there was another document; what is wrong with it is added as an error.
bool parse_next(YAML::Parser& parser, Builder& builder, const SourceFile& file, std::uint32_t index,
                Diagnostics& diagnostics) {
  try {
    return parser.HandleNextDocument(builder);
  } catch (const Stop& stop) {
    diagnostics.error(stop.mark, stop.code, stop.message, stop.hint);
  } catch (const YAML::Exception& error) {
    const auto stopped =
        error.mark.pos < 0 ? std::size_t{0} : static_cast<std::size_t>(error.mark.pos);
    SyntaxFault fault = explain_syntax(file.text(), stopped, error.msg);
    diagnostics.error(file.mark(index, fault.offset, fault.bytes), "syntax",
                      std::move(fault.message), std::move(fault.hint));
  } catch (const std::exception& error) {  // yaml-cpp's streams may throw their own
    diagnostics.error(builder.mark({}), "syntax", std::string("this is not YAML: ") + error.what(),
                      "`bourse check` it in halves to find the place");
  }
  return false;
}

}  // namespace

NodePtr parse_document(const SourceFile& file, std::uint32_t index, Diagnostics& diagnostics) {
  if (!is_plain_text(file, index, diagnostics)) return nullptr;
  std::istringstream stream{std::string(file.text())};
  YAML::Parser parser(stream);
  Builder builder(file, index, diagnostics);
  const std::size_t errors_before = diagnostics.errors();
  const bool first = parse_next(parser, builder, file, index, diagnostics);
  NodePtr root = builder.root();
  // What is no map is no configuration, whatever comes behind it.
  if (first && root && root->kind == Node::Kind::kMap) {
    const std::size_t before = diagnostics.errors();
    parse_next(parser, builder, file, index, diagnostics);  // there must be none
    if (diagnostics.errors() != before) return nullptr;     // which of them is meant is a guess
  }
  const bool nothing = !root || root->kind == Node::Kind::kNull;
  if (nothing && diagnostics.errors() == errors_before) {
    diagnostics.error({.file = index}, "empty_file", "the file holds no configuration",
                      "the least is \"bourse: 1\" and a list of routes");
  }
  return nothing ? nullptr : root;
}

}  // namespace bourse::host
