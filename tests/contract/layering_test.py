# SPDX-License-Identifier: MIT
"""Who may include whom, read from the sources.

    sdk      -> the C and C++ standard libraries, "bourse/..."; for unit tests of plugins dlfcn.h
    plugins  -> "bourse/...", their own folder, third-party libraries; serializers also
                "plugins/serializers/charting/..."
    host     -> "bourse/..." without market.h, "host/..." of lower floors, third-party libraries

The floors of the host, each of which may include those below it and nothing beside it:

    cli > service > api, live, validate > routing, answers > calls > plugins, config > parameters, http, report, observe > base

Third-party headers stay in .cpp files, and the host knows no word about markets. The C headers of the contract
include nothing but each other, and the C++ ones open the namespace of this version and no other.
"""
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACT_LINES_MAX = 300

CPP = set("""algorithm any array atomic barrier bit bitset charconv chrono codecvt compare complex
    concepts condition_variable coroutine deque exception execution filesystem format forward_list
    fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch
    limits list locale map memory memory_resource mutex new numbers numeric optional ostream queue
    random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span
    sstream stack stdexcept stop_token streambuf string string_view strstream syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version cassert ccomplex cctype cerrno cfenv cfloat cinttypes ciso646
    climits clocale cmath csetjmp csignal cstdalign cstdarg cstdbool cstddef cstdint cstdio cstdlib
    cstring ctgmath ctime cuchar cwchar cwctype""".split())
C = set("""assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads
    time uchar wchar wctype""".split())
SYSTEM = set("""aio cpio dirent dlfcn elf endian execinfo fcntl fmtmsg fnmatch ftw getopt glob grp
    iconv ifaddrs langinfo libgen link malloc monetary mqueue ndbm netdb nl_types poll pthread pwd
    regex resolv sched search semaphore spawn strings stropts syslog tar termios trace ucontext
    ulimit unistd utime utmpx wordexp byteswap features""".split())
SYSTEM_FOLDERS = {"sys", "net", "netinet", "arpa", "linux", "asm", "bits"}

C_OF_THE_CONTRACT = {"bourse.h": ("stddef.h", "stdint.h")}

FLOORS = (("base",), ("parameters", "http", "report", "observe"), ("plugins", "config"), ("calls",),
          ("routing", "answers"), ("api", "live", "validate"), ("service",), ("cli",))
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

INCLUDE = re.compile(r'^\s*#\s*include\b\s*(.*)$')
TARGET = re.compile(r'<([^>]+)>|"([^"]+)"')
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
MARKET_WORDS = {"symbol", "symbols", "candle", "candles", "ticker", "tickers", "binance"}
IN_THE_CONTRACT = re.compile(r"\bBOURSE_CHART_CANDLE\b")  # a kind of chart: hosts check and name it


def is_standard(header):
    return header in CPP or (header.endswith(".h") and header[:-2] in C)


def is_system(header):
    folder, _, _ = header.partition("/")
    return folder in SYSTEM_FOLDERS if "/" in header else (
        header.endswith(".h") and header[:-2] in SYSTEM)


def sources(root, layer):
    for suffix in (".h", ".hpp", ".c", ".cpp"):
        yield from sorted((root / layer).rglob("*" + suffix))


