// SPDX-License-Identifier: MIT
#include "host/http/front.hpp"

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "host/http/connection.hpp"
#include "host/http/descriptor.hpp"

namespace bourse::host {

namespace {

namespace aio = Pistache::Aio;
namespace polling = Pistache::Polling;
namespace tcp = Pistache::Tcp;
using polling::NotifyOn;
using std::chrono::milliseconds;

// Deadlines are looked at four times within the shortest of them.
milliseconds tick_of(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                limits.write_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1000));
}

constexpr int kRelievedATurn = 64;  // to find each takes a look at all

// Connections over the limit get a 503, but not without limit either: beyond these they are closed.
std::size_t turned_away_max(const Limits& limits) { return 64 + limits.connections_max / 8; }

// The connections of one I/O thread.
class Loop final : public tcp::Transport {
 public:
  explicit Loop(std::shared_ptr<ServerState> state);
  ~Loop() override;

  std::shared_ptr<aio::Handler> clone() const override { return std::make_shared<Loop>(state_); }
  void registerPoller(polling::Epoll& poller) override;
  void onReady(const aio::FdSet& ready) override;
  /// A turn was lost: what an edge told of is looked for, what a level tells of comes again.
  void recover() noexcept;

 private:
  struct Member {
    std::shared_ptr<tcp::Peer> peer;
    std::unique_ptr<Connection> connection;
    Connection::Interest interest;
  };

  void start_turn();
  void end_turn();
  void serve(std::size_t descriptor, const aio::FdSet::Entry& event);
  template <class Step>
  void run(std::size_t descriptor, Step step);
  void watch(std::size_t descriptor);
  void close(std::size_t descriptor);
  void collect_answers();
  void take_arrivals();
  void admit(Arrival arrival) noexcept;
  void greet(std::size_t descriptor, const Arrival& arrival);
  void receive(std::size_t descriptor, const Arrival& arrival, Failure failure);
  void relieve();
  [[nodiscard]] std::size_t heaviest() const noexcept;
  void tick();
  void sweep();
  void stop_idle();
  void set_timer();
  [[nodiscard]] bool is_open(std::size_t descriptor) const {
    return descriptor < members_.size() && members_[descriptor].connection;
  }

  std::shared_ptr<ServerState> state_;
  std::shared_ptr<IoThread> thread_;
  Descriptor timer_;
  bool adopted_ = false;
  bool stop_seen_ = false;
  std::chrono::steady_clock::time_point next_sweep_;
  std::vector<Member> members_;  // by descriptor
};

// Pistache wants one. Nothing gets to it: Loop reads, and knows its connections.
class Nobody final : public tcp::Handler {
  PROTOTYPE_OF(tcp::Handler, Nobody)

 public:
  Nobody() = default;
  Nobody(const Nobody&) : tcp::Handler() {}
  void onInput(const char*, std::size_t, const std::shared_ptr<tcp::Peer>&) override {}
};

std::shared_ptr<Nobody> make_nobody() { return std::make_shared<Nobody>(); }

Loop::Loop(std::shared_ptr<ServerState> state)
    : tcp::Transport(make_nobody()), state_(std::move(state)) {
  init(make_nobody());
}

// Runs after the thread was joined. Pistache leaves the connections open; we do not.
Loop::~Loop() {
  if (!thread_) return;
  thread_->mailbox->close();
  (void)thread_->arrivals.take();
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    members_[descriptor].connection.reset();
    ::close(static_cast<int>(descriptor));
  }
}

void Loop::registerPoller(polling::Epoll& poller) {
  tcp::Transport::registerPoller(poller);
  thread_ = std::make_shared<IoThread>(*state_, static_cast<unsigned>(state_->threads.size()));
  timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (timer_.number() < 0) throw std::system_error(errno, std::generic_category(), "timerfd");
  for (const int own : {thread_->mailbox->descriptor(), timer_.number()}) {
    // Edge-triggered: the mailbox's need never be read then.
    poller.addFd(own, Pistache::Flags<NotifyOn>(NotifyOn::Read),
                 polling::Tag(static_cast<std::uint64_t>(own)), polling::Mode::Edge);
  }
  set_timer();
  state_->threads.push_back(thread_);
}

void Loop::set_timer() {
  const milliseconds tick = tick_of(state_->options.limits);
  itimerspec spec{};
  spec.it_interval = {static_cast<time_t>(tick.count() / 1000),
                      static_cast<long>(tick.count() % 1000 * 1'000'000)};
  spec.it_value = spec.it_interval;
  ::timerfd_settime(timer_.number(), 0, &spec, nullptr);
}

