// SPDX-License-Identifier: MIT
#include "host/config/include.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInclude = "include";
constexpr std::string_view kVersionKey = "bourse";

const Key* find_key(std::string_view path) {
  const auto keys = all_keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.path == path; });
  return found == keys.end() ? nullptr : &*found;
}

/// Maps in which two files may each say a part: of keys that stand nowhere else, or of names.
bool is_joined(std::string_view path) {
  const Key* const key = find_key(path);
  if (key == nullptr) return false;
  return key->form == KeyForm::kMap ||
         (key->form == KeyForm::kOne && !key->shape.empty() && key->shape == path);
}

bool is_added(std::string_view path) {
  const Key* const key = find_key(path);
  return key != nullptr && key->form == KeyForm::kList;
}

class Joiner {
 public:
  explicit Joiner(Reader& reader) : reader_(reader) {}

  /// What `more` says is added to `into`.
  void join(Node& into, const Node& more, const std::string& path) {
    into.incomplete |= more.incomplete;
    for (const Node::Entry& entry : more.entries) {
      if (path.empty() && (entry.key == kInclude || entry.key == kVersionKey)) continue;
      const auto there = std::find_if(into.entries.begin(), into.entries.end(),
                                      [&](const Node::Entry& one) { return one.key == entry.key; });
      if (there == into.entries.end()) {
        into.entries.push_back(entry);
      } else if (!entry.key.starts_with(kFreeKeyPrefix)) {
        join_values(*there, entry, path.empty() ? entry.key : path + '.' + entry.key);
      }
    }
  }

 private:
  void join_values(Node::Entry& into, const Node::Entry& more, const std::string& path) {
    const auto both = [&](Node::Kind kind) {
      return into.value->kind == kind && more.value->kind == kind;
    };
    if (is_joined(path) && both(Node::Kind::kMap)) {
      auto joined = std::make_shared<Node>(*into.value);
      join(*joined, *more.value, path);
      into.value = std::move(joined);
    } else if (is_added(path) && both(Node::Kind::kSequence)) {
      auto joined = std::make_shared<Node>(*into.value);
      joined->items.insert(joined->items.end(), more.value->items.begin(), more.value->items.end());
      into.value = std::move(joined);
    } else {
      reader_.error(more.mark, "duplicate_key",
                    "the key " + in_quotes(more.key) + " is in two files",
                    "the first is at " + reader_.place(into.mark) + "; remove one of them");
    }
  }

  Reader& reader_;
};

struct Wanted {
  fs::path file;
  Mark mark;  ///< where it is asked for
};

class Includer {
 public:
  explicit Includer(const Including& including) : including_(including) {}

  NodePtr read(const NodePtr& root, std::uint32_t index, const fs::path& file) {
    if (!file.empty()) chain_.push_back(identity(file));
    NodePtr joined = add_included(root, index);
    if (!file.empty()) chain_.pop_back();
    return joined;
  }

 private:
  NodePtr add_included(const NodePtr& root, std::uint32_t index) {
    if (root->kind != Node::Kind::kMap) return root;
    const auto entry = std::find_if(root->entries.begin(), root->entries.end(),
                                    [](const Node::Entry& one) { return one.key == kInclude; });
    if (entry == root->entries.end()) return root;
    auto joined = std::make_shared<Node>(*root);
    for (const Wanted& wanted : wanted_by(*entry->value, including_.folders[index])) {
      const NodePtr more = read_included(wanted);
      if (more) Joiner(including_.reader).join(*joined, *more, "");
    }
    return joined;
  }

  std::vector<Wanted> wanted_by(const Node& node, const fs::path& folder) {
    std::vector<Wanted> wanted;
    if (node.kind == Node::Kind::kSequence) {
      for (const NodePtr& item : node.items) {
        if (item->kind != Node::Kind::kScalar) {
          (void)including_.reader.expect(*item, Node::Kind::kScalar, "an item of \"include\"");
          continue;
        }
        add_wanted(*item, folder, wanted);
      }
    } else if (including_.reader.expect(node, Node::Kind::kScalar, "\"include\"")) {
      add_wanted(node, folder, wanted);
    }
    return wanted;
  }

  void add_wanted(const Node& node, const fs::path& folder, std::vector<Wanted>& wanted) {
    // Places of errors show names of files, and nothing of the environment may be shown.
    if (node.text.find("${") != std::string::npos) {
      return including_.reader.error(node.mark, "bad_value",
                                     "an included file cannot be named by the environment",
                                     "write its name; what it says may use ${NAME}");
    }
    const auto text = including_.reader.text(node, "\"include\"");
    if (!text) return;
    if (text->value.empty()) {
      return including_.reader.error(node.mark, "bad_value", "\"include\" names no file",
                                     "write the name of a file, or a pattern such as "
                                     "\"routes/*.yaml\"");
    }
    const fs::path path = (folder / text->value).lexically_normal();
    const std::string name = path.filename().string();
    if (name.find_first_of("*?[") == std::string::npos) {
      wanted.push_back({path, node.mark});
      return;
    }
    add_matching(path.parent_path(), name, node.mark, wanted);
  }