def includes(file):
    """(line, kind, header); kind is '<', '"' or '?' for what is not written out."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        directive = INCLUDE.match(line)
        if directive:
            target = TARGET.match(directive.group(1))
            if not target:
                yield number, "?", directive.group(1)
            elif target.group(1):
                yield number, "<", target.group(1)
            else:
                yield number, '"', target.group(2)


def within(header, folder):
    return header.startswith(folder + "/") and ".." not in header.split("/")


def sdk_rule(path, kind, header):
    if path.suffix == ".h" and header not in C_OF_THE_CONTRACT.get(path.name, ("bourse/bourse.h",)):
        return ("a C header of the contract stands on bourse.h alone, and that on stddef.h and stdint.h: "
                "move what you need into the C++ headers")
    if kind == "<":
        if not is_standard(header) and (path.name, header) != ("testing.hpp", "dlfcn.h"):  # a unit test loads plugins
            return "plugin authors get the sdk without any library: use the standard library"
    elif not within(header, "bourse"):
        return 'the sdk includes "bourse/..." only: move what you need into sdk/include/bourse'
    return None


def angle_rule(path, header):
    if is_standard(header) or is_system(header) or path.suffix in (".c", ".cpp"):
        return None
    return ("a third-party header in a header spreads to everyone who includes it: include it in "
            "the .cpp and hide its types behind a forward declaration")


def plugin_rule(path, kind, header):
    if kind == "<":
        return angle_rule(path, header)
    if len(path.parts) < 4:
        return "a plugin has a folder of its own: move this file to plugins/<kind>/<plugin>/"
    if within(header, "bourse") or within(header, "/".join(path.parts[:3])):
        return None
    if within(header, {"serializers": "plugins/serializers/charting", "sources": "plugins/sources/candle_files"}.get(path.parts[1], "plugins/-")):
        return None  # what several plugins of a kind share
    if header.startswith("host/"):
        return "plugins see the host through bourse.h only: call it by bourse_host"
    if header.startswith("plugins/"):
        return "plugins do not know each other: ask for the data by bourse_host.query, or copy it"
    return ("project files are included from the root, \"plugins/<kind>/<plugin>/...\"; libraries "
            "with <...>")


def floor_rule(path, header):
    room, other = path.parts[1], header.split("/")[1]
    if path.name == "main.cpp" and len(path.parts) == 2:
        return None
    for name in (room, other):
        if name not in FLOOR:
            return f"host/{name} has no floor: give it one in FLOORS of this test"
    if room == other or FLOOR[other] < FLOOR[room]:
        return None
    return (f"host/{room} stands on floor {FLOOR[room]} and host/{other} on floor {FLOOR[other]}: "
            "includes go down only; move what both need further down, or hand it in from above")


def host_rule(path, kind, header):
    if kind == "<":
        if header.split("/")[0] in ("bourse", "host", "plugins"):
            return 'include files of this project with "..."'
        return angle_rule(path, header)
    if header == "bourse/market.h":
        return "the host is not about markets: only plugins read market.h"
    if within(header, "bourse"):
        return None
    if within(header, "host"):
        return floor_rule(path, header)
    if header.startswith("plugins/"):
        return "the host loads plugins, it never includes them: go through bourse.h"
    return 'project files are included from the root, "host/..."; libraries with <...>'


RULES = {"sdk": sdk_rule, "plugins": plugin_rule, "host": host_rule}


def words(line):
    return {word.lower() for word in WORD.findall(IN_THE_CONTRACT.sub("", line))}


def market_words(root):
    for file in sources(root, "host"):
        path = file.relative_to(root)
        allowed = {"symbol", "symbols"} if path.parts[:2] in (("host", "plugins"), ("host", "validate")) else set()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for word in sorted(words(line)):
                if (word in MARKET_WORDS or word.startswith("btc")) and word not in allowed:
                    yield (f'{path}:{number}: the word "{word}": the host serves any reports, not '
                           "only markets: say it in general terms, or move it into a plugin")


def version_of(root):
    """"0_1" of project(bourse VERSION 0.1.0 ...)."""
    build = root / "CMakeLists.txt"
    text = build.read_text(encoding="utf-8") if build.exists() else "project(bourse VERSION 0.1.0"
    major, minor = re.search(r"\bproject\(bourse VERSION (\d+)\.(\d+)", text).groups()
    return f"{major}_{minor}"


def namespaces(root):
    """Two SDKs may meet in one plugin: what is outside the namespace of its version would be merged by the linker."""
    wanted = f"bourse::inline sdk_{version_of(root)}"
    for file in sources(root, "sdk/include"):
        if file.suffix != ".hpp":
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            opened = re.match(r"(?:inline\s+)?namespace\s+(bourse\b[\w:\s]*?)\s*\{", line)
            if opened and not re.fullmatch(re.escape(wanted) + r"(::\w+)*", opened.group(1)):
                yield (f"{file.relative_to(root)}:{number}: opens namespace {opened.group(1)}: write "
                       f"namespace {wanted}, so that two SDKs in one plugin stay apart")


def violations(root):
    """Sentences "file:line: what: why and what to do"; empty for a sound tree."""
    found = []
    for layer, rule in RULES.items():
        for file in sources(root, layer):
            path = file.relative_to(root)
            for number, kind, header in includes(file):
                problem = rule(path, kind, header) if kind != "?" else "write the file's name out"
                if problem:
                    found.append(f"{path}:{number}: includes {header}: {problem}")
    return found + list(market_words(root)) + list(namespaces(root))


class Layering(unittest.TestCase):
    def test_every_include_and_word_keeps_to_its_layer(self):
        self.assertTrue(list(sources(ROOT, "sdk")) and list(sources(ROOT, "host")), ROOT)
        found = violations(ROOT)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_the_contract_stays_readable_in_one_sitting(self):
        contract = ROOT / "sdk/include/bourse/bourse.h"
        lines = len(contract.read_text(encoding="utf-8").splitlines())
        self.assertLessEqual(lines, CONTRACT_LINES_MAX, "move what not every plugin needs into an "
                        "extension or into the C++ headers")

    def test_every_sdk_header_is_installed(self):
        listed = (ROOT / "sdk/CMakeLists.txt").read_text(encoding="utf-8").split()
        for file in sources(ROOT, "sdk/include"):
            name = str(file.relative_to(ROOT / "sdk"))
            self.assertIn(name, [word.rstrip(")") for word in listed],
                          "list it in the FILE_SET of sdk/CMakeLists.txt")


class TheCheckItself(unittest.TestCase):
    """Feeds it trees with one fault each, and sound ones."""

    def check(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text + "\n", encoding="utf-8")
            return violations(root)

    def assert_seen(self, path, text, *parts):
        found = self.check(path, text)
        self.assertEqual(1, len(found), f"{path}: {text}: {found}")
        for part in (path + ":1: ",) + parts:
            self.assertIn(part, found[0])

    def assert_sound(self, path, text):
        self.assertEqual([], self.check(path, text))

    def test_the_sdk_stands_alone(self):
        header = "sdk/include/bourse/a.hpp"
        self.assert_seen(header, '#include "host/base/result.hpp"', '"bourse/..." only', "move")
        self.assert_seen(header, '#include "plugins/sources/x/x.hpp"', '"bourse/..." only')
        self.assert_seen(header, '#include "bourse/../../secret.hpp"', '"bourse/..." only')
        self.assert_seen(header, "#include <nlohmann/json.hpp>", "use the standard library")
        self.assert_seen(header, "#include <unistd.h>", "use the standard library")
        self.assert_sound(header, '#include <vector>\n#include <stddef.h>\n'
                                  '#include "bourse/bourse.h"')

    def test_plugins_know_neither_the_host_nor_each_other(self):
        file = "plugins/analyses/mine/a.cpp"
        self.assert_seen(file, '#include "host/base/result.hpp"', "call it by bourse_host")
        self.assert_seen(file, '#include "plugins/analyses/other/a.hpp"', "do not know each other")
        self.assert_seen(file, '#include "plugins/sources/mine/a.hpp"', "do not know each other")
        self.assert_seen(file, '#include "plugins/analyses/mine/../other/a.hpp"', "each other")
        self.assert_seen(file, '#include "plugins/serializers/charting/a.hpp"', "each other")
        self.assert_seen(file, '#include "a.hpp"', "from the root")
        self.assert_seen(file, '  #  include "../other/a.hpp"', "from the root")
        self.assert_seen("plugins/analyses/a.cpp", '#include "bourse/bourse.h"', "of its own")
        self.assert_sound(file, '#include "plugins/analyses/mine/a.hpp"\n'
                                '#include "bourse/market.h"\n#include <curl/curl.h>')

    def test_the_c_headers_of_the_contract_stand_alone(self):
        for header in ("<stdbool.h>", "<string.h>", '"bourse/market.h"', '"bourse/ext/probe.h"'):
            self.assert_seen("sdk/include/bourse/ext/a.h", "#include " + header, "stands on bourse.h alone")
        self.assert_seen("sdk/include/bourse/bourse.h", "#include <stdbool.h>", "stands on bourse.h alone")
        self.assert_sound("sdk/include/bourse/ext/a.h", '#include "bourse/bourse.h"')
        self.assert_sound("sdk/include/bourse/bourse.h", "#include <stddef.h>\n#include <stdint.h>")

    def test_the_sdk_opens_the_namespace_of_its_version(self):
        file = "sdk/include/bourse/a.hpp"
        for text in ("namespace bourse {", "namespace bourse { class Call; }", "namespace bourse::detail {",
                     "namespace bourse::inline sdk_0_2 {", "namespace bourse::sdk_0_1 {"):
            self.assert_seen(file, text, "write namespace bourse::inline sdk_0_1")
        for text in ("namespace bourse::inline sdk_0_1 {", "namespace bourse::inline sdk_0_1::detail {",
                     "namespace detail {", "}  // namespace bourse::inline sdk_0_1"):
            self.assert_sound(file, text)

    def test_serializers_share_charting_and_nothing_else(self):
        file = "plugins/serializers/html/a.cpp"
        self.assert_sound(file, '#include "plugins/serializers/charting/axis.hpp"')
        self.assert_sound("plugins/serializers/charting/axis.cpp",
                          '#include "plugins/serializers/charting/axis.hpp"')
        self.assert_seen(file, '#include "plugins/serializers/svg/a.hpp"', "each other")

    def test_the_host_knows_no_plugin_and_no_market(self):
        file = "host/http/a.cpp"
        self.assert_seen(file, '#include "plugins/sources/x/x.hpp"', "go through bourse.h")
        self.assert_seen(file, '#include "bourse/market.h"', "only plugins read market.h")
        self.assert_seen(file, "#include <bourse/bourse.h>", '"..."')
        self.assert_seen(file, '#include "a.hpp"', 'root, "host/..."')
        self.assert_sound(file, '#include "host/http/a.hpp"\n#include "bourse/bourse.h"\n'
                                "#include <pistache/http.h>\n#include <sys/socket.h>")

    def test_includes_in_the_host_go_down_only(self):
        self.assert_seen("host/calls/a.cpp", '#include "host/routing/plan.hpp"', "go down only")
        self.assert_seen("host/config/a.hpp", '#include "host/plugins/load.hpp"', "go down only")
        self.assert_seen("host/base/a.hpp", '#include "host/report/report.hpp"', "go down only")
        self.assert_seen("host/answers/a.hpp", '#include "host/routing/plan.hpp"', "go down only")
        self.assert_seen("host/calls/a.hpp", '#include "host/answers/shelf.hpp"', "go down only")
        self.assert_sound("host/answers/a.hpp", '#include "host/calls/call.hpp"')
        self.assert_seen("host/attic/a.hpp", '#include "host/base/a.hpp"', "host/attic has no")
        self.assert_sound("host/calls/a.cpp", '#include "host/calls/b.hpp"\n'
                                              '#include "host/plugins/load.hpp"')
        self.assert_sound("host/main.cpp", '#include "host/cli/command_line.hpp"')

    def test_third_party_headers_stay_in_cpp_files(self):
        for path in ("host/http/a.hpp", "host/http/a.h", "plugins/sources/x/a.hpp"):
            self.assert_seen(path, "#include <curl/curl.h>", "include it in the .cpp")
            self.assert_seen(path, "#include <yaml.h>", "include it in the .cpp")
            self.assert_sound(path, "#include <vector>\n#include <sys/types.h>\n#include <poll.h>")

    def test_an_include_that_is_not_written_out_is_seen(self):
        self.assert_seen("host/base/a.cpp", "#include SOME_MACRO", "write the file's name out")

    def test_the_host_has_no_word_about_markets(self):
        file = "host/http/a.hpp"
        for text, word in (("// one symbol", "symbol"), ("int kSymbolsMax;", "symbols"),
                           ("int symbol_count;", "symbol"), ("struct Candle;", "candle"),
                           ("// the 24h TICKER", "ticker"), ('"BTCUSDT"', "btcusdt"),
                           ("binance_url", "binance"), ("BinanceSource", "binance")):
            self.assert_seen(file, text, f'"{word}"', "move it into a plugin")
        for text in ("// a symbolic link", "case BOURSE_CHART_CANDLE:", "stickers", "subtle"):
            self.assert_sound(file, text)

    def test_elf_symbols_may_be_spoken_of_where_plugins_are_loaded(self):
        self.assert_sound("host/plugins/loader.cpp", "// the one symbol; void* symbols;")
        self.assert_seen("host/plugins/loader.cpp", "// a candle", '"candle"')


if __name__ == "__main__":
    unittest.main()
