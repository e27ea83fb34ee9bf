#pragma once

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tiercel::bench {

/// Where an argument's value goes.
using Argument = std::variant<std::size_t*, double*, std::string*>;

/// Reads `--name value` pairs; ends the program at anything else, saying what there is.
inline void read_arguments(int argc, char** argv,
                           std::initializer_list<std::pair<std::string_view, Argument>> known) {
  for (int at = 1; at < argc; at += 2) {
    bool is_known = false;
    for (const auto& [name, into] : known) {
      if (at + 1 == argc || name != argv[at]) {
        continue;
      }
      is_known = true;
      const char* const value = argv[at + 1];
      if (std::size_t* const* const count = std::get_if<std::size_t*>(&into)) {
        **count = std::strtoul(value, nullptr, 10);
      } else if (double* const* const number = std::get_if<double*>(&into)) {
        **number = std::strtod(value, nullptr);
      } else {
        *std::get<std::string*>(into) = value;
      }
    }
    if (!is_known) {
      std::fprintf(stderr, "usage: %s", argv[0]);
      for (const auto& [name, into] : known) {
        std::fprintf(stderr, " [%.*s VALUE]", static_cast<int>(name.size()), name.data());
      }
      std::fputc('\n', stderr);
      std::exit(2);
    }
  }
}

}  // namespace tiercel::bench
