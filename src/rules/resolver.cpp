#include "resolver.h"

#include <utility>

#include "advice.h"
#include "forgotten_source.h"
#include "weave_exceptions.h"

namespace tiercel::rules {

namespace {

constexpr std::string_view kSystemCalls = "syscall";
constexpr std::size_t kLongestItems = 60;

// `from` says where, `code` and `message` what.
base::Diagnostic coded(base::Diagnostic from, Code code, std::string message,
                       std::vector<std::string> notes = {}) {
  base::Diagnostic diagnostic = diagnostic_of(code, std::move(message));
  diagnostic.location = std::move(from.location);
  diagnostic.snippet = std::move(from.snippet);
  diagnostic.caret = from.caret;
  diagnostic.within = std::move(from.within);
  diagnostic.notes = std::move(notes);
  diagnostic.notes.insert(diagnostic.notes.end(), from.notes.begin(), from.notes.end());
  return diagnostic;
}

}  // namespace

void Resolver::resolve(const std::vector<RefusedCondition>& refused) {
  ListExpander lists(definitions_.lists, scopes_);
  MacroExpander macros = read_macros(lists);
  macros.expand_all();
  rules_.clear();
  for (const RuleDefinition& rule : definitions_.rules.all()) {
    resolve_rule(rule, lists, macros);
  }
  for (const RefusedCondition& condition : refused) {
    const Parsed parsed = parse(labelled("rule", condition.rule), condition.condition.trimmed(),
                                lists, Ask::kQuietly);
    (void)macros.expand(parsed.tree, MacroExpander::kSeesAll);
  }
  // What a mistake has hidden may be what uses them.
  if (reporter_.errors() == 0) {
    report_unused(lists, macros);
  }
  summarise(lists, macros);
}

MacroExpander Resolver::read_macros(ListExpander& lists) {
  std::vector<MacroExpander::Macro> macros;
  for (const MacroDefinition& macro : definitions_.macros.all()) {
    Parsed parsed = parse(labelled("macro", macro.name), macro.condition, lists, Ask::kWithAdvice);
    macros.push_back(
        {macro.name, std::move(parsed.tree), macro.position, macro.sees, macro.origin});
  }
  return {std::move(macros), texts_, reporter_, [this](const std::string& name) {
            return definitions_.incomplete || definitions_.macros.is_broken(name);
          }};
}

Resolver::Parsed Resolver::parse(const std::string& label, const TracedText& text,
                                 ListExpander& lists, Ask ask) {
  const auto on_surprise = [&](const ListExpander::Surprise& surprise) {
    if (ask == Ask::kWithAdvice) {
      report_surprise(label, lists, surprise);
    }
  };
  std::optional<TracedText> expanded = lists.expand(text, on_surprise);
  if (!expanded) {
    reporter_.report(Code::kConditionTooLarge, text.spot(0).origin,
                     "larger than 2 MiB with its lists written out", {label});
    return {};
  }
  Parsed& parsed = parsed_[label];
  if (parsed.number != 0 && texts_.text(parsed.number) == *expanded) {
    return parsed;
  }
  parsed.number = texts_.add(label, std::move(*expanded));
  condition::ParseResult result =
      condition::parse(texts_.text(parsed.number).text(), parsed.number);
  if (result.tree == nullptr) {
    report_syntax(result.error);
  }
  parsed.tree = std::move(result.tree);
  return parsed;
}

void Resolver::report_syntax(const condition::ParseError& error) {
  const Code code = error.code == "too_deep" ? Code::kConditionTooDeep : Code::kConditionSyntax;
  reporter_.report(coded(texts_.diagnose(error.place), code, error.message));
}

void Resolver::report_surprise(const std::string& label, const ListExpander& lists,
                               const ListExpander::Surprise& surprise) {
  std::string items;
  for (std::size_t at = 0; at < definitions_.lists.all().size(); ++at) {
    if (definitions_.lists.all()[at].name == surprise.list) {
      items = lists.text_of(at);
    }
  }
  if (items.size() > kLongestItems) {
    items.resize(kLongestItems);
    items += "…";
  }
  const bool in_quotes = surprise.kind == ListExpander::Surprise::Kind::kInQuotes;
  reporter_.report(
      in_quotes ? Code::kListInQuotes : Code::kListAsValue, surprise.spot.origin,
      "'" + surprise.list + "' is the name of a list and is replaced here by its items: " + items,
      {label},
      {in_quotes ? "names of lists between blanks are replaced in quotes too; rename the list"
                 : "if the word is meant, rename the list or write it in quotes"});
}

void Resolver::resolve_rule(const RuleDefinition& rule, ListExpander& lists,
                            MacroExpander& macros) {
  const bool ours = rule.source == options_.source;
  if (!ours && rule.source != kSystemCalls) {
    reporter_.report(Code::kUnknownSource, rule.origin,
                     "source '" + rule.source + "' does not come here; the rule is skipped",
                     {labelled("rule", rule.name)}, suggestion(rule.source, {options_.source}));
    return;
  }
  const Parsed parsed = parse(labelled("rule", rule.name), weave_exceptions(rule, scopes_), lists,
                              ours ? Ask::kWithAdvice : Ask::kQuietly);
  const condition::ExprPtr tree = macros.expand(parsed.tree, MacroExpander::kSeesAll);
  if (!ours) {
    check_source(rule, tree);
    return;
  }
  if (tree != nullptr) {
    report_advice(*tree);
  }
  ResolvedRule resolved;
  resolved.name = rule.name;
  resolved.description = rule.description;
  resolved.source = rule.source;
  resolved.output = rule.output;
  resolved.priority = rule.priority;
  resolved.tags.assign(rule.tags.begin(), rule.tags.end());
  for (const ExceptionDefinition& exception : rule.exceptions) {
    resolved.exception_names.push_back(exception.name);
  }
  resolved.enabled = rule.enabled;
  resolved.skip_if_unknown_filter = rule.skip_if_unknown_filter;
  resolved.condition = tree;
  resolved.condition_text = texts_.text(parsed.number).text();
  resolved.condition_text_number = parsed.number;
  resolved.location = files_.locate(rule.origin);
  resolved.output_location = files_.locate(rule.output_origin);
  rules_.push_back(std::move(resolved));
}

void Resolver::check_source(const RuleDefinition& rule, const condition::ExprPtr& tree) {
  const Reporter::Texts notes{"add 'source: " + options_.source + "' to the rule"};
  const std::string why = ", which is a field of audit events, but the rule is for system calls";
  const std::string in_output = audit_field_in_output(rule.output);
  if (!in_output.empty()) {
    reporter_.report(Code::kForgottenSourceOutput, rule.output_origin,
                     "the output prints " + in_output + why, {labelled("rule", rule.name)}, notes);
    return;
  }
  const condition::Term* term = tree == nullptr ? nullptr : audit_field_in_condition(*tree);
  if (term != nullptr) {
    base::Diagnostic diagnostic =
        coded(texts_.diagnose(term->place), Code::kForgottenSourceCondition,
              "the condition reads " + term->name + why, notes);
    const std::string label = labelled("rule", rule.name);
    if (diagnostic.within.empty() || diagnostic.within.front() != label) {
      diagnostic.within.insert(diagnostic.within.begin(), label);
    }
    reporter_.report(std::move(diagnostic));
    return;
  }
  reporter_.report(Code::kUnknownSource, rule.origin,
                   "a rule for system calls, which do not come here; it is skipped",
                   {labelled("rule", rule.name)},
                   {"a rule without 'source' is one for system calls"});
}

void Resolver::report_advice(const condition::Expr& tree) {
  for (Advice& advice : advise(tree, options_.is_field)) {
    reporter_.report(coded(texts_.diagnose(advice.place), advice.code, std::move(advice.message),
                           std::move(advice.notes)));
  }
}

void Resolver::report_unused(const ListExpander& lists, const MacroExpander& macros) {
  for (std::size_t at = 0; at < definitions_.macros.all().size(); ++at) {
    const MacroDefinition& macro = definitions_.macros.all()[at];
    if (!macros.is_used(at)) {
      reporter_.report(Code::kUnusedMacro, macro.origin,
                       "macro '" + macro.name + "' is used by no rule or macro so far",
                       {labelled("macro", macro.name)});
    }
  }
  for (std::size_t at = 0; at < definitions_.lists.all().size(); ++at) {
    const ListDefinition& list = definitions_.lists.all()[at];
    if (!lists.is_used(at)) {
      reporter_.report(Code::kUnusedList, list.origin,
                       "list '" + list.name + "' is used by no condition or list so far",
                       {labelled("list", list.name)});
    }
  }
}

void Resolver::summarise(const ListExpander& lists, const MacroExpander& macros) {
  summary_.clear();
  for (std::size_t at = 0; at < definitions_.macros.all().size(); ++at) {
    const MacroDefinition& macro = definitions_.macros.all()[at];
    summary_.push_back({"macro", macro.name, std::string(trim(macro.condition.text())),
                        files_.locate(macro.origin), macros.is_used(at)});
  }
  for (std::size_t at = 0; at < definitions_.lists.all().size(); ++at) {
    const ListDefinition& list = definitions_.lists.all()[at];
    summary_.push_back(
        {"list", list.name, lists.text_of(at), files_.locate(list.origin), lists.is_used(at)});
  }
}

}  // namespace tiercel::rules
