// SPDX-License-Identifier: MIT
#include "host/plugins/declared.hpp"

#include <utility>

#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {

Failure bad(std::string message) {
  return {.status = BOURSE_INTERNAL, .code = kBad, .message = std::move(message)};
}

Failure within(const std::string& where, Failure failure) {
  failure.message.insert(0, where + ": ");
  return failure;
}

std::string left_out(const std::string& what, const std::string& name, const std::string& of,
                     const char* number, std::int32_t is) {
  return "left out " + what + " " + in_quotes(name) + of + ": this host does not know its " +
         number + " " + std::to_string(is);
}

std::optional<Failure> take_text(const char* text, Text kind, const char* what, std::string& to) {
  const bool line = kind == Text::kLine;
  const std::size_t bytes_max = line ? BOURSE_MAX_LINE_BYTES : BOURSE_MAX_DOC_BYTES;
  const auto bounded = bounded_text(text, bytes_max);
  if (!bounded) {
    return bad(std::string("its ") + what + " is longer than " + std::to_string(bytes_max) +
               " bytes, or has no end");
  }
  if (line ? !is_line(*bounded) : !is_prose(*bounded)) {
    return bad(std::string("its ") + what + " is not UTF-8 text" +
               (line ? " on one line" : " without control characters") + ": " +
               in_quotes(*bounded));
  }
  to = *bounded;
  return std::nullopt;
}

std::optional<Failure> take_name(const char* text, bool (*legal)(std::string_view) noexcept,
                                 const char* rule, std::string& to) {
  const auto bounded = bounded_text(text, BOURSE_MAX_LINE_BYTES);
  if (!bounded || !legal(*bounded)) {
    return bad(bounded ? in_quotes(*bounded) + " is not a legal name, " + rule
                       : std::string("its name is endless, and should be ") + rule);
  }
  to = *bounded;
  return std::nullopt;
}

Result<ParameterList> check_parameters(const bourse_param* const* params, std::size_t n,
                                       const std::string& what, const std::string& of,
                                       Notes& notes) {
  const auto declared = array_of(params, n, BOURSE_MAX_PARAMS, (what + "s").c_str());
  if (!declared) return declared.failure();
  ParameterList list;
  Names names;
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const auto where = what + "s " + std::to_string(i + 1);
    const auto copy = take((*declared)[i], kBad);
    if (!copy) return within(where, copy.failure());
    const bool unknown = is_of_unknown_type(*copy);
    std::string name;
    if (unknown) {
      name = copy->name;
      const auto type = copy->type == BOURSE_TYPE_LIST ? copy->item : copy->type;
      notes.push_back(left_out(what, name, of, "type", type));
      if ((copy->flags & BOURSE_PARAM_REQUIRED) != 0 && list.missed.empty()) {
        list.missed = notes.back();
      }
      list.left_out.resize(declared->size());
      list.left_out[i] = true;
    } else {
      auto parameter = check_parameter(*copy);
      if (!parameter) return within(where, std::move(parameter).failure());
      name = parameter->name;
      list.known.push_back(std::move(*parameter));
    }
    if (!names.insert(name).second) {
      return within(where, bad("the name '" + name + "' is taken; rename one"));
    }
  }
  return list;
}

}  // namespace bourse::host
