#include "advice.h"

#include <algorithm>
#include <array>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/transformer.h"

#include "traced_text.h"

namespace tiercel::rules {

namespace {

using condition::Check;
using condition::Constant;
using condition::Expr;
using condition::Term;

constexpr std::array<std::string_view, 6> kNaOperators{
    "=", "==", "!=", "in", "intersects", "pmatch"};
constexpr std::string_view kRegexSpecials = "\\.^$|()[]{}*+?";

bool is_text_field(const Term& term, std::initializer_list<std::string_view> prefixes) {
  return term.kind == Term::Kind::kField &&
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return term.name.starts_with(prefix); });
}

// `name(` … `)` with the name of a transformer or val.
bool looks_like_call(std::string_view text) {
  text = trim(text);
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) {
    return false;
  }
  const std::string_view name = trim(text.substr(0, open));
  return name == "val" || condition::find_transformer(name) != nullptr;
}

class Adviser {
 public:
  explicit Adviser(const std::function<bool(std::string_view)>& is_field) : is_field_(is_field) {}

  // NOLINTNEXTLINE(misc-no-recursion): expanded trees have at most 1000 levels.
  void walk(const Expr& expr) {
    for (const condition::ExprPtr& operand : expr.operands) {
      walk(*operand);
    }
    if (expr.check) {
      check(*expr.check);
    }
  }
  [[nodiscard]] std::vector<Advice> take() { return std::move(found_); }

 private:
  void check(const Check& check) {
    const std::string_view op = check.op->name;
    const bool order = op == "<" || op == "<=" || op == ">" || op == ">=";
    if (order && is_text_field(check.left, {"ka.", "jevt.", "json."})) {
      found_.push_back({Code::kTextOrder,
                        check.place,
                        "'" + std::string(op) + "' compares " + check.left.name +
                            " as text: \"1000\" is smaller than \"201\"",
                        {"for codes use = or in; for ranges startswith or glob"}});
    }
    for (const Constant& constant : check.values) {
      check_constant(check, constant);
    }
  }

  void check_constant(const Check& check, const Constant& constant) {
    const std::string_view op = check.op->name;
    if (constant.text == "<NA>" && is_text_field(check.left, {"ka.", "jevt."}) &&
        std::find(kNaOperators.begin(), kNaOperators.end(), op) != kNaOperators.end()) {
      found_.push_back({Code::kUnsafeNaCheck,
                        constant.place,
                        "an absent field is not the text <NA>: every comparison of it is false",
                        {"write 'not " + check.left.name + " exists'"}});
    }
    if (op == "regex" && constant.text.find_first_of(kRegexSpecials) == std::string::npos) {
      found_.push_back({Code::kPlainRegex,
                        constant.place,
                        "'" + constant.text + "' has no special characters of regular expressions",
                        {"'=' says the same and is faster; 'contains' finds it anywhere"}});
    }
    if (is_field_ && is_field_(constant.text)) {
      found_.push_back({Code::kConstantIsField,
                        constant.place,
                        "'" + constant.text + "' is the name of a field, but compared as a text",
                        {"write val(" + constant.text + ") to compare with the field"}});
    } else if (constant.quoted && looks_like_call(constant.text)) {
      found_.push_back({Code::kConstantIsCall,
                        constant.place,
                        "'" + constant.text + "' looks like a call, but is a text",
                        {"remove the quotes to call it"}});
    }
  }

  const std::function<bool(std::string_view)>& is_field_;
  std::vector<Advice> found_;
};

}  // namespace

std::vector<Advice> advise(const Expr& tree,
                           const std::function<bool(std::string_view)>& is_field) {
  Adviser adviser(is_field);
  adviser.walk(tree);
  return adviser.take();
}

}  // namespace tiercel::rules
