#pragma once

#include <array>
#include <fstream>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/config/load.h"
#include "tiercel/config/reporter.h"
#include "tiercel/config/schema.h"
#include "tiercel/output/kinds.h"

namespace tiercel::config {

/// An environment of these variables and no other.
inline Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

/// What `text` loads to, and what was said about it.
struct Outcome {
  Loaded loaded;
  base::Diagnostics diagnostics;

  /// "error unknown_key c.yaml:1:1" lines.
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const base::Diagnostic& diagnostic : diagnostics.list()) {
      constexpr std::array<std::string_view, 3> kNames{"note", "warning", "error"};
      out += out.empty() ? "" : "\n";
      out += kNames[static_cast<std::size_t>(diagnostic.severity)];
      out += " " + diagnostic.code + " " + diagnostic.location.file;
      if (diagnostic.location.line != 0) {
        out += ":" + std::to_string(diagnostic.location.line) + ":" +
               std::to_string(diagnostic.location.column);
      }
    }
    return out;
  }
  [[nodiscard]] std::string text() const { return base::to_text(diagnostics); }
};

inline Outcome load(std::string_view text, std::vector<std::string> overrides = {},
                    Purpose purpose = Purpose::kOffline,
                    std::map<std::string, std::string> variables = {}) {
  Outcome outcome;
  DocumentRequest request;
  request.path = "c.yaml";
  request.content = std::string(text);
  request.overrides = std::move(overrides);
  request.environment = environment_of(std::move(variables));
  outcome.loaded = load_settings(request, purpose, outcome.diagnostics, output::config_kinds());
  return outcome;
}

/// The output of this name; a disabled nameless one where there is none.
inline NamedOutput output_of(const Loaded& loaded, std::string_view name) {
  for (const NamedOutput& output : loaded.settings.outputs.list) {
    if (output.name == name) {
      return output;
    }
  }
  return {};
}

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The tree as one line: {a: x, b: [1, ~]}.
inline std::string print(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "~";
    case Node::Kind::kScalar:
      return "'" + node.text + "'";
    case Node::Kind::kSequence: {
      std::string out;
      for (const Node& item : node.items) {
        out += (out.empty() ? "" : ", ") + print(item);
      }
      return "[" + out + "]";
    }
    case Node::Kind::kMap: {
      std::string out;
      for (const Member& member : node.members) {
        out += (out.empty() ? "" : ", ") + member.key + ": " + print(member.value);
      }
      return "{" + out + "}";
    }
  }
  return "";
}

}  // namespace tiercel::config
