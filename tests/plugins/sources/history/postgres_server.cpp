// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/history/postgres_server.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>

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

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : PostgresServer(std::move(settings), nullptr) {}

PostgresServer::PostgresServer(std::vector<std::string> settings, const PostgresServer* primary)
    : bin_(programs()), settings_(std::move(settings)), owner_(::getpid()) {
  if (bin_.empty()) {
    reason_ = "no PostgreSQL server: apt-get install postgresql";
    return;
  }
  std::string name = std::filesystem::temp_directory_path() / "bourse-postgres-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  if (!find_user()) return;
  const std::string data = folder_ + "/data";
  const bool is_made = primary == nullptr
                           ? run({bin_ + "/initdb", "-D", data, "-U", "tester", "-A", "trust", "-E",
                                  "UTF8", "--locale=C.UTF-8", "--no-sync"})
                           : run({bin_ + "/pg_basebackup", "-D", data, "-h", primary->folder(),
                                  "-U", "tester", "-R", "--checkpoint=fast", "--no-sync"});
  if (!is_made) {
    reason_ = "the folder of a PostgreSQL server cannot be made";
    return;
  }
  start();
}

PostgresServer::~PostgresServer() {
  if (owner_ != ::getpid()) return;
  stop();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer one;
  return one;
}

/// It refuses to run as root.
bool PostgresServer::find_user() {
  if (::geteuid() != 0) return true;
  const passwd* const user = ::getpwnam("postgres");
  if (user == nullptr) {
    reason_ = "there is no user postgres to run a server as";
    return false;
  }
  user_ = user->pw_uid;
  group_ = user->pw_gid;
  if (::chown(folder_.c_str(), user_, group_) != 0) reason_ = "cannot give a folder away";
  return reason_.empty();
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://tester@/" + database + "?host=" + folder_;
}

std::string PostgresServer::new_database() const {
  static int count = 0;
  const std::string name = "history_" + std::to_string(count++);
  ask_postgres(url("postgres"), "CREATE DATABASE " + name);
  return url(name);
}

void PostgresServer::start() {
  std::vector<std::string> words{bin_ + "/postgres", "-D", folder_ + "/data", "-k", folder_};
  std::vector<std::string> settings{"listen_addresses=", "fsync=off", "shared_buffers=32MB",
                                    "max_connections=40", "autovacuum=off"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (std::string& setting : settings) words.insert(words.end(), {"-c", std::move(setting)});
  server_ = spawn(std::move(words));
  for (int n = 0; n < 600 && PQping(url("postgres").c_str()) != PQPING_OK; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void PostgresServer::stop() {
  if (server_ <= 0) return;
  ::kill(server_, SIGQUIT);
  ::waitpid(server_, nullptr, 0);
  server_ = 0;
}

bool PostgresServer::run(std::vector<std::string> words) const {
  int status = 0;
  return ::waitpid(spawn(std::move(words)), &status, 0) > 0 && status == 0;
}

/// A program as the user that may run it, which ends when this process does.
pid_t PostgresServer::spawn(std::vector<std::string> words) const {
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

}  // namespace bourse::history
