// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kLayersMax = 16;

bool is_source_name(std::string_view text) { return is_word(text, "-_", 64); }
constexpr char kSourceNameRule[] = "a name of a-z, then a-z, 0-9, - and _, at most 64 bytes";

/// By its name: plugins call folders and files so, and a type of its own they have not.
bool names_a_place(std::string_view setting, std::string_view value) {
  const auto is = [&](std::string_view what) {
    return setting == what ||
           (setting.ends_with(what) && setting[setting.size() - what.size() - 1] == '_');
  };
  if (value.empty() || value.front() == '/') return false;
  // "none" where a file may stand is a word.
  return is("folder") || (is("file") && value.find_first_of("./") != value.npos);
}

void read_source(Reader& reader, const Node::Entry& entry, const SourceNames& names,
                 std::vector<SourceConfig>& sources) {
  const std::size_t before = reader.errors();
  const std::string where = "the source " + in_quotes(entry.key);
  if (!is_source_name(entry.key)) {
    reader.error(entry.mark, "bad_key", in_quotes(entry.key) + " is not " + kSourceNameRule);
  }
  if (!reader.expect(*entry.value, Node::Kind::kMap, where)) return;
  MapReader map(reader, *entry.value, where, "source");
  SourceConfig source{.name = {.value = entry.key, .mark = entry.mark}};
  if (const Node* const use = map.require("use", "name the component that delivers the data")) {
    if (auto id = reader.text(*use, "\"use\"", is_component, kComponentRule)) source.use = *id;
  }
  if (const Node* const over = map.find("over")) {
    source.over = read_source_name(reader, *over, "\"over\"", names);
  }
  if (const Node* const config = map.find("config")) {
    read_settings(reader, *config, "\"config\"", source.config);
  }
  source.spoilt = reader.errors() != before;
  sources.push_back(std::move(source));
}

/// "a over b over a"; of a long circle its beginning.
std::string circle_text(std::span<const SourceConfig* const> circle) {
  constexpr std::size_t kShownMax = 10;
  std::string text;
  for (const SourceConfig* const source : circle.first(std::min(circle.size(), kShownMax))) {
    text += source->name.value + " over ";
  }
  if (circle.size() > kShownMax) {
    text += "... " + std::to_string(circle.size() - kShownMax) + " more ... over ";
  }
  return text + circle.front()->name.value;
}

/// Follows `over` downwards from each source, and each source once: circles, and towers so high
/// that a call through them would need more stack than a thread has.
class Towers {
 public:
  Towers(Reader& reader, const std::vector<SourceConfig>& sources)
      : reader_(reader), sources_(sources) {
    for (const SourceConfig& source : sources) by_name_.emplace(source.name.value, &source);
  }

  /// False: there are some, and they have been reported.
  bool check() {
    const std::size_t before = reader_.errors();
    for (const SourceConfig& source : sources_) walk_down(source);
    return reader_.errors() == before;
  }

 private:
  void walk_down(const SourceConfig& top) {
    std::vector<const SourceConfig*> way;
    const SourceConfig* at = &top;
    while (at != nullptr && height_.emplace(at, 0).second) {
      way.push_back(at);
      at = under(*at);
    }
    if (const auto first = std::find(way.begin(), way.end(), at); first != way.end()) {
      reader_.error((*first)->over->mark, "circular_sources",
                    "these sources lie over one another in a circle: " +
                        circle_text({&*first, static_cast<std::size_t>(way.end() - first)}),
                    "one of them must stand on its own, without \"over\"");
      return;
    }
    std::size_t height = at == nullptr ? 0 : height_[at];
    for (auto source = way.rbegin(); source != way.rend(); ++source) {
      height_[*source] = ++height;
      if (height != kLayersMax + 2) continue;  // those above it are too high because of it
      reader_.error((*source)->over->mark, "too_many_layers",
                    in_quotes((*source)->name.value) + " lies over more than " +
                        std::to_string(kLayersMax) + " others",
                    "take a layer out");
    }
  }

