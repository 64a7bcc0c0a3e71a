// SPDX-License-Identifier: MIT
//
// The file as the linker made it. Nothing of it runs, but for one rule that loads it.
#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/plugins/elf.hpp"
#include "host/validate/bases.hpp"
#include "host/validate/control_words.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

constexpr const char* kTables = "file.tables";
constexpr const char* kExecutableStack = "executable_stack";

/// Nothing, and the rule is skipped, where it is no whole library.
std::optional<ElfLibrary> library_of(Subject& subject) {
  auto library = ElfLibrary::parse(subject.bytes());
  if (library) return *std::move(library);
  subject.findings().skip("it is no library that can be loaded (file.tables says why)");
  return std::nullopt;
}

void check_tables(Subject& subject, const Findings& findings) {
  const auto library = ElfLibrary::parse(subject.bytes());
  // That one has a rule of its own.
  if (!library && library.failure().code != kExecutableStack) {
    findings.fail("", library.failure().message + " [" + library.failure().code + "]");
  }
}

void check_stack(Subject& subject, const Findings& findings) {
  const auto library = ElfLibrary::parse(subject.bytes());
  if (!library && library.failure().code == kExecutableStack) {
    findings.fail("PT_GNU_STACK", library.failure().message);
  }
}

void check_segments_written(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  for (const Elf64_Phdr& segment : library->segments()) {
    constexpr Elf64_Word kBoth = PF_W | PF_X;
    if (segment.p_type != PT_LOAD || (segment.p_flags & kBoth) != kBoth) continue;
    findings.fail("segment at file offset " + std::to_string(segment.p_offset),
                  "it can be written and run at once");
  }
}

bool is_visible(const DynamicSymbol& symbol) {
  return symbol.is_defined &&
         (symbol.visibility == STV_DEFAULT || symbol.visibility == STV_PROTECTED) &&
         (symbol.binding == STB_GLOBAL || symbol.binding == STB_WEAK);
}

// Names of later majors may stand beside the first one.
bool is_entry(const std::string& name) {
  constexpr std::string_view kEntry = "bourse_plugin_v";
  return name.starts_with(kEntry) && name.size() > kEntry.size() &&
         name.find_first_not_of("0123456789", kEntry.size()) == std::string::npos;
}

void check_one_name(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  constexpr std::size_t kShown = 5;
  std::vector<std::string> others;
  for (const DynamicSymbol& symbol : library->dynamic().symbols) {
    if (is_visible(symbol) && !is_entry(symbol.name)) others.push_back(symbol.name);
  }
  if (others.empty()) return;
  std::string shown;
  for (std::size_t i = 0; i < std::min(others.size(), kShown); ++i) {
    shown += (i == 0 ? "" : ", ") + others[i];
  }
  if (others.size() > kShown) shown += ", and " + std::to_string(others.size() - kShown) + " more";
  findings.fail(shown, std::to_string(others.size()) +
                           " name(s) besides bourse_plugin_v1 can be seen from outside");
}

void check_search_path(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  for (const std::string& path : library->dynamic().search_paths) {
    findings.fail("RPATH or RUNPATH " + path,
                  "libraries are looked for where this machine has them, or where somebody else "
                  "may put one");
  }
}

void check_needed(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  for (const std::string& name : library->dynamic().needed) {
    if (name.find('/') != std::string::npos) {
      findings.fail("NEEDED " + name, "a library is named by a path of the machine that built it");
    }
  }
}

void check_text_relocations(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  const DynamicTables& tables = library->dynamic();
  if (tables.find(DT_TEXTREL) || (tables.find(DT_FLAGS).value_or(0) & DF_TEXTREL) != 0) {
    findings.fail("DT_TEXTREL", "its code is changed when it is loaded");
  }
}

void check_static_tls(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  if ((library->dynamic().find(DT_FLAGS).value_or(0) & DF_STATIC_TLS) != 0) {
    findings.warn("DF_STATIC_TLS",
                  "its thread-local variables take room that a process has little of and gives "
                  "once: with several such plugins one cannot be loaded");
  }
}

void check_stays_loaded(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  const DynamicTables& tables = library->dynamic();
  if ((tables.find(DT_FLAGS_1).value_or(0) & DF_1_NODELETE) != 0) {
    findings.warn("DF_1_NODELETE", "it asks never to be unloaded, so each reload keeps a copy",
                  "link it without -z nodelete");
  }
  const auto unique =
      std::find_if(tables.symbols.begin(), tables.symbols.end(), [](const DynamicSymbol& symbol) {
        return symbol.is_defined && symbol.binding == STB_GNU_UNIQUE;
      });
  if (unique != tables.symbols.end()) {
    findings.warn(unique->name,
                  "it is unique in the process (STB_GNU_UNIQUE): the library is never unloaded, "
                  "and shares the variable with other plugins");
  }
}

// ---- what it needs of the system ----------------------------------------------------------------

/// "GLIBC_2.34" is of the family GLIBC and has the numbers 2, 34.
struct Version {
  std::string family;
  std::vector<unsigned int> numbers;
};

std::optional<Version> read_version(std::string_view text) {
  const auto underscore = text.rfind('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  Version version{.family = std::string(text.substr(0, underscore)), .numbers = {}};
  for (auto rest = text.substr(underscore + 1); !rest.empty();) {
    unsigned int number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{}) return std::nullopt;  // GLIBC_PRIVATE
    version.numbers.push_back(number);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (!rest.empty() && rest.front() != '.') return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
  }
  return version.numbers.empty() ? std::nullopt : std::optional(version);
}

