// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/history/postgres_way.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bourse::history {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kCommit =
    "Q\0\0\0\x0b"
    "COMMIT\0"sv;
constexpr std::string_view kCommitted =
    "C\0\0\0\x0b"
    "COMMIT\0"sv;
/// The head of BackendKeyData; the backend's number follows.
constexpr std::string_view kKeyHead = "K\0\0\0\x0c"sv;

sockaddr_un address_of(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL.5432";
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// What is there to read; "" at the end, or when nothing comes for long.
std::string read_some(int socket) {
  std::array<char, 65536> buffer{};
  pollfd one{socket, POLLIN, 0};
  if (::poll(&one, 1, 30'000) <= 0) return {};
  const ssize_t n = ::read(socket, buffer.data(), buffer.size());
  return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

PostgresWay::PostgresWay(std::string folder) : server_(std::move(folder)) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(folder_.path());
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener_, name, sizeof address) != 0 || ::listen(listener_, 16) != 0) {
    throw std::runtime_error("no socket");
  }
  thread_ = std::thread([this] { serve(); });
}

PostgresWay::~PostgresWay() {
  is_over_ = true;
  thread_.join();
  ::close(listener_);
}

void PostgresWay::serve() {
  std::vector<std::thread> all;
  while (!is_over_) {
    pollfd one{listener_, POLLIN, 0};
    if (::poll(&one, 1, 20) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (is_open) {
      all.emplace_back([this, client] { pass(client); });
    } else {
      ::close(client);
    }
  }
  for (std::thread& each : all) each.join();
}

void PostgresWay::pass(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_);
  bool goes_on =
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  while (goes_on && !is_over_) {
    std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    if (::poll(both.data(), both.size(), 20) <= 0) continue;
    if (both[0].revents != 0) {
      const std::string asked = read_some(client);
      const bool commits = asked.find(kCommit) != std::string::npos;
      const Cut now = commits ? cut.exchange(Cut::kNever) : Cut::kNever;
      if (now == Cut::kAfterAndAway) is_open = false;
      goes_on = !asked.empty() && now != Cut::kBefore && write_all(server, asked);
      if (now == Cut::kAfter || now == Cut::kAfterAndAway) {
        std::string told;
        do told = read_some(server);
        while (!told.empty() && told.find(kCommitted) == std::string::npos);
        goes_on = false;
      }
    }
    if (goes_on && both[1].revents != 0) {
      std::string told = read_some(server);
      const std::size_t key = is_pooler ? told.find(kKeyHead) : std::string::npos;
      if (key != std::string::npos) told[key + kKeyHead.size() + 3] ^= 1;
      goes_on = !told.empty() && write_all(client, told);
    }
  }
  ::close(server);
  ::close(client);
}

}  // namespace bourse::history
