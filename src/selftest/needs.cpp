#include "needs.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tiercel/condition/operator.h"
#include "tiercel/condition/transformer.h"

#include "pattern_sample.h"

namespace tiercel::selftest {

namespace {

using condition::Check;
using condition::Expr;
using condition::Term;

constexpr std::string_view kAnything = "tiercel-selftest";

// The field inside of transformers, and what they put around its text.
struct Inner {
  const Term* field = nullptr;
  std::string before;
  std::string after;
};

// Of tolower, toupper, join and basename a text of our choice comes out as it went in.
Inner inner_of(const Term& term) {
  Inner inner;
  const Term* at = &term;
  while (at->kind == Term::Kind::kCall) {
    const Term* next = nullptr;
    const bool is_concat = at->transformer != nullptr && at->transformer->name == "concat";
    std::string before;
    std::string after;
    for (const Term& operand : at->operands) {
      const bool is_constant =
          operand.kind == Term::Kind::kText || operand.kind == Term::Kind::kNumber;
      if (!is_constant && next == nullptr) {
        next = &operand;
      } else if (is_constant && is_concat) {
        (next == nullptr ? before : after) += operand.name;
      }
    }
    if (next == nullptr) {
      return {};
    }
    inner.before += before;
    inner.after.insert(0, after);
    at = next;
  }
  inner.field = at->kind == Term::Kind::kField ? at : nullptr;
  return inner;
}

// Without what the transformers add themselves.
std::string stripped(std::string text, const Inner& inner) {
  if (!inner.before.empty() && text.starts_with(inner.before)) {
    text.erase(0, inner.before.size());
  }
  if (!inner.after.empty() && text.ends_with(inner.after)) {
    text.resize(text.size() - inner.after.size());
  }
  return text;
}

// Fields that every event has, with what they usually are; the first is what we put there.
struct Usual {
  std::string_view field;
  std::array<std::string_view, 4> values;
};
constexpr std::array kUsual{
    Usual{"ka.response.code", {"200", "403", "404", "101"}},
    Usual{"ka.verb", {"get", "create", "delete", "patch"}},
    Usual{"ka.stage", {"ResponseComplete", "ResponseStarted", "RequestReceived", "Panic"}},
    Usual{"ka.auth.decision", {"allow", "forbid", "allow", "forbid"}},
};

class Walk {
 public:
  explicit Walk(Choices& choices) : choices_(choices) {}

  // The tree is as deep as the parser lets a condition be.
  void take(const Expr& expr, bool wanted) {  // NOLINT(misc-no-recursion)
    switch (expr.kind) {
      case Expr::Kind::kNot:
        take(*expr.operands.front(), !wanted);
        return;
      case Expr::Kind::kAnd:
      case Expr::Kind::kOr:
        if ((expr.kind == Expr::Kind::kAnd) == wanted) {
          for (const condition::ExprPtr& operand : expr.operands) {
            take(*operand, wanted);
          }
        } else {
          take(*expr.operands[choices_.of(expr.operands.size())], wanted);
        }
        return;
      case Expr::Kind::kCheck:
        take(*expr.check, wanted);
        return;
      case Expr::Kind::kMacro:
        return;
    }
  }

  Needs needs;

 private:
  void take(const Check& check, bool wanted) {
    const Inner left = inner_of(check.left);
    if (left.field == nullptr || check.op == nullptr) {
      return;
    }
    Need& need = needs[{left.field->name, left.field->argument.value_or("")}];
    const std::string_view op = check.op->name;
    if (op == "exists") {
      (wanted ? need.must_exist : need.must_be_absent) = true;
    } else if (op == "!=") {
      take_unequal(check, wanted, need);
    } else if (!wanted) {
      avoid(check, left, need);
    } else if (check.right) {
      take_right(*check.right, need);
    } else if (!check.values.empty()) {
      take_values(check, left, need);
    }
  }

  static void take_unequal(const Check& check, bool wanted, Need& need) {
    if (wanted) {
      need.must_exist = true;
    } else if (!check.values.empty()) {
      need.equals.push_back(check.values.front().text);
    }
  }

  // Of most fields what is absent, or what we put there otherwise, does not match. Of some the
  // event has a value that may: another of the usual ones is taken then.
  static void avoid(const Check& check, const Inner& left, Need& need) {
    const auto usual = std::find_if(kUsual.begin(), kUsual.end(), [&left](const Usual& one) {
      return one.field == left.field->name;
    });
    if (usual == kUsual.end() || check.op->test == nullptr || check.right ||
        check.left.kind != Term::Kind::kField) {
      return;
    }
    std::vector<std::string_view> values;
    for (const condition::Constant& value : check.values) {
      values.emplace_back(value.text);
    }
    if (!need.has_usual) {
      need.has_usual = true;
      need.usual.assign(usual->values.begin(), usual->values.end());
    }
    std::erase_if(need.usual, [&](const std::string& one) {
      return check.op->test(base::Value::text(one), values);
    });
  }

