#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "matchers.h"
#include "path_patterns.h"
#include "text_search.h"
#include "text_set.h"

namespace tiercel::condition::matcher {

namespace {

using base::Value;
using base::ValueShape;
using base::ValueType;

enum class Quantifier : std::uint8_t { kEvery, kSome };

// `in` and `intersects` over texts and lists of texts.
template <Quantifier kQuantifier>
class InTexts final : public Matcher {
 public:
  explicit InTexts(Texts values) : set_(values) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    if (left.is_text()) {
      return set_.contains(left.as_text());
    }
    if (!left.is_list()) {
      return false;
    }
    const auto known = [this](std::string_view element) { return set_.contains(element); };
    const auto elements = left.as_list();
    return kQuantifier == Quantifier::kEvery ? std::all_of(elements.begin(), elements.end(), known)
                                             : std::any_of(elements.begin(), elements.end(), known);
  }

 private:
  TextSet set_;
};

// Not one of the texts: `!= allof (…)`.
class NotInTexts final : public Matcher {
 public:
  explicit NotInTexts(Texts values) : set_(values) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.is_text() && !set_.contains(left.as_text());
  }

 private:
  TextSet set_;
};

class InNumbers final : public Matcher {
 public:
  explicit InNumbers(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {
    std::sort(numbers_.begin(), numbers_.end());
  }
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.kind() == Value::Kind::kNumber &&
           std::binary_search(numbers_.begin(), numbers_.end(), left.as_number());
  }

 private:
  std::vector<std::uint64_t> numbers_;
};

class Paths final : public Matcher {
 public:
  explicit Paths(PathPatterns patterns) : patterns_(std::move(patterns)) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.is_text() && patterns_.match(left.as_text());
  }

 private:
  PathPatterns patterns_;
};

// A modifier over one prepared operand for each value.
class Several final : public Matcher {
 public:
  Several(Modifier modifier, std::vector<std::unique_ptr<const Matcher>> operands)
      : modifier_(modifier), operands_(std::move(operands)) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    std::size_t wanted = 0;  // how many are true when the loop may stop
    switch (modifier_) {
      case Modifier::kAllOf:
        return std::all_of(operands_.begin(), operands_.end(),
                           [&left](const auto& operand) { return operand->matches(left); });
      case Modifier::kOneOf:
        wanted = 2;
        break;
      case Modifier::kAnyOf:
      case Modifier::kNone:
        wanted = 1;
        break;
    }
    std::size_t found = 0;
    for (const auto& operand : operands_) {
      found += operand->matches(left) ? 1U : 0U;
      if (found == wanted) {
        break;
      }
    }
    return found == 1;
  }

 private:
  Modifier modifier_;
  std::vector<std::unique_ptr<const Matcher>> operands_;
};

// Booleans are at most two values, so `=` on each of them will do.
Made in_by_equality(Texts values, ValueShape shape) {
  std::vector<std::unique_ptr<const Matcher>> operands;
  for (const std::string& value : values) {
    Made operand = equal({&value, 1}, shape);
    if (!operand) {
      return operand;
    }
    operands.push_back(std::move(*operand));
  }
  return several(Modifier::kAnyOf, std::move(operands));
}

Made in_numbers(Texts values, ValueShape shape) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& value : values) {
    const std::optional<std::uint64_t> number = parse_unsigned(value);
    if (!number) {
      return equal({&value, 1}, shape).error();
    }
    numbers.push_back(*number);
  }
  return Made(std::make_unique<const InNumbers>(std::move(numbers)));
}

template <Quantifier kQuantifier>
Made in_set(Texts values, ValueShape shape) {
  if (values.empty()) {
    return never(values, shape);
  }
  if (shape.is_list || shape.type == ValueType::kText) {
    if (values.size() == 1 && !shape.is_list) {
      return equal(values, shape);
    }
    return Made(std::make_unique<const InTexts<kQuantifier>>(values));
  }
  return shape.type == ValueType::kBoolean ? in_by_equality(values, shape)
                                           : in_numbers(values, shape);
}

}  // namespace

Made in(Texts values, ValueShape shape) { return in_set<Quantifier::kEvery>(values, shape); }

Made intersects(Texts values, ValueShape shape) { return in_set<Quantifier::kSome>(values, shape); }

Made pmatch(Texts values, ValueShape /*shape*/) {
  auto patterns = PathPatterns::make(values);
  if (!patterns) {
    return patterns.error();
  }
  return Made(std::make_unique<const Paths>(std::move(*patterns)));
}

Made not_in(Texts values) { return Made(std::make_unique<const NotInTexts>(values)); }

Made several(Modifier modifier, std::vector<std::unique_ptr<const Matcher>> operands) {
  return Made(std::make_unique<const Several>(modifier, std::move(operands)));
}

}  // namespace tiercel::condition::matcher
