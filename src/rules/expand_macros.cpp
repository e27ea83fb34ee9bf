#include "expand_macros.h"

#include <algorithm>
#include <memory>
#include <utility>

// The functions below follow the tree and the macros in it; kMaxDepth bounds them.
// NOLINTBEGIN(misc-no-recursion)

namespace tiercel::rules {

namespace {

using condition::Expr;
using condition::ExprPtr;

constexpr std::size_t kMaxDepth = 1000;  // of an expanded tree; one condition reaches 400
constexpr std::size_t kMaxSize = 200'000;

}  // namespace

MacroExpander::MacroExpander(std::vector<Macro> macros, const TextTable& texts, Reporter& reporter,
                             std::function<bool(const std::string&)> may_be_missing)
    : texts_(texts), reporter_(reporter), may_be_missing_(std::move(may_be_missing)) {
  for (Macro& macro : macros) {
    by_name_.emplace(macro.name, entries_.size());
    entries_.push_back({std::move(macro), {}, State::kNew, false});
  }
}

void MacroExpander::expand_all() {
  for (Entry& entry : entries_) {
    (void)expand_macro(entry, 0);
  }
}

ExprPtr MacroExpander::expand(const ExprPtr& tree, std::uint32_t sees) {
  return tree == nullptr ? nullptr : expand(tree, sees, 0).tree;
}

void MacroExpander::report(Code code, const Expr& at, std::string message, Reporter::Texts notes) {
  base::Diagnostic diagnostic = texts_.diagnose(at.place);
  base::Diagnostic coded = diagnostic_of(code, std::move(message));
  coded.location = std::move(diagnostic.location);
  coded.snippet = std::move(diagnostic.snippet);
  coded.caret = diagnostic.caret;
  coded.within = std::move(diagnostic.within);
  coded.notes = std::move(notes);
  std::move(diagnostic.notes.begin(), diagnostic.notes.end(), std::back_inserter(coded.notes));
  reporter_.report(std::move(coded));
}

void MacroExpander::report_undefined(const Expr& at, std::uint32_t sees) {
  const auto known = by_name_.find(at.macro);
  if (known != by_name_.end()) {
    report(Code::kUndefinedMacro, at, "macro '" + at.macro + "' is not defined yet here",
           {"a macro sees only macros that are defined before it; move '" + at.macro + "' up"});
    return;
  }
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_) {
    if (entry.macro.position < sees) {
      names.push_back(entry.macro.name);
    }
  }
  Reporter::Texts notes = suggestion(at.macro, names);
  if (at.macro == "not" || at.macro == "and" || at.macro == "or") {
    notes = {"'" + at.macro + "' must be followed by what it applies to"};
  }
  report(Code::kUndefinedMacro, at,
         "no macro '" + at.macro +
             "' in this or an earlier file, and a condition needs a test "
             "such as field = value",
         std::move(notes));
}

MacroExpander::Expanded MacroExpander::expand(const ExprPtr& tree, std::uint32_t sees,
                                              std::size_t depth) {
  if (depth > kMaxDepth) {
    report(Code::kConditionTooDeep, *tree,
           "nested deeper than " + std::to_string(kMaxDepth) + " levels with its macros");
    return {nullptr, 1, 1};
  }
  switch (tree->kind) {
    case Expr::Kind::kCheck:
      return {tree, 1, 1};
    case Expr::Kind::kMacro:
      return expand_name(*tree, sees, depth);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
    case Expr::Kind::kNot:
      break;
  }
  return expand_operands(tree, sees, depth);
}

MacroExpander::Expanded MacroExpander::expand_operands(const ExprPtr& tree, std::uint32_t sees,
                                                       std::size_t depth) {
  Expanded result{tree, 1, 1};
  bool good = true;
  bool changed = false;
  std::vector<ExprPtr> operands;
  operands.reserve(tree->operands.size());
  for (const ExprPtr& operand : tree->operands) {
    Expanded part = expand(operand, sees, depth + 1);
    good = good && part.tree != nullptr;
    changed = changed || part.tree != operand;
    result.size += part.size;
    result.height = std::max(result.height, part.height + 1);
    operands.push_back(std::move(part.tree));
  }
  if (good && result.size > kMaxSize) {
    report(Code::kConditionTooLarge, *tree,
           "more than " + std::to_string(kMaxSize) + " parts with its macros written out");
    good = false;
  }
  if (!good) {
    return {nullptr, 1, 1};
  }
  if (changed) {
    auto copy = std::make_shared<Expr>(*tree);
    copy->operands = std::move(operands);
    result.tree = std::move(copy);
  }
  return result;
}

MacroExpander::Expanded MacroExpander::expand_name(const Expr& name, std::uint32_t sees,
                                                   std::size_t depth) {
  const auto known = by_name_.find(name.macro);
  if (known == by_name_.end() || entries_[known->second].macro.position >= sees) {
    if (known != by_name_.end() || !may_be_missing_(name.macro)) {
      report_undefined(name, sees);
    }
    return {nullptr, 1, 1};
  }
  Entry& entry = entries_[known->second];
  entry.used = true;
  if (entry.state == State::kOpen) {
    report(Code::kMacroCycle, name, "macro '" + name.macro + "' needs itself");
    return {nullptr, 1, 1};
  }
  const Expanded& expanded = expand_macro(entry, depth);
  if (expanded.tree != nullptr && depth + expanded.height > kMaxDepth) {
    report(Code::kConditionTooDeep, name,
           "nested deeper than " + std::to_string(kMaxDepth) + " levels with its macros");
    return {nullptr, 1, 1};
  }
  return expanded;
}

const MacroExpander::Expanded& MacroExpander::expand_macro(Entry& entry, std::size_t depth) {
  if (entry.state == State::kNew && entry.macro.tree != nullptr) {
    entry.state = State::kOpen;
    entry.expanded = expand(entry.macro.tree, entry.macro.sees, depth + 1);
  }
  entry.state = State::kDone;
  return entry.expanded;
}

}  // namespace tiercel::rules

// NOLINTEND(misc-no-recursion)