  // In order of name. Hidden files match "*" as little as in a shell, so those that an editor
  // writes meanwhile are none.
  void add_matching(const fs::path& folder, const std::string& pattern, const Mark& mark,
                    std::vector<Wanted>& wanted) {
    const fs::path searched = folder.empty() ? fs::path(".") : folder;
    if (including_.touch.folder) including_.touch.folder(searched, pattern);
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(searched, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
      found.push_back((folder / name).lexically_normal());
      if (found.size() > kIncludedFilesMax) break;
    }
    if (error) {
      return including_.reader.error(
          mark, "unreadable_file",
          "the folder " + in_quotes(searched.string()) + " cannot be searched: " + error.message(),
          "make it, or name another one");
    }
    std::sort(found.begin(), found.end());
    for (fs::path& file : found) wanted.push_back({std::move(file), mark});
  }

  // The same file by another name is the same.
  static fs::path identity(const fs::path& file) {
    std::error_code error;
    fs::path canonical = fs::weakly_canonical(file, error);
    return error ? file : canonical;
  }

  NodePtr read_included(const Wanted& wanted) {
    const fs::path same = identity(wanted.file);
    if (!may_be_read(wanted, same)) return nullptr;
    if (including_.touch.file) including_.touch.file(wanted.file);
    std::error_code error;
    const bool regular = fs::is_regular_file(wanted.file, error);
    FileText read = regular ? read_file(wanted.file)
                            : FileText{.complaint = error ? error.message() : "it is no file"};
    if (!read.complaint.empty()) {
      including_.reader.error(wanted.mark, "unreadable_file",
                              "the included file " + in_quotes(wanted.file.string()) +
                                  " cannot be read: " + read.complaint,
                              "names are from the folder of the file that includes; a pattern such "
                              "as \"*.yaml\" may match nothing");
      return nullptr;
    }
    if (read.text.size() > kConfigBytesMax) {
      including_.reader.error(
          wanted.mark, "too_large",
          "the included file " + in_quotes(wanted.file.string()) + " is larger than 1MiB",
          "split it");
      return nullptr;
    }
    return parse(wanted, std::move(read.text));
  }

  bool may_be_read(const Wanted& wanted, const fs::path& same) {
    const std::string name = in_quotes(wanted.file.string());
    if (std::find(chain_.begin(), chain_.end(), same) != chain_.end()) {
      including_.reader.error(wanted.mark, "circular_include",
                              "the file " + name + " includes itself, over this one",
                              "take one of the two `include` out");
      return false;
    }
    if (chain_.size() > kIncludeDepthMax) {
      including_.reader.error(
          wanted.mark, "too_large",
          "files include one another deeper than " + std::to_string(kIncludeDepthMax) + " levels",
          "include them from the first one");
      return false;
    }
    const auto [first, is_new] = known_.emplace(same, wanted.mark);
    if (!is_new) {
      including_.reader.error(wanted.mark, "duplicate_value",
                              "the file " + name + " is included twice",
                              "the first is at " + including_.reader.place(first->second));
      return false;
    }
    if (known_.size() > kIncludedFilesMax) {
      including_.reader.error(
          wanted.mark, "too_large",
          "more than " + std::to_string(kIncludedFilesMax) + " files are included",
          "put some of them together");
      return false;
    }
    return true;
  }

  NodePtr parse(const Wanted& wanted, std::string text) {
    const std::uint32_t index =
        including_.diagnostics.add_file({wanted.file.string(), std::move(text)});
    including_.folders.push_back(wanted.file.parent_path());
    // A copy, because files in the diagnostics may move when later ones are added.
    const SourceFile file = including_.diagnostics.file(index);
    const NodePtr root = parse_document(file, index, including_.diagnostics);
    if (!root) {
      including_.reader.fault();  // it has been reported
      return nullptr;
    }
    if (!including_.reader.expect(*root, Node::Kind::kMap, "an included file")) return nullptr;
    nodes_ += root->weight;
    if (nodes_ > kConfigNodesMax) {
      including_.reader.error(
          root->mark, "too_large",
          "the included files have more than " + std::to_string(kConfigNodesMax) + " values",
          "take some of them out");
      return nullptr;
    }
    return read(root, index, wanted.file);
  }

  const Including& including_;
  std::vector<fs::path> chain_;
  std::map<fs::path, Mark> known_;
  std::size_t nodes_ = 0;
};

}  // namespace

FileText read_file(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return {.complaint = "it is a folder"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {.complaint = errno != 0 ? std::strerror(errno) : "it cannot be opened"};
  FileText read;
  read.text.resize(kConfigBytesMax + 1);  // one more than is legal shows that there is more
  stream.read(read.text.data(), static_cast<std::streamsize>(read.text.size()));
  if (stream.bad()) return {.complaint = "reading it failed"};
  read.text.resize(static_cast<std::size_t>(stream.gcount()));
  return read;
}

NodePtr with_included(const NodePtr& root, std::uint32_t index, const fs::path& file,
                      const Including& including) {
  return Includer(including).read(root, index, file);
}

}  // namespace bourse::host
