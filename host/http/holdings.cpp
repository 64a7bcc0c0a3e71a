// SPDX-License-Identifier: MIT
#include "host/http/holdings.hpp"

#include <cassert>
#include <utility>

namespace bourse::host {

void WaitingBodies::add(const std::string& body) {
  if (++waiting_[&body] == 1) server_.change(0, body.size());
}

void WaitingBodies::remove(const std::string& body) noexcept {
  const auto found = waiting_.find(&body);
  assert(found != waiting_.end());
  if (--found->second > 0) return;
  waiting_.erase(found);
  server_.change(body.size(), 0);
}

Peers::Place& Peers::Place::operator=(Place&& other) noexcept {
  std::swap(peers_, other.peers_);
  std::swap(key_, other.key_);
  std::swap(peer_, other.peer_);
  std::swap(count_, other.count_);
  return *this;
}

void Peers::Place::leave() noexcept {
  if (!peer_) return;
  const std::lock_guard lock(peers_->mutex_);
  if (--peer_->connections == 0) peers_->known_.erase(key_);
}

Peers::Place Peers::come(const Address& address) {
  Place place;
  place.key_ = address.bucket().bytes();
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Peer>& peer = known_[place.key_];
  if (!peer) {
    try {
      peer = std::make_shared<Peer>();
    } catch (...) {
      known_.erase(place.key_);
      throw;
    }
  }
  place.peers_ = this;
  place.peer_ = peer;
  place.count_ = ++peer->connections;
  return place;
}

}  // namespace bourse::host
