#include "output_template.h"

#include <utility>

#include "tiercel/base/json_text.h"
#include "tiercel/condition/parser.h"

namespace tiercel::alert {

namespace {

// Beyond this a width is a mistake, and would cost memory with every alert.
constexpr std::size_t kMostWidth = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

class OutputTemplate::Parser {
 public:
  Parser(std::string_view text, audit::FieldSet& fields, std::span<const std::string> static_names,
         std::vector<TemplateProblem>& out)
      : text_(text), fields_(fields), static_names_(static_names), problems_(out) {}

  std::optional<OutputTemplate> run() {
    if (text_.empty()) {
      fail(TemplateProblem::Kind::kError, "empty_template", "the output template is empty");
      return std::nullopt;
    }
    at_ = text_.front() == '*' ? 1 : 0;
    while (at_ < text_.size()) {
      if (text_[at_] != '%') {
        const std::size_t end = std::min(text_.find('%', at_), text_.size());
        literal(text_.substr(at_, end - at_));
        at_ = end;
      } else if (!token()) {
        failed_ = true;
        ++at_;
      }
    }
    return failed_ ? std::nullopt : std::optional(std::move(result_));
  }

 private:
  void literal(std::string_view text) {
    Piece piece;
    piece.literal = text;
    base::append_json_escaped(piece.escaped_literal, text);
    result_.pieces_.push_back(std::move(piece));
  }

  void fail(TemplateProblem::Kind kind, std::string code, std::string message,
            std::string nearest = {}) {
    problems_.push_back({kind, std::move(code), std::move(message), std::move(nearest), at_, true});
  }

  // Reads the token at `at_`, a percent sign, and moves behind it; false on a mistake.
  bool token() {
    std::size_t begin = at_ + 1;
    std::size_t width = 0;
    while (begin < text_.size() && is_digit(text_[begin])) {
      width = std::min(width * 10 + static_cast<std::size_t>(text_[begin] - '0'), kMostWidth + 1);
      ++begin;
    }
    if (begin == text_.size()) {
      fail(TemplateProblem::Kind::kError, "bare_percent",
           "a percent sign must be followed by a field; there is no escape for it");
      return false;
    }
    if (width > kMostWidth) {
      fail(TemplateProblem::Kind::kError, "width_too_large",
           "the width of a token is at most " + std::to_string(kMostWidth));
      return false;
    }
    const std::string_view rest = text_.substr(begin);
    const condition::TermPrefix prefix = condition::parse_term_prefix(rest);
    if (prefix.length == 0) {
      fail(TemplateProblem::Kind::kUnknownFilter, "bad_token",
           "a percent sign must be followed by a field or transformer; to print one, write "
           "%toupper(\"%\")");
      return false;
    }
    return prefix.term.kind == condition::Term::Kind::kCall
               ? call_token(prefix, begin, width)
               : field_token(rest, prefix, begin, width);
  }

  bool call_token(const condition::TermPrefix& prefix, std::size_t begin, std::size_t width) {
    TermProblem problem;
    std::optional<BoundTerm> bound = BoundTerm::bind(prefix.term, fields_, static_names_, problem);
    if (!bound) {
      const bool too_many = problem.kind == TermProblem::Kind::kShape &&
                            prefix.term.operands.size() > prefix.term.transformer->max_arguments;
      fail(too_many ? TemplateProblem::Kind::kError : TemplateProblem::Kind::kUnknownFilter,
           problem.code, problem.message, problem.nearest);
      return false;
    }
    push(std::move(*bound), nullptr, width);
    at_ = begin + prefix.length;
    return true;
  }

  bool field_token(std::string_view rest, const condition::TermPrefix& prefix, std::size_t begin,
                   std::size_t width) {
    const condition::Term& term = prefix.term;
    auto whole =
        audit::resolve_field(term.name, term.argument, term.argument_quoted, static_names_);
    if (whole) {
      push_field(std::move(*whole), width);
      at_ = begin + prefix.length;
      return true;
    }
    // The field without its argument, then ever shorter pieces of the name.
    for (std::size_t length = term.name.size(); length > 0; --length) {
      auto part = audit::resolve_field(rest.substr(0, length), std::nullopt, false, static_names_);
      if (!part) {
        continue;
      }
      const std::string key = part->key;
      push_field(std::move(*part), width);
      problems_.push_back({TemplateProblem::Kind::kAdvice, "token_became_text",
                           "'%" + std::string(rest.substr(0, prefix.length)) + "' prints %" + key +
                               " and then the text '" +
                               std::string(rest.substr(length, prefix.length - length)) +
                               "', as in Falco: " + whole.error().message,
                           whole.error().nearest, at_, true});
      at_ = begin + length;
      return true;
    }
    fail(TemplateProblem::Kind::kUnknownFilter, "unknown_field", whole.error().message,
         whole.error().nearest);
    return false;
  }

  void push_field(audit::FieldRef reference, std::size_t width) {
    const audit::Field* const field = reference.field;
    condition::Term term;
    term.name = field->name;
    if (field->name == "static.") {
      term.name += reference.static_name;
    }
    if (reference.argument.present) {
      term.argument = reference.argument.text;
    }
    TermProblem problem;
    std::optional<BoundTerm> bound = BoundTerm::bind(term, fields_, static_names_, problem);
    if (bound) {
      push(std::move(*bound), field, width);
    }
  }

  void push(BoundTerm term, const audit::Field* field, std::size_t width) {
    Piece piece;
    piece.term = std::move(term);
    piece.field = field;
    piece.width = width;
    result_.pieces_.push_back(std::move(piece));
  }

  std::string_view text_;
  audit::FieldSet& fields_;
  std::span<const std::string> static_names_;
  std::vector<TemplateProblem>& problems_;
  std::size_t at_ = 0;
  bool failed_ = false;
  OutputTemplate result_;
};

std::optional<OutputTemplate> OutputTemplate::parse(std::string_view text, audit::FieldSet& fields,
                                                    std::span<const std::string> static_names,
                                                    std::vector<TemplateProblem>& out) {
  return Parser(text, fields, static_names, out).run();
}

void OutputTemplate::render(audit::FieldMap& map, Escape escape, std::string& out) const {
  for (const Piece& piece : pieces_) {
    if (!piece.term) {
      out += escape == Escape::kJson ? piece.escaped_literal : piece.literal;
    } else if (piece.width == 0) {
      append_value_text(piece.term->evaluate(map), piece.field, escape, out);
    } else {
      // Padding and cutting count bytes of the text as it is printed.
      std::string text;
      append_value_text(piece.term->evaluate(map), piece.field, Escape::kNone, text);
      text.resize(piece.width, ' ');
      if (escape == Escape::kJson) {
        base::append_json_escaped(out, text);
      } else {
        out += text;
      }
    }
  }
}

std::vector<audit::FieldId> OutputTemplate::fields() const {
  std::vector<audit::FieldId> fields;
  for (const Piece& piece : pieces_) {
    if (piece.term) {
      piece.term->collect_fields(fields);
    }
  }
  return fields;
}

}  // namespace tiercel::alert
