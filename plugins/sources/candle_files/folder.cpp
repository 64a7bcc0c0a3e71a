// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/folder.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "plugins/sources/candle_files/bytes.hpp"

namespace bourse::candle_files {

Folder::Folder(std::filesystem::path path)
    : path_(std::move(path)), open_(::opendir(path_.c_str())) {
  const int error = errno;
  if (open_) return;
  throw bad_recording(path_.string() +
                      ": cannot be read as a folder: " + std::generic_category().message(error));
}

const char* Folder::next() {
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(open_.get());
    if (entry == nullptr) {
      if (errno == 0) return nullptr;
      throw bad_recording(path_.string() +
                          ": cannot be read: " + std::generic_category().message(errno));
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return entry->d_name;
  }
}

}  // namespace bourse::candle_files
