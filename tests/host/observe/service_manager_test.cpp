// SPDX-License-Identifier: MIT
//
// Against a manager made of a bare socket; the messages are those of sd_notify(3).
#include "host/observe/service_manager.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

class Manager {
 public:
  /// "/path" or "@name".
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() { ::close(socket_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// The next message; empty when none comes in time.
  std::string hear(std::chrono::milliseconds wait = 20s) {
    pollfd poll{socket_, POLLIN, 0};
    if (::poll(&poll, 1, static_cast<int>(wait.count())) != 1) return {};
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
  }

 private:
  int socket_;
};

class ServiceManagerTest : public ::testing::Test {
 protected:
  ServiceManagerTest() {
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      ::unsetenv(name);
    }
  }

  TempFolder temporary;
  const std::filesystem::path folder = temporary.path();
  const std::string path = (folder / "notify").string();
};

TEST_F(ServiceManagerTest, TellsByAPathAndByAnAbstractName) {
  for (const std::string& name : {path, "@bourse-test-" + std::to_string(::getpid())}) {
    Manager manager(name);
    ServiceManager told;
    told.ready("3 routes on 127.0.0.1:8080");
    EXPECT_EQ(manager.hear(), "READY=1\nSTATUS=3 routes on 127.0.0.1:8080") << name;
  }
}

TEST_F(ServiceManagerTest, TellsOfAReloadWithTheTimeInOneMessage) {
  Manager manager(path);
  ServiceManager told;
  timespec before{};
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  told.reloading();
  const std::string message = manager.hear();
  const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_EQ(message.substr(0, begin.size()), begin);
  const long long us = std::atoll(message.c_str() + begin.size());
  const long long before_us = before.tv_sec * 1'000'000LL + before.tv_nsec / 1000;
  EXPECT_GE(us, before_us);
  EXPECT_LT(us, before_us + 60'000'000);
  told.stopping(12s);
  EXPECT_EQ(manager.hear(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=12000000\nSTATUS=stopping");
}

TEST_F(ServiceManagerTest, AStatusIsOneLine) {
  Manager manager(path);
  ServiceManager told;
  told.ready("a\nMAINPID=1\r\n");
  EXPECT_EQ(manager.hear(), "READY=1\nSTATUS=a MAINPID=1  ");
}

TEST_F(ServiceManagerTest, TakesItsVariablesAway) {
  Manager manager(path);
  ::setenv("WATCHDOG_USEC", "5000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const ServiceManager told;
  EXPECT_EQ(told.patience(), 5s);
  for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
}

TEST_F(ServiceManagerTest, AWatchdogOfAnotherProcessIsNotOurs) {
  Manager manager(path);
  ::setenv("WATCHDOG_USEC", "5000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager().patience(), std::nullopt);
  for (const char* const bad : {"", "0", "-5", "5s", "99999999999999999999"}) {
    ::setenv("WATCHDOG_USEC", bad, 1);
    EXPECT_EQ(ServiceManager().patience(), std::nullopt) << bad;
  }
}

TEST_F(ServiceManagerTest, NobodyToTellIsNoError) {
  ServiceManager().ready("all alone");
  for (const std::string& name : {std::string("/no/such/socket"), std::string("vsock:2:1"),
                                  std::string("@"), "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    ServiceManager().ready("nobody hears it");
  }
}

TEST_F(ServiceManagerTest, AManagerThatDoesNotReadHoldsNothingUpForLong) {
  Manager manager(path);
  ServiceManager told;
  const auto begin = std::chrono::steady_clock::now();
  // net.unix.max_dgram_qlen, 10 to 512, messages fit; the next one waits for its second.
  for (int i = 0; i < 600 && std::chrono::steady_clock::now() - begin < 900ms; ++i) {
    told.ready("x");
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 900ms) << "the queue was full";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_F(ServiceManagerTest, SignsOfLifeComeUntilSomethingIsStuckAndThenAgain) {
  Manager manager(path);
  ::setenv("WATCHDOG_USEC", "20000", 1);
  ServiceManager told;
  std::atomic<bool> stuck = false;
  std::atomic<int> asked = 0;
  told.watch([&] {
    ++asked;
    return std::string(stuck ? "a thread" : "");
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.hear(), "WATCHDOG=1");
  stuck = true;
  while (!manager.hear(100ms).empty()) continue;  // what was on its way
  const int before = asked;
  EXPECT_EQ(manager.hear(200ms), "");
  EXPECT_GT(asked, before) << "it looks on";
  stuck = false;
  EXPECT_EQ(manager.hear(), "WATCHDOG=1");
  told.end_watch();
  while (!manager.hear(0ms).empty()) continue;
  const int after = asked;
  EXPECT_EQ(manager.hear(100ms), "");
  EXPECT_EQ(asked, after);
}

TEST_F(ServiceManagerTest, NobodyWatchesWithoutAWatchdog) {
  Manager manager(path);
  ServiceManager told;
  told.watch([]() -> std::string {
    ADD_FAILURE() << "asked";
    return {};
  });
  EXPECT_EQ(manager.hear(50ms), "");
}

}  // namespace
}  // namespace bourse::host::test
