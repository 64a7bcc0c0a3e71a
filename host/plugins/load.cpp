// SPDX-License-Identifier: MIT
#include "host/plugins/load.hpp"

#include <algorithm>
#include <cassert>
#include <set>
#include <string_view>
#include <utility>

#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/descriptors.hpp"
#include "host/plugins/digest.hpp"
#include "host/plugins/elf.hpp"
#include "host/plugins/file.hpp"
#include "host/plugins/library.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

Failure failure(std::string code, std::string message) {
  return {.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

Result<void> check_pin(std::string_view pin, std::string_view digest) {
  constexpr std::string_view kPrefix = "sha256:";
  const auto wanted = lower_case(pin.substr(std::min(kPrefix.size(), pin.size())));
  if (!pin.starts_with(kPrefix) || wanted.size() != 64 ||
      wanted.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return failure("bad_pin", "its pin " + in_quotes(pin) +
                                  " is not 'sha256:' and 64 hexadecimal digits; sha256sum prints "
                                  "them");
  }
  if (wanted != digest) {
    return failure("pin_mismatch", "is not the file that the configuration pins: its sha256 is " +
                                       std::string(digest) + ", wanted is " + wanted +
                                       "; put the right file there, or correct the pin");
  }
  return {};
}

// A plugin's descriptions and its library become one thing.
std::shared_ptr<const Plugin> join(Declaration declaration, std::shared_ptr<const Library> library,
                                   const fs::path& file, std::string digest) {
  auto plugin = std::make_shared<Plugin>();
  plugin->name = std::move(declaration.name);
  plugin->version = std::move(declaration.version);
  plugin->vendor = std::move(declaration.vendor);
  plugin->license = std::move(declaration.license);
  plugin->url = std::move(declaration.url);
  plugin->built_with = std::move(declaration.built_with);
  plugin->abi_minor = declaration.abi_minor;
  plugin->file = file;
  plugin->sha256 = std::move(digest);
  plugin->notes = std::move(declaration.notes);
  for (auto& component : declaration.components) {
    component.library = library;
    component.host = library->host();
    component.plugin = plugin->name;
    component.version = plugin->version;
    component.file = file;
    plugin->components.push_back(std::make_shared<const Component>(std::move(component)));
  }
  plugin->library = std::move(library);
  return plugin;
}

class Loader {
 public:
  explicit Loader(const LoadRequest& request) : request_(request) {}

  Loaded run() {
    for (const auto& folder : request_.folders) search(folder);
    for (const auto& [name, pin] : request_.pins) {
      if (!seen_names_.contains(name)) {
        refuse(name, failure("pinned_file_missing",
                             name + ": is pinned, but in none of the folders; put it there, or "
                                    "remove its pin"));
      }
    }
    return {std::move(catalog_), std::move(refusals_)};
  }

 private:
  void search(const fs::path& folder) {
    auto canonical = open_folder(folder);
    if (!canonical) return refuse(folder, std::move(canonical).failure());
    if (!seen_folders_.insert(*canonical).second) return;
    auto files = list_libraries(*canonical);
    if (!files) return refuse(folder, std::move(files).failure());
    for (const auto& file : *files) {
      if (!request_.only.empty() && file.filename() != request_.only) continue;
      seen_names_.insert(file.filename().string());
      if (const Failure* const why = known_bad(file)) {
        refuse(file, *why);
        continue;
      }
      auto added = load(file, *canonical);
      if (!added) refuse(file, std::move(added).failure());
    }
  }

  Result<void> load(const fs::path& file, const fs::path& folder) {
    try {
      const auto bytes = read_trusted(file, folder);
      if (!bytes) return bytes.failure();
      auto admitted = admit(*bytes, file);
      if (!admitted) admitted.failure().message.insert(0, shown(file) + ": ");
      return admitted;
    } catch (const std::exception& error) {  // out of memory: costs this file, not the others
      return failure("cannot_load", shown(file) + ": cannot be loaded: " + error.what());
    }
  }

  Result<void> admit(std::string_view bytes, const fs::path& file) {
    auto digest = sha256_hex(bytes);
    if (digest.empty())
      return failure("no_digest", "cannot be hashed; is OpenSSL installed whole?");
    if (const auto pin = request_.pins.find(file.filename().string()); pin != request_.pins.end()) {
      if (auto right = check_pin(pin->second, digest); !right) return right;
    }
    if (auto running = running_one(file, digest)) return catalog_->add(std::move(running));
    const auto manifest = inspect(bytes);
    if (!manifest) return manifest.failure();
    auto copy = request_.in_place ? Result<PrivateCopy>(PrivateCopy::in_place(file))
                                  : PrivateCopy::make(bytes, file.filename().string(), digest);
    if (!copy) return std::move(copy).failure();
    auto library = Library::open(*std::move(copy), file, *request_.host, manifest->name);
    if (!library) return std::move(library).failure();
    return welcome(*manifest, *library, file, std::move(digest));
  }

  static Result<Manifest> inspect(std::string_view bytes) {
    const auto elf = ElfLibrary::parse(bytes);
    if (!elf) return elf.failure();
    auto manifest = manifest_of(*elf);
    if (manifest && !elf->exports("bourse_plugin_v1")) {
      return failure("no_entry",
                     "does not export bourse_plugin_v1; add BOURSE_PLUGIN to one source file, or "
                     "define the function there with default visibility");
    }
    return manifest;
  }

  Result<void> welcome(const Manifest& manifest, const std::shared_ptr<Library>& library,
                       const fs::path& file, std::string digest) {
    auto declaration = check_plugin(library->declared(), manifest);
    if (!declaration) return std::move(declaration).failure();
    const auto init = declaration->init;
    const auto deinit = declaration->deinit;
    const auto plugin = join(std::move(*declaration), library, file, std::move(digest));
    if (auto room = catalog_->check_room_for(*plugin); !room) return room;
    auto started = library->start(*request_.host, plugin->name, init, deinit);
    if (!started) return started;
    if (request_.kept != nullptr) request_.kept->emplace(std::pair(file, plugin->sha256), plugin);
    return catalog_->add(plugin);
  }

  [[nodiscard]] std::shared_ptr<const Plugin> running_one(const fs::path& file,
                                                          const std::string& digest) const {
    if (request_.kept == nullptr) return nullptr;
    const auto kept = request_.kept->find({file, digest});
    return kept == request_.kept->end() ? nullptr : kept->second;
  }

  [[nodiscard]] const Failure* known_bad(const fs::path& file) const {
    if (request_.known_bad == nullptr) return nullptr;
    const auto found = request_.known_bad->find(file);
    return found == request_.known_bad->end() ? nullptr : &found->second;
  }

  void refuse(const fs::path& file, Failure why) { refusals_.push_back({file, std::move(why)}); }

  const LoadRequest& request_;
  std::shared_ptr<Catalog> catalog_ = std::make_shared<Catalog>();
  std::vector<Refusal> refusals_;
  std::set<fs::path> seen_folders_;
  std::set<std::string> seen_names_;
};

}  // namespace

Loaded load_plugins(const LoadRequest& request) {
  assert(request.host != nullptr);
  return Loader(request).run();
}

}  // namespace bourse::host
