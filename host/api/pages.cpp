// SPDX-License-Identifier: MIT
#include "host/api/pages.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "host/answers/twins.hpp"
#include "host/api/html.hpp"
#include "host/api/openapi.hpp"
#include "host/base/utf8.hpp"
#include "host/http/accept.hpp"
#include "host/http/accept_encoding.hpp"
#include "host/http/conditional.hpp"
#include "host/http/html.hpp"
#include "host/http/text.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/digest.hpp"
#include "host/routing/router.hpp"
#include "host/routing/target.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileBytesMax = 16U << 20U;
constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kJson = "application/json";
constexpr const char* kCss = "text/css; charset=utf-8";
constexpr const char* kScript = "text/javascript; charset=utf-8";
constexpr const char* kIndexJson = "/index.json";  // of no request: what "/" may also be
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr const char* kExplorerStyle =
    "body{margin:0}nav{font:14px/1.5 system-ui,sans-serif;max-width:1460px;margin:0 auto;"
    "padding:12px 20px 0}nav a{margin-right:1.25em;color:#0a58ca}"
    ".swagger-ui .info{margin:20px 0}\n";

BytesPtr bytes_of(std::string_view text) { return std::make_shared<const std::string>(text); }
BytesPtr bytes_of(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

BytesPtr read_file(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error || size == 0 || size > kFileBytesMax) return nullptr;
  std::ifstream in(file, std::ios::binary);
  std::string text(size, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size))) return nullptr;
  return bytes_of(std::move(text));
}

/// Whether a route says this path literally.
bool is_taken(const Generation& generation, std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view segment : split_path(path)) segments.emplace_back(segment);
  const auto match = generation.router().find(segments);
  return match && match->parameters.empty() && !match->beyond;
}

/// Without the folder, which is no business of who reads the page.
constexpr char kMissingNotice[] =
    "<p class=\"notice\">Requests cannot be tried from this page, because the files of "
    "swagger-ui are not installed. In the source tree, <code>./dev docs-page</code> fetches them; "
    "packages and images have them; <code>server: {api: {docs: ...}}</code> names the "
    "folder.</p>\n";

}  // namespace

fs::path explorer_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return program.parent_path().parent_path() / "share" / "bourse" / "docs";
}

std::shared_ptr<const ExplorerFiles> read_explorer(const fs::path& folder) {
  auto files = std::make_shared<ExplorerFiles>();
  files->folder = folder;
  files->script = read_file(folder / "swagger-ui-bundle.js");
  files->style = read_file(folder / "swagger-ui.css");
  if (files->are_there()) {
    files->script_gzip = make_twin(*files->script, Coding::kGzip);
    files->style_gzip = make_twin(*files->style, Coding::kGzip);
  }
  return files;
}

ApiPages::ApiPages(const Generation& generation, const ApiPages* before)
    : config_(generation.api()) {
  if (config_.pages == ApiPlace::kNowhere) return;
  if (config_.has_explorer) {
    const fs::path folder = config_.docs.empty() ? explorer_folder() : config_.docs;
    const bool same = before != nullptr && before->files_ && before->files_->folder == folder &&
                      before->files_->are_there();
    files_ = same ? before->files_ : read_explorer(folder);
    if (!files_->are_there() && !config_.docs.empty()) {
      log_event(BOURSE_LEVEL_WARN, "docs_missing",
                {{"folder", folder.string()},
                 {"message",
                  "there is no swagger-ui-bundle.js and swagger-ui.css to be read; /docs "
                  "is the plain page"}});
    }
  }
  const std::vector<Operation> operations = operations_of(generation);
  add(generation, "/openapi.json", kJson, bytes_of(openapi_json(operations, config_)));
  add(generation, "/", kHtml, bytes_of(index_html(operations, config_)));
  if (pages_.contains("/")) {
    add(generation, kIndexJson, kJson, bytes_of(index_json(operations, config_)));
  }
  for (const Operation& operation : operations) {
    if (operation.route->access.is_public()) forms_.emplace(operation.id, RouteForm(operation));
  }
  add(generation, "/docs/pages.css", kCss, bytes_of(stylesheet()));
  add(generation, "/docs/plain", kHtml, bytes_of(reference_html(operations, config_, "../", "")));
  if (files_ && files_->are_there()) {
    add_explorer(generation);
    return;
  }
  add(generation, "/docs", kHtml,
      bytes_of(reference_html(operations, config_, "", files_ ? kMissingNotice : "")));
}

