// SPDX-License-Identifier: MIT
//
// Unix sockets, sockets that were passed, several listeners at once, and how each of them ends.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/http/listening_socket.hpp"
#include "host/http/server.hpp"
#include "tests/host/http/fixture.hpp"
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

class ListeningTest : public ServerTest {
 protected:
  ~ListeningTest() override { server.reset(); }

  [[nodiscard]] std::string unix_text() const { return "unix:" + path.string(); }
  std::string why_not(const std::string& address) {
    const auto made = ListeningSocket::open(at(address));
    return made.ok() ? "it listens" : made.failure().message;
  }
  [[nodiscard]] mode_t mode() const {
    struct stat file {};
    EXPECT_EQ(::lstat(path.c_str(), &file), 0);
    return file.st_mode & 07777u;
  }
  /// As a parent would make it; keeps it open as the parent does.
  int pass(PassedSockets& passed, const std::string& name) {
    auto made = ListeningSocket::open(at("127.0.0.1:0"));
    EXPECT_TRUE(made.ok());
    passed_port = made->port();
    kept.push_back(Descriptor(::fcntl(made->descriptor(), F_DUPFD_CLOEXEC, 0)));
    passed.add(name, Descriptor(::fcntl(made->descriptor(), F_DUPFD_CLOEXEC, 0)));
    return kept.back().number();
  }
  void start_with(PassedSockets& passed) {
    auto started = Server::start(options, handler, passed);
    ASSERT_TRUE(started.ok()) << started.failure().message;
    server = *std::move(started);
  }
  /// The port of the passed socket has a connection that nobody has accepted.
  bool waits_in_the_queue() {
    pollfd queue{kept.back().number(), POLLIN, 0};
    return ::poll(&queue, 1, 20'000) == 1;
  }

  TempFolder temporary;
  const std::filesystem::path folder = temporary.path();
  const std::filesystem::path path = folder / "b.sock";
  std::vector<Descriptor> kept;
  std::uint16_t passed_port = 0;
};

// ---- unix sockets ----

TEST_F(ListeningTest, AnswersOnAUnixSocketAndRemovesItAtTheEnd) {
  options.listen = {at(unix_text())};
  start();
  EXPECT_EQ(server->port(), 0);
  EXPECT_EQ(server->where(), std::vector{unix_text()});
  Client client(path.string());
  for (const char* const target : {"/one", "/two"}) {  // keep-alive
    client.get(target);
    EXPECT_EQ(client.read().value().status, 200);
  }
  client.get("/held");
  auto held = handler.take_held();
  EXPECT_EQ(held.request.peer.text(), "unix");
  held.responder.send({.body = body_of(std::string(10'000'000, 'x'))});  // far beyond its buffers
  EXPECT_EQ(client.read().value().body.size(), 10'000'000u);
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path)));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ListeningTest, AUnixClientThatLeavesIsGone) {
  options.listen = {at(unix_text())};
  start();
  Client client(path.string());
  client.get("/held");
  auto held = handler.take_held();
  client.leave();
  EXPECT_TRUE(eventually([&] { return held.responder.gone(); }));
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 0; }));
}

TEST_F(ListeningTest, AUnixClientThatOnlyStopsSendingGetsItsAnswer) {
  options.listen = {at(unix_text())};
  start();
  Client client(path.string());
  client.get("/held");
  auto held = handler.take_held();
  client.stop_sending();
  ASSERT_TRUE(eventually([&] { return held.responder.gone(); }));  // it looks like one that left
  held.responder.send({.body = body_of("all the same")});
  EXPECT_EQ(client.read().value().body, "all the same");
}

