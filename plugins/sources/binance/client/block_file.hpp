// SPDX-License-Identifier: MIT
//
// BlockFile: remembers across restarts that the exchange does not want to hear from us.
//
// One line: "bourse-binance-block 1 HOST KIND UNTIL", the kind being banned, firewall or geo_block,
// the end Unix time in ms, by this machine's clock. Anything else in the file counts as no block,
// as does an end in the past or more than a week ahead. Written whole or not at all (a new file
// takes the old one's name), readable by its owner only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

struct SavedBlock {
  ErrorKind kind;
  Time until;
};

class BlockFile {
 public:
  /// `host` tells the blocks of several exchanges apart.
  BlockFile(std::string path, std::string host) : path_(std::move(path)), host_(std::move(host)) {}

  /// nullopt: none that still holds.
  [[nodiscard]] std::optional<SavedBlock> load(Time now) const;
  /// An error when it could not be written; the block then lasts as long as the process.
  [[nodiscard]] std::error_code save(const SavedBlock& block) const;
  /// Whether save() would do, by writing as much beside the file and taking it away again.
  [[nodiscard]] std::error_code try_out() const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  [[nodiscard]] std::error_code write_draft(const std::string& draft,
                                            const SavedBlock& block) const;

  std::string path_, host_;
};

}  // namespace bourse::binance
