#include <cstdlib>

#include "tiercel/config/document.h"

namespace tiercel::config {

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Expansion expand_environment(std::string_view text, const Environment& environment) {
  Expansion expansion;
  std::string_view rest = text;
  while (true) {
    const std::size_t dollar = rest.find('$');
    if (dollar == std::string_view::npos) {
      break;
    }
    const std::string_view from_dollar = rest.substr(dollar);
    const bool escaped = from_dollar.starts_with("$${");
    const std::size_t close = from_dollar.find('}');
    if ((!escaped && !from_dollar.starts_with("${")) || close == std::string_view::npos) {
      break;  // any other dollar: the rest stays as it is
    }
    expansion.text += rest.substr(0, dollar);
    if (escaped) {
      expansion.text += from_dollar.substr(1, close);
    } else {
      const std::string name(from_dollar.substr(2, close - 2));
      expansion.suspicious = expansion.suspicious || name.starts_with('{');
      expansion.text += environment(name).value_or(std::string{});
    }
    rest = from_dollar.substr(close + 1);
  }
  expansion.text += rest;
  return expansion;
}

}  // namespace tiercel::config
