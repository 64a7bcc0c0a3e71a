// SPDX-License-Identifier: MIT
#include "plugins/sources/history/keeper.hpp"

#include <utility>

#include "bourse/value.hpp"

namespace bourse::history {

Keeper::Keeper(Options options, Host host) : options_(std::move(options)), host_(host) { open(); }

/// REQUIRES: nobody else does.
void Keeper::open() {
  auto opened = open_store(options_);
  const std::lock_guard lock(mutex_);
  tried_ = std::chrono::steady_clock::now();
  is_opening_ = false;
  if (opened) {
    store_ = std::move(*opened);
    why_.reset();
    return;
  }
  if (opened.error().kind == ErrorKind::kInvalid) {
    throw bourse::Error(BOURSE_UNPROCESSABLE, "bad_setting", "database: " + opened.error().text())
        .blame("database");
  }
  why_ = std::move(opened.error());
}

Keeper::Held Keeper::get() {
  {
    const std::lock_guard lock(mutex_);
    if (store_) return {store_};
    if (is_opening_ || std::chrono::steady_clock::now() - tried_ < kRetry) return {nullptr, why_};
    is_opening_ = true;
  }
  open();
  const std::lock_guard lock(mutex_);
  return {store_, store_ ? std::nullopt : why_};
}

void Keeper::saw(const std::optional<Error>& failure) {
  const int now = failure ? static_cast<int>(failure->kind) : kWell;
  if (state_.exchange(now) == now) return;
  if (failure) {
    host_.log(BOURSE_LEVEL_WARN, "what is asked is not kept",
              {{"reason", failure->text()}, {"kind", name_of(failure->kind)}});
  } else {
    host_.log(BOURSE_LEVEL_INFO, "what is asked is kept again", {});
  }
}

}  // namespace bourse::history
