// SPDX-License-Identifier: MIT
#include "host/routing/fixed.hpp"

#include <span>
#include <utility>
#include <vector>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr char kWhereFrom[] = "relative paths start in the folder of the configuration";

/// "?a=1" and "?b=2" -> "?a=1&b=2".
std::string joined_queries(const std::string& own, const std::string& asked) {
  if (own.empty()) return asked;
  return asked.size() < 2 ? own : own + '&' + asked.substr(1);
}

std::string location_of(const Redirect& redirect, const Router::Match& match,
                        std::string_view raw) {
  std::string way = redirect.authority;
  for (const PathSegment& segment : redirect.path.segments) {
    way += '/';
    if (!segment.variable) {
      way += segment.text;
      continue;
    }
    for (const auto& [name, value] : match.parameters) {
      if (name == segment.text) way += percent_encoded(value);
    }
  }
  if (redirect.path.segments.empty()) way += '/';
  return way + joined_queries(redirect.query, query_text(raw));
}

std::optional<FixedAnswer::Hit> find_in(const Folder& folder, const Target& target,
                                        std::string_view raw) {
  std::string name;
  for (const std::string& segment : std::span(target.segments).subspan(folder.depth)) {
    name += (name.empty() ? "" : "/") + segment;
  }
  if (const auto file = folder.files.find(name); file != folder.files.end()) {
    if (target.has_slash_behind) return std::nullopt;
    return FixedAnswer::Hit{.content = &file->second};
  }
  const auto index = folder.files.find(name.empty() ? std::string(kIndexFile)
                                                    : name + '/' + std::string(kIndexFile));
  if (index == folder.files.end()) return std::nullopt;
  // What is relative in the page is relative to the folder: so its address has a slash behind it.
  if (target.has_slash_behind || target.segments.empty()) {
    return FixedAnswer::Hit{.content = &index->second};
  }
  return FixedAnswer::Hit{
      .status = 301,
      .location = reference_to(target.segments.back(), false) + '/' + query_text(raw)};
}

std::size_t bytes_of(const Folder& folder) {
  std::size_t bytes = 0;
  for (const auto& [name, content] : folder.files) bytes += content.bytes->size();
  return bytes;
}

std::optional<Content> make_content(const FileConfig& file, const Mark& mark,
                                    Diagnostics& diagnostics) {
  std::string fault;
  auto content = read_served_file(file.path, file.media_type, fault);
  if (!content) {
    diagnostics.error(
        mark, "unreadable_file",
        "the file " + in_quotes(file.path.string(), 400) + " cannot be served: " + fault,
        kWhereFrom);
  }
  return content;
}

std::optional<Folder> make_folder(const FolderConfig& config, const PathTemplate& path,
                                  const Mark& mark, Diagnostics& diagnostics) {
  std::vector<std::string> faults;
  Folder folder{.depth = path.segments.size(), .files = read_served_folder(config.path, faults)};
  const std::string which = "the folder " + in_quotes(config.path.string(), 400);
  for (const std::string& fault : faults) {
    diagnostics.error(mark, "unreadable_file", which + " cannot be served: " + fault, kWhereFrom);
  }
  if (!faults.empty()) return std::nullopt;
  if (folder.files.empty()) {
    diagnostics.warning(
        mark, "empty_folder",
        which + " has no file to serve: those whose names begin with a dot are none", kWhereFrom);
  }
  return folder;
}

}  // namespace

std::optional<FixedAnswer::Hit> FixedAnswer::at(const Router::Match& match, const Target& target,
                                                std::string_view raw) const {
  if (const auto* const redirect = std::get_if<Redirect>(&answer)) {
    return Hit{.status = redirect->status, .location = location_of(*redirect, match, raw)};
  }
  if (const auto* const content = std::get_if<Content>(&answer)) return Hit{.content = content};
  // Who found it by a name that is there, has it: "a%2Fb" is a name without a slash.
  if (match.beyond) return std::nullopt;
  return find_in(std::get<Folder>(answer), target, raw);
}

std::string FixedAnswer::description() const {
  if (const auto* const redirect = std::get_if<Redirect>(&answer)) {
    return std::to_string(redirect->status) + " to " + redirect->authority + redirect->path.text +
           redirect->query;
  }
  if (const auto* const content = std::get_if<Content>(&answer)) {
    return content->media_type + ", " + std::to_string(content->bytes->size()) + " bytes";
  }
  const auto& folder = std::get<Folder>(answer);
  const std::size_t count = folder.files.size();
  return std::to_string(count) + (count == 1 ? " file, " : " files, ") +
         std::to_string(bytes_of(folder)) + " bytes";
}

std::string FixedAnswer::spelling() const {
  std::string spelt = description() + ' ' + std::to_string(max_age.count());
  if (const auto* const content = std::get_if<Content>(&answer)) spelt += ' ' + content->etag;
  if (const auto* const folder = std::get_if<Folder>(&answer)) {
    for (const auto& [name, content] : folder->files) {
      spelt += ' ' + content.etag + std::to_string(name.size()) + ' ' + name;
    }
  }
  return spelt;
}

std::shared_ptr<const FixedAnswer> make_fixed(const FixedConfig& from, const PathTemplate& path,
                                              Diagnostics& diagnostics) {
  auto fixed = std::make_shared<FixedAnswer>();
  fixed->max_age = std::chrono::duration_cast<std::chrono::seconds>(from.max_age);
  if (const auto* const redirect = std::get_if<RedirectConfig>(&from.answer)) {
    fixed->answer = Redirect{.authority = redirect->authority,
                             .path = redirect->path,
                             .query = redirect->query,
                             .status = redirect->status};
  } else if (const auto* const text = std::get_if<TextConfig>(&from.answer)) {
    fixed->answer = content_of(text->body, text->media_type);
  } else if (const auto* const file = std::get_if<FileConfig>(&from.answer)) {
    auto content = make_content(*file, from.mark, diagnostics);
    if (!content) return nullptr;
    fixed->answer = *std::move(content);
  } else {
    auto folder = make_folder(std::get<FolderConfig>(from.answer), path, from.mark, diagnostics);
    if (!folder) return nullptr;
    fixed->answer = *std::move(folder);
  }
  return fixed;
}

}  // namespace bourse::host
