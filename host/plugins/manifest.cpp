// SPDX-License-Identifier: MIT
#include "host/plugins/manifest.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "host/base/utf8.hpp"
#include "host/plugins/digest.hpp"
#include "host/plugins/file.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kManifestBytesMax = 4096;
using Entries = std::map<std::string_view, std::string_view>;

Failure bad_manifest(const std::string& what) {
  return {.status = BOURSE_INTERNAL,
          .code = "bad_manifest",
          .message = "its manifest " + what +
                     "; write it with BOURSE_PLUGIN or BOURSE_MANIFEST, once per library"};
}

Result<Entries> split(std::string_view section) {
  if (section.size() > kManifestBytesMax) return bad_manifest("is too long");
  Entries entries;
  while (!section.empty()) {
    const auto end = section.find('\0');
    if (end == std::string_view::npos) return bad_manifest("ends within an entry");
    const auto entry = section.substr(0, end);
    section.remove_prefix(end + 1);
    if (entry.empty()) continue;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) return bad_manifest("holds " + in_quotes(entry));
    if (!entries.emplace(entry.substr(0, equals), entry.substr(equals + 1)).second) {
      return bad_manifest("says " + in_quotes(entry.substr(0, equals)) + " twice");
    }
  }
  for (const auto* key : {"abi", "name", "version"}) {
    if (!entries.contains(key)) return bad_manifest("lacks " + in_quotes(key));
  }
  return entries;
}

// What is not there stays as it is.
std::optional<Failure> read_number(const Entries& entries, std::string_view key,
                                   std::uint32_t& to) {
  const auto entry = entries.find(key);
  if (entry == entries.end()) return std::nullopt;
  const auto text = entry->second;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, to);
  if (error == std::errc{} && stop == end) return std::nullopt;
  return bad_manifest("has no number for " + std::string(key) + ", but " + in_quotes(text));
}

std::string abi_text(std::uint32_t minor) {
  return std::to_string(BOURSE_ABI_MAJOR) + "." + std::to_string(minor);
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view section) {
  auto entries = split(section);
  if (!entries) return std::move(entries).failure();
  Manifest manifest;
  if (auto wrong = read_number(*entries, "abi", manifest.abi)) return *wrong;
  if (manifest.abi != BOURSE_ABI_MAJOR) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "wrong_abi",
                   .message = "is built for ABI " + std::to_string(manifest.abi) +
                              ", this host speaks ABI " + std::to_string(BOURSE_ABI_MAJOR) +
                              "; build it against this host's SDK"};
  }
  if (auto wrong = read_number(*entries, "minor", manifest.minor)) return *wrong;
  if (manifest.minor > BOURSE_ABI_MINOR) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "needs_newer_host",
                   .message = "needs ABI " + abi_text(manifest.minor) + ", this host has " +
                              abi_text(BOURSE_ABI_MINOR) + "; use a newer host"};
  }
  manifest.name = (*entries)["name"];
  manifest.version = (*entries)["version"];
  if (!is_plugin_name(manifest.name)) {
    return bad_manifest("has the name " + in_quotes(manifest.name) +
                        ", which is not [a-z][a-z0-9.-]*");
  }
  if (!is_version(manifest.version)) {
    return bad_manifest("has the version " + in_quotes(manifest.version) +
                        ", which is not a semantic version such as 1.2.3");
  }
  return manifest;
}

Result<Manifest> manifest_of(const ElfLibrary& library) {
  const auto section = library.section("bourse");
  if (!section) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "no_manifest",
                   .message =
                       "is a library, but not a Bourse plugin: it has no section 'bourse'; "
                       "add BOURSE_PLUGIN or BOURSE_MANIFEST to one source file"};
  }
  return parse_manifest(*section);
}

Result<Manifest> read_manifest(const std::filesystem::path& file) {
  const auto bytes = read_any(file);
  if (!bytes) return bytes.failure();
  const auto library = ElfLibrary::parse(*bytes);
  auto manifest = library ? manifest_of(*library) : Result<Manifest>(library.failure());
  if (!manifest) {
    manifest.failure().message.insert(0, shown(file) + ": ");
  } else {
    manifest->sha256 = sha256_hex(*bytes);
  }
  return manifest;
}

}  // namespace bourse::host