  const SourceConfig* under(const SourceConfig& source) const {
    if (!source.over) return nullptr;
    const auto found = by_name_.find(source.over->value);
    return found == by_name_.end() ? nullptr : found->second;
  }

  Reader& reader_;
  const std::vector<SourceConfig>& sources_;
  std::map<std::string_view, const SourceConfig*> by_name_;
  std::map<const SourceConfig*, std::size_t> height_;  ///< 1: it stands on its own
};

}  // namespace

void read_settings(Reader& reader, const Node& node, const std::string& what,
                   std::vector<Setting>& settings) {
  if (!reader.expect(node, Node::Kind::kMap, what)) return;
  for (const Node::Entry& entry : node.entries) {
    if (entry.key.starts_with(kFreeKeyPrefix)) continue;
    if (!is_parameter_name(entry.key)) {
      reader.error(entry.mark, "bad_key",
                   in_quotes(entry.key) + " is not " + std::string(kParameterNameRule));
    }
    if (std::optional<Values> value = reader.values(*entry.value, in_quotes(entry.key))) {
      for (LocatedText& item : value->items) {
        if (!names_a_place(entry.key, item.value)) continue;
        item.value = std::filesystem::absolute(reader.absolute(item)).string();
      }
      settings.push_back(
          {.name = {.value = entry.key, .mark = entry.mark}, .value = *std::move(value)});
    }
  }
}

void read_sources(Reader& reader, const Node& node, const SourceNames& names,
                  std::vector<SourceConfig>& sources) {
  if (!reader.expect(node, Node::Kind::kMap, "\"sources\"")) return;
  for (const Node::Entry& entry : node.entries) {
    if (!entry.key.starts_with(kFreeKeyPrefix)) read_source(reader, entry, names, sources);
  }
  if (Towers(reader, sources).check()) return;
  // Whoever looks for more errors must not follow them.
  for (SourceConfig& source : sources) {
    if (!source.over) continue;
    source.over.reset();
    source.spoilt = true;
  }
}

void read_source_order(Reader& reader, const Node& node, const SourceNames& sources,
                       std::optional<LocatedText>& first, std::vector<LocatedText>& spares) {
  constexpr std::size_t kOrderMax = 8;
  if (node.kind != Node::Kind::kSequence) {
    first = read_source_name(reader, node, "\"source\"", sources);
    return;
  }
  if (node.items.empty() || node.items.size() > kOrderMax) {
    reader.error(node.mark, "bad_value", "\"source\" must name from 1 to 8 sources",
                 "the first is asked, and the next where it fails: [main, spare]");
    return;
  }
  for (const NodePtr& item : node.items) {
    auto name = read_source_name(reader, *item, "an item of \"source\"", sources);
    if (!name) continue;
    const auto is_same = [&](const LocatedText& other) { return other.value == name->value; };
    if ((first && is_same(*first)) || std::any_of(spares.begin(), spares.end(), is_same)) {
      reader.error(item->mark, "duplicate_value",
                   "\"source\" names " + Reader::shown(*item, *name) + " twice",
                   "who has failed is not asked again");
    } else if (!first) {
      first = *std::move(name);
    } else {
      spares.push_back(*std::move(name));
    }
  }
}

std::optional<LocatedText> read_source_name(Reader& reader, const Node& node,
                                            const std::string& what, const SourceNames& sources) {
  std::optional<LocatedText> name = reader.text(node, what, is_source_name, kSourceNameRule);
  if (!name || !sources) return name;
  if (std::find(sources->begin(), sources->end(), name->value) != sources->end()) return name;
  std::string hint = "add it to \"sources\"";
  if (const auto near = suggest(name->value, std::span<const std::string>(*sources))) {
    hint = "did you mean " + in_quotes(*near) + "?";
  }
  reader.error(node.mark, "unknown_source", "there is no source " + Reader::shown(node, *name),
               hint);
  return std::nullopt;
}

}  // namespace bourse::host
