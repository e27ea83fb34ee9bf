#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "tiercel/analyse/policy.h"

namespace tiercel::analyse {

/// An answer about many requests at once: none of them, some perhaps, all of them.
enum class Tri : std::uint8_t { kNo, kMaybe, kYes };

/// What is known of one text of a request.
struct Known {
  enum class Kind : std::uint8_t { kUnknown, kAbsent, kExact, kPrefix };
  Kind kind = Kind::kUnknown;
  std::string text;                ///< of kExact and kPrefix
  std::set<std::string> excluded;  ///< of kUnknown: what it is not
  bool is_present = false;         ///< of kUnknown: it is there

  [[nodiscard]] static Known absent() { return {Kind::kAbsent, {}, {}, false}; }
  /// An empty text counts as absent: the API server writes no empty members.
  [[nodiscard]] static Known exact(std::string_view text) {
    return text.empty() ? absent() : Known{Kind::kExact, std::string(text), {}, true};
  }
  [[nodiscard]] static Known prefix(std::string text) {
    return {Kind::kPrefix, std::move(text), {}, true};
  }
  [[nodiscard]] static Known other_than(std::set<std::string> texts) {
    return {Kind::kUnknown, {}, std::move(texts), true};
  }
  [[nodiscard]] bool is_known() const { return kind == Kind::kExact || kind == Kind::kAbsent; }
};

/// Whether it is this text; the empty text stands for absent.
[[nodiscard]] Tri is_text(const Known& known, std::string_view text);

/// A set of requests, by what is known of each of them.
struct Facts {
  bool is_resource = true;
  std::optional<Stage> stage;
  Known verb;
  Known group;
  Known resource;
  Known subresource;
  Known space;
  Known name;
  Known user;
  Known path;  ///< without the query; of requests for no resource
  Known uri;   ///< with it
  std::set<std::string> in_groups;
  std::set<std::string> not_in_groups;
};

/// Adds that the user has this name. False where that contradicts what is known.
[[nodiscard]] bool assume_user(Facts& facts, const std::string& user);
/// Adds that the user is in this group, and what follows for its name: nodes, service accounts
/// and the anonymous user are named by the API server as their groups say. False where that
/// contradicts what is known.
[[nodiscard]] bool assume_group(Facts& facts, const std::string& group);

}  // namespace tiercel::analyse
