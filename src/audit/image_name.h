#pragma once

#include <string_view>

namespace tiercel::audit {

/// What Falco calls an image's repository: all before the first colon, of that all
/// before the first at sign. A registry with a port leaves only its host.
[[nodiscard]] inline std::string_view image_repository(std::string_view image) {
  image = image.substr(0, image.find(':'));
  return image.substr(0, image.find('@'));
}

}  // namespace tiercel::audit
