#include "secret_file.h"

#include <fstream>

#include "tiercel/base/secret_file.h"

namespace tiercel::output {

base::Result<std::string> secret_of(const std::string& configured, const std::string& path,
                                    std::string_view file_option) {
  if (path.empty()) {
    return base::Result<std::string>(boost::system::in_place_value, configured);
  }
  auto text = base::read_secret(path);
  if (!text) {
    return base::Error{"file_unreadable",
                       "cannot read one line from `" + std::string(file_option) + "`", path};
  }
  return base::Result<std::string>(boost::system::in_place_value, std::move(*text));
}

base::Result<void> check_files(
    std::initializer_list<std::pair<std::string_view, std::string_view>> option_and_path) {
  for (const auto& [option, path] : option_and_path) {
    if (!path.empty() &&
        std::ifstream(std::string(path)).peek() == std::ifstream::traits_type::eof()) {
      return base::Error{"file_unreadable",
                         "cannot read the file that `" + std::string(option) + "` names",
                         std::string(path)};
    }
  }
  return {};
}

}  // namespace tiercel::output
