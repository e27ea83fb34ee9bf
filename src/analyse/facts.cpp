#include "facts.h"

#include <utility>

namespace tiercel::analyse {

namespace {

constexpr std::string_view kAnonymous = "system:anonymous";

// Narrows `known` to what `more` says too.
bool narrow(Known& known, Known more) {
  switch (known.kind) {
    case Known::Kind::kAbsent:
      return false;
    case Known::Kind::kExact:
      return more.kind == Known::Kind::kExact ? more.text == known.text
                                              : known.text.starts_with(more.text);
    case Known::Kind::kPrefix:
      if (!more.text.starts_with(known.text)) {
        return more.kind == Known::Kind::kPrefix && known.text.starts_with(more.text);
      }
      known = std::move(more);
      return true;
    case Known::Kind::kUnknown:
      if (more.kind == Known::Kind::kExact && known.excluded.contains(more.text)) {
        return false;
      }
      known = std::move(more);
      return true;
  }
  return true;
}

}  // namespace

Tri is_text(const Known& known, std::string_view text) {
  switch (known.kind) {
    case Known::Kind::kAbsent:
      return text.empty() ? Tri::kYes : Tri::kNo;
    case Known::Kind::kExact:
      return known.text == text ? Tri::kYes : Tri::kNo;
    case Known::Kind::kPrefix:
      return text.starts_with(known.text) ? Tri::kMaybe : Tri::kNo;
    case Known::Kind::kUnknown:
      break;
  }
  const bool is_excluded =
      known.excluded.contains(std::string(text)) || (text.empty() && known.is_present);
  return is_excluded ? Tri::kNo : Tri::kMaybe;
}

bool assume_user(Facts& facts, const std::string& user) {
  return narrow(facts.user, Known::exact(user));
}

bool assume_group(Facts& facts, const std::string& group) {
  if (facts.not_in_groups.contains(group)) {
    return false;
  }
  facts.in_groups.insert(group);
  constexpr std::string_view kOfSpace = "system:serviceaccounts:";
  if (group == "system:nodes") {
    return narrow(facts.user, Known::prefix("system:node:"));
  }
  if (group == "system:serviceaccounts") {
    return narrow(facts.user, Known::prefix("system:serviceaccount:"));
  }
  if (group.starts_with(kOfSpace)) {
    return narrow(facts.user,
                  Known::prefix("system:serviceaccount:" + group.substr(kOfSpace.size()) + ":"));
  }
  if (group == "system:unauthenticated") {
    return narrow(facts.user, Known::exact(kAnonymous));
  }
  if (group == "system:authenticated") {
    if (facts.user.kind == Known::Kind::kUnknown) {
      facts.user.excluded.emplace(kAnonymous);
    }
    return is_text(facts.user, kAnonymous) != Tri::kYes && facts.user.kind != Known::Kind::kAbsent;
  }
  return true;
}

}  // namespace tiercel::analyse
