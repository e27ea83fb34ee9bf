#include "matchers.h"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "glob.h"
#include "regular_expression.h"
#include "text_search.h"

namespace tiercel::condition::matcher {

namespace {

using base::Value;
using base::ValueShape;
using base::ValueType;

template <class M, class... Arguments>
Made make(Arguments&&... arguments) {
  return Made(std::make_unique<const M>(std::forward<Arguments>(arguments)...));
}

base::Error bad_number(const std::string& value) {
  return {"bad_number", "`" + value + "` is no whole decimal number, and the left side is a number",
          ""};
}

base::Error bad_boolean(const std::string& value) {
  return {"bad_boolean", "`" + value + "` is neither `true` nor `false`, as the left side is", ""};
}

class Exists final : public Matcher {
 public:
  [[nodiscard]] bool matches(const Value& left) const override { return !left.is_absent(); }
};

class Never final : public Matcher {
 public:
  [[nodiscard]] bool matches(const Value& /*left*/) const override { return false; }
};

// `Test` is a function object over (text of the event, constant).
template <class Test>
class Text final : public Matcher {
 public:
  explicit Text(std::string constant) : constant_(std::move(constant)) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.is_text() && Test{}(left.as_text(), std::string_view(constant_));
  }

 private:
  std::string constant_;
};

template <class Test>
class Number final : public Matcher {
 public:
  explicit Number(std::uint64_t constant) : constant_(constant) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.kind() == Value::Kind::kNumber && Test{}(left.as_number(), constant_);
  }

 private:
  std::uint64_t constant_;
};

class Boolean final : public Matcher {
 public:
  explicit Boolean(bool wanted) : wanted_(wanted) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.kind() == Value::Kind::kBoolean && left.as_boolean() == wanted_;
  }

 private:
  bool wanted_;
};

// A constant compiled into a `Compiled` with matches(text).
template <class Compiled>
class Pattern final : public Matcher {
 public:
  explicit Pattern(Compiled compiled) : compiled_(std::move(compiled)) {}
  [[nodiscard]] bool matches(const Value& left) const override {
    return left.is_text() && compiled_.matches(left.as_text());
  }

 private:
  Compiled compiled_;
};

struct Contains {
  bool operator()(std::string_view text, std::string_view constant) const {
    return condition::contains(text, constant);
  }
};
struct ContainsFolded {
  bool operator()(std::string_view text, std::string_view constant) const {
    return contains_folded(text, constant);
  }
};
struct StartsWith {
  bool operator()(std::string_view text, std::string_view constant) const {
    return text.starts_with(constant);
  }
};
struct EndsWith {
  bool operator()(std::string_view text, std::string_view constant) const {
    return text.ends_with(constant);
  }
};

// Texts by their bytes, numbers by size, booleans (where `Test` is = or !=) by value.
template <class Test>
Made compared(Texts values, ValueShape shape) {
  const std::string& value = values.front();
  if (shape.type == ValueType::kText) {
    return make<Text<Test>>(value);
  }
  if (shape.type == ValueType::kBoolean) {
    if (value != "true" && value != "false") {
      return bad_boolean(value);
    }
    return make<Boolean>(Test{}(true, value == "true"));
  }
  const std::optional<std::uint64_t> number = parse_unsigned(value);
  if (!number) {
    return bad_number(value);
  }
  return make<Number<Test>>(*number);
}

}  // namespace

Made exists(Texts /*values*/, ValueShape /*shape*/) { return make<Exists>(); }

Made equal(Texts values, ValueShape shape) { return compared<std::equal_to<>>(values, shape); }

Made different(Texts values, ValueShape shape) {
  return compared<std::not_equal_to<>>(values, shape);
}

Made less(Texts values, ValueShape shape) { return compared<std::less<>>(values, shape); }

Made at_most(Texts values, ValueShape shape) { return compared<std::less_equal<>>(values, shape); }

Made greater(Texts values, ValueShape shape) { return compared<std::greater<>>(values, shape); }

Made at_least(Texts values, ValueShape shape) {
  return compared<std::greater_equal<>>(values, shape);
}

Made glob(Texts values, ValueShape /*shape*/) { return make<Pattern<Glob>>(Glob(values.front())); }

Made iglob(Texts values, ValueShape /*shape*/) {
  return make<Pattern<Glob>>(Glob(values.front(), Case::kFolded));
}

Made contains(Texts values, ValueShape /*shape*/) { return make<Text<Contains>>(values.front()); }

Made icontains(Texts values, ValueShape /*shape*/) {
  return make<Text<ContainsFolded>>(folded(values.front()));
}

Made starts_with(Texts values, ValueShape /*shape*/) {
  return make<Text<StartsWith>>(values.front());
}

Made ends_with(Texts values, ValueShape /*shape*/) { return make<Text<EndsWith>>(values.front()); }

Made regex(Texts values, ValueShape /*shape*/) {
  auto compiled = RegularExpression::make(values.front());
  if (!compiled) {
    return compiled.error();
  }
  return make<Pattern<RegularExpression>>(std::move(*compiled));
}

Made never(Texts /*values*/, ValueShape /*shape*/) { return make<Never>(); }

}  // namespace tiercel::condition::matcher