// ---- a turn of the event loop ----

void Loop::onReady(const aio::FdSet& ready) {
  start_turn();
  for (const aio::FdSet::Entry& event : ready) {
    const std::uint64_t tag = event.getTag().value();
    // What is none of these is an echo of a connection just closed. The mailbox has nothing to
    // read: what it tells of is looked for below in any case.
    if (is_open(tag)) {
      serve(tag, event);
    } else if (tag == static_cast<std::uint64_t>(timer_.number())) {
      tick();
    }
  }
  collect_answers();
  // Last: a new connection may have the number of one that was closed in this turn.
  take_arrivals();
  end_turn();
}

void Loop::recover() noexcept {
  try {
    start_turn();
    tick();
    collect_answers();
    take_arrivals();
    end_turn();
  } catch (const std::exception&) {
    // Memory again: the next tick looks for all of it.
  }
}

void Loop::start_turn() {
  if (!std::exchange(adopted_, true)) thread_->mailbox->adopt();
  thread_->now = std::chrono::steady_clock::now();
}

void Loop::end_turn() {
  relieve();
  if (thread_->stopping()) {
    if (!std::exchange(stop_seen_, true)) stop_idle();
    thread_->stop_seen.store(true);
    if (thread_->is_finished()) {
      const std::lock_guard lock(state_->drained_mutex);
      state_->drained.notify_all();
    }
  }
  thread_->counters.turns.add();
}

void Loop::serve(std::size_t descriptor, const aio::FdSet::Entry& event) {
  const Connection::Interest interest = members_[descriptor].interest;
  if (event.isReadable() && interest.read) {
    run(descriptor, [](Connection& connection) { return connection.on_readable(); });
  } else if (event.isHangup()) {
    return close(descriptor);
  }
  if (event.isWritable() && interest.write && is_open(descriptor)) {
    run(descriptor, [](Connection& connection) { return connection.on_writable(); });
  }
  if (event.isReadable() || event.isWritable()) return;
  // Pistache does not name it, but this is the end of the input, if we asked for that, or an error.
  if (!interest.end) return close(descriptor);
  run(descriptor, [](Connection& connection) { return connection.on_end(); });
}

template <class Step>
void Loop::run(std::size_t descriptor, Step step) {
  try {
    if (step(*members_[descriptor].connection)) return watch(descriptor);
  } catch (const std::exception&) {
    // Out of memory, or of the kernel's watches: this connection pays, the others go on.
  }
  close(descriptor);
}

void Loop::watch(std::size_t descriptor) {
  Member& member = members_[descriptor];
  const Connection::Interest interest = member.connection->interest();
  if (interest == member.interest) return;
  auto events = Pistache::Flags<NotifyOn>(NotifyOn::None);
  if (interest.read) events.setFlag(NotifyOn::Read);
  if (interest.write) events.setFlag(NotifyOn::Write);
  if (interest.end) events.setFlag(NotifyOn::Shutdown);
  member.interest = interest;
  // Level-triggered: reading may pause with input left, and one call of recv() an event is enough.
  reactor()->modifyFd(key(), static_cast<int>(descriptor), events, polling::Mode::Level);
}

void Loop::close(std::size_t descriptor) {
  const std::shared_ptr<tcp::Peer> peer = std::move(members_[descriptor].peer);
  members_[descriptor] = {};
  thread_->counters.connections_open.subtract();
  state_->connections_open.fetch_sub(1, std::memory_order_relaxed);
  try {
    removePeer(peer);
  } catch (const std::exception&) {
    ::close(static_cast<int>(descriptor));  // It was not watched; then this is left to do.
  }
}

// At most so many a turn: what ten thousand are told at once is not in the way of a request.
void Loop::collect_answers() {
  constexpr int kAnswersATurn = 256;
  for (int taken = 0;; ++taken) {
    if (taken == kAnswersATurn) return thread_->mailbox->wake();
    const std::shared_ptr<Exchange> exchange = thread_->mailbox->collect();
    if (!exchange) return;
    if (!exchange->connection) continue;
    run(static_cast<std::size_t>(exchange->connection->descriptor()),
        [](Connection& connection) { return connection.on_answered(); });
  }
}

// ---- connections come ----

