#include "json_pointer.h"

#include <charconv>

namespace tiercel::audit {

namespace {

void replace_all(std::string& text, std::string_view from, char to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
    text.replace(at, from.size(), 1, to);
  }
}

// An element's number: a sign and leading zeros are accepted, as Go's reader does.
Json element_at(Json array, std::string_view part) {
  const bool negative = part.starts_with('-');
  if (negative || part.starts_with('+')) {
    part.remove_prefix(1);
  }
  std::uint64_t index = 0;
  const char* const end = part.data() + part.size();
  const auto read = std::from_chars(part.data(), end, index);
  if (part.empty() || read.ec != std::errc{} || read.ptr != end || (negative && index != 0)) {
    return {};
  }
  return array.element(index);
}

}  // namespace

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> parts;
  if (pointer.empty()) {
    return parts;
  }
  if (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
  }
  for (bool more = true; more;) {
    const std::size_t slash = pointer.find('/');
    more = slash != std::string_view::npos;
    std::string& part = parts.emplace_back(pointer.substr(0, slash));
    replace_all(part, "~1", '/');
    replace_all(part, "~0", '~');
    pointer.remove_prefix(more ? slash + 1 : pointer.size());
  }
  return parts;
}

Json follow_pointer(Json from, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    from = from.is_array() ? element_at(from, part) : from.member(part);
  }
  return from;
}

}  // namespace tiercel::audit
