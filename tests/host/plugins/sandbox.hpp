// SPDX-License-Identifier: MIT
//
// What the tests of the loader share: a folder of their own, copies of fixtures in it, a host.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "host/plugins/load.hpp"

namespace bourse::host {

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
  chmod(file.c_str(), 0644);
}

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(BOURSE_FIXTURES) / (name + ".so");
}

/// A fresh folder, removed with this object.
class Sandbox {
 public:
  Sandbox() {
    std::string pattern = testing::TempDir() + "bourse-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = std::filesystem::canonical(pattern);
    std::filesystem::create_directory(plugins());
    chmod(plugins().c_str(), 0755);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path plugins() const { return root_ / "plugins"; }

  /// plugins()/NAME.so, or as `as` says.
  std::filesystem::path add(const std::string& name, const std::string& as = {}) const {
    return add_bytes(read_bytes(fixture(name)), as.empty() ? name + ".so" : as);
  }
  std::filesystem::path add_bytes(std::string_view bytes, const std::string& name) const {
    write_bytes(plugins() / name, bytes);
    return plugins() / name;
  }

 private:
  std::filesystem::path root_;
};

/// While it lives, fixtures built from good.c write down what they are made to do.
class Diary {
 public:
  explicit Diary(const Sandbox& sandbox) : file_(sandbox.root() / "diary") {
    setenv("BOURSE_FIXTURE_DIARY", file_.c_str(), 1);
  }
  Diary(const Diary&) = delete;
  Diary& operator=(const Diary&) = delete;
  ~Diary() { unsetenv("BOURSE_FIXTURE_DIARY"); }

  /// "constructed\ninit\n"; empty when nothing ran.
  [[nodiscard]] std::string text() const { return read_bytes(file_); }

 private:
  std::filesystem::path file_;
};

/// A host without a function: none of these plugins calls one.
inline const HostFunctions& test_functions() {
  static const HostFunctions functions = [] {
    HostFunctions it;
    it.table.size = sizeof it.table;
    it.table.abi_minor = BOURSE_ABI_MINOR;
    it.table.version = "0.0.0-test";
    return it;
  }();
  return functions;
}
inline const bourse_host& test_host() { return test_functions().table; }

inline Loaded load_from(const std::filesystem::path& folder) {
  return load_plugins({.folders = {folder}, .host = &test_functions()});
}
inline Loaded load_from(const std::filesystem::path& folder, KeptPlugins& kept) {
  return load_plugins({.folders = {folder}, .host = &test_functions(), .kept = &kept});
}

}  // namespace bourse::host