void Loop::take_arrivals() {
  if (thread_->arrivals.none()) return;
  for (Arrival& arrival : thread_->arrivals.take()) admit(std::move(arrival));
  thread_->arrivals.greeted();  // admit() does not throw
}

void Loop::admit(Arrival arrival) noexcept {
  const int number = arrival.descriptor.number();
  const auto descriptor = static_cast<std::size_t>(number);
  Member member;
  try {
    if (descriptor >= members_.size()) members_.resize(descriptor + 64);
    member.peer = tcp::Peer::Create(number, Pistache::Address());  // the address is ours to tell
    member.connection =
        std::make_unique<Connection>(number, arrival.peer, std::move(arrival.place), *thread_);
  } catch (const std::exception&) {
    return;  // out of memory: this connection pays
  }
  const auto peer = member.peer;
  members_[descriptor] = std::move(member);
  (void)arrival.descriptor.release();
  thread_->counters.connections_open.add();
  state_->connections_open.fetch_add(1, std::memory_order_relaxed);
  try {
    handleNewPeer(peer);
    greet(descriptor, arrival);
  } catch (const std::exception&) {
    // Could not be watched, by the kernel's limit of epoll watches, or there is no memory.
    if (is_open(descriptor)) close(descriptor);
  }
}

void Loop::greet(std::size_t descriptor, const Arrival& arrival) {
  const Limits& limits = thread_->limits();
  const std::size_t open = state_->connections_open.load(std::memory_order_relaxed);
  const std::size_t guests = state_->guests.load(std::memory_order_relaxed);
  const std::size_t of_peer = limits.connections_per_peer_max;
  if (arrival.late) {
    // A proxy that gets nothing asks another server, and one that gets a 503 hands it on: it could
    // not tell this one from the 503 of a server that has too much to do.
    const auto& is_proxy = state_->options.is_shared;
    if (is_proxy && is_proxy(arrival.peer)) {
      thread_->counters.connections_refused.add();
      return close(descriptor);
    }
    return receive(descriptor, arrival,
                   {.status = BOURSE_UNAVAILABLE,
                    .code = "stopping",
                    .message = "the server is stopping; try again, another one may answer",
                    .retry_after = std::chrono::seconds(1)});
  }
  if (of_peer != 0 && !arrival.shared && arrival.count > of_peer) {
    return receive(descriptor, arrival,
                   {.status = 429,
                    .code = "too_many_connections_of_one",
                    .message = "there are as many connections from this address as one may have (" +
                               std::to_string(of_peer) + "); close some, or use them again",
                    .retry_after = std::chrono::seconds(1)});
  }
  if (open - std::min(guests, open) > limits.connections_max) {
    return receive(descriptor, arrival,
                   {.status = BOURSE_UNAVAILABLE,
                    .code = "too_many_connections",
                    .message = "the server has as many connections as it allows",
                    .retry_after = std::chrono::seconds(1)});
  }
  if (arrival.unwelcome) {
    return receive(descriptor, arrival,
                   {.status = BOURSE_UNAVAILABLE,
                    .code = "too_many_connections",
                    .message = "the server has as many files and connections open as the system "
                               "allows it",
                    .retry_after = std::chrono::seconds(1)});
  }
  thread_->counters.connections_accepted.add();
  run(descriptor,
      [this](Connection& connection) { return !stop_seen_ || connection.on_stopping(); });
}

// Where there is no room for it. Such connections have places of their own, so that those who are
// refused take none from others; half of these are for those that may yet turn out to be probes.
void Loop::receive(std::size_t descriptor, const Arrival& arrival, Failure failure) {
  const Limits& limits = thread_->limits();
  thread_->counters.connections_refused.add();
  const std::size_t guests = state_->guests.load(std::memory_order_relaxed);
  if (guests >= turned_away_max(limits)) return close(descriptor);
  const bool may_be_probe = !arrival.late && !state_->options.probe_target.empty();
  const bool waits = may_be_probe && guests < turned_away_max(limits) / 2;
  run(descriptor, [&](Connection& connection) {
    connection.receive_guest(failure);
    return waits || connection.turn_away(failure);
  });
}

// ---- memory ----

