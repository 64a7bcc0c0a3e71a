// SPDX-License-Identifier: MIT
//
//   live_clients PORT PATH CLIENTS SECONDS
//
// So many clients of one event stream, in one thread. Prints a line for each version that they are
// told: how many got it, and within how many ms after the first of them the median, 99 % and the
// last did. For live.py.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

int connect_to(unsigned short port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return socket;
}

/// The text between `"etag":"\"` and the next backslash; empty: none is in it.
std::string version_in(const char* bytes, std::size_t count) {
  const std::string text(bytes, count);
  const std::size_t at = text.rfind("id: \"");
  return at == std::string::npos ? "" : text.substr(at + 5, 22);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "live_clients PORT PATH CLIENTS SECONDS\n"), 2;
  const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  const std::string request =
      std::string("GET ") + argv[2] + " HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\n\r\n";
  const int clients = std::atoi(argv[3]);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const int epoll = ::epoll_create1(0);
  for (int i = 0; i < clients; ++i) {
    const int socket = connect_to(port);
    if (::send(socket, request.data(), request.size(), 0) < 0) std::perror("send");
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  }
  std::printf("%d connected\n", clients);
  std::fflush(stdout);

  std::map<std::string, std::vector<Clock::time_point>> told;
  std::vector<std::string> order;
  std::vector<epoll_event> ready(1024);
  std::array<char, 16384> buffer{};
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(argv[4]));
  int closed = 0;
  while (Clock::now() < end) {
    const int count = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      const ssize_t bytes = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (bytes <= 0) {
        if (bytes < 0 && errno == EAGAIN) continue;
        ::close(socket);
        ++closed;
        continue;
      }
      const std::string version = version_in(buffer.data(), static_cast<std::size_t>(bytes));
      if (version.empty()) continue;
      auto& times = told[version];
      if (times.empty()) order.push_back(version);
      times.push_back(Clock::now());
    }
  }
  for (const std::string& version : order) {
    const auto& times = told[version];
    const auto ms = [&](std::size_t i) {
      return std::chrono::duration<double, std::milli>(times[i] - times[0]).count();
    };
    std::printf("%s %zu %.1f %.1f %.1f\n", version.c_str(), times.size(), ms(times.size() / 2),
                ms(times.size() * 99 / 100), ms(times.size() - 1));
  }
  std::printf("%d closed\n", closed);
  return 0;
}
