#include "tiercel/config/schema.h"

#include <algorithm>

#include "scalar.h"

namespace tiercel::config {

std::string_view Option::section() const {
  const std::size_t dot = path_.rfind('.');
  return dot == std::string::npos ? std::string_view{} : std::string_view(path_).substr(0, dot);
}

std::string_view Option::name() const {
  const std::size_t dot = path_.rfind('.');
  return dot == std::string::npos ? std::string_view(path_)
                                  : std::string_view(path_).substr(dot + 1);
}

const Option* Schema::find(std::string_view path) const {
  const auto option =
      std::find_if(options_.begin(), options_.end(),
                   [path](const Option& candidate) { return candidate.path() == path; });
  return option == options_.end() ? nullptr : &*option;
}

bool Schema::is_section(std::string_view path) const {
  return std::any_of(options_.begin(), options_.end(), [path](const Option& option) {
    const std::string_view section = option.section();
    return section.starts_with(path) &&
           (section.size() == path.size() || section[path.size()] == '.');
  });
}

std::string Schema::section_sentence(std::string_view path) const {
  const auto section = sections_.find(path);
  return section == sections_.end() ? std::string{} : section->second;
}

}  // namespace tiercel::config
