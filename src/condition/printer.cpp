#include <algorithm>
#include <string_view>
#include <utility>

#include "tiercel/condition/expr.h"
#include "tiercel/condition/operator.h"
#include "tiercel/condition/transformer.h"

#include "lexer.h"

namespace tiercel::condition {

namespace {

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (code < 0x20 || code == 0x7F) {
      out += "\\x";
      out += kHex[code >> 4U];
      out += kHex[code & 15U];
    } else {
      out += byte;
    }
  }
  out += '"';
}

template <class MayStandBare>
void append_value(std::string& out, std::string_view text, MayStandBare may_stand_bare) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), [&](char byte) {
    return may_stand_bare(byte) && static_cast<unsigned char>(byte) > 0x20 && byte != 0x7F;
  });
  if (bare) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser went, which is bounded.
void append_term(std::string& out, const Term& term) {
  // NOLINTNEXTLINE(misc-no-recursion): the same.
  const auto append_operands = [&] {
    out += '(';
    for (std::size_t at = 0; at < term.operands.size(); ++at) {
      out += at == 0 ? "" : ", ";
      append_term(out, term.operands[at]);
    }
    out += ')';
  };
  switch (term.kind) {
    case Term::Kind::kField:
      out += term.name;
      break;
    case Term::Kind::kCall:
      out += term.transformer->name;
      append_operands();
      break;
    case Term::Kind::kText:
      append_quoted(out, term.name);
      break;
    case Term::Kind::kNumber:
      out += term.name;
      break;
    case Term::Kind::kList:
      append_operands();
      break;
  }
  if (term.argument) {
    out += '[';
    append_value(out, *term.argument, is_bare_argument_byte);
    out += ']';
  }
}

std::string_view modifier_word(Modifier modifier) {
  switch (modifier) {
    case Modifier::kNone:
      break;
    case Modifier::kOneOf:
      return "oneof ";
    case Modifier::kAnyOf:
      return "anyof ";
    case Modifier::kAllOf:
      return "allof ";
  }
  return "";
}

// The values of a list in a fixed order: which comes first means nothing, and only
// `oneof` counts how often one is written.
std::vector<std::string_view> canonical_values(const Check& check) {
  std::vector<std::string_view> values;
  values.reserve(check.values.size());
  for (const Constant& constant : check.values) {
    values.push_back(constant.text);
  }
  std::sort(values.begin(), values.end());
  if (check.modifier != Modifier::kOneOf) {
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  return values;
}

void append_check(std::string& out, const Check& check) {
  append_term(out, check.left);
  out += ' ';
  out += check.op->name == "==" ? std::string_view{"="} : check.op->name;
  if (check.op->form == OperandForm::kNone) {
    return;
  }
  out += ' ';
  if (check.right) {
    const bool is_field = check.right->kind == Term::Kind::kField;
    out += is_field ? "val(" : "";
    append_term(out, *check.right);
    out += is_field ? ")" : "";
    return;
  }
  if (check.modifier == Modifier::kNone && check.op->form != OperandForm::kList) {
    append_value(out, check.values.front().text, is_bare_value_byte);
    return;
  }
  out += modifier_word(check.modifier);
  out += '(';
  bool first = true;
  for (const std::string_view value : canonical_values(check)) {
    out += first ? "" : ", ";
    append_value(out, value, is_bare_value_byte);
    first = false;
  }
  out += ')';
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser and macro expansion went.
void append_expr(std::string& out, const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kAnd:
      out += "and{";
      break;
    case Expr::Kind::kOr:
      out += "or{";
      break;
    case Expr::Kind::kNot:
      out += "not{";
      break;
    case Expr::Kind::kCheck:
      append_check(out, *expr.check);
      return;
    case Expr::Kind::kMacro:
      out += expr.macro;
      return;
  }
  for (std::size_t at = 0; at < expr.operands.size(); ++at) {
    out += at == 0 ? "" : " ";
    append_expr(out, *expr.operands[at]);
  }
  out += '}';
}

}  // namespace

std::string to_text(const Expr& expr) {
  std::string out;
  append_expr(out, expr);
  return out;
}

std::string to_text(const Term& term) {
  std::string out;
  append_term(out, term);
  return out;
}

std::string to_text(const Check& check) {
  std::string out;
  append_check(out, check);
  return out;
}

}  // namespace tiercel::condition
