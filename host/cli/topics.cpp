// SPDX-License-Identifier: MIT
#include "host/cli/topics.hpp"

#include <array>

namespace bourse::host {
namespace {

constexpr std::string_view kAddresses =
    R"(Where a server listens: `listen` and `admin` of the configuration, and --listen.

  127.0.0.1:8080, 0.0.0.0:80, [::1]:8080   TCP; port 0: the system picks one
  [::]:8080                                IPv6 and IPv4 at once
  localhost:8080                           127.0.0.1; no other name is looked up
  unix:/run/bourse/bourse.sock             a unix socket, by its absolute path
  systemd:bourse.socket                    the sockets that whoever started the server passed to it

`bourse check --bind` tries them.
)";

constexpr std::string_view kEnvironment = R"(Of the environment, and who reads it:

  BOURSE_CONFIG     the configuration, where a command names none
  NAME, NAME_FILE   ${NAME} in the configuration: the value, or what the file of that name holds;
                    ${NAME:-otherwise} where neither is set; $$ is a dollar sign
  STATE_DIRECTORY   where sources keep what they must remember
  LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES   sockets that are passed (systemd)
  NOTIFY_SOCKET, WATCHDOG_USEC             who is told how the server is (systemd)
  XDG_RUNTIME_DIR   where plugins are loaded from, if the system has no memfd_create

What came out of the environment into the configuration is in no message, log or page.
)";

constexpr std::string_view kExitCodes = R"(0  done
1  it could not be done: standard error says why (probe: standard output says what failed);
   also when standard output could not be written
2  the command line makes no sense
3  diff: something would change; task: done, and the report has findings
75 task: a limit stopped it, such as one of who delivers the data; run it again later
130, 143  task: ended by Ctrl-C, by SIGTERM
)";

constexpr std::string_view kFiles =
    R"(The configuration: FILE of the command, else $BOURSE_CONFIG, else /etc/bourse/bourse.yaml; - is
standard input. Relative paths in it start in its own folder, those of standard input in the
working folder.

Plugins: --plugins DIR, else plugins.path of the configuration, else beside the program: in
../plugins of a build tree, in ../lib/bourse/plugins and ../local/lib/bourse/plugins of an
installation.
)";

constexpr std::string_view kSignals = R"(What a server does at

  SIGTERM, SIGINT, SIGQUIT   it ends: not ready for shutdown.delay, then running requests have
                             shutdown.grace; a second one ends it at once
  SIGHUP                     it takes the configuration, plugins and files of secrets as they are
                             now, whole or not at all; the log says how it went
)";

constexpr std::string_view kUnits = R"(In the configuration:

  durations   250ms, 5s, 10m, 1h
  sizes       4096, 64KiB, 1MiB, 2GiB
)";

constexpr std::string_view kValues =
    R"(How a parameter is written, in a request, in `params:` and as an option of `run`:

  true or false    true, false, 1, 0
  whole number     -5, 100
  number           0.5, -1e-3
  decimal number   0.00000001, up to 38 digits
  time             2024-12-31, 2024-12-31T23:59:59Z, ...+02:00, milliseconds since 1970;
                   relative to now: now, -90m, -12h, -30d, -2w
  text             UTF-8 without control characters; min and max of it count bytes
  list             items between commas: A,B,C; min and max of it count items
)";

constexpr std::array kTopics{Topic{"addresses", kAddresses},  Topic{"environment", kEnvironment},
                             Topic{"exit-codes", kExitCodes}, Topic{"files", kFiles},
                             Topic{"signals", kSignals},      Topic{"units", kUnits},
                             Topic{"values", kValues}};

}  // namespace

std::span<const Topic> topics() noexcept { return kTopics; }

}  // namespace bourse::host
