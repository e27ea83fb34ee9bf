#include <algorithm>
#include <array>

#include "tiercel/condition/operator.h"

#include "matchers.h"
#include "meaning.h"

namespace tiercel::condition {

namespace {

constexpr std::uint8_t kScalars = kAcceptsText | kAcceptsNumber | kAcceptsBoolean;
constexpr std::uint8_t kAnything = kScalars | kAcceptsList;
constexpr std::string_view kOld = "before 0.32";

// One row an operator, in the order in which the parser tries them.
constexpr std::array kOperators{
    Operator{.name = "exists",
             .form = OperandForm::kNone,
             .accepts = kAnything,
             .takes_term = false,
             .since = kOld,
             .doc = "True when the field is present; an empty text is.",
             .test = &meaning::exists,
             .prepare_values = &matcher::exists},
    Operator{.name = "<=",
             .form = OperandForm::kNumber,
             .accepts = kAcceptsText | kAcceptsNumber,
             .since = kOld,
             .doc = "At most the number. A text is compared byte by byte with the number as it is "
                    "written.",
             .test = &meaning::at_most,
             .prepare_values = &matcher::at_most},
    Operator{.name = "<",
             .form = OperandForm::kNumber,
             .accepts = kAcceptsText | kAcceptsNumber,
             .since = kOld,
             .doc = "Less than the number. A text is compared byte by byte with the number as it "
                    "is written.",
             .test = &meaning::less,
             .prepare_values = &matcher::less},
    Operator{.name = ">=",
             .form = OperandForm::kNumber,
             .accepts = kAcceptsText | kAcceptsNumber,
             .since = kOld,
             .doc = "At least the number. A text is compared byte by byte with the number as it is "
                    "written.",
             .test = &meaning::at_least,
             .prepare_values = &matcher::at_least},
    Operator{.name = ">",
             .form = OperandForm::kNumber,
             .accepts = kAcceptsText | kAcceptsNumber,
             .since = kOld,
             .doc = "More than the number. A text is compared byte by byte with the number as it "
                    "is written.",
             .test = &meaning::greater,
             .prepare_values = &matcher::greater},
    Operator{.name = "==",
             .accepts = kScalars,
             .takes_modifier = true,
             .indexable = Indexable::kEqual,
             .since = kOld,
             .doc = "The same as `=`.",
             .test = &meaning::equal,
             .prepare_values = &matcher::equal},
    Operator{.name = "=",
             .accepts = kScalars,
             .takes_modifier = true,
             .indexable = Indexable::kEqual,
             .since = kOld,
             .doc = "Equal to the value.",
             .test = &meaning::equal,
             .prepare_values = &matcher::equal},
    Operator{.name = "!=",
             .accepts = kScalars,
             .takes_modifier = true,
             .since = kOld,
             .doc = "Present and different from the value.",
             .test = &meaning::different,
             .prepare_values = &matcher::different},
    Operator{.name = "glob",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .since = kOld,
             .doc = "The whole text fits the shell pattern: `*` any run, `?` one byte, `[a-z]`, "
                    "`[!a-z]`, and a backslash before a byte that means itself.",
             .test = &meaning::glob,
             .prepare_values = &matcher::glob},
    Operator{.name = "iglob",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .since = "0.37",
             .doc = "Like `glob`; ASCII letters match in either case.",
             .test = &meaning::iglob,
             .prepare_values = &matcher::iglob},
    Operator{.name = "contains",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .indexable = Indexable::kPart,
             .since = kOld,
             .doc = "The value occurs in the text; the empty value always does.",
             .test = &meaning::contains,
             .prepare_values = &matcher::contains},
    Operator{.name = "icontains",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .since = kOld,
             .doc = "Like `contains`; ASCII letters match in either case.",
             .test = &meaning::icontains,
             .prepare_values = &matcher::icontains},
    Operator{.name = "bcontains",
             .accepts = 0,
             .takes_modifier = true,
             .needs_blank = true,
             .since = "0.32",
             .doc = "For raw bytes, which no field of audit events holds; always refused.",
             .test = &meaning::never,
             .prepare_values = &matcher::never},
    Operator{.name = "startswith",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .indexable = Indexable::kPrefix,
             .since = kOld,
             .doc = "The text begins with the value; with the empty value always.",
             .test = &meaning::starts_with,
             .prepare_values = &matcher::starts_with},
    Operator{.name = "bstartswith",
             .accepts = 0,
             .takes_modifier = true,
             .needs_blank = true,
             .since = "0.32",
             .doc = "For raw bytes, which no field of audit events holds; always refused.",
             .test = &meaning::never,
             .prepare_values = &matcher::never},
    Operator{.name = "endswith",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .since = kOld,
             .doc = "The text ends with the value; with the empty value always.",
             .test = &meaning::ends_with,
             .prepare_values = &matcher::ends_with},
    Operator{.name = "regex",
             .accepts = kAcceptsText,
             .takes_modifier = true,
             .needs_blank = true,
             .takes_term = false,
             .since = "0.39",
             .doc = "The whole text matches the regular expression (RE2, POSIX syntax).",
             .test = &meaning::regex,
             .prepare_values = &matcher::regex},
    Operator{.name = "intersects",
             .form = OperandForm::kList,
             .accepts = kAnything,
             .indexable = Indexable::kSome,
             .since = "0.32",
             .doc = "Some element of the field is one of the values.",
             .test = &meaning::intersects,
             .prepare_values = &matcher::intersects},
    Operator{.name = "in",
             .form = OperandForm::kList,
             .accepts = kAnything,
             .indexable = Indexable::kEqual,
             .since = kOld,
             .doc = "The field is one of the values; of a list field, every element is.",
             .test = &meaning::in,
             .prepare_values = &matcher::in},
    Operator{.name = "pmatch",
             .form = OperandForm::kList,
             .accepts = kAcceptsText,
             .takes_term = false,
             .since = kOld,
             .doc = "The text is a path that begins with one of the paths, whole components "
                    "compared; a component may be a glob.",
             .test = &meaning::pmatch,
             .prepare_values = &matcher::pmatch},
};

std::string_view kind_of(base::ValueShape shape) {
  if (shape.is_list) {
    return "a list";
  }
  switch (shape.type) {
    case base::ValueType::kText:
      return "a text";
    case base::ValueType::kBoolean:
      return "a boolean";
    case base::ValueType::kUnsigned:
      return "a number";
    case base::ValueType::kTime:
      return "a point in time";
    case base::ValueType::kDuration:
      return "a duration";
  }
  return "a value";
}

std::uint8_t bit_of(base::ValueShape shape) {
  if (shape.is_list) {
    return kAcceptsList;
  }
  switch (shape.type) {
    case base::ValueType::kText:
      return kAcceptsText;
    case base::ValueType::kBoolean:
      return kAcceptsBoolean;
    case base::ValueType::kUnsigned:
    case base::ValueType::kTime:
    case base::ValueType::kDuration:
      break;
  }
  return kAcceptsNumber;
}

// What to write instead of an operator that does not fit.
std::string_view advice_for(const Operator& op, base::ValueShape shape) {
  if (op.name == "bcontains") {
    return "; use `contains`";
  }
  if (op.name == "bstartswith") {
    return "; use `startswith`";
  }
  if (shape.is_list) {
    return "; use `intersects` (some element is one of the values), `in` (every element is) or "
           "`exists`";
  }
  return shape.type == base::ValueType::kBoolean ? "; use `= true` or `= false`"
                                                 : "; use `=`, `!=`, `<`, `>` or `in`";
}

}  // namespace

std::span<const Operator> operators() { return kOperators; }

const Operator* find_operator(std::string_view name) {
  const auto* const found = std::find_if(kOperators.begin(), kOperators.end(),
                                         [name](const Operator& op) { return op.name == name; });
  return found == kOperators.end() ? nullptr : found;
}

std::string check_shape(const Operator& op, Modifier modifier, base::ValueShape shape) {
  const std::string name(op.name);
  if ((op.accepts & bit_of(shape)) == 0) {
    return "`" + name + "` cannot be applied to " + std::string(kind_of(shape)) +
           std::string(advice_for(op, shape));
  }
  if (modifier == Modifier::kNone) {
    return {};
  }
  if (!op.takes_modifier) {
    return "`" + name + "` takes no modifier (oneof, anyof, allof)";
  }
  if (shape.is_list || shape.type != base::ValueType::kText) {
    return "a modifier (oneof, anyof, allof) can be applied to a text only, not to " +
           std::string(kind_of(shape)) + "; use `in`";
  }
  return {};
}

std::string check_term(const Operator& op, base::ValueShape left, base::ValueShape right) {
  if (!op.takes_term) {
    return "the right side of `" + std::string(op.name) +
           "` must be a constant, neither val() nor a transformer";
  }
  if (left == right) {
    return {};
  }
  return std::string(kind_of(left)) + " cannot be compared with " + std::string(kind_of(right));
}

}  // namespace tiercel::condition
