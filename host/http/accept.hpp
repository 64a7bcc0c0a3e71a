// SPDX-License-Identifier: MIT
//
// What a client wants of media types: the header Accept, RFC 9110, section 12.5.1.
#pragma once

#include <string>
#include <string_view>

namespace bourse::host {

/// How much a client wants a media type, and how exactly it named it.
struct Liking {
  int quality = 0;    ///< 0 to 1000; -1 when the header cannot be read
  int exactness = 0;  ///< of the range that decided: more is more exact, of all that is more than 0

  /// What is liked as much and was named more exactly goes before what is only not refused.
  [[nodiscard]] bool is_more_than(const Liking& other) const noexcept {
    return quality != other.quality ? quality > other.quality : exactness > other.exactness;
  }
};

/// The most specific range that matches decides. A range that names another registered or usual
/// name of the media type ("text/xml" of "application/xml") matches, and is less exact than the
/// very name. An Accept that is empty likes everything, as "*/*" does.
[[nodiscard]] Liking accept_liking(std::string_view accept, std::string_view media_type);
[[nodiscard]] inline int accept_quality(std::string_view accept, std::string_view media_type) {
  return accept_liking(accept, media_type).quality;
}

/// Whether it would rather read a page than a document for programs: a browser says so of what a
/// person typed or followed a link to, and not of what a script fetches.
[[nodiscard]] bool prefers_html(std::string_view accept);

/// Whether it asks for events (text/event-stream), by name and before all else that it names.
[[nodiscard]] bool prefers_events(std::string_view accept);
/// The same header without that: what it wants the answers to be that it is told of.
[[nodiscard]] std::string without_events(std::string_view accept);

}  // namespace bourse::host
