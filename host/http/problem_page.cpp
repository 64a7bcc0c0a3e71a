// SPDX-License-Identifier: MIT
#include "host/http/problem_page.hpp"

#include "host/base/utf8.hpp"
#include "host/http/html.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kShownMax = 4000;  // characters of one text

// A change of it changes the hash in the policy, which a test computes.
constexpr std::string_view kStyle =
    ":root{color-scheme:light "
    "dark;--page:#fff;--raised:#f6f8fa;--text:#1a1f2b;--muted:#5b616e;--line:#dfe3ea;"
    "--link:#0b5cab}"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--page:#12161f;--raised:#1a202c;--text:#e3e6ec;"
    "--muted:#9aa3b2;--line:#2c3444;--link:#82b8ff}}"
    "body{margin:0 auto;max-width:44rem;padding:clamp(1.2rem,8vh,5rem) "
    "1.2rem;background:var(--page);color:var(--text);font:1rem/1.5 "
    "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\",sans-serif}"
    "h1,p,li,dd{overflow-wrap:anywhere}"
    "h1{margin:0 0 1rem;font-size:1.6rem;line-height:1.2}"
    "h1 span{color:var(--muted);font-weight:400}"
    "h2{margin:1.6rem 0 .4rem;font-size:1rem}"
    "p{margin:0 0 .8rem}"
    "ul{margin:0;padding-left:1.2rem}"
    "a{color:var(--link)}"
    "code{font:.9em ui-monospace,\"SF Mono\",Menlo,Consolas,\"Liberation Mono\",monospace}"
    "dl{display:grid;grid-template-columns:max-content "
    "1fr;gap:.2rem 1rem;margin:2rem 0 0;padding:.8rem 1rem;border:1px solid "
    "var(--line);border-radius:.5rem;background:var(--raised);font-size:.9rem}"
    "dt{color:var(--muted)}dd{margin:0}";

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'sha256-4Am0W+VGYzZDvMKrOKhhnIjcBr7VRT65uwtgPuIVM6M='; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void append_text(std::string& page, std::string_view text) {
  append_html(page, printable(text, kShownMax));
}

void append_fact(std::string& page, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  page.append("<dt>").append(name).append("</dt><dd><code>");
  append_text(page, value);
  page += "</code></dd>\n";
}

/// A path of this server that can be followed as it is; not "//other.example", nor a template.
bool is_link(std::string_view text) {
  return text.starts_with('/') && !text.starts_with("//") &&
         text.find_first_of("{}\\") == std::string_view::npos;
}

void append_offer(std::string& page, const std::vector<std::string>& offer) {
  if (offer.empty()) return;
  page += "<h2>There is</h2>\n<ul>\n";
  for (const std::string& one : offer) {
    page += "<li>";
    if (is_link(one)) {
      page += "<a href=\"";
      append_text(page, one);
      page += "\">";
    }
    page += "<code>";
    append_text(page, one);
    page.append("</code>").append(is_link(one) ? "</a>" : "").append("</li>\n");
  }
  page += "</ul>\n";
}

}  // namespace

std::string_view problem_page_policy() noexcept { return kPolicy; }

std::string problem_page(const Failure& failure, const ProblemFacts& facts) {
  const std::string status = std::to_string(facts.status);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  (page += status) += ' ';
  append_text(page, facts.title);
  page.append("</title>\n<style>").append(kStyle).append("</style>\n</head>\n<body>\n<main>\n<h1>");
  (page += status) += " <span>";
  append_text(page, facts.title);
  page += "</span></h1>\n";
  if (!failure.message.empty()) {
    page += "<p>";
    append_text(page, failure.message);
    page += "</p>\n";
  }
  if (facts.retry_after > 0) {
    page += "<p>Try again in " + std::to_string(facts.retry_after) +
            (facts.retry_after == 1 ? " second.</p>\n" : " seconds.</p>\n");
  }
  append_offer(page, failure.offer);
  page += "<dl>\n";
  append_fact(page, "code", failure.code);
  append_fact(page, "parameter", failure.parameter);
  append_fact(page, "asked", facts.instance);
  append_fact(page, "request", facts.request_id);
  page += "</dl>\n</main>\n</body>\n</html>\n";
  return page;
}

}  // namespace bourse::host
