#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tiercel/config/load.h"

namespace tiercel::config::tests {

// What a text without any kind of output loads to, and what was said about it.
struct Outcome {
  Loaded loaded;
  base::Diagnostics diagnostics;

  // "error unknown_key c.yaml:1:1" lines.
  [[nodiscard]] std::string codes() const {
    constexpr std::array<std::string_view, 3> kNames{"note", "warning", "error"};
    std::string out;
    for (const base::Diagnostic& diagnostic : diagnostics.list()) {
      out += out.empty() ? "" : "\n";
      out += kNames[static_cast<std::size_t>(diagnostic.severity)];
      out += " " + diagnostic.code + " " + diagnostic.location.file + ":" +
             std::to_string(diagnostic.location.line) + ":" +
             std::to_string(diagnostic.location.column);
    }
    return out;
  }
  [[nodiscard]] std::string text() const { return base::to_text(diagnostics); }
};

inline Outcome load(std::string_view text) {
  Outcome outcome;
  DocumentRequest request;
  request.path = "c.yaml";
  request.content = std::string(text);
  outcome.loaded = load_settings(request, Purpose::kOffline, outcome.diagnostics);
  return outcome;
}

inline std::string silence_with(std::string_view members) {
  return "silences: [{match: {rule: x}, " + std::string(members) + "}]";
}

}  // namespace tiercel::config::tests
