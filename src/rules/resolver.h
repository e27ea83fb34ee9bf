#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tiercel/condition/parser.h"
#include "tiercel/rules/loader.h"
#include "tiercel/rules/resolved_rule.h"

#include "definitions.h"
#include "expand_lists.h"
#include "expand_macros.h"
#include "reporter.h"
#include "scopes.h"
#include "text_table.h"

namespace tiercel::rules {

/// Turns Definitions into ResolvedRules: weave exceptions, write out lists, parse,
/// expand macros, give advice. Called after each file for everything so far, so
/// what has not changed since keeps its text number and its tree.
class Resolver {
 public:
  Resolver(const SourceFiles& files, const LoaderOptions& options, const Definitions& definitions,
           Reporter& reporter)
      : files_(files),
        options_(options),
        definitions_(definitions),
        reporter_(reporter),
        texts_(files, scopes_) {}

  /// `refused` are checked too and go nowhere.
  void resolve(const std::vector<RefusedCondition>& refused);
  [[nodiscard]] const std::vector<ResolvedRule>& rules() const { return rules_; }
  [[nodiscard]] const TextTable& texts() const { return texts_; }
  /// Of the last resolve().
  [[nodiscard]] const std::vector<Loader::Definition>& definitions() const { return summary_; }

 private:
  enum class Ask : std::uint8_t { kQuietly, kWithAdvice };
  struct Parsed {
    std::uint32_t number = 0;
    condition::ExprPtr tree;
  };

  [[nodiscard]] MacroExpander read_macros(ListExpander& lists);
  void resolve_rule(const RuleDefinition& rule, ListExpander& lists, MacroExpander& macros);
  /// Lists written out and parsed; the tree is null where something was wrong.
  [[nodiscard]] Parsed parse(const std::string& label, const TracedText& text, ListExpander& lists,
                             Ask ask);
  void report_syntax(const condition::ParseError& error);
  /// For a rule about system calls: is it one, or was its source forgotten?
  void check_source(const RuleDefinition& rule, const condition::ExprPtr& tree);
  void report_advice(const condition::Expr& tree);
  void report_surprise(const std::string& label, const ListExpander& lists,
                       const ListExpander::Surprise& surprise);
  void summarise(const ListExpander& lists, const MacroExpander& macros);
  void report_unused(const ListExpander& lists, const MacroExpander& macros);

  const SourceFiles& files_;
  const LoaderOptions& options_;
  const Definitions& definitions_;
  Reporter& reporter_;
  Scopes scopes_;
  TextTable texts_;
  std::unordered_map<std::string, Parsed> parsed_;  // by label
  std::vector<ResolvedRule> rules_;
  std::vector<Loader::Definition> summary_;
};

}  // namespace tiercel::rules
