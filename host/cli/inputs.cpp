// SPDX-License-Identifier: MIT
#include "host/cli/inputs.hpp"

#include <fnmatch.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "host/base/folder.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 1000;  ///< of one folder

std::string what_it_is(const fs::path& file) {
  struct stat facts = {};
  if (::stat(file.c_str(), &facts) != 0) return std::generic_category().message(errno);
  std::string text;
  for (const auto number :
       {static_cast<std::int64_t>(facts.st_dev), static_cast<std::int64_t>(facts.st_ino),
        static_cast<std::int64_t>(facts.st_size), static_cast<std::int64_t>(facts.st_mtim.tv_sec),
        static_cast<std::int64_t>(facts.st_mtim.tv_nsec),
        static_cast<std::int64_t>(facts.st_ctim.tv_sec),
        static_cast<std::int64_t>(facts.st_ctim.tv_nsec)}) {
    text += std::to_string(number) + ' ';
  }
  return text;
}

Files what_is_in(const fs::path& folder, const std::string& pattern) {
  Files files;
  std::error_code error;
  for (const std::string& name : names_in(folder, error)) {
    if (files.size() >= kFilesMax || ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) {
      continue;
    }
    files.emplace(folder / name, what_it_is(folder / name));
  }
  if (error) files.emplace(folder, error.message());
  return files;
}

std::optional<fs::path> differs(const Files& was, const Files& is) {
  for (const auto& [file, what] : is) {
    const auto found = was.find(file);
    if (found == was.end() || found->second != what) return file;
  }
  for (const auto& [file, what] : was) {
    if (!is.contains(file)) return file;
  }
  return std::nullopt;
}

}  // namespace

void Inputs::add_file(const fs::path& file) { files_[file] = {{file, what_it_is(file)}}; }

void Inputs::add_folder(const fs::path& folder, const std::string& pattern) {
  folders_[folder / pattern] = what_is_in(folder, pattern);
}

Inputs Inputs::again() const {
  Inputs now;
  for (const auto& [file, unused] : files_) now.add_file(file);
  for (const auto& [place, unused] : folders_) {
    now.add_folder(place.parent_path(), place.filename().string());
  }
  return now;
}

const Files* Inputs::find(const fs::path& place) const {
  for (const Places* const places : {&files_, &folders_}) {
    const auto found = places->find(place);
    if (found != places->end()) return &found->second;
  }
  return nullptr;
}

std::optional<fs::path> difference(const Inputs& was, const Inputs& is, const Inputs& known) {
  for (const auto* const places : {&is.files(), &is.folders()}) {
    for (const auto& [place, files] : *places) {
      const Files* const before = was.find(place);
      const Files* const told = known.find(place);
      if (before == nullptr || (told != nullptr && *told == files)) continue;
      if (auto file = differs(*before, files)) return file;
    }
  }
  return std::nullopt;
}

}  // namespace bourse::host
