// SPDX-License-Identifier: MIT
#include "host/http/acceptor.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace bourse::host {

namespace {

constexpr int kConnectionsATurn = 64;  // of one socket, so that the others get theirs
constexpr int kShortOfMs = 100;
constexpr std::chrono::seconds kLeave{1};

// A plugin has closed the one that had this number: whoever prints would print to the client. It is
// left closed, so that the next look at what plugins leave behind finds it and says whose it was.
Descriptor above_standard(Descriptor connection) noexcept {
  Descriptor above(::fcntl(connection.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  return above.number() < 0 ? std::move(connection) : std::move(above);
}

}  // namespace

Acceptor::Acceptor(std::vector<ListeningSocket> sockets, std::shared_ptr<ServerState> state)
    : sockets_(std::move(sockets)),
      state_(std::move(state)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      watched_(1 + sockets_.size()) {
  if (wake_.number() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  fill_spares();
  thread_ = std::thread([this] { loop(); });
  (void)::pthread_setname_np(thread_.native_handle(), "bourse-accept");
}

Acceptor::~Acceptor() {
  ending_.store(true);
  wake();
  thread_.join();
}

void Acceptor::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!::write(wake_.number(), &one, sizeof one);
}

void Acceptor::leave_passed() noexcept {
  leaving_passed_.store(true);
  wake();
  // The thread never waits for anything but events; the bound is for one that is not let run.
  std::unique_lock lock(mutex_);
  left_told_.wait_for(lock, kLeave, [&] { return left_; });
}

bool Acceptor::is_left(const ListeningSocket& socket) const noexcept {
  return socket.passed() && leaving_passed_.load();
}

/// As many as there are to be had.
void Acceptor::fill_spares() noexcept {
  for (Descriptor& spare : spares_) {
    if (spare.number() >= 0) continue;
    spare = Descriptor(::fcntl(wake_.number(), F_DUPFD_CLOEXEC, 0));
    if (spare.number() < 0) return;
  }
}

bool Acceptor::give_up_spare() noexcept {
  for (Descriptor& spare : spares_) {
    if (spare.number() < 0) continue;
    const Descriptor closed(spare.release());
    return true;
  }
  return false;
}

void Acceptor::loop() {
  while (wait_for_connections()) {
    short_of_ = false;
    fill_spares();  // before any connection: those that were given up have come back
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      if (watched_[i + 1].revents != 0 && !is_left(sockets_[i]) && !accept_some(sockets_[i]))
        short_of_ = true;
    }
    turns_.add();
    if (!leaving_passed_.load()) continue;
    const std::lock_guard lock(mutex_);
    left_ = true;
    left_told_.notify_all();
  }
}

// False: the end.
bool Acceptor::wait_for_connections() {
  watched_[0] = {wake_.number(), POLLIN, 0};
  // With a negative number poll ignores an entry.
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    const bool ignored = short_of_ || is_left(sockets_[i]);
    watched_[i + 1] = {ignored ? -1 : sockets_[i].descriptor(), POLLIN, 0};
  }
  (void)::poll(watched_.data(), watched_.size(), short_of_ ? kShortOfMs : -1);
  if (watched_[0].revents != 0) {
    std::uint64_t ignored = 0;
    (void)!::read(wake_.number(), &ignored, sizeof ignored);
  }
  return !ending_.load();
}

void Acceptor::hand_over(Descriptor connection, const sockaddr_storage& peer,
                         const ListeningSocket& socket, bool unwelcome) {
  IoThread& thread =
      *state_->threads[static_cast<std::size_t>(connection.number()) % state_->threads.size()];
  Arrival arrival;
  arrival.descriptor = std::move(connection);
  arrival.peer = Address::of(peer);
  arrival.place = state_->peers.come(arrival.peer);
  arrival.count = arrival.place.count();
  const auto& is_shared = state_->options.is_shared;
  arrival.shared = arrival.peer.is_unix() || (is_shared && is_shared(arrival.peer));
  arrival.unwelcome = unwelcome;
  arrival.late = state_->stopping.load() && !socket.passed();
  thread.arrivals.push(std::move(arrival));
  thread.mailbox->wake();
}

// False: it makes no sense to go on at once, because the system is short of something.
bool Acceptor::accept_some(const ListeningSocket& socket) {
  bool unwelcome = false;  // a spare descriptor was given up for it
  for (int i = 0; i < kConnectionsATurn; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Descriptor connection(::accept4(socket.descriptor(), reinterpret_cast<sockaddr*>(&peer), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.number() < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // Another thread may have been quicker than us: then the next spare goes the same way.
      unwelcome = (errno == EMFILE || errno == ENFILE) && give_up_spare();
      if (unwelcome) continue;
      return false;
    }
    if (connection.number() <= STDERR_FILENO) connection = above_standard(std::move(connection));
    try {
      hand_over(std::move(connection), peer, socket, std::exchange(unwelcome, false));
    } catch (const std::exception&) {
      return false;  // out of memory
    }
  }
  return true;
}

}  // namespace bourse::host
