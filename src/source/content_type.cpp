#include "content_type.h"

#include <algorithm>
#include <array>

#include "tiercel/http/request.h"

namespace tiercel::source {

namespace {

constexpr std::array<std::string_view, 6> kOtherFamilies{"audio",   "font",      "image",
                                                         "message", "multipart", "video"};
constexpr std::array<std::string_view, 11> kOtherTypes{"application/gzip",
                                                       "application/javascript",
                                                       "application/pdf",
                                                       "application/x-www-form-urlencoded",
                                                       "application/xhtml+xml",
                                                       "application/xml",
                                                       "application/zip",
                                                       "text/css",
                                                       "text/html",
                                                       "text/javascript",
                                                       "text/xml"};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  const std::size_t last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, last - first + 1);
}

}  // namespace

bool may_be_batch(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  const std::size_t slash = type.find('/');
  if (slash == std::string_view::npos) {
    return true;
  }
  const auto is = [](std::string_view wanted) {
    return [wanted](std::string_view known) { return http::same_word(known, wanted); };
  };
  return std::none_of(kOtherTypes.begin(), kOtherTypes.end(), is(type)) &&
         std::none_of(kOtherFamilies.begin(), kOtherFamilies.end(), is(type.substr(0, slash)));
}

}  // namespace tiercel::source
