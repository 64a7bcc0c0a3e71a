// SPDX-License-Identifier: MIT
#include "tests/exchange/pages.hpp"

#include "tests/exchange/api_error.hpp"

namespace bourse::fake_exchange {
namespace {

// As users of the exchange reported it.
constexpr const char* kFirewall =
    R"(<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY><H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked.</BODY></HTML>
)";
constexpr const char* kGeoBlock = R"({
  "code": 0,
  "msg": "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error."
}
)";

Response usual(const Fault& fault, const Request& request) {
  const auto status = [&fault](int usual) { return fault.status != 0 ? fault.status : usual; };
  switch (fault.kind) {
    case FaultKind::kFirewall:
      return firewall_page();
    case FaultKind::kGeoBlock:
      return geo_block();
    case FaultKind::kNotFound:
      return not_found(request);
    case FaultKind::kServerError:
      return {500, {{"Server", "nginx"}}, ""};
    case FaultKind::kBadGateway:
      return proxy_page(502);
    case FaultKind::kTooManyPage:
      return proxy_page(429);
    case FaultKind::kGatewayTimeout:
      return proxy_page(504);
    case FaultKind::kBusy:
      return json(503, ApiError::body(-1008, kServerBusyText));
    case FaultKind::kTimeout:
      return json(status(503), ApiError::body(-1007, kTimeoutText));
    case FaultKind::kRedirect: {
      Response out = proxy_page(status(302));
      out.headers.emplace_back("Location", fault.text);
      return out;
    }
    case FaultKind::kBody:
      return json(status(200), fault.text);
    case FaultKind::kEmpty:
      return json(200, "");
    default:
      return json(status(400), ApiError::body(fault.code, fault.text));
  }
}

}  // namespace

Response html(int status, std::string body) {
  return {status, {{"Content-Type", "text/html"}, {"Server", "nginx"}}, std::move(body)};
}

Response json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json;charset=UTF-8"}}, std::move(body)};
}

Response firewall_page() {
  return {403,
          {{"Content-Type", "text/html"},
           {"Server", "CloudFront"},
           {"X-Cache", "Error from cloudfront"}},
          kFirewall};
}

Response geo_block() { return json(451, kGeoBlock); }

Response not_found(const Request& request) {
  const auto accept = request.header("Accept");
  if (accept && accept->find("text/html") != std::string_view::npos) return proxy_page(404);
  return json(404, "");
}

Response proxy_page(int status) {
  const std::string title = std::to_string(status) + " " + std::string(reason_phrase(status));
  return html(status, "<html>\r\n<head><title>" + title +
                          "</title></head>\r\n<body>\r\n<center><h1>" + title +
                          "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n"
                          "</html>\r\n");
}

Response instead(const Fault& fault, const Request& request) {
  Response out = usual(fault, request);
  if (const std::size_t colon = fault.header.find(": "); colon != std::string::npos) {
    out.headers.emplace_back(fault.header.substr(0, colon), fault.header.substr(colon + 2));
  }
  return out;
}

bool from_proxy(FaultKind kind) noexcept {
  switch (kind) {
    case FaultKind::kFirewall:
    case FaultKind::kGeoBlock:
    case FaultKind::kNotFound:
    case FaultKind::kBadGateway:
    case FaultKind::kGatewayTimeout:
    case FaultKind::kTooManyPage:
    case FaultKind::kRedirect:
      return true;
    default:
      return false;
  }
}

}  // namespace bourse::fake_exchange
