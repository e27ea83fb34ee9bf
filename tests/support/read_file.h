#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace tiercel::support {

/// A file's bytes; empty where there is none.
inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace tiercel::support
