// SPDX-License-Identifier: MIT
#include "host/http/exchange.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "host/http/problem.hpp"

namespace bourse::host {

void Exchange::send(Response answer) {
  if (sent_.exchange(true, std::memory_order_acq_rel)) return;
  response = std::move(answer);
  if (attached_.by_origin) add_vary(response, "Origin");
  queued_.store(true);
  mailbox_->deliver(shared_from_this());
}

void Exchange::wake() noexcept {
  if (queued_.exchange(true)) return;
  if (auto self = weak_from_this().lock()) mailbox_->deliver(std::move(self));
}

// Called by destructors.
void Exchange::abandon() {
  try {
    send(problem_response(unanswered_failure(),
                          {.request_id = request_id, .instance = target, .as_page = as_page}));
  } catch (const std::exception&) {
    send({.status = 500});  // for want of memory without words
  }
}

void Mailbox::Chain::append(std::shared_ptr<Exchange> exchange) noexcept {
  Exchange* const added = exchange.get();
  (last ? last->next_ : first) = std::move(exchange);
  last = added;
}

std::shared_ptr<Exchange> Mailbox::Chain::pop() noexcept {
  std::shared_ptr<Exchange> popped = std::move(first);
  if (popped) first = std::move(popped->next_);
  if (!first) last = nullptr;
  return popped;
}

Mailbox::Mailbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (event_.number() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Mailbox::wake() noexcept {
  // Fails only when the counter is full, and then the thread has enough to wake up for.
  (void)::eventfd_write(event_.number(), 1);
}

void Mailbox::deliver(std::shared_ptr<Exchange> exchange) noexcept {
  if (std::this_thread::get_id() == owner_) {
    exchange->answered = true;
    if (exchange->connection && exchange->connection != busy) {
      local_.append(std::move(exchange));
    } else {
      exchange->queued_.store(false);
    }
    return;
  }
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    was_empty = !delivered_.first;
    delivered_.append(std::move(exchange));
  }
  if (was_empty) wake();
}

std::shared_ptr<Exchange> Mailbox::collect() noexcept {
  if (!local_.first) {
    const std::lock_guard lock(mutex_);
    local_ = std::exchange(delivered_, {});
  }
  std::shared_ptr<Exchange> exchange = local_.pop();
  if (exchange) {
    exchange->answered = true;
    exchange->queued_.store(false);  // before it is looked at: what is woken from here on is new
  }
  return exchange;
}

void Mailbox::close() noexcept {
  Chain dropped;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    dropped = std::exchange(delivered_, {});
  }
  // One by one: a chain that destroys itself does it recursively. `local_` is the owner's, who has
  // ended.
  while (dropped.pop()) {
  }
  while (local_.pop()) {
  }
}

}  // namespace bourse::host
