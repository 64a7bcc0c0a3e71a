// SPDX-License-Identifier: MIT
#include "host/validate/subject.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bourse/words.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/elf.hpp"
#include "host/plugins/file.hpp"
#include "host/plugins/foreign_call.hpp"
#include "host/plugins/guard.hpp"
#include "host/plugins/private_copy.hpp"
#include "host/routing/lookup.hpp"
#include "host/validate/process_state.hpp"

namespace bourse::host::validate {
namespace {

constexpr const char* kEntry = "bourse_plugin_v1";

Failure failed(std::string code, std::string message) {
  return {.status = BOURSE_INTERNAL, .code = std::move(code), .message = std::move(message)};
}

}  // namespace

// The copy is there as long as the library may be.
struct Subject::Loaded {
  std::optional<PrivateCopy> copy = {};
  std::string path = {};
  void* library = nullptr;
  Manifest manifest = {};
  std::map<long, std::string> threads = {};  // that ran before
};

std::string kind_and_id(const Component& component) {
  return std::string(kind_name(component.kind)) + "/" + component.id;
}

Subject::Subject(Request request, const Findings& findings)
    : request_(std::move(request)),
      findings_(findings),
      random_(Random::seed_for(request_.seed, request_.component)),
      end_of_work_(std::chrono::steady_clock::now() + request_.limit / 2),
      loaded_(std::make_unique<Loaded>()) {}

Subject::~Subject() {
  end();
  // As a server does: a thread that was left would run on where there is no code. That it was left
  // is a rule of its own.
  constexpr std::chrono::milliseconds kPatience{200};
  if (loaded_->library != nullptr && !threads_left(loaded_->threads, kPatience).empty()) {
    keep_loaded();
  }
  close();
}

Result<void> Subject::read() {
  if (!bytes_.empty()) return {};
  auto read = read_any(request_.file);
  if (!read) return std::move(read).failure();
  bytes_ = *std::move(read);
  return {};
}

const std::string& Subject::bytes() {
  if (auto done = read(); !done) findings_.fail("", done.failure().message);
  return bytes_;
}

bool Subject::load(const HostFunctions& host, HostShape shape) {
  auto done = open();
  if (done) done = enter(host, shape);
  if (done) done = start();
  if (done) return true;
  findings_.skip("the plugin cannot be loaded (descriptions.loads says why)");
  return false;
}

Result<void> Subject::prepare() {
  if (!loaded_->path.empty()) return {};
  adopt_process_state();  // what the host holds for that is there before anybody counts
  if (auto done = read(); !done) return done;
  const auto elf = ElfLibrary::parse(bytes_);
  if (!elf) return elf.failure();
  auto manifest = manifest_of(*elf);
  if (!manifest) return std::move(manifest).failure();
  loaded_->manifest = *std::move(manifest);
  loaded_->path = std::filesystem::absolute(request_.file).string();
  if (!request_.in_place) {
    auto copy = PrivateCopy::make(bytes_, request_.file.filename().string(), "validate");
    if (!copy) return std::move(copy).failure();
    loaded_->path = copy->path().string();
    loaded_->copy.emplace(*std::move(copy));
  }
  return {};
}

Result<void> Subject::open() {
  if (auto done = prepare(); !done) return done;
  loaded_->threads = threads_now();
  findings_.item("loading the library: its constructors");
  loaded_->library = dlopen(loaded_->path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded_->library == nullptr) {
    const char* const words = dlerror();
    return failed("cannot_load", std::string("cannot be loaded: ") +
                                     (words == nullptr ? "no reason is known" : words));
  }
  return {};
}

Result<void> Subject::enter(const HostFunctions& host, HostShape shape) {
  using Entry = const bourse_plugin*(const bourse_host*);
  auto* const entry = reinterpret_cast<Entry*>(dlsym(loaded_->library, kEntry));
  if (entry == nullptr) {
    return failed("no_entry", std::string("does not export ") + kEntry);
  }
  findings_.item(kEntry);
  functions_ = host;
  table_ = std::make_unique<HostTable>(host.table, shape);
  const auto declared = guarded([&] { return entry(table_->get()); });
  if (!declared) return declared.failure();
  if (*declared == nullptr) return failed("refuses", "refuses to be loaded");
  declared_ = *declared;
  return describe();
}

Result<void> Subject::describe() {
  auto declaration = check_plugin(declared_, loaded_->manifest);
  if (!declaration) return std::move(declaration).failure();
  declaration_ = *std::move(declaration);
  components_.clear();
  for (Component component : declaration_->components) {
    component.host = table_->get();
    component.plugin = declaration_->name;
    component.version = declaration_->version;
    component.file = request_.file;
    components_.push_back(std::make_shared<const Component>(std::move(component)));
    if (kind_and_id(*components_.back()) == request_.component) component_ = components_.back();
  }
  if (!request_.component.empty() && component_ == nullptr) {
    return failed("no_component", "does not declare " + in_quotes(request_.component) +
                                      " this time: a description does not change");
  }
  return {};
}

Result<void> Subject::start() {
  if (declaration_->init != nullptr) {
    findings_.item("init");
    const auto body = [&](bourse_call* call) -> Result<void> {
      const auto status = guarded([&] { return declaration_->init(table_->get(), call); });
      if (!status) return status.failure();
      if (*status == BOURSE_OK) return {};
      return Failure{.status = *status,
                     .code = "init_failed",
                     .message = "init failed with status " + std::to_string(*status),
                     .origin = Origin::kSilent};
    };
    auto done = functions_.in_call == nullptr ? body(nullptr)
                                              : functions_.in_call(declaration_->name, body);
    if (!done) return done;
  }
  is_started_ = true;
  return {};
}

void Subject::end() {
  if (!std::exchange(is_started_, false) || declaration_->deinit == nullptr) return;
  findings_.item("deinit");
  (void)guarded([&] { declaration_->deinit(); });
}

void Subject::close() {
  components_.clear();
  component_.reset();
  declared_ = nullptr;
  if (void* const library = std::exchange(loaded_->library, nullptr)) {
    findings_.item("unloading the library: its destructors");
    dlclose(library);
  }
}

void Subject::keep_loaded() noexcept {
  is_started_ = false;
  // The table, too: what runs on may still log.
  (void)table_.release();
  if (loaded_->copy) loaded_->copy->keep_for_ever();
  loaded_->library = nullptr;
}

bool Subject::stays_mapped() const {
  void* const still = dlopen(loaded_->path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (still != nullptr) dlclose(still);
  return still != nullptr;
}

NamedTexts Subject::texts_for(const Component& component) const {
  NamedTexts texts;
  for (const auto& [name, text] : request_.settings) {
    const auto dot = name.find('.');
    const std::string own = dot == std::string::npos ? name : name.substr(dot + 1);
    if (dot != std::string::npos && name.substr(0, dot) != component.id) continue;
    const bool is_known =
        std::any_of(component.config.begin(), component.config.end(),
                    [&](const Parameter& parameter) { return parameter.name == own; });
    if (is_known) texts.emplace_back(own, text);
  }
  return texts;
}

std::optional<Arguments> Subject::settings(const Component& component) const {
  const NamedTexts texts = texts_for(component);
  for (const Parameter& parameter : component.config) {
    const bool is_given = std::any_of(texts.begin(), texts.end(), [&](const auto& given) {
      return given.first == parameter.name;
    });
    if (parameter.required && !parameter.def && !is_given) {
      findings_.skip("it needs the setting " + parameter.name + ": give it with --set " +
                     component.id + "." + parameter.name + "=VALUE");
      return std::nullopt;
    }
  }
  auto settings = read_arguments(component.config, texts, wall_clock());
  if (settings) return *std::move(settings);
  findings_.skip("its settings cannot be used: " + settings.failure().message);
  return std::nullopt;
}

Result<std::shared_ptr<Instance>> Subject::create(const std::shared_ptr<const Component>& component,
                                                  const Arguments& settings) const {
  const Context context{.request_id = "", .route = "validate"};
  bourse_call call(context, *component);
  auto made = Instance::create(component, &call, settings);
  if (!made) return *call.outcome(std::move(made).failure());
  return made;
}

std::shared_ptr<Instance> Subject::create() const {
  const auto with = settings(*component_);
  if (!with) return nullptr;
  findings_.item("create of " + request_.component);
  auto made = create(component_, *with);
  if (made) return *std::move(made);
  findings_.skip("create refuses its settings: " + made.failure().message + " [" +
                 made.failure().code + "]; give others with --set");
  return nullptr;
}

}  // namespace bourse::host::validate