TEST_F(ListeningTest, TheFileHasItsModeWhateverTheUmask) {
  for (const auto& [umask, mode_wanted] : {std::pair<mode_t, mode_t>{0077, 0666}, {0, 0600}}) {
    ListenAddress address = at(unix_text());
    address.file.mode = mode_wanted;
    const mode_t before = ::umask(umask);
    const auto made = ListeningSocket::open(address);
    ::umask(before);
    ASSERT_TRUE(made.ok()) << made.failure().message;
    EXPECT_EQ(mode(), mode_wanted);
  }
  const auto made = ListeningSocket::open(at(unix_text()));
  EXPECT_EQ(mode(), 0660u);
}

TEST_F(ListeningTest, TheFileHasItsOwner) {
  ListenAddress address = at(unix_text());
  address.file.owner = std::to_string(::getuid());
  address.file.group = std::to_string(::getgid());
  EXPECT_TRUE(ListeningSocket::open(address).ok());
  address.file.group = "no-such-group";
  EXPECT_NE(ListeningSocket::open(address).failure().message.find("no group \"no-such-group\""),
            std::string::npos);
  address.file.owner = "no-such-user";
  EXPECT_NE(ListeningSocket::open(address).failure().message.find("no user \"no-such-user\""),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path)))
      << "it fails before there is a file";
  if (::getuid() != 0) return;
  address.file = {.owner = "daemon", .group = "mail"};
  const auto made = ListeningSocket::open(address);
  ASSERT_TRUE(made.ok()) << made.failure().message;
  struct stat file {};
  ASSERT_EQ(::lstat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, 1u);  // base-passwd of Debian: daemon is 1, mail is 8
  EXPECT_EQ(file.st_gid, 8u);
}

TEST_F(ListeningTest, ReplacesTheFileOfADeadProcess) {
  {
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(dead.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(dead.number(), 1), 0);
  }
  ASSERT_TRUE(std::filesystem::is_socket(path));
  options.listen = {at(unix_text())};
  start();
  Client client(path.string());
  client.get("/fixed");
  EXPECT_EQ(client.read().value().status, 200);
}

TEST_F(ListeningTest, RefusesWhereSomebodyListensAndLeavesHimAlone) {
  options.listen = {at(unix_text())};
  start();
  EXPECT_NE(why_not(unix_text()).find("another process listens there already"), std::string::npos)
      << why_not(unix_text());
  Client client(path.string());
  client.get("/fixed");
  EXPECT_EQ(client.read().value().status, 200);
}

TEST_F(ListeningTest, RefusesWhatIsNoSocketAndLeavesItAlone) {
  std::ofstream(path) << "precious";
  EXPECT_NE(why_not(unix_text()).find("is no socket"), std::string::npos) << why_not(unix_text());
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "precious");

  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_NE(why_not(unix_text()).find("is no socket"), std::string::npos);
  std::filesystem::remove(path);
  // A link is no socket either, even to one that is dead: what it points to is not ours.
  std::filesystem::create_symlink(folder / "elsewhere", path);
  EXPECT_NE(why_not(unix_text()).find("is no socket"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_symlink(path));
}

TEST_F(ListeningTest, SaysThatTheFolderIsMissing) {
  const std::string why = why_not("unix:" + (folder / "no" / "b.sock").string());
  EXPECT_NE(why.find("the folder does not exist"), std::string::npos) << why;
}

TEST_F(ListeningTest, DoesNotRemoveWhatAnotherOneHasPutInItsPlace) {
  options.listen = {at(unix_text())};
  start();
  std::filesystem::remove(path);
  const auto other = ListeningSocket::open(at(unix_text()));
  ASSERT_TRUE(other.ok());
  server.reset();
  EXPECT_TRUE(std::filesystem::is_socket(path));
}

// Two servers that start at once must not both find a dead file and remove what the other made.
TEST_F(ListeningTest, WaitsForALockOnTheFolderAndNotForEver) {
  const Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(lock.number(), LOCK_EX), 0);
  EXPECT_NE(why_not(unix_text()).find("holds a lock on the folder"), std::string::npos);
  ASSERT_EQ(::flock(lock.number(), LOCK_UN), 0);
  EXPECT_EQ(why_not(unix_text()), "it listens");
  EXPECT_EQ(::flock(lock.number(), LOCK_EX | LOCK_NB), 0) << "the lock was let go";
}

