// SPDX-License-Identifier: MIT
//
// request.hpp - request.h in C++: who asks. For logs, traces, and texts in the client's language. A
// component that reads it is not PURE.
#pragma once

#include <string_view>

#include "bourse/call.hpp"
#include "bourse/ext/request.h"
#include "bourse/host.hpp"

namespace bourse::inline sdk_0_1 {

/// Looked up once, in a constructor: Request(host). Empty where the host does not offer it: every
/// text is empty then. Texts are borrowed until the call returns. Any thread.
class Request {
 public:
  explicit Request(Host host) noexcept
      : request_(host.extension<bourse_request>(BOURSE_REQUEST_ID)) {}
  [[nodiscard]] explicit operator bool() const noexcept { return request_ != nullptr; }

  /// As in the log and in X-Request-Id.
  [[nodiscard]] std::string_view id(const Call& call) const noexcept {
    return request_ != nullptr && BOURSE_HAS(request_, id) ? view(request_->id(call.wire()))
                                                           : std::string_view();
  }
  /// W3C traceparent.
  [[nodiscard]] std::string_view trace(const Call& call) const noexcept {
    return request_ != nullptr && BOURSE_HAS(request_, trace) ? view(request_->trace(call.wire()))
                                                              : std::string_view();
  }
  /// Accept-Language: "de-CH, de;q=0.9".
  [[nodiscard]] std::string_view language(const Call& call) const noexcept {
    return request_ != nullptr && BOURSE_HAS(request_, language)
               ? view(request_->language(call.wire()))
               : std::string_view();
  }

 private:
  const bourse_request* request_;
};

}  // namespace bourse::inline sdk_0_1