std::string name_of(const DynamicTables& tables, std::uint16_t version) {
  for (const DynamicSymbol& symbol : tables.symbols) {
    if (!symbol.is_defined && symbol.version == version) return symbol.name;
  }
  return "a symbol";
}

void check_base(Subject& subject, const Findings& findings) {
  const auto library = library_of(subject);
  if (!library) return;
  const DynamicTables& tables = library->dynamic();
  std::map<std::string, std::pair<Version, const NeededVersion*>> highest;
  for (const NeededVersion& needed : tables.versions) {
    const auto version = read_version(needed.version);
    if (!version) continue;
    const auto [place, is_new] = highest.try_emplace(version->family, *version, &needed);
    if (!is_new && version->numbers > place->second.first.numbers) {
      place->second = {*version, &needed};
    }
  }
  const Base* const base = find_base(subject.request().base);
  std::string told;
  for (const auto& [family, found] : highest) {
    const auto& [version, needed] = found;
    told += (told.empty() ? "" : ", ") + needed->version;
    const auto limit = base == nullptr ? std::nullopt : base->version_of(family);
    const auto most = limit ? read_version(*limit) : std::nullopt;
    if (!most || version.numbers <= most->numbers) continue;
    findings.fail(
        name_of(tables, needed->index) + " of " + needed->library,
        "needs " + needed->version + ", " + base->name + " has " + *limit,
        std::string("build it on ") + base->name + ", or do without what needs this symbol");
  }
  if (base == nullptr && !told.empty()) {
    findings.note("", "needs of its system: " + told,
                  "--base debian12 says whether that system has it");
  }
}

// ---- the floating-point state of who loads it ---------------------------------------------------

void check_fast_math(Subject& subject, const Findings& findings) {
  const ControlWords before = ControlWords::now();
  const auto opened = subject.open();
  const ControlWords after = ControlWords::now();
  before.restore();
  if (!opened) return findings.skip("it cannot be loaded (descriptions.loads says why)");
  if (after != before) findings.fail("loading it", before.difference(after));
}

constexpr std::array kRules = {
    Rule{.id = kTables,
         .asks = "It is a whole library for this machine, and every table that the loader follows "
                 "stays inside it.",
         .remedy = "build or copy it again; a linker makes no such file",
         .applies = kToFile,
         .check = check_tables},
    Rule{.id = "file.one-name",
         .asks = "It exports bourse_plugin_v1 and hides all else.",
         .remedy = "build it with bourse_add_plugin(), or with -fvisibility=hidden, "
                   "-Wl,--exclude-libs,ALL and the version script bourse_plugin.map",
         .applies = kToFile,
         .check = check_one_name},
    Rule{.id = "file.no-search-path",
         .asks = "It has no RPATH and no RUNPATH.",
         .remedy = "link it without -rpath; in CMake: set_target_properties(NAME PROPERTIES "
                   "SKIP_BUILD_RPATH ON), or chrpath -d",
         .applies = kToFile,
         .check = check_search_path},
    Rule{.id = "file.needs-by-name",
         .asks = "The libraries that it needs are named, not found by a path.",
         .remedy = "link that library by -lNAME, or give it a soname",
         .applies = kToFile,
         .check = check_needed},
    Rule{.id = "file.no-text-relocations",
         .asks = "Its code is the same wherever it is loaded.",
         .remedy = "compile all of it, and the static libraries in it, with -fPIC",
         .applies = kToFile,
         .check = check_text_relocations},
    Rule{.id = "file.no-executable-stack",
         .asks = "It does not ask for stacks that can be run.",
         .remedy = "link it with -z noexecstack; an assembler file needs a .note.GNU-stack",
         .applies = kToFile,
         .check = check_stack},
    Rule{.id = "file.no-writable-code",
         .asks = "Nothing of it can be written and run at once.",
         .remedy = "link it without -N and without a linker script that joins the two",
         .applies = kToFile,
         .check = check_segments_written},
    Rule{.id = "file.no-static-tls",
         .asks = "Its thread-local variables are allocated as needed.",
         .remedy = "compile it without -ftls-model=initial-exec",
         .applies = kToFile,
         .check = check_static_tls},
    Rule{.id = "file.can-be-unloaded",
         .asks = "Nothing in it keeps it in memory for ever.",
         .remedy = "compile it with -fno-gnu-unique, as bourse_add_plugin() does",
         .applies = kToFile,
         .check = check_stays_loaded},
    Rule{.id = "file.base",
         .asks = "It needs no newer C and C++ libraries than --base has.",
         .remedy = "build it on the oldest system that it is for",
         .applies = kToFile,
         .check = check_base},
    Rule{.id = "file.no-fast-math",
         .asks = "Loading it leaves the floating-point control of the thread as it was.",
         .remedy = "link it without -Ofast and -ffast-math (they link crtfastmath.o, which turns "
                   "denormals to 0 for everybody); -O2 at the link step is enough",
         .applies = kToPlugin,
         .check = check_fast_math,
         .after = "descriptions.loads"},
};

}  // namespace

Rules file_rules() { return kRules; }

}  // namespace bourse::host::validate
