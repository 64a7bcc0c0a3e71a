// SPDX-License-Identifier: MIT
//
// Every key of a configuration file, one row each. What the reader takes from here, no other place
// says: which keys a map has, what their values may be, what is expected in an error, what a reload
// takes. The JSON Schema and the reference of keys are made of it (schema.hpp).
//
// A map of the file is a shape, and the path of a key is its shape and its name: "server.queue" is
// "queue" in "server". Shapes that stand in several places, or in a list, are named for what they
// describe: "route.path", "cache.fresh". The shape of the file itself is "", its keys have no dot.
//
// To add a key: a row in keys.cpp, where its shape is; a member in config.hpp; its reader, which
// asks MapReader by the name of the key. A test tells what else is missing.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"

namespace bourse::host {

/// What a single value is.
enum class KeyType {
  kNone,       ///< there is no single value, only a map
  kText,       ///< any
  kVersion,    ///< 1
  kChoice,     ///< one of Key::choices
  kCount,      ///< a whole number
  kSize,       ///< bytes: "64KiB"
  kDuration,   ///< "250ms"; the range is in nanoseconds
  kListener,   ///< "127.0.0.1:8080", see host/base/listen_address.hpp
  kMode,       ///< octal rights of a file
  kFile,       ///< a file or a folder, from the folder of the file in which it stands
  kDigest,     ///< "sha256:" and 64 hexadecimal digits
  kSource,     ///< the name of a source
  kComponent,  ///< "id" or "plugin/id"
  kParameter,  ///< the name of a parameter
  kPath,       ///< "/api/{name}"
  kPrefix,     ///< the beginning of paths
  kSettings,   ///< a map of texts and lists of texts, whose names only a plugin knows
};

/// How many values there are.
enum class KeyForm {
  kOne,
  kList,
  kOneOrList,
  kMap,            ///< the names are free, each has one
  kMapOfOneOrList  ///< the names are free, each has one or a list
};

/// When a new value counts.
enum class KeyTaken { kReload, kRestart };

/// What a key that routes have may also stand in, for all routes below it.
enum class KeyInherited { kNo, kFromGroup, kFromGroupAndDefaults };

struct Key {
  std::string_view path;
  KeyType type = KeyType::kNone;
  KeyForm form = KeyForm::kOne;
  std::string_view shape = {};  ///< of the map that may stand for a single value; empty: none may
  std::uint64_t min = 0;        ///< of counts, sizes and durations
  std::uint64_t max = 0;
  std::string_view choices = {};   ///< "text|json"
  std::string_view fallback = {};  ///< the default, as it would be written; empty: none
  bool required = false;
  KeyTaken taken = KeyTaken::kReload;
  KeyInherited inherited = KeyInherited::kNo;
  std::string_view doc = {};      ///< whole sentences
  std::string_view example = {};  ///< YAML, in one line
  /// The value as a text: two that are equal are the same. Null for what need not be compared.
  std::string (*value)(const Config&) = nullptr;

  /// "queue" of "server.queue".
  [[nodiscard]] std::string_view name() const noexcept;
  [[nodiscard]] std::string_view parent() const noexcept;  ///< "server", the shape it belongs to
  [[nodiscard]] std::vector<std::string> choice_list() const;
  [[nodiscard]] std::chrono::nanoseconds min_duration() const noexcept;
  [[nodiscard]] std::chrono::nanoseconds max_duration() const noexcept;
};

/// In the order of the reference.
[[nodiscard]] std::span<const Key> all_keys() noexcept;

/// The row of "shape.name". REQUIRES: there is one.
[[nodiscard]] const Key& key_of(std::string_view shape, std::string_view name) noexcept;

/// The names of the keys of a shape, in the order of the reference; those that "defaults" and
/// "group" inherit to routes are among theirs. REQUIRES: there is such a shape.
[[nodiscard]] std::span<const std::string_view> keys_of(std::string_view shape);

/// Keys whose names begin so mean nothing and may stand in every map: a place for anchors.
inline constexpr std::string_view kFreeKeyPrefix = "x-";

}  // namespace bourse::host
