// SPDX-License-Identifier: MIT
#include "host/http/message.hpp"

#include "host/http/problem.hpp"
#include "host/http/text.hpp"

namespace bourse::host {

std::string Request::header(std::string_view name) const {
  std::string values;
  bool found = false;
  for (const auto& [field, value] : headers) {
    if (!equal_ignoring_case(field, name)) continue;
    if (found) values += ", ";
    values += value;
    found = true;
  }
  return values;
}

void Responder::Sink::abandon() { send(problem_response(unanswered_failure(), {})); }

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (sink_) sink_->abandon();
    sink_ = std::move(other.sink_);
  }
  return *this;
}

Responder::~Responder() {
  if (sink_) sink_->abandon();
}

void Responder::send(Response response) {
  // Taken first: whatever the sink does, this Responder has answered.
  if (const std::shared_ptr<Sink> sink = std::move(sink_)) sink->send(std::move(response));
}

}  // namespace bourse::host
