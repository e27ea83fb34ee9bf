#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/base/error.h"
#include "tiercel/rules/resolved_rule.h"

namespace tiercel::rules {

/// What is wrong with a field or transformer text in an exception; empty message: nothing.
struct FieldProblem {
  std::string message;
  std::string nearest;
};

/// What the loader must know about the rest of the program, given as plain values
/// and functions because `rules` stands below the field tables.
struct LoaderOptions {
  std::string engine_version = "0.62.0";  ///< of Falco 0.44.1, which we answer as
  struct Plugin {
    std::string name;
    std::string version;
  };
  std::vector<Plugin> plugins{{"k8saudit", "0.18.0"}, {"json", "0.7.4"}};
  std::string source = "k8s_audit";  ///< the source whose rules are compiled
  /// Checks a field or transformer text named by an exception.
  std::function<FieldProblem(std::string_view term)> check_term;
  /// Whether a word is the name of a field, to warn where a constant is one.
  std::function<bool(std::string_view word)> is_field;
};

/// Reads rules files in order and resolves what they say together. After each
/// `add_file` the whole set so far is resolved again, as Falco does, so that a
/// rule may use a macro only from its own or an earlier file.
///
/// Every mistake in every file is reported, once; a rule that has one is left out
/// of what follows, and what merely follows from a reported mistake is not reported
/// too. Diagnostics carry the codes of rules/codes.h. Runs on: main thread.
class Loader {
 public:
  explicit Loader(LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Parses, collects and resolves; mistakes go to `diagnostics`.
  void add_file(const std::string& name, std::string_view content, base::Diagnostics& diagnostics);
  /// Once after the last file: required plugin versions.
  void finish(base::Diagnostics& diagnostics);

  /// All rules of known sources resolved so far, in evaluation order, disabled ones
  /// included. Valid until the next add_file.
  [[nodiscard]] const std::vector<ResolvedRule>& rules() const;
  /// The file, line and column of a place in any condition text, macro or not.
  [[nodiscard]] base::Location locate(condition::Place place) const;
  /// Makes a diagnostic at `place`: location, snippet and caret filled in, `within`
  /// naming the rule and, where the place lies in one, the macro or exception.
  [[nodiscard]] base::Diagnostic diagnose(condition::Place place) const;

  /// For `-L`, `tiercel rules` and lint: what was defined.
  struct Definition {
    std::string kind;  ///< "macro" or "list"
    std::string name;
    std::string text;  ///< the macro's condition, or the list's items joined
    base::Location location;
    bool used = false;
  };
  [[nodiscard]] std::vector<Definition> definitions() const;
  [[nodiscard]] std::string required_engine_version() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Enabling and disabling by configuration and the old flags.
struct Selection {
  struct Step {
    bool enable = false;
    std::optional<std::string> rule;  ///< whole name, `*` as wildcard, greedy without backtracking
    std::optional<std::string> tag;   ///< exact
  };
  std::vector<Step> steps;
  std::vector<std::string> disabled;  ///< names, exact; whatever the steps say
  base::Priority threshold = base::Priority::kDebug;
  std::vector<std::string> disable_substrings;  ///< -D
  std::vector<std::string> disable_tags;        ///< -T
  std::vector<std::string> only_tags;           ///< -t
};

/// Sets `enabled` and moves re-enabled rules to the end. Rules below the threshold
/// are disabled for good.
void apply_selection(const Selection& selection, std::vector<ResolvedRule>& rules);

/// Greedy from the left, no backtracking, as Falco matches names in `rules:`.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view name);

/// One rules file found by expand_paths.
struct RulesFile {
  std::string path;
  std::string content;
};

/// Whether a file of this name is read: .yaml or .yml.
[[nodiscard]] bool is_rules_file_name(std::string_view name);

/// Files and folders in order: a folder gives its regular .yaml and .yml files
/// sorted by path, not recursively; other suffixes are skipped with a warning.
/// A missing path is an error where `missing_is_error`, else skipped with a note.
[[nodiscard]] std::vector<RulesFile> read_rules_files(const std::vector<std::string>& paths,
                                                      bool missing_is_error,
                                                      base::Diagnostics& diagnostics);

}  // namespace tiercel::rules
