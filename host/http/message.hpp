// SPDX-License-Identifier: MIT
//
// What the HTTP front hands to the rest of the host, and what it gets back.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/address.hpp"
#include "host/base/clock.hpp"
#include "host/base/failure.hpp"

namespace bourse::host {

/// One complete, well-formed request. Owns its bytes.
struct Request {
  std::string method;                                        ///< "GET"; upper case as received
  std::string target;                                        ///< raw, origin form: "/a%20b?x=1"
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order, names as received
  std::string body;
  std::string id;                                  ///< request id, unique, safe to print
  Address peer;                                    ///< of the other end
  std::chrono::steady_clock::time_point received;  ///< when its last byte was parsed
  /// The same by the clock on the wall: the one time of all that is done for this request.
  std::chrono::system_clock::time_point arrived = wall_time_point();
  /// Who asked: `peer`, or who is behind it where it is a trusted proxy. The front knows no
  /// proxies and says `peer`; the service sees to it before it does anything else.
  Address client = peer;
  std::string token = {};  ///< the name of the token that opened its route; empty: it has none

  /// All values of a header, joined with ", ", or "" (names compare without case).
  [[nodiscard]] std::string header(std::string_view name) const;
  /// The value of a header that is there once, or "": of one that is there twice nobody knows which
  /// counts. Borrows.
  [[nodiscard]] std::string_view only(std::string_view name) const noexcept;
};

/// Told that a body may have more. [any thread]
class BodyWaker {
 public:
  virtual ~BodyWaker() = default;
  virtual void wake() noexcept = 0;
};

/// A body that is not one string: it comes in pieces, each when the one before is with the kernel,
/// so that what a slow reader leaves waits with whoever makes it. Sent in chunks, to HTTP/1.0 until
/// the connection closes. [the connection's I/O thread, unless said otherwise]
class BodyStream {
 public:
  struct Piece {
    /// Null or empty: nothing now, and the waker is told when there is.
    std::shared_ptr<const std::string> bytes = {};
    bool last = false;  ///< nothing comes behind it
    /// The last, and what was sent is not the whole: the connection is cut, without the mark that
    /// ends a body.
    bool broken = false;
  };

  /// Not called for what HEAD is answered. May be on any thread once it was never opened. The
  /// client has it all, or is gone.
  virtual ~BodyStream() = default;
  /// Once, before the first next().
  virtual void open(std::weak_ptr<BodyWaker> waker) = 0;
  /// Must return at once. Also called without having been woken, several times a minute.
  [[nodiscard]] virtual Piece next(std::chrono::steady_clock::time_point now) = 0;
  /// The server is stopping, which waits for the last piece.
  virtual void stopping() noexcept {}
  /// Each piece tells the newest state: it is not asked for before the client's end has taken the
  /// one before, and it has no end of its own, so that a client that sends no more is gone.
  [[nodiscard]] virtual bool tells_newest() const noexcept { return false; }
  /// Whoever makes it has given its reader up: the connection is cut, whatever is on its way.
  [[nodiscard]] virtual bool gives_up() const noexcept { return false; }
  /// Made and not yet taken by next().
  [[nodiscard]] virtual std::size_t held_bytes() const noexcept { return 0; }
};

/// The answer to one request. HEAD, 204 and 304 are cared for by the front: give the body of GET.
/// The front adds Date, Server, Connection, Content-Length and X-Request-Id, and leaves out a
/// header that is one of these or that would break the message (a line feed in its value).
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Shared, so that one rendered answer can go to many waiters without a copy; may be null
  /// (empty).
  std::shared_ptr<const std::string> body = {};
  /// Instead of `body`; may be null. REQUIRES: a status that has a body.
  std::shared_ptr<BodyStream> stream = {};
  /// More of the header, behind `headers`: whole lines, as header_lines() wrote them for an answer
  /// like this one. Shared as the body is; may be null.
  std::shared_ptr<const std::string> lines = {};
};

/// What goes with every answer to a request, whatever it is: an answer, a 304, a problem, the 500
/// that nobody gave. It is of the request, so nothing that is kept or shared holds it.
struct Attached {
  /// Whole lines, as header_lines() writes them; behind all others. May be null.
  std::shared_ptr<const std::string> lines = {};
  /// Another Origin would be answered otherwise: Vary says so.
  bool by_origin = false;
};

/// Adds a name to the header Vary, if it is not there: one line, because not every cache on the way
/// reads two. Leaves `lines` alone: whoever wrote those ahead has said it there.
void add_vary(Response& response, std::string_view name);

/// The right to answer one request, once, from any thread. Movable. Destroyed unanswered, it
/// answers 500 by itself, so that no client waits for ever.
class Responder {
 public:
  /// Implemented by the front.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void send(Response response) = 0;
    /// Before send(), on the thread that handles the request.
    virtual void attach(Attached) {}
    [[nodiscard]] virtual bool gone() const noexcept = 0;
    /// The Responder was destroyed unanswered: sends a 500 unless overridden.
    virtual void abandon();
  };

  Responder() = default;
  explicit Responder(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  /// For whatever the answer will be. REQUIRES: not answered yet.
  void attach(Attached attached) const {
    if (sink_) sink_->attach(std::move(attached));
  }
  /// REQUIRES: not answered yet. Never blocks, never throws.
  void send(Response response);
  /// The client closed or reset the connection: what is still being computed is for nobody.
  /// A client that only closed its sending side looks the same (TCP does not tell the two apart);
  /// an answer that is sent nevertheless reaches it. A shared handle lets a running call ask.
  [[nodiscard]] bool gone() const noexcept { return !sink_ || sink_->gone(); }
  [[nodiscard]] std::shared_ptr<const Sink> watch() const noexcept { return sink_; }

 private:
  std::shared_ptr<Sink> sink_;
};

/// What the front calls for every request, on its I/O threads: must return at once.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void handle(Request request, Responder responder) noexcept = 0;
  /// For the refusal of what will not be handed over: `request` holds what could be read of it,
  /// nothing perhaps.
  [[nodiscard]] virtual Attached attached_to_refusal(const Request& request) noexcept {
    (void)request;
    return {};
  }
  /// The front itself has refused what was to become a request, or a whole connection, and answers
  /// with this status and the id of `request`, which has else what was understood before that: no
  /// target perhaps, and not all of its header. `request.client` may be set to who really asked.
  virtual void refused(Request& request, const Failure& why) noexcept {
    (void)request;
    (void)why;
  }
};

}  // namespace bourse::host
