// SPDX-License-Identifier: MIT
#include "host/live/room.hpp"

#include <utility>

#include "host/live/event.hpp"
#include "host/live/stream.hpp"

namespace bourse::host {

Room::Room(std::string key, const void* owner, std::shared_ptr<LiveQuestion> question)
    : key_(std::move(key)),
      owner_(owner),
      question_(std::move(question)),
      pace_(question_->every()) {}

ToldPtr Room::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

void Room::join(LiveStream& stream) {
  const std::lock_guard lock(mutex_);
  listeners_.insert(&stream);
}

void Room::leave(LiveStream& stream) noexcept {
  const std::lock_guard lock(mutex_);
  listeners_.erase(&stream);
}

std::size_t Room::listeners() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size();
}

ToldPtr Room::next(const LiveAnswer& answer) const {
  const ToldPtr before = told();
  if (!answer.rendition) {
    if (before->fails && before->cause == answer.cause) return nullptr;
    auto told = std::make_shared<Told>(*before);
    ++told->failure;
    told->fails = true;
    told->problem = answer.problem;
    told->cause = answer.cause;
    return told;
  }
  std::string etag = '"' + answer.rendition->version() + '"';
  if (before->number > 0 && before->etag == etag && !before->fails) return nullptr;
  auto told = std::make_shared<Told>(*before);
  told->fails = false;
  told->as_of = answer.as_of;
  // Who was told of a failure is told of its end, though it is the answer from before.
  if (before->number == 0 || before->fails || before->etag != etag) {
    ++told->number;
    const std::string& bytes = *answer.rendition->bytes();
    const bool whole = question_->is_sent_whole() && bytes.size() <= kWholeBytesMax;
    told->whole =
        whole ? std::make_shared<const std::string>(event_text("report", etag, bytes)) : nullptr;
    told->etag = std::move(etag);
  }
  return told;
}

void Room::tell(ToldPtr told) {
  const std::lock_guard lock(mutex_);
  told_.swap(told);
  for (LiveStream* const stream : listeners_) stream->poke();
}

}  // namespace bourse::host