  // The same text on both sides.
  void take_right(const Term& right, Need& need) {
    const Inner inner = inner_of(right);
    need.equals.emplace_back(kAnything);
    if (inner.field != nullptr) {
      needs[{inner.field->name, inner.field->argument.value_or("")}].equals.emplace_back(kAnything);
    }
  }

  void take_values(const Check& check, const Inner& left, Need& need) {
    if (check.modifier == condition::Modifier::kAllOf) {
      for (const condition::Constant& value : check.values) {
        take_value(check.op->name, value.text, left, need);
      }
      return;
    }
    take_value(check.op->name, check.values[choices_.of(check.values.size())].text, left, need);
  }

  void take_value(std::string_view op, const std::string& text, const Inner& left, Need& need) {
    if (op == "startswith") {
      const std::string value = left.before.empty() ? text : stripped(text, left);
      need.prefix = value.size() > need.prefix.size() ? value : need.prefix;
      need.must_exist = true;
    } else if (op == "endswith") {
      need.suffix = text.size() > need.suffix.size() ? text : need.suffix;
      need.must_exist = true;
    } else if (op == "contains" || op == "icontains") {
      need.contains.push_back(text);
      need.must_exist = true;
    } else if (op == "regex") {
      need.equals.push_back(stripped(sample_of_regex(text, choices_), left));
    } else if (op == "glob" || op == "iglob" || op == "pmatch") {
      need.equals.push_back(stripped(sample_of_glob(text), left));
    } else if (op == ">") {
      need.equals.push_back(next_number(text));
    } else if (op == "<") {
      need.equals.emplace_back("0");
    } else {  // = == <= >= in intersects
      need.equals.push_back(stripped(text, left));
    }
  }

  static std::string next_number(const std::string& text) {
    const bool is_number =
        !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == text.npos;
    return is_number ? std::to_string(std::stoll(text) + 1) : text + "0";
  }

  Choices& choices_;
};

// The tree is as deep as the parser lets a condition be.
bool is_never(const Expr& expr, bool wanted) {  // NOLINT(misc-no-recursion)
  // NOLINTNEXTLINE(misc-no-recursion): the same.
  const auto is_never_so = [wanted](const condition::ExprPtr& one) {
    return is_never(*one, wanted);
  };
  switch (expr.kind) {
    case Expr::Kind::kNot:
      return is_never(*expr.operands.front(), !wanted);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
      return (expr.kind == Expr::Kind::kAnd) == wanted
                 ? std::any_of(expr.operands.begin(), expr.operands.end(), is_never_so)
                 : std::all_of(expr.operands.begin(), expr.operands.end(), is_never_so);
    case Expr::Kind::kCheck:
      break;
    case Expr::Kind::kMacro:
      return false;
  }
  const Check& check = *expr.check;
  if (check.op == nullptr || !check.left.name.ends_with(".rawtime")) {
    return false;
  }
  const bool is_zero = (check.op->name == "=" || check.op->name == "==") &&
                       check.values.size() == 1 && check.values.front().text == "0";
  return wanted ? is_zero : check.op->name == "exists";
}

}  // namespace

std::optional<std::string> Need::text() const {
  if (!equals.empty()) {
    return equals.front();
  }
  if (prefix.empty() && suffix.empty() && contains.empty()) {
    return usual.empty() ? std::nullopt : std::optional(usual.front());
  }
  std::string out = prefix;
  for (const std::string& part : contains) {
    if (out.find(part) == std::string::npos) {
      out += part;
    }
  }
  if (contains.empty() && suffix.empty() && !prefix.empty()) {
    return out + std::string(kAnything);
  }
  return out.ends_with(suffix) && !suffix.empty() ? out : out + suffix;
}

Needs needs_of(const condition::Expr& condition, std::span<const condition::Expr* const> against,
               Choices& choices) {
  Walk walk(choices);
  walk.take(condition, true);
  for (const condition::Expr* const other : against) {
    walk.take(*other, false);
  }
  return std::move(walk.needs);
}

bool is_switched_off(const condition::Expr& condition) { return is_never(condition, true); }

}  // namespace tiercel::selftest
