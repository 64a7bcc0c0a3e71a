// SPDX-License-Identifier: MIT
#include "host/http/message.hpp"

#include <algorithm>

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

std::string_view Request::only(std::string_view name) const noexcept {
  std::string_view found;
  unsigned times = 0;
  for (const auto& [field, value] : headers) {
    if (!equal_ignoring_case(field, name)) continue;
    found = value;
    ++times;
  }
  return times == 1 ? found : std::string_view();
}

void add_vary(Response& response, std::string_view name) {
  if (response.lines) return;
  for (auto& [field, value] : response.headers) {
    if (!equal_ignoring_case(field, "Vary")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), name)) return;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    value.append(value.empty() ? "" : ", ").append(name);
    return;
  }
  response.headers.emplace_back("Vary", name);
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
