#include "template_parser.h"

#include <algorithm>
#include <utility>

#include "tiercel/condition/transformer.h"

namespace tiercel::alert {

namespace {

using Kind = TemplateProblem::Kind;
using condition::Term;

constexpr std::string_view kStaticPrefix = "static.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

// What an author meant as a name: for messages only.
std::string_view name_at(std::string_view text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_name_part);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// No name is longer, so nothing longer needs to be tried.
std::size_t longest_name(std::span<const std::string> static_names) {
  std::size_t longest = 0;
  for (const audit::Field& field : audit::fields()) {
    longest = std::max(longest, field.name.size());
  }
  for (const std::string& name : static_names) {
    longest = std::max(longest, kStaticPrefix.size() + name.size());
  }
  return longest;
}

std::string token_text(std::string_view text) { return "'%" + std::string(text) + "'"; }

}  // namespace

std::optional<OutputTemplate> TemplateParser::parse() {
  if (text_.empty()) {
    report(Kind::kError, 0, "empty_template", "the output template is empty");
    return std::nullopt;
  }
  bool good = true;
  at_ = text_.front() == '*' ? 1 : 0;
  while (at_ < text_.size()) {
    if (text_[at_] != '%') {
      const std::size_t end = std::min(text_.find('%', at_), text_.size());
      literal_ += text_.substr(at_, end - at_);
      at_ = end;
    } else if (!token()) {
      good = false;
      ++at_;
    }
  }
  result_.tail_ = std::move(literal_);
  return good ? std::optional(std::move(result_)) : std::nullopt;
}

bool TemplateParser::token() {
  begin_ = at_ + 1;
  width_ = 0;
  while (begin_ < text_.size() && is_digit(text_[begin_])) {
    const auto digit = static_cast<std::size_t>(text_[begin_] - '0');
    width_ = std::min(width_ * 10 + digit, OutputTemplate::kMostWidth + 1);
    ++begin_;
  }
  if (begin_ == text_.size()) {
    report(Kind::kError, at_, "bare_percent",
           "a field must follow the percent sign; to print one, write %toupper(\"%\")");
    return false;
  }
  // DIFFERS FROM FALCO: there a large width exhausts memory.
  if (width_ > OutputTemplate::kMostWidth) {
    report(Kind::kError, at_, "width_too_large",
           "the width of a token is at most " + std::to_string(OutputTemplate::kMostWidth));
    return false;
  }
  const condition::TermPrefix prefix = condition::parse_term_prefix(text_.substr(begin_));
  if (prefix.length == 0) {
    no_term();
    return false;
  }
  return prefix.term.kind == Term::Kind::kCall ? call_token(prefix) : field_token(prefix);
}

void TemplateParser::no_term() {
  const std::string_view rest = text_.substr(begin_);
  const std::string_view name = name_at(rest);
  const std::string_view after = rest.substr(name.size());
  if (name.empty()) {
    report(Kind::kUnknownFilter, at_, "bare_percent",
           "a field must follow the percent sign; to print one, write %toupper(\"%\")");
  } else if (name == "val" && after.starts_with('(')) {
    report(Kind::kUnknownFilter, at_, "bad_token",
           "val() stands in conditions only; in an output write the field itself");
  } else if (condition::find_transformer(name) == nullptr) {
    const audit::FieldError why =
        audit::resolve_field(name, std::nullopt, false, static_names_).error();
    report(Kind::kUnknownFilter, at_, "unknown_field", why.message, why.nearest);
  } else {
    report(Kind::kUnknownFilter, at_, "bad_token",
           after.starts_with('(')
               ? token_text(std::string(name) + "(") + " begins no complete transformer call"
               : "the parenthesis must follow the transformer " + token_text(name) + " directly");
  }
}

bool TemplateParser::call_token(const condition::TermPrefix& prefix) {
  TermProblem problem;
  std::optional<BoundTerm> bound = BoundTerm::bind(prefix.term, fields_, static_names_, problem);
  if (!bound) {
    // The one fault of a call that skip-if-unknown-filter does not forgive.
    const bool always = problem.kind == TermProblem::Kind::kArgumentCount;
    report(always ? Kind::kError : Kind::kUnknownFilter, begin_ + problem.place.offset,
           problem.code,
           "in " + token_text(text_.substr(begin_, prefix.length)) + ": " + problem.message,
           problem.nearest);
    return false;
  }
  push(std::move(*bound), nullptr);
  at_ = begin_ + prefix.length;
  return true;
}

bool TemplateParser::field_token(const condition::TermPrefix& prefix) {
  const Term& term = prefix.term;
  auto whole = audit::resolve_field(term.name, term.argument, term.argument_quoted, static_names_);
  if (whole) {
    push_field(std::move(*whole));
    at_ = begin_ + prefix.length;
    return true;
  }
  const std::string_view written = text_.substr(begin_, prefix.length);
  std::optional<audit::FieldRef> part = longest_field(term.name);
  if (!part) {
    report(Kind::kUnknownFilter, at_, "unknown_field", whole.error().message,
           whole.error().nearest);
    return false;
  }
  const std::size_t length = part->key.size();
  report(Kind::kAdvice, at_, "token_became_text",
         token_text(written) + " prints %" + part->key + " and the text '" +
             std::string(written.substr(length)) + "': " + whole.error().message,
         whole.error().nearest);
  push_field(std::move(*part));
  at_ = begin_ + length;
  return true;
}

// The longest piece from the start of `name`, cut anywhere, that is a field by itself.
std::optional<audit::FieldRef> TemplateParser::longest_field(std::string_view name) const {
  for (std::size_t length = std::min(name.size(), longest_name(static_names_)); length > 0;
       --length) {
    const std::string_view part = name.substr(0, length);
    const bool known = part.starts_with(kStaticPrefix)
                           ? std::find(static_names_.begin(), static_names_.end(),
                                       part.substr(kStaticPrefix.size())) != static_names_.end()
                           : audit::find_field(part) != nullptr;
    if (!known) {
      continue;
    }
    auto reference = audit::resolve_field(part, std::nullopt, false, static_names_);
    if (reference) {
      return std::move(*reference);
    }
  }
  return std::nullopt;
}

void TemplateParser::push_field(audit::FieldRef reference) {
  const audit::Field* const field = reference.field;
  push(BoundTerm::of_field(fields_.add(std::move(reference)), field->shape), field);
}

void TemplateParser::push(BoundTerm term, const audit::Field* field) {
  result_.pieces_.push_back({std::move(literal_), std::move(term), field, width_, {}});
  literal_.clear();
}

void TemplateParser::report(Kind kind, std::size_t offset, std::string code, std::string message,
                            std::string nearest) {
  problems_.push_back(
      {kind, std::move(code), std::move(message), std::move(nearest), offset, true});
}

}  // namespace tiercel::alert
