#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/analyse/policy.h"

namespace tiercel::analyse {

/// An answer about many requests at once: none of them, some perhaps, all of them.
enum class Tri : std::uint8_t { kNo, kMaybe, kYes };

/// A set of texts that grows. Facts are copied for each part of the requests that a policy tells
/// apart, and what they exclude can be thousands of names: copies share one list and know how much
/// of it is theirs, so that one can grow and the others stay as they are. Not for several threads.
class Texts {
 public:
  Texts() = default;
  explicit Texts(const std::set<std::string>& texts);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool contains(std::string_view text) const;
  void insert(std::string_view text);
  /// How many texts the next change copies: none where it can grow the list.
  [[nodiscard]] std::size_t to_copy() const;
  /// In alphabetical order; they live as long as this.
  [[nodiscard]] std::vector<std::string_view> all() const;
  /// The same for copies that nobody has changed.
  [[nodiscard]] std::string identity() const;

 private:
  using List = std::map<std::string, std::size_t, std::less<>>;  // numbered as they came

  std::shared_ptr<List> list_;  // null: none
  std::size_t count_ = 0;       // the first ones are of this set
};

/// What is known of one text of a request.
struct Known {
  enum class Kind : std::uint8_t { kUnknown, kAbsent, kExact, kPrefix };
  Kind kind = Kind::kUnknown;
  std::string text;         ///< of kExact and kPrefix
  Texts excluded;           ///< of kUnknown: what it is not
  bool is_present = false;  ///< of kUnknown: it is there

  [[nodiscard]] static Known absent() { return {Kind::kAbsent, {}, {}, false}; }
  /// An empty text counts as absent: the API server writes no empty members.
  [[nodiscard]] static Known exact(std::string_view text) {
    return text.empty() ? absent() : Known{Kind::kExact, std::string(text), {}, true};
  }
  [[nodiscard]] static Known prefix(std::string text) {
    return {Kind::kPrefix, std::move(text), {}, true};
  }
  [[nodiscard]] static Known other_than(Texts texts) {
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
  Texts in_groups;
  Texts not_in_groups;
};

/// Adds that the user has this name. False where that contradicts what is known.
[[nodiscard]] bool assume_user(Facts& facts, const std::string& user);
/// Adds that the user is in this group, and what follows for its name: nodes, service accounts
/// and the anonymous user are named by the API server as their groups say. False where that
/// contradicts what is known.
[[nodiscard]] bool assume_group(Facts& facts, const std::string& group);

}  // namespace tiercel::analyse
