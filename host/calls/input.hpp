// SPDX-License-Identifier: MIT
//
// A question to a source that an answer was made of, and how to learn that it has another answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "host/base/result.hpp"
#include "host/calls/context.hpp"
#include "host/calls/workers.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

/// Immutable. Does not keep the source: one that was replaced is gone, whatever was made of it.
class Input {
 public:
  /// `dataset`: of the instance's component. `arguments`: complete; `canonical`: their spelling.
  Input(const std::shared_ptr<Instance>& instance, const Dataset& dataset, Arguments arguments,
        std::string canonical)
      : instance_(instance),
        source_(instance->number()),
        index_(dataset.index),
        dataset_(dataset.name),
        arguments_(std::move(arguments)),
        canonical_(std::move(canonical)) {}

  /// As Known::dataset() was asked.
  [[nodiscard]] std::uint64_t source() const noexcept { return source_; }
  [[nodiscard]] const std::string& dataset() const noexcept { return dataset_; }
  [[nodiscard]] const std::string& canonical() const noexcept { return canonical_; }

 private:
  friend class InputWatch;
  std::weak_ptr<Instance> instance_;
  std::uint64_t source_;
  std::size_t index_;
  std::string dataset_;
  Arguments arguments_;
  std::string canonical_;
};

/// The source tells of one question when it may have another answer. Ends when it is destroyed:
/// after that nothing is told, and nothing is being told.
class InputWatch {
 public:
  /// Nothing: the source is gone, cannot watch, or not this question (then `context` may tell why;
  /// a source says so when it is asked what it cannot tell, which is no fault of it). `changed` is
  /// called as watch.h says, from before this returns on. May wait: not on an I/O thread.
  [[nodiscard]] static std::unique_ptr<InputWatch> begin(const Input& input, const Context& context,
                                                         Workers* workers, void* sink,
                                                         void (*changed)(void* sink));
  /// Could it be watched at all? Asks the plugin. [any]
  [[nodiscard]] static bool is_offered(const Input& input);
  ~InputWatch();
  InputWatch(const InputWatch&) = delete;
  InputWatch& operator=(const InputWatch&) = delete;

 private:
  InputWatch(std::shared_ptr<Instance> instance, std::uint64_t token)
      : instance_(std::move(instance)), token_(token) {}

  std::shared_ptr<Instance> instance_;
  std::uint64_t token_;
};

}  // namespace bourse::host
