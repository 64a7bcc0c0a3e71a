// SPDX-License-Identifier: MIT
#include "host/cli/new.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/ascii.hpp"
#include "host/base/shell.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/serve.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/templates.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string, std::less<>>;

// ext_1_a_123b_b11 and what people type are far from it; ids end at 64 bytes.
constexpr std::size_t kNameMax = 63;
constexpr std::array<std::pair<const char*, const char*>, 4> kKinds = {
    {{"analysis", "an analysis"},
     {"source", "a source"},
     {"serializer", "a format"},
     {"layer", "a layer over a source"}}};
constexpr std::array<std::pair<const char*, const char*>, 3> kLangs = {
    {{"cpp", "C++"}, {"c", "C"}, {"rust", "Rust"}}};

template <class Rows>
std::string mistake_in(const Rows& rows, const std::string& given, const char* what) {
  std::string all;
  std::vector<std::string> known;
  for (const auto& [id, text] : rows) {
    if (given == id) return {};
    known.emplace_back(id);
    all += (all.empty() ? "" : ", ") + std::string(id);
  }
  const auto near = suggest(given, known);
  return std::string("there is no ") + what + " " + in_quotes(given) + ", but " + all +
         (near ? "; did you mean " + *near + "?" : "");
}
template <class Rows>
std::string words_for(const Rows& rows, const std::string& given) {
  for (const auto& [id, text] : rows) {
    if (given == id) return text;
  }
  return {};
}

/// The nearest legal name, if there is one.
std::string near_name(std::string_view given) {
  std::string out;
  for (const char c : given) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (is_lower(small) || is_digit(small)) {
      out += small;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (!out.empty() && is_digit(out.front())) out.insert(0, "plugin_");
  return out.substr(0, kNameMax);
}

// ---- the variables
// -------------------------------------------------------------------------------

/// ext_1_a: Ext1A, and what it is: no type of the SDK is called so, nor a keyword.
std::string type_of(const std::string& name, const std::string& kind) {
  std::string out;
  bool begins = true;
  for (const char c : name + "_" + kind) {
    if (c == '_') {
      begins = true;
      continue;
    }
    out += begins && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return out;
}

/// For YAML, TOML and JSON alike.
std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Where the SDK is: beside the program, if it is there.
fs::path sdk_prefix(const NewOptions& options) {
  std::error_code error;
  if (!options.sdk.empty()) return fs::absolute(options.sdk, error).lexically_normal();
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path prefix = program.parent_path().parent_path();
  if (!error && fs::exists(prefix / "share/bourse/rust/Cargo.toml", error)) return prefix;
  return "/usr";
}

std::string_view template_text(const std::string& name) {
  for (const Template& one : templates()) {
    if (one.name == name) return one.text;
  }
  return {};
}

/// What stands behind the route in the request that the project's README shows.
std::string asked_of(const std::string& kind) {
  const std::string_view line = template_text("asked/" + kind);
  return std::string(line.substr(0, line.find('\n')));
}

Variables variables_of(const NewOptions& options) {
  const bool rust = options.lang == "rust";
  const std::string& name = options.name;
  std::string id = name;
  std::replace(id.begin(), id.end(), '_', '-');
  const fs::path prefix = sdk_prefix(options);
  const bool elsewhere = prefix != "/usr" && prefix != "/usr/local";
  const std::string folder = rust ? "target/release" : "build/plugins";
  const std::string file = rust ? "libplugin_" + name + ".so" : name + ".so";
  const std::string cmake = elsewhere ? " -D CMAKE_PREFIX_PATH=" + in_shell(prefix.string()) : "";
  const std::string source = rust ? "src/lib.rs" : options.lang == "c" ? "plugin.c" : "plugin.cpp";
  const std::string route = "/api/v1/" + name;

  std::string folders;
  for (const fs::path& one : default_plugin_folders())
    folders += double_quoted(one.string()) + ", ";
  folders += double_quoted(folder);
  const auto build = [&](const std::string& more) {
    return rust ? std::string("cargo build --release --offline")
                : "cmake -B build" + more + " && cmake --build build";
  };
  Variables variables = {
      {"NAME", name},
      {"ID", id},
      {"TYPE", type_of(name, options.kind)},
      {"PLUGIN", id},  // a configuration takes 64 bytes of it
      {"KIND_TEXT", words_for(kKinds, options.kind)},
      {"LANG_TEXT", words_for(kLangs, options.lang)},
      {"SOURCE_FILE", source},
      {"TEST_FILE", rust ? "src/tests.rs" : "plugin_test.cpp"},
      {"PLUGIN_FILE", folder + "/" + file},
      {"PLUGIN_FOLDERS", folders},
      {"BUILD", build(cmake)},
      {"BUILD_IN_IMAGE", build("")},
      {"TEST", rust ? "cargo test --offline" : "ctest --test-dir build --output-on-failure"},
      {"ROUTE", route},
      {"URL", "http://127.0.0.1:8080" + route + asked_of(options.kind)},
      {"RUST_CRATE", double_quoted((prefix / "share/bourse/rust").string())},
      {"TOOLS", rust ? "cargo and rustc from 1.63" : "cmake, make and a compiler for C++20"},
      {"APT", rust ? "cargo rustc" : "cmake g++ make"},
      // In the image the SDK is where the package has it.
      {"PREPARE", rust && elsewhere
                      ? "RUN sed -i 's|^bourse = .*path = \"[^\"]*\"|bourse = { path = "
                        "\"/usr/share/bourse/rust\"|' Cargo.toml\n"
                      : ""},
  };
  // An image's name takes no two underscores in a row, nor one at the end.
  std::string image = near_name(name);
  variables.emplace("IMAGE", image);
  return variables;
}

/// Every marker is a variable: one that is none is a mistake in a template, and named.
std::optional<std::string> filled(std::string_view text, const Variables& variables,
                                  std::string& mistake) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", 1);
    if (end == std::string_view::npos || text[end] != '@' || end == 1) {
      out += '@';
      text.remove_prefix(1);
      continue;
    }
    const auto variable = variables.find(text.substr(1, end - 1));
    if (variable == variables.end()) {
      mistake = std::string(text.substr(0, end + 1));
      return std::nullopt;
    }
    out += variable->second;
    text.remove_prefix(end + 1);
  }
  return out;
}

