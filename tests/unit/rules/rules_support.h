#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/condition/expr.h"
#include "tiercel/condition/parser.h"
#include "tiercel/rules/loader.h"

namespace tiercel::rules::tests {

/// A field that the tests take for known: syntactically a field or call, and not one
/// of the names that cases use for unknown ones.
[[nodiscard]] inline FieldProblem check_term(std::string_view term) {
  if (!condition::is_term(term) || term.find("nope") != std::string_view::npos ||
      term.find("nosuch") != std::string_view::npos) {
    return {"no field '" + std::string(term) + "'", "ka.verb"};
  }
  return {};
}

[[nodiscard]] inline LoaderOptions options() {
  LoaderOptions options;
  options.check_term = check_term;
  options.is_field = [](std::string_view word) { return word == "ka.verb" || word == "ka.stage"; };
  return options;
}

/// What a set of files gives.
struct Loaded {
  explicit Loaded(const std::vector<std::string>& files, const LoaderOptions& with = options())
      : loader(with) {
    for (std::size_t at = 0; at < files.size(); ++at) {
      loader.add_file("f" + std::to_string(at + 1) + ".yaml", files[at], diagnostics);
    }
    loader.finish(diagnostics);
  }

  [[nodiscard]] const ResolvedRule* rule(std::string_view name) const {
    for (const ResolvedRule& rule : loader.rules()) {
      if (rule.name == name) {
        return &rule;
      }
    }
    return nullptr;
  }
  /// The condition of rule r as a tree, "none" where it has none.
  [[nodiscard]] std::string tree(std::string_view name = "r") const {
    const ResolvedRule* found = rule(name);
    return found == nullptr || found->condition == nullptr ? "none"
                                                           : condition::to_text(*found->condition);
  }
  [[nodiscard]] std::string text(std::string_view name = "r") const {
    const ResolvedRule* found = rule(name);
    return found == nullptr ? "none" : found->condition_text;
  }
  /// "code@file:line:column" of each diagnostic, sorted by place, joined by blanks.
  [[nodiscard]] std::string report() const {
    base::Diagnostics sorted = diagnostics;
    sorted.sort_by_place();
    std::string out;
    for (const base::Diagnostic& diagnostic : sorted.list()) {
      const base::Location& at = diagnostic.location;
      out += (out.empty() ? "" : " ") + diagnostic.code + "@" + at.file + ":" +
             std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    return out;
  }
  /// The codes alone, in order of discovery.
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const base::Diagnostic& diagnostic : diagnostics.list()) {
      out += (out.empty() ? "" : " ") + diagnostic.code;
    }
    return out;
  }

  base::Diagnostics diagnostics;
  Loader loader;
};

/// Falco's codes of a severity, sorted.
[[nodiscard]] inline std::vector<std::string> falco_codes(const base::Diagnostics& diagnostics,
                                                          base::Severity severity) {
  std::vector<std::string> codes;
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    if (diagnostic.severity == severity && !diagnostic.falco_code.empty()) {
      codes.push_back(diagnostic.falco_code);
    }
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

/// A rule item named r, 7 lines, its condition (as YAML) in line 3 of the item from
/// column 14 on.
[[nodiscard]] inline std::string rule(const std::string& condition,
                                      const std::string& more_keys = "",
                                      const std::string& name = "r") {
  return "- rule: " + name + "\n  desc: d\n  condition: " + condition +
         "\n  output: o\n  priority: WARNING\n  source: k8s_audit\n" + more_keys;
}

}  // namespace tiercel::rules::tests
