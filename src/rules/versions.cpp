#include "versions.h"

#include <array>
#include <charconv>

namespace tiercel::rules {

std::optional<Version> parse_version(std::string_view text) {
  std::array<std::uint64_t, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t part = 0; part < numbers.size(); ++part) {
    if (part > 0) {
      if (at == end || *at != '.') {
        return std::nullopt;
      }
      ++at;
    }
    const auto [next, error] = std::from_chars(at, end, numbers[part]);
    if (error != std::errc{}) {
      return std::nullopt;
    }
    at = next;
  }
  return Version{numbers[0], numbers[1], numbers[2]};
}

std::optional<Version> parse_engine_version(std::string_view text) {
  std::uint32_t minor = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), minor);
  if (error == std::errc{} && next == text.data() + text.size()) {
    return Version{0, minor, 0};
  }
  return parse_version(text);
}

std::string to_text(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch);
}

bool satisfies(const Version& have, const Version& need) {
  return have.major == need.major && have >= need;
}

}  // namespace tiercel::rules
