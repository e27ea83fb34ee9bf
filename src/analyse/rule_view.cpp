#include "rule_view.h"

#include <algorithm>
#include <utility>

#include "tiercel/condition/operator.h"

#include "checks.h"

namespace tiercel::analyse {

namespace {

using audit::FieldPart;
using condition::Check;
using condition::Expr;
using condition::Term;
using Attribute = RuleView::Attribute;

// By the field's name or by the JSON pointer to the same member.
Attribute attribute_of(const audit::FieldRef& field) {
  struct Row {
    std::string_view name;
    std::vector<std::string> pointer;
    Attribute attribute;
  };
  static const std::vector<Row> kRows{
      {"ka.stage", {"stage"}, Attribute::kStage},
      {"ka.verb", {"verb"}, Attribute::kVerb},
      {"ka.target.apigroup", {"objectRef", "apiGroup"}, Attribute::kGroup},
      {"ka.target.resource", {"objectRef", "resource"}, Attribute::kResource},
      {"ka.target.subresource", {"objectRef", "subresource"}, Attribute::kSubresource},
      {"ka.target.namespace", {"objectRef", "namespace"}, Attribute::kSpace},
      {"ka.target.name", {"objectRef", "name"}, Attribute::kName},
      {"ka.req.configmap.name", {}, Attribute::kName},
      {"ka.user.name", {"user", "username"}, Attribute::kUser},
      {"ka.user.groups", {}, Attribute::kGroups},
      {"ka.uri", {"requestURI"}, Attribute::kUri},
      {"jevt.rawtime", {}, Attribute::kTime},
      {"json.rawtime", {}, Attribute::kTime},
  };
  const bool is_pointer = field.field->part == FieldPart::kPointer;
  for (const Row& row : kRows) {
    if (is_pointer ? !row.pointer.empty() && row.pointer == field.argument.path
                   : row.name == field.field->name) {
      return row.attribute;
    }
  }
  return Attribute::kNone;
}

// Nothing for a field that every level has.
std::optional<BodyField> body_of(const audit::FieldRef& field) {
  BodyField body{field.key, field.field->part, false, false};
  if (body.part == FieldPart::kEvent) {
    body.part = FieldPart::kResponseObject;
    body.is_whole = true;
  }
  if (body.part == FieldPart::kPointer) {
    const std::vector<std::string>& path = field.argument.path;
    const std::string first = path.empty() ? "" : path.front();
    body.is_whole = path.empty();
    body.part = first == "requestObject"                    ? FieldPart::kRequestObject
                : first == "responseObject" || path.empty() ? FieldPart::kResponseObject
                                                            : FieldPart::kMetadata;
    body.of_managed_fields = body.part != FieldPart::kMetadata && path.size() > 2 &&
                             path[1] == "metadata" && path[2] == "managedFields";
  }
  return body.part == FieldPart::kMetadata ? std::nullopt : std::optional(std::move(body));
}

std::optional<audit::FieldRef> resolve(const Term& term) {
  auto resolved = audit::resolve_field(term.name, term.argument, term.argument_quoted);
  return resolved ? std::optional(std::move(resolved.value())) : std::nullopt;  // static.NAME
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
void collect_bodies(const Term& term, std::vector<BodyField>& out) {
  if (term.kind == Term::Kind::kField) {
    if (const auto field = resolve(term)) {
      if (auto body = body_of(*field)) {
        out.push_back(std::move(*body));
      }
    }
  }
  for (const Term& operand : term.operands) {
    collect_bodies(operand, out);
  }
}

std::vector<BodyField> bodies_of_output(const engine::CompiledRule& rule) {
  audit::FieldSet fields;
  std::vector<alert::TemplateProblem> problems;
  (void)alert::RuleOutput::compile(rule.meta, rule.source.output, {}, fields, problems);
  std::vector<BodyField> out;
  for (std::size_t at = 0; at < fields.size(); ++at) {
    if (auto body = body_of(fields[static_cast<audit::FieldId>(at)])) {
      if (!body->is_whole) {  // it prints what there is
        out.push_back(std::move(*body));
      }
    }
  }
  return out;
}

Tri inverse(Tri answer) { return static_cast<Tri>(2 - static_cast<int>(answer)); }

// Made once: this is asked millions of times.
const Known& known_of(const std::optional<Stage>& stage) {
  static const std::vector<Known> kOfStages = [] {
    std::vector<Known> out;
    out.reserve(std::size(kStages));
    for (const Stage one : kStages) {
      out.push_back(Known::exact(to_text(one)));
    }
    return out;
  }();
  static const Known kAny;
  return stage ? kOfStages[static_cast<std::size_t>(*stage)] : kAny;
}

const Known& known_of(const Facts& facts, Attribute attribute) {
  switch (attribute) {
    case Attribute::kVerb:
      return facts.verb;
    case Attribute::kGroup:
      return facts.group;
    case Attribute::kResource:
      return facts.resource;
    case Attribute::kSubresource:
      return facts.subresource;
    case Attribute::kSpace:
      return facts.space;
    case Attribute::kName:
      return facts.name;
    case Attribute::kUser:
      return facts.user;
    default:
      return facts.uri;
  }
}

}  // namespace

RuleView::RuleView(const engine::CompiledRule& rule)
    : rule_(&rule), condition_(prepare(*rule.condition)), output_(bodies_of_output(rule)) {
  note_uses(condition_);
  for (const BodyField& field : output_) {
    reads_managed_fields_ = reads_managed_fields_ || field.of_managed_fields;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
RuleView::Node RuleView::prepare(const Expr& expr) {
  Node node;
  node.kind = expr.kind;
  if (expr.kind == Expr::Kind::kCheck) {
    node.literal = prepare(*expr.check);
  }
  for (const condition::ExprPtr& operand : expr.operands) {
    node.operands.push_back(prepare(*operand));
  }
  return node;
}

RuleView::Literal RuleView::prepare(const Check& check) {
  Literal literal;
  literal.check = &check;
  if (check.left.kind == Term::Kind::kField && !check.right) {
    if (const auto field = resolve(check.left)) {
      literal.attribute = attribute_of(*field);
    }
  }
  for (const condition::Constant& constant : check.values) {
    literal.values.push_back(constant.text);
  }
  collect_bodies(check.left, literal.bodies);
  if (check.right) {
    collect_bodies(*check.right, literal.bodies);
  }
  return literal;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
void RuleView::note_uses(const Node& node) {
  for (const Node& operand : node.operands) {
    note_uses(operand);
  }
  const Literal& literal = node.literal;
  steps_of_answers_ += is_split(literal) ? std::max<std::size_t>(literal.values.size(), 1) : 0;
  reads_stage_ = reads_stage_ || literal.attribute == Attribute::kStage;
  for (const BodyField& field : literal.bodies) {
    reads_managed_fields_ = reads_managed_fields_ || field.of_managed_fields;
  }
  for (const std::string& value : literal.values) {
    texts_.emplace_back(literal.attribute, value);
  }
}

bool RuleView::is_split(const Literal& literal) {
  switch (literal.attribute) {
    case Attribute::kSpace:
    case Attribute::kName:
    case Attribute::kUser:
    case Attribute::kGroups:
    case Attribute::kUri:
      return literal.bodies.empty();  // of a body counts whether it can be there
    default:
      return false;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
void RuleView::add_answers(const Node& node, const Facts& facts, std::string& out) {
  if (is_split(node.literal)) {
    out += static_cast<char>('0' + static_cast<int>(full_of(node.literal, facts)));
  }
  for (const Node& operand : node.operands) {
    add_answers(operand, facts, out);
  }
}

std::vector<std::string> RuleView::texts_of(Attribute attribute) const {
  std::vector<std::string> out;
  for (const auto& [of, text] : texts_) {
    if (of == attribute) {
      out.push_back(text);
    }
  }
  return out;
}

std::vector<Stage> RuleView::stages(const Facts& facts) const {
  if (reads_stage()) {
    return {kStages.begin(), kStages.end()};
  }
  return lasts(facts) ? std::vector<Stage>{Stage::kResponseStarted, Stage::kResponseComplete}
                      : std::vector<Stage>{Stage::kResponseComplete};
}

Tri RuleView::full_of(const Literal& literal, const Facts& facts) {
  if (!literal.bodies.empty()) {
    // An absent value on either side, also within a transformer, makes the check false.
    return std::all_of(literal.bodies.begin(), literal.bodies.end(),
                       [&](const BodyField& field) { return can_exist(field, facts); })
               ? Tri::kMaybe
               : Tri::kNo;
  }
  switch (literal.attribute) {
    case Attribute::kNone:
      return Tri::kMaybe;
    case Attribute::kStage:
      return check_text(known_of(facts.stage), *literal.check, literal.values);
    case Attribute::kGroups:
      return check_groups(facts, *literal.check, literal.values);
    case Attribute::kTime:
      return check_time(*literal.check, literal.values);
    default:
      return check_text(known_of(facts, literal.attribute), *literal.check, literal.values);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
Tri RuleView::full_of(const Node& node, const Facts& facts) {
  if (node.kind == Expr::Kind::kCheck) {
    return full_of(node.literal, facts);
  }
  if (node.kind == Expr::Kind::kNot) {
    return inverse(full_of(node.operands.front(), facts));
  }
  const bool is_and = node.kind == Expr::Kind::kAnd;
  const Tri last = is_and ? Tri::kNo : Tri::kYes;  // what no further operand changes
  Tri answer = is_and ? Tri::kYes : Tri::kNo;
  for (const Node& operand : node.operands) {
    const Tri one = full_of(operand, facts);
    answer = is_and ? std::min(answer, one) : std::max(answer, one);
    if (answer == last) {
      break;
    }
  }
  return answer;
}

RuleView::Answer RuleView::ask(const Literal& literal, const Facts& facts, const Recorded& recorded,
                               std::vector<Missing>& out) {
  const Tri full = full_of(literal, facts);
  Answer answer{full, full};
  if (literal.bodies.empty() || full == Tri::kNo) {
    return answer;
  }
  for (const BodyField& field : literal.bodies) {
    if (is_missing(field, facts, recorded)) {
      out.push_back({&field, true});
      if (field.is_whole) {
        out.push_back({&field, false});
      } else {
        answer.recorded = Tri::kNo;
      }
    }
  }
  return answer;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth limit of conditions.
RuleView::Answer RuleView::ask(const Node& node, const Facts& facts, const Recorded& recorded,
                               std::vector<Missing>& out) {
  if (node.kind == Expr::Kind::kCheck) {
    return ask(node.literal, facts, recorded, out);
  }
  const std::size_t before = out.size();
  const auto rest = [&] { return out.begin() + static_cast<std::ptrdiff_t>(before); };
  if (node.kind == Expr::Kind::kNot) {
    const Answer inner = ask(node.operands.front(), facts, recorded, out);
    std::for_each(rest(), out.end(), [](Missing& one) { one.gains = !one.gains; });
    return {inverse(inner.full), inverse(inner.recorded)};
  }
  const bool is_and = node.kind == Expr::Kind::kAnd;
  Answer answer = is_and ? Answer{Tri::kYes, Tri::kYes} : Answer{Tri::kNo, Tri::kNo};
  for (const Node& operand : node.operands) {
    const Answer one = ask(operand, facts, recorded, out);
    answer.full = is_and ? std::min(answer.full, one.full) : std::max(answer.full, one.full);
    answer.recorded =
        is_and ? std::min(answer.recorded, one.recorded) : std::max(answer.recorded, one.recorded);
  }
  // What is decided depends on no missing field; what is recorded as false can only have been
  // true, and the other way round.
  if (answer.full != Tri::kMaybe) {
    out.resize(before);
  } else if (answer.recorded != Tri::kMaybe) {
    const bool can_gain = answer.recorded == Tri::kNo;
    out.erase(std::remove_if(rest(), out.end(),
                             [&](const Missing& one) { return one.gains != can_gain; }),
              out.end());
  }
  return answer;
}

Verdict RuleView::judge(const Facts& facts, const Recorded& recorded) const {
  std::vector<Missing> missing;
  const Answer answer = ask(condition_, facts, recorded, missing);
  Verdict verdict;
  verdict.full = answer.full;
  verdict.recorded = answer.recorded;
  for (const Missing& one : missing) {
    (one.gains ? verdict.lost : verdict.wrong).push_back(one.field);
  }
  return verdict;
}

std::vector<const BodyField*> RuleView::missing_output(const Facts& facts,
                                                       const Recorded& recorded) const {
  std::vector<const BodyField*> out;
  for (const BodyField& field : output_) {
    if (can_exist(field, facts) && is_missing(field, facts, recorded)) {
      out.push_back(&field);
    }
  }
  return out;
}

Level RuleView::level_needed(const Facts& facts) const {
  for (const Level level : {Level::kMetadata, Level::kRequest}) {
    const Recorded recorded{level, false};
    if (judge(facts, recorded).is_same() && missing_output(facts, recorded).empty()) {
      return level;
    }
  }
  return Level::kRequestResponse;
}

}  // namespace tiercel::analyse
