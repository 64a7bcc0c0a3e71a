// SPDX-License-Identifier: MIT
//
// A PostgreSQL server of the test's own: Debian's, in a folder that goes with the process, on a
// socket in it and no port. A database of its own for each place.
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "tests/plugins/sources/history/store_place.hpp"

namespace bourse::history {

namespace {

/// Where Debian keeps the newest version's programs; "" when none is installed.
std::string programs() {
  std::string found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string folder = entry.path() / "bin";
    if (std::filesystem::exists(folder + "/initdb") && folder > found) found = folder;
  }
  return found;
}

class Server {
 public:
  Server() {
    bin_ = programs();
    if (bin_.empty()) {
      reason_ = "no PostgreSQL server: apt-get install postgresql";
      return;
    }
    if (::geteuid() == 0) {  // it refuses to run as root
      const passwd* const user = ::getpwnam("postgres");
      if (user == nullptr) {
        reason_ = "there is no user postgres to run a server as";
        return;
      }
      user_ = user->pw_uid;
      group_ = user->pw_gid;
      if (::chown(folder_.path().c_str(), user_, group_) != 0)
        reason_ = "cannot give a folder away";
    }
    const std::string data = folder_.path() + "/data";
    if (::waitpid(start({bin_ + "/initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8",
                         "--locale=C.UTF-8", "--no-sync"}),
                  &status_, 0) < 0 ||
        status_ != 0) {
      reason_ = "initdb failed";
      return;
    }
    server_ = start({bin_ + "/postgres", "-D", data, "-k", folder_.path(), "-c",
                     "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c",
                     "max_connections=40", "-c", "autovacuum=off"});
    for (int n = 0; n < 600 && PQping(url("postgres").c_str()) != PQPING_OK; ++n) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    owner_ = ::getpid();
  }
  ~Server() {
    if (server_ <= 0 || owner_ != ::getpid()) return;
    ::kill(server_, SIGQUIT);
    ::waitpid(server_, &status_, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] std::string url(const std::string& name) const {
    return "postgresql://tester@/" + name + "?host=" + folder_.path();
  }

 private:
  /// A program as the user that may run it, which ends when this process does.
  [[nodiscard]] pid_t start(std::vector<std::string> words) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user_ != 0 && (::setgid(group_) != 0 || ::setuid(user_) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::chdir("/") != 0) ::_exit(126);
    const int nothing = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) ::dup2(nothing, stream);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  Folder folder_;
  std::string bin_, reason_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = 0, owner_ = 0;
  int status_ = 0;
};

Server& server() {
  static Server one;
  return one;
}

}  // namespace

std::string ask_postgres(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                &PQfinish);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
  std::string out;
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    if (i > 0) out += '\n';
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (column > 0) out += '|';
      out += PQgetvalue(result.get(), i, column);
    }
  }
  return out;
}

namespace {

class PostgresPlace final : public Place {
 public:
  PostgresPlace() {
    static int count = 0;
    name_ = "history_" + std::to_string(count++);
    if (server().reason().empty()) {
      ask_postgres(server().url("postgres"), "CREATE DATABASE " + name_);
    }
  }
  [[nodiscard]] std::string reason_to_skip() const override { return server().reason(); }
  [[nodiscard]] Options options(Role role) const override {
    Options options;
    options.database = server().url(name_);
    options.role = role;
    options.name = "a test";
    return options;
  }
  std::string query(const std::string& sql) override {
    return ask_postgres(server().url(name_),
                        "SET search_path = bourse; SET timezone = 'UTC'; " + sql);
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Place> make_postgres_place() { return std::make_unique<PostgresPlace>(); }

}  // namespace bourse::history
