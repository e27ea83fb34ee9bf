#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tiercel::base {

/// The type of a field or of a transformer's result. kTime and kDuration are
/// unsigned numbers that may not be compared with one another or with plain
/// numbers through val() (Falco: evt.rawtime, evt.reltime, evt.num).
enum class ValueType : std::uint8_t { kText, kUnsigned, kBoolean, kTime, kDuration };

/// A type and whether it is a list of that type.
struct ValueShape {
  ValueType type = ValueType::kText;
  bool is_list = false;

  friend bool operator==(const ValueShape&, const ValueShape&) = default;
};

/// What a field holds for one event: absent, a text, a number, a boolean, or a
/// list of texts. A small view, copied freely.
///
/// Lifetime: texts and lists point into the batch's bytes or into the event's
/// arena; a Value never outlives the event it was read from.
/// INVARIANT: a list is never empty (zero elements is absent, as in Falco).
/// INVARIANT: no text holds a NUL (values are cut at the first one, as in Falco).
class Value {
 public:
  enum class Kind : std::uint8_t { kAbsent, kText, kNumber, kBoolean, kList };

  constexpr Value() = default;
  static constexpr Value absent() { return {}; }
  static constexpr Value text(std::string_view text) {
    Value value;
    value.kind_ = Kind::kText;
    value.data_.text = text.data();
    value.size_ = text.size();
    return value;
  }
  static constexpr Value number(std::uint64_t number) {
    Value value;
    value.kind_ = Kind::kNumber;
    value.data_.number = number;
    return value;
  }
  static constexpr Value boolean(bool boolean) {
    Value value;
    value.kind_ = Kind::kBoolean;
    value.data_.number = boolean ? 1 : 0;
    return value;
  }
  /// An empty span gives an absent value.
  static constexpr Value list(std::span<const std::string_view> elements) {
    Value value;
    if (elements.empty()) {
      return value;
    }
    value.kind_ = Kind::kList;
    value.data_.list = elements.data();
    value.size_ = elements.size();
    return value;
  }

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool is_absent() const { return kind_ == Kind::kAbsent; }
  [[nodiscard]] constexpr bool is_text() const { return kind_ == Kind::kText; }
  [[nodiscard]] constexpr bool is_list() const { return kind_ == Kind::kList; }
  /// REQUIRES: kind() == kText.
  [[nodiscard]] constexpr std::string_view as_text() const { return {data_.text, size_}; }
  /// REQUIRES: kind() == kNumber or kBoolean.
  [[nodiscard]] constexpr std::uint64_t as_number() const { return data_.number; }
  [[nodiscard]] constexpr bool as_boolean() const { return data_.number != 0; }
  /// REQUIRES: kind() == kList.
  [[nodiscard]] constexpr std::span<const std::string_view> as_list() const {
    return {data_.list, size_};
  }

 private:
  union Data {
    const char* text;
    const std::string_view* list;
    std::uint64_t number = 0;
  };
  Data data_;
  std::size_t size_ = 0;
  Kind kind_ = Kind::kAbsent;
};

}  // namespace tiercel::base
