// SPDX-License-Identifier: MIT
#include "host/routing/made.hpp"

#include <algorithm>
#include <climits>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "host/plugins/digest.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

/// Far above what a key or a list of authorities takes.
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;

/// "" when it names no file. Only a regular one is opened: to open a pipe may wait for ever.
std::string mark_of_file(const std::string& name) {
  std::error_code error;
  if (name.empty() || name.size() >= PATH_MAX || name.find('\0') != name.npos) return {};
  if (!fs::is_regular_file(name, error) || error) return {};
  const auto written = fs::last_write_time(name, error).time_since_epoch().count();
  const auto size = fs::file_size(name, error);
  if (error || size > kFileBytesMax) {
    return "large " + std::to_string(size) + ' ' + std::to_string(written);
  }
  std::ifstream stream(name, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size))) return "unreadable";
  return sha256_hex(bytes);
}

void spell(std::string& spelt, std::string_view text) {
  (spelt += std::to_string(text.size())) += ':';
  spelt += text;
}

}  // namespace

// Lengths, so that no text can look like the next setting. The order of names means nothing, that
// of the items of one does.
std::string settings_mark(NamedTexts settings) {
  std::stable_sort(settings.begin(), settings.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string spelt;
  for (const auto& [name, text] : settings) {
    spell(spelt, name);
    spell(spelt, text);
    spell(spelt, mark_of_file(text));
  }
  return sha256_hex(spelt);
}

}  // namespace bourse::host
