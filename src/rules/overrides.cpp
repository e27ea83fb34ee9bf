#include "overrides.h"

#include <algorithm>
#include <utility>

namespace tiercel::rules {

namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::vector<std::string_view> names_of(std::span<const OverridableKey> keys) {
  std::vector<std::string_view> names;
  for (const OverridableKey& key : keys) {
    names.push_back(key.name);
  }
  return names;
}

const OverridableKey* find_key(std::span<const OverridableKey> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [name](const OverridableKey& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<Operation> read_operation(Item& item, const Member& member,
                                        const OverridableKey* key) {
  const std::string_view word =
      member.value->is_scalar() ? std::string_view(member.value->text) : std::string_view{};
  if (word == "append") {
    if (key != nullptr && !key->can_append) {
      item.report(Code::kBadOperation, member.value->origin,
                  quoted(member.key) + " cannot be appended to",
                  {"write '" + member.key + ": replace'"});
      return std::nullopt;
    }
    return Operation::kAppend;
  }
  if (word == "replace") {
    return Operation::kReplace;
  }
  item.report(Code::kBadOperation, member.value->origin,
              "an operation must be 'append' or 'replace'",
              suggestion(word, {"append", "replace"}));
  return std::nullopt;
}

void check_unnamed(Item& item, const Overrides& overrides, std::span<const OverridableKey> keys) {
  for (const Member& member : item.node().members) {
    if (find_key(keys, member.key) != nullptr && !overrides.names(member.key)) {
      item.report(Code::kValueWithoutOverride, member.key_origin,
                  quoted(member.key) + " is given, but 'override' does not say what to do with it",
                  {"add '" + member.key + ": replace' under 'override', or remove it"});
    }
  }
}

}  // namespace

bool Overrides::asks(std::string_view key, Operation operation) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.key == key && entry.operation == operation;
  });
}

Overrides Overrides::read(Item& item, std::span<const OverridableKey> keys) {
  Overrides overrides;
  const Member* override_member = item.find("override");
  if (override_member == nullptr || override_member->value->is_null()) {
    return overrides;
  }
  if (!override_member->value->is_map()) {
    item.report(Code::kWrongShape, override_member->value->origin,
                "'override' must be a map of keys to 'append' or 'replace', not " +
                    std::string(kind_name(*override_member->value)));
    return overrides;
  }
  for (const Member& member : override_member->value->members) {
    const OverridableKey* key = find_key(keys, member.key);
    if (key == nullptr) {
      item.report(Code::kUnknownOverride, member.key_origin,
                  quoted(member.key) + " cannot be overridden",
                  suggestion(member.key, names_of(keys)));
    } else if (!item.has(member.key)) {
      item.report(Code::kOverrideWithoutValue, member.key_origin,
                  "'override' names " + quoted(member.key) + ", but the item does not hold it");
    }
    // What was wrong is kept too: the item is meant as an override.
    const Operation operation = read_operation(item, member, key).value_or(Operation::kReplace);
    overrides.entries_.push_back({member.key, operation});
  }
  if (!overrides.empty()) {
    check_unnamed(item, overrides, keys);
  }
  return overrides;
}

bool read_append_flag(Item& item, const Overrides& overrides) {
  if (!item.boolean("append").value_or(false)) {
    return false;
  }
  const Origin origin = item.find("append")->key_origin;
  item.report(Code::kDeprecatedAppend, origin, "the key 'append' is deprecated",
              {"write 'override:' with 'condition: append' (or items, exceptions) below it"});
  if (!overrides.empty()) {
    item.report(Code::kAppendAndOverride, origin, "'append' and 'override' exclude each other",
                {"remove 'append: true' and say 'append' under 'override'"});
  }
  return true;
}

}  // namespace tiercel::rules
