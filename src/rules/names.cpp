#include "names.h"

#include <algorithm>

namespace tiercel::rules {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool is_macro_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_list_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \b\t\r\n\v\f()\"'=,") == std::string_view::npos;
}

bool is_delimiter(char c) {
  return std::string_view(" \t\n\r(),=").find(c) != std::string_view::npos;
}

}  // namespace tiercel::rules