// ---- several ----

TEST_F(ListeningTest, AnswersOnSeveralAtOnceWithOneCount) {
  options.listen = {at("127.0.0.1:0"), at(unix_text()), at("127.0.0.1:0")};
  options.io_threads = 2;
  start();
  const auto where = server->where();
  ASSERT_EQ(where.size(), 3u);
  EXPECT_EQ(where[0], "127.0.0.1:" + std::to_string(server->port()));
  EXPECT_EQ(where[1], unix_text());
  const auto third =
      static_cast<std::uint16_t>(std::stoi(where[2].substr(where[2].rfind(':') + 1)));
  EXPECT_NE(third, server->port());
  Client first(server->port());
  Client second(path.string());
  Client last(third);
  for (Client* const client : {&first, &second, &last}) {
    client->get("/fixed");
    EXPECT_EQ(client->read().value().status, 200);
  }
  EXPECT_EQ(server->stats().connections_open, 3u);
}

TEST_F(ListeningTest, ListensNowhereWhenOneOfThemFails) {
  std::ofstream(folder / "file") << "x";
  options.listen = {at(unix_text()), at("unix:" + (folder / "file").string())};
  const auto started = Server::start(options, handler);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.failure().message.find((folder / "file").string()), std::string::npos)
      << started.failure().message;
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path)));
}

TEST_F(ListeningTest, RefusesToListenNowhere) {
  options.listen = {};
  EXPECT_NE(Server::start(options, handler).failure().message.find("from 1 to 64"),
            std::string::npos);
}

// ---- passed ----

TEST_F(ListeningTest, AnswersOnWhatWasPassedWhateverElseHasTheSocket) {
  PassedSockets passed;
  pass(passed, "web");
  options.listen = {at("systemd:web")};
  start_with(passed);
  EXPECT_EQ(server->port(), passed_port);
  EXPECT_TRUE(passed.unwanted({}).empty()) << "claimed";
  Client client(passed_port);
  client.get("/held");
  auto held = handler.take_held();
  EXPECT_EQ(held.request.peer.text(), "127.0.0.1");
  held.responder.send({});
  EXPECT_TRUE(client.read());
}

TEST_F(ListeningTest, TakesAllSocketsOfOneNameAndTellsOfTheOthers) {
  PassedSockets passed;
  pass(passed, "web");
  const std::uint16_t first = passed_port;
  pass(passed, "other");
  pass(passed, "web");
  options.listen = {at("systemd:web")};
  EXPECT_EQ(passed.unwanted(options.listen), std::vector<std::string>{"other"});
  EXPECT_EQ(passed.unwanted({at("127.0.0.1:0")}).size(), 3u);
  start_with(passed);
  EXPECT_EQ(server->where(), (std::vector{"127.0.0.1:" + std::to_string(first),
                                          "127.0.0.1:" + std::to_string(passed_port)}));
}

TEST_F(ListeningTest, SaysWhichSocketsWerePassed) {
  PassedSockets passed;
  EXPECT_NE(passed.claim("web").failure().message.find("LISTEN_FDS is not set"), std::string::npos);
  pass(passed, "bourse.socket");
  const std::string why = passed.claim("web").failure().message;
  EXPECT_NE(why.find("but of bourse.socket"), std::string::npos) << why;
  EXPECT_NE(why.find("--fdname=web"), std::string::npos) << why;
}

TEST_F(ListeningTest, RefusesPassedDescriptorsThatDoNotListen) {
  const auto why = [](int descriptor) {
    const auto adopted = ListeningSocket::adopt(Descriptor(descriptor), "web");
    return adopted.ok() ? "it listens" : adopted.failure().message;
  };
  const std::string file = why(::open("/dev/null", O_RDONLY));
  EXPECT_NE(file.find("systemd:web"), std::string::npos) << file;
  EXPECT_NE(file.find("is no socket"), std::string::npos) << file;
  EXPECT_NE(why(::socket(AF_INET, SOCK_DGRAM, 0)).find("neither a TCP nor"), std::string::npos);
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const Descriptor other(pair[1]);
  EXPECT_NE(why(pair[0]).find("Accept= must be no"), std::string::npos) << "a connection";
}