// Those that hold most are closed: of the addresses the one that holds most, of its connections the
// heaviest. The same thread does it that knows them; the others are woken for theirs.
void Loop::relieve() {
  Holdings& holdings = state_->holdings;
  if (!holdings.is_over()) return;
  const std::size_t threads = state_->threads.size();
  // The heaviest of a thread that holds less than its share may be nobody's fault.
  if (thread_->held_bytes >= holdings.bytes() / threads) {
    for (int closed = 0; closed < kRelievedATurn && !holdings.is_relieved(); ++closed) {
      const std::size_t descriptor = heaviest();
      if (descriptor == members_.size()) break;
      thread_->counters.overflows.add();
      close(descriptor);
    }
  }
  if (!holdings.is_over()) return;
  for (const auto& thread : state_->threads) thread->mailbox->wake();
}

// members_.size(): nobody holds anything.
std::size_t Loop::heaviest() const noexcept {
  std::size_t found = members_.size();
  std::pair<std::size_t, std::size_t> most(0, 0);
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    const Connection& connection = *members_[descriptor].connection;
    if (connection.held_bytes() == 0) continue;
    const std::pair held(connection.held_bytes_of_peer(), connection.held_bytes());
    if (held <= most) continue;
    most = held;
    found = descriptor;
  }
  return found;
}

// ---- time ----

void Loop::tick() {
  std::uint64_t ticks = 0;
  // Read, or it would not be set again; how many there were does not matter.
  [[maybe_unused]] const ssize_t count = ::read(timer_.number(), &ticks, sizeof ticks);
  if (thread_->now < next_sweep_) return;
  next_sweep_ = thread_->now + tick_of(thread_->limits()) / 2;
  sweep();
}

void Loop::sweep() {
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    run(descriptor, [](Connection& connection) { return connection.on_tick(); });
  }
}

void Loop::stop_idle() {
  for (std::size_t descriptor = 0; descriptor < members_.size(); ++descriptor) {
    if (!is_open(descriptor)) continue;
    run(descriptor, [](Connection& connection) { return connection.on_stopping(); });
  }
}

// ---- all of it ----

constexpr milliseconds kPause{10};  // where there is no memory, going round at once gets none

// One of Pistache's reactors and the thread that runs it. Pistache would make the thread itself
// (AsyncContext), and an exception in its loop, such as one failed allocation for the list of what
// is ready, would end the process. Here it ends a turn.
class LoopThread {
 public:
  explicit LoopThread(const std::shared_ptr<ServerState>& state)
      : reactor_(aio::Reactor::create()), loop_(std::make_shared<Loop>(state)) {
    reactor_->init(aio::SyncContext());
    reactor_->addHandler(loop_);
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() {
    if (!thread_.joinable()) return;
    ending_.store(true);
    reactor_->shutdown();
    thread_.join();
  }

  void start() {
    thread_ = std::thread([this] { run(); });
    (void)::pthread_setname_np(thread_.native_handle(), "bourse-io");
  }

 private:
  void run() noexcept {
    while (!ending_.load()) {
      try {
        reactor_->run();
      } catch (const std::exception&) {
        std::this_thread::sleep_for(kPause);
        loop_->recover();
      }
    }
  }

  std::shared_ptr<aio::Reactor> reactor_;
  std::shared_ptr<Loop> loop_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

class PistacheFront final : public Front {
 public:
  PistacheFront(std::vector<ListeningSocket> sockets, const std::shared_ptr<ServerState>& state) {
    for (unsigned i = 0; i < state->options.io_threads; ++i) {
      loops_.push_back(std::make_unique<LoopThread>(state));
    }
    for (const auto& loop : loops_) loop->start();
    acceptor_ = std::make_unique<Acceptor>(std::move(sockets), state);
  }
  PistacheFront(const PistacheFront&) = delete;
  PistacheFront& operator=(const PistacheFront&) = delete;
  ~PistacheFront() override { acceptor_.reset(); }

  Acceptor& acceptor() noexcept override { return *acceptor_; }

 private:
  std::vector<std::unique_ptr<LoopThread>> loops_;
  std::unique_ptr<Acceptor> acceptor_;  // ends first: it hands over to the loops
};

}  // namespace

Result<std::unique_ptr<Front>> Front::open(std::vector<ListeningSocket> sockets,
                                           std::shared_ptr<ServerState> state) {
  try {
    return std::unique_ptr<Front>(std::make_unique<PistacheFront>(std::move(sockets), state));
  } catch (const std::exception& error) {
    return Failure{.status = BOURSE_UNAVAILABLE,
                   .code = "cannot_serve",
                   .message = "cannot serve: the system gives no threads or no descriptors: " +
                              std::string(error.what())};
  }
}

}  // namespace bourse::host
