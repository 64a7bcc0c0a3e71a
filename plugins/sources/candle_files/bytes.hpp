// SPDX-License-Identifier: MIT
//
// Bytes: what a recorded file says, whatever it is packed in. NAME.gz is gzip, NAME.zip is a zip
// archive of one file, as the exchange publishes its candles; all else stands as it is.
//
// Bounded, for a small file may claim to be a large one: by the bytes that a file may have, by
// those that a whole folder may have, and by kRatioMax when it is packed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "bourse/value.hpp"

namespace bourse::candle_files {

/// Error `bad_recording`.
[[nodiscard]] Error bad_recording(const std::string& reason);

/// How much may still be read: of one file, and of the folder together.
struct ByteLimits {
  std::uintmax_t file = 0;
  std::uintmax_t* folder = nullptr;  ///< counts down; borrowed; null: no such limit
};

class Bytes {
 public:
  /// A packed file that unpacks to more than this many times its size is refused, unless it is
  /// below 1 MiB then. Candles pack 3 to 15 times.
  static constexpr std::uintmax_t kRatioMax = 100;

  /// Throws `bad_recording` when the file cannot be opened or is not what its name says.
  static std::unique_ptr<Bytes> open(const std::filesystem::path& file, ByteLimits limits);
  virtual ~Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  /// Up to `room` bytes; 0 at the end. Throws `bad_recording`: damaged, cut off, or beyond a limit.
  std::size_t read(char* into, std::size_t room);

 protected:
  Bytes() = default;

 private:
  virtual std::size_t pull(char* into, std::size_t room) = 0;

  ByteLimits limits_;
};

/// All of a file as one text.
[[nodiscard]] std::string read_all(const std::filesystem::path& file, ByteLimits limits);

/// The name without .gz or .zip: "A-1h.csv" of "A-1h.csv.gz", and of "A-1h.zip", for the exchange's
/// archives leave out what is in them.
[[nodiscard]] std::string unpacked_name(std::string_view name);

}  // namespace bourse::candle_files
