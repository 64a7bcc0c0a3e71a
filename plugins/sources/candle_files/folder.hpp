// SPDX-License-Identifier: MIT
//
// What is in a folder, by name.
#pragma once

#include <dirent.h>

#include <filesystem>
#include <memory>

namespace bourse::candle_files {

/// Not std::filesystem's iterators, which end the process where there is no memory for a name.
class Folder {
 public:
  /// Throws `bad_recording`: it cannot be read as a folder.
  explicit Folder(std::filesystem::path path);

  /// In no order, without "." and "..", valid until the next one; null: there are no more.
  const char* next();

 private:
  struct Closer {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };

  std::filesystem::path path_;
  std::unique_ptr<DIR, Closer> open_;
};

}  // namespace bourse::candle_files
