// Any bytes as one or two rules files (the second after a NUL): loading ends, every
// diagnostic lies in the text, and every rule without a mistake has a tree without
// macros whose places can be looked up.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tiercel/condition/parser.h"
#include "tiercel/rules/loader.h"

namespace {

namespace condition = tiercel::condition;
namespace rules = tiercel::rules;
namespace base = tiercel::base;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

rules::LoaderOptions options() {
  rules::LoaderOptions options;
  options.check_term = [](std::string_view term) {
    return condition::is_term(term) ? rules::FieldProblem{}
                                    : rules::FieldProblem{"no field", "ka.verb"};
  };
  options.is_field = [](std::string_view word) { return word.starts_with("ka."); };
  return options;
}

void check_tree(const rules::Loader& loader, const condition::Expr& expr) {
  require(expr.kind != condition::Expr::Kind::kMacro);
  require(loader.locate(expr.place).line != 0);
  for (const condition::ExprPtr& operand : expr.operands) {
    check_tree(loader, *operand);
  }
}

void check_diagnostic(const base::Diagnostic& diagnostic) {
  require(!diagnostic.code.empty() && !diagnostic.message.empty());
  require(!diagnostic.location.file.empty() && diagnostic.location.line != 0);
  require(diagnostic.caret <= diagnostic.snippet.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view first(reinterpret_cast<const char*>(data), size);
  const std::size_t end = first.find('\0');
  rules::Loader loader(options());
  base::Diagnostics diagnostics;
  loader.add_file("first.yaml", first.substr(0, end), diagnostics);
  if (end != std::string_view::npos) {
    loader.add_file("second.yaml", first.substr(end + 1), diagnostics);
  }
  loader.finish(diagnostics);
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    check_diagnostic(diagnostic);
  }
  for (const rules::ResolvedRule& rule : loader.rules()) {
    require(rule.condition != nullptr || diagnostics.has_errors());
    if (rule.condition != nullptr && condition::to_text(*rule.condition).size() < (1U << 16U)) {
      check_tree(loader, *rule.condition);
    }
  }
  return 0;
}