// ---- the files
// -----------------------------------------------------------------------------------

struct Written {
  std::string from, to;
};

std::vector<Written> files_of(const NewOptions& options) {
  const std::string& kind = options.kind;
  std::vector<Written> files;
  if (options.lang == "rust") {
    files = {{"rust/" + kind + ".rs", "src/lib.rs"},
             {"rust/" + kind + "_tests.rs", "src/tests.rs"},
             {"rust/Cargo.toml", "Cargo.toml"}};
  } else {
    const std::string source = "." + options.lang;
    files = {{options.lang + "/" + kind + source, "plugin" + source},
             {"test/" + kind + ".cpp", "plugin_test.cpp"},
             {options.lang + "/CMakeLists.txt", "CMakeLists.txt"}};
  }
  files.insert(files.end(), {{"config/" + kind + ".yaml", "bourse.yaml"},
                             {"common/README.md", "README.md"},
                             {"common/Dockerfile", "Dockerfile"},
                             {"common/ci.yml", ".github/workflows/ci.yml"},
                             {"common/gitignore", ".gitignore"},
                             {"common/dockerignore", ".dockerignore"}});
  return files;
}

int project_failed(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  return kFailed;
}

/// Empty when nothing is in the way.
std::string in_the_way(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (error) return in_quotes(folder.string()) + ": " + error.message();
  if (!fs::is_directory(status)) {
    return in_quotes(folder.string()) + " is there already, and no folder; say another by --into";
  }
  const bool empty = fs::is_empty(folder, error);
  if (error) return in_quotes(folder.string()) + ": " + error.message();
  return empty ? ""
               : in_quotes(folder.string()) +
                     " is there already, and not empty: nothing is written over. Say another "
                     "folder by --into, or another name";
}

std::string write_project_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return in_quotes(path.parent_path().string()) + ": " + error.message();
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? "" : in_quotes(path.string()) + " could not be written";
}

void say_what_is_next(const NewOptions& options, const Variables& variables,
                      const fs::path& folder) {
  const auto value = [&](const char* name) { return variables.find(name)->second; };
  print(value("KIND_TEXT") + " in " + value("LANG_TEXT") + ": " + folder.string() + "/" +
        value("SOURCE_FILE"));
  print("");
  print("  cd " + in_shell(folder.string()));
  print("  " + value("BUILD"));
  print("  " + value("TEST"));
  print("  bourse serve bourse.yaml");
  print("  curl '" + value("URL") + "'");
  std::error_code ignored;
  const fs::path sdk = sdk_prefix(options);
  const bool there = options.lang == "rust"
                         ? fs::exists(sdk / "share/bourse/rust/Cargo.toml", ignored)
                         : fs::exists(sdk / "include/bourse/bourse.h", ignored);
  if (!there) {
    std::fprintf(
        stderr,
        "warning: the SDK is not in %s: install the package bourse-dev, or say where it is "
        "by --sdk\n",
        sdk.c_str());
  }
}

}  // namespace

std::string kind_mistake(const std::string& kind) { return mistake_in(kKinds, kind, "kind"); }
std::string lang_mistake(const std::string& lang) { return mistake_in(kLangs, lang, "language"); }

std::string name_mistake(const std::string& name) {
  std::string what;
  if (name.empty()) {
    what = "is empty";
  } else if (!is_lower(name.front())) {
    what = "does not begin with a letter from a to z";
  } else if (name.size() > kNameMax) {
    what = "has " + std::to_string(name.size()) + " bytes, more than " + std::to_string(kNameMax);
  } else if (!std::all_of(name.begin(), name.end(),
                          [](char c) { return is_lower(c) || is_digit(c) || c == '_'; })) {
    what = "has other characters than a to z, 0 to 9 and _";
  } else {
    return {};
  }
  const std::string near = near_name(name);
  return "the name " + in_quotes(name) + " " + what +
         "; it becomes an id, a file and part of a path" +
         (near.empty() || near == name ? ": take a name such as trend" : ": " + near + " would do");
}

int make_project(const NewOptions& options) {
  const fs::path folder = options.into.empty() ? fs::path(options.name) : options.into;
  if (const std::string what = in_the_way(folder); !what.empty()) return project_failed(what);
  const Variables variables = variables_of(options);
  for (const auto& [from, to] : files_of(options)) {
    std::string mistake;
    const auto text = filled(template_text(from), variables, mistake);
    if (!text || text->empty()) return project_failed("the template " + from + ": " + mistake);
    if (const std::string what = write_project_file(folder / to, *text); !what.empty())
      return project_failed(what);
  }
  say_what_is_next(options, variables, folder);
  return kDone;
}

}  // namespace bourse::host
