// SPDX-License-Identifier: MIT
#include "plugins/sources/history/keeper.hpp"

#include <map>
#include <utility>

#include "bourse/value.hpp"

namespace bourse::history {
namespace {

/// What is open in this process. Two sources with one database use the same store, and so does one
/// of a new configuration with that of the old: of two stores only one would be the writer.
struct Opened {
  std::mutex mutex;  ///< of `store`, and while it is opened
  std::weak_ptr<Store> store;
};

/// Of a database; as long as the plugin is loaded.
Opened& opened_at(const Options& options) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, Opened> all;
  const std::lock_guard lock(mutex);
  return all[{options.database, options.password}];
}

Result<std::shared_ptr<Store>> open_shared(const Options& options) {
  Opened& opened = opened_at(options);
  const std::lock_guard lock(opened.mutex);
  if (auto store = opened.store.lock()) return store;
  auto made = open_store(options);
  if (!made) return std::move(made).error();
  std::shared_ptr<Store> store = std::move(*made);
  opened.store = store;
  return store;
}

}  // namespace

Keeper::Keeper(Options options, Host host) : options_(std::move(options)), host_(host) { open(); }

/// REQUIRES: nobody else does.
void Keeper::open() {
  auto opened = open_shared(options_);
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