void ApiPages::add_explorer(const Generation& generation) {
  add(generation, "/docs", kHtml, bytes_of(explorer_html(config_)));
  add(generation, "/docs/explorer.js", kScript, bytes_of(explorer_script()));
  add(generation, "/docs/explorer.css", kCss, bytes_of(std::string_view(kExplorerStyle)));
  add(generation, "/docs/swagger-ui-bundle.js", kScript, files_->script, files_->script_gzip);
  add(generation, "/docs/swagger-ui.css", kCss, files_->style, files_->style_gzip);
}

void ApiPages::add(const Generation& generation, const std::string& path, std::string media_type,
                   BytesPtr bytes, BytesPtr gzip) {
  if (is_taken(generation, path)) return;
  if (!gzip) gzip = make_twin(*bytes, Coding::kGzip);
  std::string version = sha256_hex(*bytes).substr(0, 32);
  pages_.emplace(
      path, Page{std::move(bytes), std::move(gzip), std::move(media_type), std::move(version)});
}

std::optional<Response> ApiPages::answer(const Request& request, ApiPlace listener) const {
  if (config_.pages != listener) return std::nullopt;
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  if (path == kIndexJson) return std::nullopt;
  if (path == "/docs/" && pages_.contains("/docs")) {
    Response moved;
    moved.status = 308;
    moved.headers = {{"Location", "../docs"}};
    return moved;
  }
  constexpr std::string_view kOpen = "/docs/open/";
  if (path.starts_with(kOpen)) return open(path.substr(kOpen.size()), request);
  const auto page = pages_.find(path);
  if (page == pages_.end()) return std::nullopt;
  if (path != "/") return response(page->second, request, false);
  const std::string accept = request.header("Accept");
  const bool json =
      !accept.empty() && accept_liking(accept, kJson).is_more_than(accept_liking(accept, kHtml));
  return response(json ? pages_.at(kIndexJson) : page->second, request, true);
}

/// Relative to the page, so that it holds behind a proxy that adds a prefix.
std::optional<Response> ApiPages::open(std::string_view id, const Request& request) const {
  const auto form = forms_.find(id);
  if (form == forms_.end()) return std::nullopt;
  Response moved;
  moved.status = 303;
  moved.headers = {{"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  const auto said = parse_target(request.target);
  const auto to = said ? form->second.target(said->query) : std::nullopt;
  moved.headers.emplace_back("Location", to ? "../.." + *to : "../plain#" + std::string(id));
  return moved;
}

Response ApiPages::response(const Page& page, const Request& request, bool by_accept) const {
  static constexpr std::array<std::string_view, 1> kOffered = {"gzip"};
  const std::string accepted = request.header("Accept-Encoding");
  bool has_field = false;
  for (const auto& [name, value] : request.headers) {
    has_field = has_field || equal_ignoring_case(name, "Accept-Encoding");
  }
  const CodingRanking ways = rank_codings(
      has_field, accepted, page.gzip ? std::span(kOffered) : std::span<const std::string_view>());
  // Who takes nothing that is there is given the bytes as they are.
  const bool gzip = !ways.empty() && *ways.begin() != CodingRanking::kAsTheyAre;
  const std::string etag = '"' + page.version + (gzip ? "-gz" : "") + '"';
  Response made;
  made.headers = {{"ETag", etag},
                  {"Cache-Control", "no-cache"},
                  {"Vary", by_accept ? "Accept, Accept-Encoding" : "Accept-Encoding"},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"},
                  {"Content-Security-Policy", kPolicy}};
  switch (evaluate(request.header("If-Match"), request.header("If-None-Match"), etag)) {
    case Condition::kFailed:
      made.status = 412;
      return made;
    case Condition::kNotModified:
      made.status = 304;
      return made;
    case Condition::kSend:
      break;
  }
  made.headers.emplace_back("Content-Type", page.media_type);
  if (gzip) made.headers.emplace_back("Content-Encoding", "gzip");
  made.body = gzip ? page.gzip : page.bytes;
  return made;
}

}  // namespace bourse::host
