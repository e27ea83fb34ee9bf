#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tiercel::bench {

/// Where an argument's value goes; a flag has none and becomes true.
using Argument = std::variant<bool*, std::size_t*, double*, std::string*>;

inline void set_argument(const Argument& into, const char* value) {
  if (std::size_t* const* const count = std::get_if<std::size_t*>(&into)) {
    **count = std::strtoul(value, nullptr, 10);
  } else if (double* const* const number = std::get_if<double*>(&into)) {
    **number = std::strtod(value, nullptr);
  } else {
    *std::get<std::string*>(into) = value;
  }
}

/// Reads `--name value` pairs and flags; ends the program at anything else, saying what there is.
inline void read_arguments(int argc, char** argv,
                           std::initializer_list<std::pair<std::string_view, Argument>> known) {
  for (int at = 1; at < argc; ++at) {
    const auto* const found = std::find_if(known.begin(), known.end(),
                                           [&](const auto& row) { return row.first == argv[at]; });
    if (found != known.end() && std::holds_alternative<bool*>(found->second)) {
      *std::get<bool*>(found->second) = true;
      continue;
    }
    if (found != known.end() && at + 1 < argc) {
      set_argument(found->second, argv[++at]);
      continue;
    }
    std::fprintf(stderr, "usage: %s", argv[0]);
    for (const auto& [name, into] : known) {
      std::fprintf(stderr, " [%.*s%s]", static_cast<int>(name.size()), name.data(),
                   std::holds_alternative<bool*>(into) ? "" : " VALUE");
    }
    std::fputc('\n', stderr);
    std::exit(2);
  }
}

}  // namespace tiercel::bench
