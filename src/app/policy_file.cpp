#include "policy_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "tiercel/config/node.h"

namespace tiercel::app {

base::Result<std::string> read_policy_file(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string content(config::kMaxFileBytes + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!in.is_open() || in.bad()) {
    const std::string why = errno == 0 ? "" : ": " + std::generic_category().message(errno);
    return base::Error{"unreadable", "cannot read the policy " + path + why, {}};
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > config::kMaxFileBytes) {
    return base::Error{"too_large", "the policy " + path + " is larger than 1 MiB", {}};
  }
  return base::Result<std::string>(boost::system::in_place_value, std::move(content));
}

}  // namespace tiercel::app
