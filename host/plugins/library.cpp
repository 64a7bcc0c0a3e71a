// SPDX-License-Identifier: MIT
#include "host/plugins/library.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <string>
#include <utility>

#include "host/plugins/file.hpp"
#include "host/plugins/guard.hpp"

namespace bourse::host {
namespace {

constexpr const char* kEntry = "bourse_plugin_v1";

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

}  // namespace

// The copy outlives the mapping: see private_copy.hpp on why its path must stay taken.
class Library::Handle {
 public:
  Handle(PrivateCopy copy, boost::dll::shared_library library)
      : copy_(std::move(copy)), library_(std::move(library)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    library_.unload();
    // Linked with -z nodelete, or holding a GNU-unique symbol: dlclose did nothing.
    if (void* const still = dlopen(copy_.path().c_str(), RTLD_NOW | RTLD_NOLOAD)) {
      dlclose(still);
      copy_.keep_for_ever();
    }
  }

  [[nodiscard]] const boost::dll::shared_library& get() const noexcept { return library_; }

 private:
  PrivateCopy copy_;
  boost::dll::shared_library library_;
};

Library::Library(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

Library::~Library() {
  if (deinit_ != nullptr) (void)guarded([this] { deinit_(); });
}

Result<std::shared_ptr<Library>> Library::open(std::string_view bytes,
                                               const std::filesystem::path& file,
                                               std::string_view digest, PrivateCopy::Where where) {
  auto copy = PrivateCopy::make(bytes, file.filename().string(), digest, where);
  if (!copy) return std::move(copy).failure();
  std::shared_ptr<Library> library;
  try {
    namespace dll = boost::dll;
    dll::shared_library loaded(copy->path().string(),
                               dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    library.reset(new Library(std::make_unique<Handle>(std::move(*copy), std::move(loaded))));
  } catch (const std::exception& error) {
    return failure(
        "cannot_load",
        "cannot be loaded: " + loader_words(error.what(), copy->path().string(), shown(file)) +
            "; install what it needs, or link it with -z defs to find out at build time");
  }
  if (!library->handle_->get().has(kEntry)) {
    return failure("no_entry", std::string("does not export ") + kEntry +
                                   "; add BOURSE_PLUGIN or define the function in one source file");
  }
  using Entry = const bourse_plugin*();
  auto& entry = library->handle_->get().get<Entry>(kEntry);
  const auto declared = guarded([&] { return entry(); });
  if (!declared) return declared.failure();
  if (*declared == nullptr) {
    return failure("refuses", std::string("refuses to be loaded: its ") + kEntry +
                                  " returned NULL; see its documentation for what it needs");
  }
  library->declared_ = *declared;
  return library;
}

Result<void> Library::start(const bourse_host& host, decltype(bourse_plugin::init) init,
                            decltype(bourse_plugin::deinit) deinit) {
  if (init != nullptr) {
    const auto status = guarded([&] { return init(&host); });
    if (!status) {
      auto thrown = status.failure();
      thrown.message.insert(0, "its init ");
      return thrown;
    }
    if (*status != BOURSE_OK) {
      return failure("init_failed", "its init failed with status " + std::to_string(*status) +
                                        "; the log may tell more, its documentation what it needs");
    }
  }
  deinit_ = deinit;
  return {};
}

}  // namespace bourse::host
