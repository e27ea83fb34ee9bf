#include <algorithm>
#include <limits>

#include "tiercel/base/nearest.h"
#include "tiercel/config/schema.h"

#include "scalar.h"

namespace tiercel::config {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace

bool Option::complain(Code code, const Node& node, const std::string& message,
                      Reporter& reporter) const {
  Reporter::Notes notes;
  if (!example_.empty()) {
    notes.push_back("for example: " + std::string(name()) + ": " + example_);
  }
  if (node.is_scalar() && node.text.empty()) {
    notes.emplace_back("the text is empty; where it is an environment variable, it is not set");
  }
  // The source line of a secret is not shown: no column, no line, only the file.
  Place place = node.place;
  if (is_secret_) {
    place.line = 0;
    place.column = 0;
  }
  reporter.error(code, place, "'" + path_ + "' " + message, std::move(notes));
  return false;
}

bool Option::within_bounds(std::uint64_t value, const Node& node, Reporter& reporter) const {
  const bool is_uint32 = std::holds_alternative<std::uint32_t*>(target_);
  const std::uint64_t most =
      std::min(high_.value_or(std::numeric_limits<std::int64_t>::max()),
               is_uint32 ? std::numeric_limits<std::uint32_t>::max()
                         : static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (value >= low_.value_or(0) && value <= most) {
    return true;
  }
  return complain(Code::kOutOfBounds, node,
                  "must be at least " + bound_text(low_.value_or(0)) + " and at most " +
                      bound_text(most) + (is_secret_ ? "" : ", not " + node.text),
                  reporter);
}

bool Option::passes_check(const Node& node, Reporter& reporter) const {
  if (!complaint_) {
    return true;
  }
  const std::string wrong = complaint_(node.text);
  return wrong.empty() || complain(Code::kBadValue, node, wrong, reporter);
}

bool Option::read_number(const Node& node, Reporter& reporter) const {
  const Integer integer = parse_integer(node.text);
  switch (integer.kind) {
    case Integer::Kind::kNone:
      return complain(Code::kWrongType, node, "takes a whole number", reporter);
    case Integer::Kind::kNegative:
    case Integer::Kind::kTooLarge:
      return within_bounds(std::numeric_limits<std::uint64_t>::max(), node, reporter);
    case Integer::Kind::kFits:
      break;
  }
  if (!within_bounds(integer.value, node, reporter)) {
    return false;
  }
  *std::get<std::uint32_t*>(target_) = static_cast<std::uint32_t>(integer.value);
  return true;
}

bool Option::read_duration(const Node& node, Reporter& reporter) const {
  const Integer bare = parse_integer(node.text);
  std::uint64_t milliseconds = bare.value;
  if (bare.kind == Integer::Kind::kNegative || bare.kind == Integer::Kind::kTooLarge) {
    milliseconds = std::numeric_limits<std::uint64_t>::max();
  } else if (bare.kind == Integer::Kind::kNone || (!bare_milliseconds_ && bare.value != 0)) {
    const base::Result<std::chrono::milliseconds> parsed = base::parse_duration(node.text);
    if (!parsed) {
      return complain(Code::kWrongType, node, "is " + parsed.error().message, reporter);
    }
    milliseconds = static_cast<std::uint64_t>(parsed->count());
  }
  if (!within_bounds(milliseconds, node, reporter)) {
    return false;
  }
  *std::get<std::chrono::milliseconds*>(target_) = std::chrono::milliseconds(milliseconds);
  return true;
}

bool Option::read_choice(const Choice& choice, const Node& node, Reporter& reporter) const {
  const std::string wanted = choice.any_case ? lower(node.text) : node.text;
  const auto found = std::find(choice.names.begin(), choice.names.end(), wanted);
  if (found != choice.names.end()) {
    choice.set(static_cast<std::size_t>(found - choice.names.begin()));
    return true;
  }
  const std::vector<std::string_view> known(choice.names.begin(), choice.names.end());
  const std::string_view near = base::nearest_name(lower(node.text), known);
  return complain(Code::kBadValue, node,
                  "takes " + type_text() + ", not '" + node.text + "'" +
                      (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"),
                  reporter);
}

bool Option::read_texts(const Node& node, Reporter& reporter) const {
  std::vector<std::string> texts;
  if (node.is_scalar()) {
    if (!passes_check(node, reporter)) {
      return false;
    }
    texts.push_back(node.text);
  } else if (!node.is_sequence()) {
    return complain(Code::kWrongType, node,
                    "takes a text or a list of texts, not " + std::string(kind_text(node)),
                    reporter);
  }
  for (const Node& item : node.items) {
    if (!item.is_scalar()) {
      return complain(Code::kWrongType, item,
                      "takes a list of texts; this element is " + std::string(kind_text(item)),
                      reporter);
    }
    if (!passes_check(item, reporter)) {
      return false;
    }
    texts.push_back(item.text);
  }
  *std::get<std::vector<std::string>*>(target_) = std::move(texts);
  return true;
}

bool Option::read_pairs(const Node& node, Reporter& reporter) const {
  if (!node.is_map()) {
    return complain(Code::kWrongType, node,
                    "takes a map of texts, not " + std::string(kind_text(node)), reporter);
  }
  TextPairs pairs;
  for (const Member& member : node.members) {
    if (member.value.is_sequence() || member.value.is_map()) {
      return complain(
          Code::kWrongType, member.value,
          "takes a map of texts; '" + member.key + "' is " + std::string(kind_text(member.value)),
          reporter);
    }
    if (const std::string wrong = key_complaint_ ? key_complaint_(member.key) : "";
        !wrong.empty()) {
      return complain(Code::kBadValue, member.value, wrong, reporter);
    }
    pairs.emplace_back(member.key, member.value.is_null() ? "null" : member.value.text);
  }
  *std::get<TextPairs*>(target_) = std::move(pairs);
  return true;
}

bool Option::read_scalar(const Node& node, Reporter& reporter) const {
  if (!node.is_scalar()) {
    return complain(Code::kWrongType, node,
                    "takes " + type_text() + ", not " + std::string(kind_text(node)), reporter);
  }
  if (bool* const* const target = std::get_if<bool*>(&target_)) {
    const std::optional<bool> value = parse_boolean(node.text);
    if (!value) {
      return complain(Code::kWrongType, node, "takes true or false", reporter);
    }
    **target = *value;
    return true;
  }
  if (std::string* const* const target = std::get_if<std::string*>(&target_)) {
    if (!passes_check(node, reporter)) {
      return false;
    }
    **target = node.text;
    return true;
  }
  if (base::ByteSize* const* const target = std::get_if<base::ByteSize*>(&target_)) {
    const base::Result<base::ByteSize> size = base::parse_byte_size(node.text);
    if (!size) {
      return complain(Code::kWrongType, node, "is " + size.error().message, reporter);
    }
    if (!within_bounds(size->bytes, node, reporter)) {
      return false;
    }
    **target = *size;
    return true;
  }
  if (const Choice* const choice = std::get_if<Choice>(&target_)) {
    return read_choice(*choice, node, reporter);
  }
  return std::holds_alternative<std::uint32_t*>(target_) ? read_number(node, reporter)
                                                         : read_duration(node, reporter);
}

bool Option::read(const Node& node, Reporter& reporter) const {
  const Custom* const custom = std::get_if<Custom>(&target_);
  const bool is_texts = std::holds_alternative<std::vector<std::string>*>(target_);
  const bool is_pairs = std::holds_alternative<TextPairs*>(target_);
  if (custom == nullptr && !is_texts && !is_pairs) {
    return read_scalar(node, reporter);
  }
  if (node.is_null()) {
    return false;  // a key whose elements are all commented out says nothing
  }
  if (custom != nullptr) {
    custom->read(node, reporter);
    return true;
  }
  return is_texts ? read_texts(node, reporter) : read_pairs(node, reporter);
}

}  // namespace tiercel::config
