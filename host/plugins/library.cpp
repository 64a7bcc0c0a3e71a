// SPDX-License-Identifier: MIT
#include "host/plugins/library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <boost/dll/shared_library.hpp>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/base/code_map.hpp"
#include "host/base/utf8.hpp"
#include "host/observe/last_words.hpp"
#include "host/plugins/ending.hpp"
#include "host/plugins/file.hpp"
#include "host/plugins/foreign_call.hpp"

namespace bourse::host {
namespace {

constexpr const char* kEntry = "bourse_plugin_v1";
constexpr std::size_t kWordsMax = 1000;  // shown of what a plugin says of itself

std::mutex& load_mutex() {
  static std::mutex mutex;
  return mutex;
}

Failure failure(std::string code, std::string message) {
  return {.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

// Boost wraps dlerror's sentence in its own, and dlerror names the copy: show the heart of it with
// the name that the operator knows.
std::string loader_words(std::string words, const std::string& copy, const std::string& file) {
  constexpr std::string_view kBefore = "dlerror system message: ";
  if (const auto at = words.find(kBefore); at != std::string::npos) {
    words.erase(0, at + kBefore.size());
    words.resize(words.rfind(')') == std::string::npos ? words.size() : words.rfind(')'));
  }
  if (words.starts_with(copy + ": ")) words.erase(0, copy.size() + 2);
  for (auto at = words.find(copy); at != std::string::npos; at = words.find(copy, at)) {
    words.replace(at, copy.size(), file);
    at += file.size();
  }
  return words;
}

/// A copy's path is new each time; a file's may be known to the loader, which then reads nothing.
bool is_loaded(const std::filesystem::path& path) {
  void* const loaded = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (loaded == nullptr) return false;
  dlclose(loaded);
  return true;
}

/// Where the library begins, in the loader's own words; 0: it does not say.
std::uintptr_t base_of(const boost::dll::shared_library& library) {
  link_map* map = nullptr;
  const bool known = dlinfo(library.native(), RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0;
  return known && map != nullptr ? map->l_addr : 0;
}

/// For ever, where a leak checker finds them: nothing at the end of the process destroys this list.
void keep_loaded(boost::dll::shared_library library, std::unique_ptr<PluginHost> host) {
  struct Kept {
    boost::dll::shared_library library;
    std::unique_ptr<PluginHost> host;
  };
  static auto* const kept = new std::vector<Kept>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  kept->push_back({std::move(library), std::move(host)});
}

}  // namespace

// The copy outlives the mapping: see private_copy.hpp on why its path must stay taken. So does the
// table: destructors of the library may still log.
class Library::Handle {
 public:
  Handle(PrivateCopy copy, std::unique_ptr<PluginHost> host, boost::dll::shared_library library,
         const std::string& plugin, const std::string& file)
      : copy_(std::move(copy)),
        host_(std::move(host)),
        library_(std::move(library)),
        plugin_(plugin),
        foreigner_(foreigner(plugin)) {
    name_code(base_of(library_), file);
    watch_for_exit();
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (libraries_stay_loaded()) {
      copy_.keep_until_end();
      keep_loaded(std::move(library_), std::move(host_));
      return;
    }
    const std::uintptr_t base = base_of(library_);
    library_.unload();
    // Linked with -z nodelete, or holding a GNU-unique symbol: dlclose did nothing.
    if (void* const still = dlopen(copy_.path().c_str(), RTLD_NOW | RTLD_NOLOAD)) {
      dlclose(still);
      copy_.keep_for_ever();
      (void)host_.release();  // it is still loaded, so its table must live
    } else {
      forget_code(base);
    }
  }

  [[nodiscard]] const boost::dll::shared_library& get() const noexcept { return library_; }
  [[nodiscard]] PluginHost& host() const noexcept { return *host_; }
  [[nodiscard]] const std::string& plugin() const noexcept { return plugin_; }
  [[nodiscard]] Foreigner& foreigner_of_plugin() const noexcept { return foreigner_; }

 private:
  PrivateCopy copy_;
  std::unique_ptr<PluginHost> host_;
  boost::dll::shared_library library_;
  const std::string plugin_;
  Foreigner& foreigner_;
};

template <class Call>
auto Library::enter_plugin(const char* verb, Call&& body) const noexcept {
  return call_foreign(handle_->foreigner_of_plugin(), handle_->plugin(), verb, CallWeight::kRare,
                      std::forward<Call>(body));
}

Library::Library(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

Library::~Library() {
  if (deinit_ == nullptr) return;
  const std::lock_guard lock(load_mutex());
  const Ending ending("deinit of " + PluginHost::plugin_of(host()));
  (void)enter_plugin("deinit", [this] { deinit_(); });
}

const bourse_host* Library::host() const noexcept { return handle_->host().table(); }

Result<std::shared_ptr<Library>> Library::open(PrivateCopy copy, const std::filesystem::path& file,
                                               const HostFunctions& host,
                                               const std::string& plugin) {
  if (is_loaded(copy.path())) {
    return failure("loaded_already",
                   "is loaded already, from this file as it was before; with "
                   "`plugins: {in-place: true}` another version takes a restart");
  }
  const std::string path = copy.path().string();
  auto table = std::make_unique<PluginHost>(host.table, plugin);
  std::shared_ptr<Library> library;
  try {
    namespace dll = boost::dll;
    const ForeignCall constructors(foreigner(plugin), plugin, "load", CallWeight::kRare);
    dll::shared_library loaded(path, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    library.reset(new Library(std::make_unique<Handle>(
        std::move(copy), std::move(table), std::move(loaded), plugin, file.filename().string())));
  } catch (const std::exception& error) {
    return failure(
        "cannot_load",
        "cannot be loaded: " + loader_words(error.what(), path, shown(file)) +
            "; install what it needs, or link it with -z defs to find out at build time");
  }
  if (!library->handle_->get().has(kEntry)) {
    return failure("no_entry", std::string("does not export ") + kEntry +
                                   "; add BOURSE_PLUGIN or define the function in one source file");
  }
  if (auto entered = library->enter(); !entered) return std::move(entered).failure();
  return library;
}

Result<void> Library::enter() {
  using Entry = const bourse_plugin*(const bourse_host*);
  auto& entry = handle_->get().get<Entry>(kEntry);
  PluginHost& table = handle_->host();
  const std::lock_guard lock(load_mutex());
  table.listen();
  const auto declared = enter_plugin(kEntry, [&] { return entry(table.table()); });
  const std::string words = table.take_words();
  if (!declared) return declared.failure();
  if (*declared == nullptr) {
    return failure("refuses", std::string("refuses to be loaded: ") +
                                  (words.empty() ? std::string("its ") + kEntry +
                                                       " returned NULL and logged no reason; see "
                                                       "its documentation for what it needs"
                                                 : printable(words, kWordsMax)));
  }
  declared_ = *declared;
  return {};
}

Result<void> Library::start(const HostFunctions& host, const std::string& plugin,
                            decltype(bourse_plugin::init) init,
                            decltype(bourse_plugin::deinit) deinit) {
  if (init != nullptr) {
    const std::lock_guard lock(load_mutex());
    if (auto begun = begin(host, plugin, init); !begun) return begun;
  }
  deinit_ = deinit;
  return {};
}

// What fail recorded comes back as the failure of the call; what was only logged is asked for here.
Result<void> Library::begin(const HostFunctions& host, const std::string& plugin,
                            decltype(bourse_plugin::init) init) {
  PluginHost& table = handle_->host();
  const auto body = [&](bourse_call* call) -> Result<void> {
    const auto status = enter_plugin("init", [&] { return init(table.table(), call); });
    if (!status) return status.failure();
    if (*status == BOURSE_OK) return {};
    return Failure{
        .status = *status, .code = "init_failed", .message = {}, .origin = Origin::kSilent};
  };
  table.listen();
  auto done = host.in_call == nullptr ? body(nullptr) : host.in_call(plugin, body);
  const std::string words = table.take_words();
  if (done) return {};
  Failure& why = done.failure();
  if (why.origin == Origin::kThrew) {
    why.message.insert(0, "its init ");
    return done;
  }
  const std::string begin = "its init failed with status " + std::to_string(why.status);
  if (why.origin != Origin::kSilent) {
    return failure("init_failed",
                   begin + ": " + printable(why.message, kWordsMax) + " [" + why.code + "]");
  }
  if (!words.empty()) return failure("init_failed", begin + ": " + printable(words, kWordsMax));
  return failure("init_failed",
                 begin + " and did not say why; its documentation may tell what it needs");
}

}  // namespace bourse::host
