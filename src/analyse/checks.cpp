#include "checks.h"

#include <algorithm>
#include <array>

#include "tiercel/base/value.h"
#include "tiercel/condition/operator.h"

namespace tiercel::analyse {

namespace {

using audit::FieldPart;
using condition::Indexable;

bool is_existence(const condition::Check& check) { return check.op->name == "exists"; }

Tri check_prefix(const Known& known, const std::vector<std::string>& values) {
  if (known.kind == Known::Kind::kUnknown) {
    return Tri::kMaybe;
  }
  Tri answer = Tri::kNo;
  for (const std::string& value : values) {
    if (known.text.starts_with(value)) {
      return Tri::kYes;
    }
    answer = value.starts_with(known.text) ? Tri::kMaybe : answer;
  }
  return answer;
}

}  // namespace

Tri check_text(const Known& known, const condition::Check& check,
               const std::vector<std::string>& values) {
  if (known.kind == Known::Kind::kAbsent) {
    return Tri::kNo;
  }
  if (is_existence(check)) {
    return known.kind == Known::Kind::kUnknown && !known.is_present ? Tri::kMaybe : Tri::kYes;
  }
  if (known.kind == Known::Kind::kExact) {
    const base::Value left = base::Value::text(known.text);
    return condition::naive_matches(*check.op, check.modifier, left, values) ? Tri::kYes : Tri::kNo;
  }
  if (check.modifier == condition::Modifier::kAllOf) {
    return Tri::kMaybe;
  }
  if (check.op->indexable == Indexable::kEqual) {
    const bool is_possible = std::any_of(values.begin(), values.end(), [&](const auto& value) {
      return is_text(known, value) != Tri::kNo;
    });
    return is_possible ? Tri::kMaybe : Tri::kNo;
  }
  return check.op->indexable == Indexable::kPrefix ? check_prefix(known, values) : Tri::kMaybe;
}

Tri check_groups(const Facts& facts, const condition::Check& check,
                 const std::vector<std::string>& values) {
  if (is_existence(check)) {
    return facts.in_groups.empty() ? Tri::kMaybe : Tri::kYes;
  }
  if (check.op->indexable != Indexable::kSome || check.modifier != condition::Modifier::kNone) {
    return Tri::kMaybe;
  }
  bool is_excluded = true;
  for (const std::string& value : values) {
    if (facts.in_groups.contains(value)) {
      return Tri::kYes;
    }
    is_excluded = is_excluded && facts.not_in_groups.contains(value);
  }
  return is_excluded ? Tri::kNo : Tri::kMaybe;
}

Tri check_time(const condition::Check& check, const std::vector<std::string>& values) {
  if (is_existence(check)) {
    return Tri::kYes;
  }
  const bool is_zero = check.op->indexable == Indexable::kEqual &&
                       std::all_of(values.begin(), values.end(),
                                   [](const std::string& value) { return value == "0"; });
  return is_zero ? Tri::kNo : Tri::kMaybe;
}

bool lasts(const Facts& facts) {
  constexpr std::array<std::string_view, 5> kLong{"attach", "exec", "log", "portforward", "proxy"};
  return is_text(facts.verb, "watch") == Tri::kYes ||
         std::find(kLong.begin(), kLong.end(), facts.subresource.text) != kLong.end();
}

bool can_exist(const BodyField& field, const Facts& facts) {
  if (field.is_whole) {
    return true;
  }
  const auto is_verb = [&](std::string_view verb) {
    return is_text(facts.verb, verb) == Tri::kYes;
  };
  if (!facts.is_resource || is_verb("watch")) {
    return false;
  }
  const bool is_read = is_verb("get") || is_verb("list");
  return field.part == FieldPart::kResponseObject || !is_read;
}

bool is_missing(const BodyField& field, const Facts& facts, const Recorded& recorded) {
  if (field.of_managed_fields && recorded.omits_managed_fields) {
    return true;
  }
  if (field.is_whole) {
    return recorded.level != Level::kRequestResponse;
  }
  const bool of_request =
      field.part == FieldPart::kRequestObject ||
      (field.part == FieldPart::kResultObject && is_text(facts.verb, "patch") == Tri::kNo);
  return recorded.level < (of_request ? Level::kRequest : Level::kRequestResponse);
}

}  // namespace tiercel::analyse
