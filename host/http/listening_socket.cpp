// SPDX-License-Identifier: MIT
#include "host/http/listening_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace bourse::host {

namespace {

constexpr int kBacklog = 1024;  // the kernel lowers it to net.core.somaxconn
constexpr auto kFolderLock = std::chrono::seconds(1);
constexpr std::size_t kAccountBytes = std::size_t{64} * 1024;

Failure cannot_listen(const ListenAddress& address, const std::string& why) {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "cannot_listen",
          .message = "cannot listen on " + address.text() + ": " + why};
}

void set(int descriptor, int level, int option, int value) {
  (void)::setsockopt(descriptor, level, option, &value, sizeof value);
}

int get(int descriptor, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

Descriptor make_socket(int family) {
  return Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

socklen_t fill(sockaddr_storage& space, const ListenAddress& address) {
  if (address.ipv6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(space);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &to.sin6_addr);
    return sizeof to;
  }
  auto& to = reinterpret_cast<sockaddr_in&>(space);
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  return sizeof to;
}

// REQUIRES: the path fits, which parse_listen_address sees to.
sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// ---- the file of a unix socket ----

// Between finding that a socket is dead and replacing it, another server must not do the same: one
// of them would remove what the other has just made.
Result<Descriptor> lock_folder(const ListenAddress& address) {
  const std::string folder = address.path.substr(0, address.path.rfind('/') + 1);
  Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.number() < 0) {
    // Who may write in a folder but not list it goes without.
    if (errno == EACCES) return lock;
    return listen_failure(address, errno);
  }
  const auto end = std::chrono::steady_clock::now() + kFolderLock;
  while (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return lock;  // a file system without locks
    if (std::chrono::steady_clock::now() > end) {
      return cannot_listen(address, "another process holds a lock on the folder " + folder);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return lock;
}

// 0: somebody listens there; ECONNREFUSED: nobody.
int try_to_connect(const std::string& path) {
  const Descriptor probe = make_socket(AF_UNIX);
  if (probe.number() < 0) return errno;
  const sockaddr_un address = unix_address(path);
  if (::connect(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return 0;
  }
  return errno == EAGAIN ? 0 : errno;  // EAGAIN: so many wait there that there is no room
}

Result<void> make_way(const ListenAddress& address) {
  struct stat found {};
  if (::lstat(address.path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return listen_failure(address, errno);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return cannot_listen(address,
                         "what is there is no socket, and is not touched; remove it, or choose "
                         "another path");
  }
  const int error = try_to_connect(address.path);
  if (error == 0 || error == EPROTOTYPE) {
    return cannot_listen(address,
                         "another process listens there already; stop it (ss -lxp shows it) or "
                         "choose another path");
  }
  if (error != ECONNREFUSED && error != ENOENT) {
    return cannot_listen(address, "whether somebody listens there cannot be told: " +
                                      std::generic_category().message(error));
  }
  if (::unlink(address.path.c_str()) != 0 && errno != ENOENT) return listen_failure(address, errno);
  return {};
}

std::optional<std::uint32_t> parse_id(const std::string& text) {
  std::uint32_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, id);
  return error == std::errc{} && parsed_end == end ? std::optional(id) : std::nullopt;
}

std::optional<uid_t> user_of(const std::string& name) {
  if (const auto id = parse_id(name)) return id;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> space(kAccountBytes);
  (void)::getpwnam_r(name.c_str(), &entry, space.data(), space.size(), &found);
  return found == nullptr ? std::nullopt : std::optional(found->pw_uid);
}

std::optional<gid_t> group_of(const std::string& name) {
  if (const auto id = parse_id(name)) return id;
  group entry{};
  group* found = nullptr;
  std::vector<char> space(kAccountBytes);
  (void)::getgrnam_r(name.c_str(), &entry, space.data(), space.size(), &found);
  return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

struct Owner {
  uid_t user = static_cast<uid_t>(-1);  // -1: as it is
  gid_t group = static_cast<gid_t>(-1);
};

Result<Owner> owner_of(const ListenAddress& address) {
  Owner owner;
  const SocketFile& file = address.file;
  if (!file.owner.empty()) {
    const auto user = user_of(file.owner);
    if (!user) return cannot_listen(address, "there is no user \"" + file.owner + "\" here");
    owner.user = *user;
  }
  if (!file.group.empty()) {
    const auto group = group_of(file.group);
    if (!group) return cannot_listen(address, "there is no group \"" + file.group + "\" here");
    owner.group = *group;
  }
  return owner;
}

// ---- what a socket is ----

std::string text_of(const sockaddr_storage& space) {
  char host[INET6_ADDRSTRLEN] = "";
  ListenAddress address;
  if (space.ss_family == AF_UNIX) {
    address.path = reinterpret_cast<const sockaddr_un&>(space).sun_path;
    return "unix:" + address.path;  // also when it has none
  }
  if (space.ss_family == AF_INET6) {
    const auto& from = reinterpret_cast<const sockaddr_in6&>(space);
    inet_ntop(AF_INET6, &from.sin6_addr, host, sizeof host);
    address.ipv6 = true;
    address.port = ntohs(from.sin6_port);
  } else {
    const auto& from = reinterpret_cast<const sockaddr_in&>(space);
    inet_ntop(AF_INET, &from.sin_addr, host, sizeof host);
    address.port = ntohs(from.sin_port);
  }
  address.host = host;
  return address.text();
}

std::uint16_t port_of(const sockaddr_storage& space) {
  if (space.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(space).sin6_port);
  }
  if (space.ss_family != AF_INET) return 0;
  return ntohs(reinterpret_cast<const sockaddr_in&>(space).sin_port);
}

// Why a passed descriptor is of no use; empty: it listens.
std::string flaw_of(int descriptor) {
  struct stat found {};
  if (::fstat(descriptor, &found) != 0 || !S_ISSOCK(found.st_mode)) return "is no socket";
  const int family = get(descriptor, SO_DOMAIN);
  if (get(descriptor, SO_TYPE) != SOCK_STREAM ||
      (family != AF_INET && family != AF_INET6 && family != AF_UNIX)) {
    return "is neither a TCP nor a unix stream socket (ListenStream= makes those)";
  }
  if (get(descriptor, SO_ACCEPTCONN) != 1) {
    return "does not listen: it may be a connection (Accept= must be no)";
  }
  return {};
}

}  // namespace

ListeningSocket::ListeningSocket(Descriptor descriptor, bool passed)
    : descriptor_(std::move(descriptor)), passed_(passed) {
  sockaddr_storage space{};
  socklen_t size = sizeof space;
  (void)::getsockname(descriptor_.number(), reinterpret_cast<sockaddr*>(&space), &size);
  text_ = text_of(space);
  port_ = port_of(space);
}

ListeningSocket::~ListeningSocket() {
  struct stat found {};
  if (descriptor_.number() < 0 || file_.path.empty()) return;
  if (::lstat(file_.path.c_str(), &found) != 0) return;
  if (found.st_dev == file_.device && found.st_ino == file_.inode) ::unlink(file_.path.c_str());
}

Result<ListeningSocket> ListeningSocket::open(const ListenAddress& address) {
  return address.path.empty() ? open_tcp(address) : open_unix(address);
}

Result<ListeningSocket> ListeningSocket::open_tcp(const ListenAddress& address) {
  Descriptor socket = make_socket(address.ipv6 ? AF_INET6 : AF_INET);
  if (socket.number() < 0) return listen_failure(address, errno);
  set(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
  set(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);  // its connections inherit it
  if (address.ipv6) set(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  sockaddr_storage space{};
  const socklen_t size = fill(space, address);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&space), size) != 0 ||
      ::listen(socket.number(), kBacklog) != 0) {
    return listen_failure(address, errno);
  }
  return ListeningSocket(std::move(socket), false);
}

Result<ListeningSocket> ListeningSocket::open_unix(const ListenAddress& address) {
  const auto owner = owner_of(address);
  if (!owner) return owner.failure();
  Descriptor socket = make_socket(AF_UNIX);
  if (socket.number() < 0) return listen_failure(address, errno);
  const auto lock = lock_folder(address);
  if (!lock) return lock.failure();
  if (auto free = make_way(address); !free) return std::move(free).failure();

  const sockaddr_un space = unix_address(address.path);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&space), sizeof space) != 0) {
    return listen_failure(address, errno);
  }
  ListeningSocket made(std::move(socket), false);
  struct stat file {};
  if (::lstat(address.path.c_str(), &file) != 0) return listen_failure(address, errno);
  made.file_ = {.path = address.path, .device = file.st_dev, .inode = file.st_ino};
  // Nobody can connect until it listens, so nobody sees the rights it was born with.
  if ((owner->user != Owner{}.user || owner->group != Owner{}.group) &&
      ::lchown(address.path.c_str(), owner->user, owner->group) != 0) {
    return listen_failure(address, errno);
  }
  if (::chmod(address.path.c_str(), address.file.mode) != 0 ||
      ::listen(made.descriptor(), kBacklog) != 0) {
    return listen_failure(address, errno);
  }
  return made;
}

Result<ListeningSocket> ListeningSocket::adopt(Descriptor descriptor, const std::string& name) {
  ListenAddress address;
  address.passed = name;
  const int number = descriptor.number();
  if (const std::string flaw = flaw_of(number); !flaw.empty()) {
    return cannot_listen(address, "the descriptor " + std::to_string(number) + " " + flaw);
  }
  // Others may take a connection between poll and accept.
  const int flags = ::fcntl(number, F_GETFL);
  if (flags < 0 || ::fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0) {
    return listen_failure(address, errno);
  }
  ListeningSocket adopted(std::move(descriptor), true);
  if (!adopted.is_unix()) set(number, IPPROTO_TCP, TCP_NODELAY, 1);
  return adopted;
}

}  // namespace bourse::host
