// SPDX-License-Identifier: MIT
#include "tests/exchange/source.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "bourse/report.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000, kSecondNs = 1'000'000'000;
constexpr std::size_t kInstancesMax = 32;

std::string in_folder(const std::string& folder, const std::string& file) {
  if (folder.empty()) return file;
  const std::string path = std::filesystem::absolute(folder) / file;
  // Component takes a plugin that cannot be loaded for a broken test and aborts.
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw std::invalid_argument("cannot load the source plugin: " + std::string(::dlerror()));
  }
  ::dlclose(library);
  return path;
}

/// The declaration of the configuration `now`, or null.
const bourse_param* now_param(const bourse_component& component) {
  for (std::size_t i = 0; i < component.n_config; ++i) {
    if (std::string_view(component.config[i]->name) == "now") return component.config[i];
  }
  return nullptr;
}

}  // namespace

SourceSpec SourceSpec::parse(const std::string& text, std::uint64_t seed,
                             const std::string& plugins) {
  constexpr std::string_view kReplay = "replay:";
  if (text == "synthetic") {
    // The plugin's seed is a signed number of 64 bits.
    return {in_folder(plugins, "synthetic.so"),
            "synthetic",
            {{"seed", std::to_string(static_cast<std::int64_t>(seed))}}};
  }
  if (text.starts_with(kReplay) && text.size() > kReplay.size()) {
    return {in_folder(plugins, "replay.so"), "replay", {{"folder", text.substr(kReplay.size())}}};
  }
  throw std::invalid_argument("source \"" + text + "\": expected synthetic or replay:FOLDER");
}

Source::Source(SourceSpec spec) : spec_(std::move(spec)) {
  const auto probe =
      std::make_unique<const bourse::test::Component>(spec_.file, spec_.id, spec_.config);
  for (std::size_t i = 0; i < probe->wire().n_datasets; ++i) {
    datasets_.emplace_back(probe->wire().datasets[i]->name);
  }
  const bourse_param* const now = now_param(probe->wire());
  travels_ = now != nullptr;
  if (travels_ && now->min != nullptr) {
    first_second_ = host::parse_time(now->min).ns.value_or(0) / kSecondNs;
  }
  if (const auto symbols = probe->fetch("symbols", bourse::test::Texts{}); symbols.ok()) {
    const auto clock = ReportView((*symbols)->wire()).meta("clock");
    own_now_us_ = (clock ? clock->as.i64 : (*symbols)->wire().as_of) / 1'000;
  }
}

bool Source::delivers(std::string_view dataset) const {
  return std::find(datasets_.begin(), datasets_.end(), dataset) != datasets_.end();
}

const Source::Instance* Source::find(std::int64_t second) const {
  const auto found = instances_.find(second);
  if (found == instances_.end()) return nullptr;
  found->second.last_use = ++uses_;
  return &found->second;
}

void Source::make(std::int64_t second) const {
  bourse::test::Texts config = spec_.config;
  if (travels_) config.emplace_back("now", host::print_time(second * kSecondNs));
  auto component = std::make_unique<const bourse::test::Component>(spec_.file, spec_.id, config);
  if (instances_.size() >= kInstancesMax) {
    instances_.erase(std::min_element(
        instances_.begin(), instances_.end(),
        [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; }));
  }
  Instance& instance = instances_[second];
  instance.component = std::move(component);
  instance.last_use = ++uses_;
}

host::Result<bourse::test::ReportPtr> Source::fetch(std::string_view dataset,
                                                    const bourse::test::Texts& params,
                                                    std::int64_t at_us) const {
  const std::int64_t second = travels_ ? std::max(at_us / kSecondUs, first_second_) : 0;
  try {
    for (;;) {
      {
        const std::shared_lock asking(mutex_);
        if (const Instance* const instance = find(second)) {
          return instance->component->fetch(dataset, params);
        }
      }
      const std::unique_lock making(mutex_);
      if (find(second) == nullptr) make(second);
    }
  } catch (const std::runtime_error& refused) {  // to stand at that time
    return host::Failure{
        .status = BOURSE_UNAVAILABLE, .code = "no_such_time", .message = refused.what()};
  }
}

}  // namespace bourse::fake_exchange
