// SPDX-License-Identifier: MIT
//
// The manifest: what a plugin says about itself where it can be read without running it. ELF
// section "bourse", written by BOURSE_MANIFEST: texts "key=value", each ended by a NUL; more NULs
// may follow. Keys abi, name and version are there once each, minor at most once (without it, 0);
// others are for later and ignored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/result.hpp"
#include "host/plugins/elf.hpp"

namespace bourse::host {

struct Manifest {
  std::uint32_t abi = 0;    ///< major version of the contract
  std::uint32_t minor = 0;  ///< the lowest that the host must know
  std::string name;
  std::string version;
  std::string sha256;  ///< of the whole file, 64 hexadecimal digits; only read_manifest sets it
};

/// Reads the bytes of the section. Failures: "bad_manifest" and, for a good manifest of another
/// abi, "wrong_abi", or of a later minor, "needs_newer_host". The sentence does not name the file.
Result<Manifest> parse_manifest(std::string_view section);

/// The same, found in a library; "no_manifest" when it has none.
Result<Manifest> manifest_of(const ElfLibrary& library);

/// For `bourse inspect`: what a file says about itself. Runs none of its code and asks not who may
/// write to it. Every failure names the file.
Result<Manifest> read_manifest(const std::filesystem::path& file);

}  // namespace bourse::host