TEST_F(ListeningTest, LeavesConnectionsToTheNextOneWhenItStops) {
  PassedSockets passed;
  pass(passed, "web");
  options.listen = {at("systemd:web")};
  start_with(passed);
  Client idle(passed_port);
  idle.get("/fixed");
  ASSERT_TRUE(idle.read());
  server->stop_accepting();
  Client late(passed_port);
  ASSERT_TRUE(late.connected()) << "the socket still listens";
  late.get("/fixed");
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(server->drain(20s));
  EXPECT_TRUE(waits_in_the_queue());
  server->stop();
  EXPECT_FALSE(late.is_readable(0ms)) << "neither answered nor refused";

  PassedSockets again;
  again.add("web", Descriptor(::fcntl(kept.back().number(), F_DUPFD_CLOEXEC, 0)));
  start_with(again);
  EXPECT_EQ(late.read().value().status, 200) << "by the next server";
}

TEST_F(ListeningTest, AnswersTheFirstRequestOfWhoHadJustConnectedWhenItStops) {
  PassedSockets passed;
  pass(passed, "web");
  options.listen = {at("systemd:web")};
  start_with(passed);
  Client fresh(passed_port);
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 1; }));
  server->stop_accepting();
  EXPECT_FALSE(server->drain(10ms)) << "its request is expected";
  fresh.get("/fixed");
  const auto answer = fresh.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(server->drain(20s));
}

TEST_F(ListeningTest, DoesNotWaitForThoseThatConnectAndSayNothing) {
  start();
  Client silent(port());
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  server->stop_accepting();
  EXPECT_TRUE(server->drain(20s));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(ListeningTest, DoesNotWaitLongForAFirstRequestThatNeverEnds) {
  start();
  Client slow(port());
  slow.send("GET /");
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 1; }));
  server->stop_accepting();
  EXPECT_TRUE(server->drain(9s)) << "the time for a head is 10 s";
}

// ---- what the threads do ----

TEST_F(ListeningTest, TellsWhichThreadsAreStuck) {
  options.io_threads = 1;
  start();
  EXPECT_EQ(server->stuck_threads(), "") << "the first call knows nothing";
  EXPECT_TRUE(eventually([&] { return server->stuck_threads().empty(); }));
  // The handler is called on the I/O thread, which cannot go on before it returns.
  const auto lock = handler.hold_up();
  Client client(port());
  client.get("/fixed");
  ASSERT_TRUE(eventually([&] { return server->stats().requests == 1; }));
  EXPECT_TRUE(eventually([&] { return server->stuck_threads() == "I/O thread 1"; }));
}

// Connections come in such numbers that there is no descriptor left: the accepting thread must
// neither end nor turn in circles.
TEST_F(ListeningTest, SurvivesAWantOfDescriptors) {
  start();
  Client before(port());
  before.get("/fixed");
  ASSERT_TRUE(before.read());
  Client waiting(port());
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 3;
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 2; }));
  const int next = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(next, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  rusage begin{};
  ::getrusage(RUSAGE_SELF, &begin);
  pollfd unanswered{next, POLLIN, 0};
  EXPECT_EQ(::poll(&unanswered, 1, 300), 0) << "nobody can accept it";
  rusage end{};
  ::getrusage(RUSAGE_SELF, &end);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const auto used_us = [](const rusage& usage) {
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
  };
  EXPECT_LT(used_us(end) - used_us(begin), 100'000) << "a third of the time, at most";
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 3; }));
  ::close(next);
}

}  // namespace
}  // namespace bourse::host::test
