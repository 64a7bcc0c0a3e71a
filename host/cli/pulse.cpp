// SPDX-License-Identifier: MIT
#include "host/cli/pulse.hpp"

#include <utility>

namespace bourse::host {

std::string Pulse::stuck() {
  std::string text = server_.stuck_threads();
  const auto add = [&text](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : ", ") + more;
  };
  if (admin_ != nullptr) {
    if (const std::string threads = admin_->stuck_threads(); !threads.empty()) {
      add(threads + " of the admin listener");
    }
  }
  const std::uint64_t steps = service_.steps();
  const std::size_t queued = service_.queued();
  const bool waited = std::exchange(waited_, queued > 0);
  if (std::exchange(steps_, steps) == steps && waited && queued > 0) {
    add("the workers, for whom " + std::to_string(queued) + " requests wait");
  }
  return text;
}

}  // namespace bourse::host
