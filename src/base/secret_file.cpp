#include "tiercel/base/secret_file.h"

#include <fstream>
#include <iterator>
#include <string_view>

namespace tiercel::base {

std::optional<std::string> read_secret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  const bool is_line =
      !text.empty() && text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  return is_line ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

}  // namespace tiercel::base
