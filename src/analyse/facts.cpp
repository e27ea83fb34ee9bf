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

Texts::Texts(const std::set<std::string>& texts) {
  for (const std::string& text : texts) {
    insert(text);
  }
}

bool Texts::contains(std::string_view text) const {
  if (empty()) {
    return false;
  }
  const auto found = list_->find(text);
  return found != list_->end() && found->second < count_;
}

std::size_t Texts::to_copy() const {
  return list_ == nullptr || list_->size() == count_ ? 0 : count_;
}

void Texts::insert(std::string_view text) {
  if (contains(text)) {
    return;
  }
  if (list_ == nullptr) {
    list_ = std::make_shared<List>();
  } else if (list_->size() != count_) {  // a copy has grown it another way
    auto own = std::make_shared<List>();
    for (const auto& [other, number] : *list_) {
      if (number < count_) {
        own->emplace(other, number);
      }
    }
    list_ = std::move(own);
  }
  list_->emplace(text, count_++);
}

std::vector<std::string_view> Texts::all() const {
  std::vector<std::string_view> out;
  if (!empty()) {
    for (const auto& [text, number] : *list_) {
      if (number < count_) {
        out.push_back(text);
      }
    }
  }
  return out;
}

std::string Texts::identity() const {
  return empty() ? std::string()
                 : std::to_string(reinterpret_cast<std::uintptr_t>(list_.get())) + "/" +
                       std::to_string(count_);
}

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
  const bool is_excluded = known.excluded.contains(text) || (text.empty() && known.is_present);
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
      facts.user.excluded.insert(kAnonymous);
    }
    return is_text(facts.user, kAnonymous) != Tri::kYes && facts.user.kind != Known::Kind::kAbsent;
  }
  return true;
}

}  // namespace tiercel::analyse
