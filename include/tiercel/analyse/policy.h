#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/diagnostic.h"

namespace tiercel::analyse {

/// How much of a request is recorded; each level holds all that the one before it does.
enum class Level : std::uint8_t { kNone, kMetadata, kRequest, kRequestResponse };

/// The moments at which a request is recorded.
enum class Stage : std::uint8_t { kRequestReceived, kResponseStarted, kResponseComplete, kPanic };
inline constexpr std::array kStages{Stage::kRequestReceived, Stage::kResponseStarted,
                                    Stage::kResponseComplete, Stage::kPanic};
/// A set of stages, a bit each.
using Stages = std::uint8_t;
[[nodiscard]] constexpr Stages bit(Stage stage) {
  return static_cast<Stages>(1U << static_cast<unsigned>(stage));
}

[[nodiscard]] std::string_view to_text(Level level);
[[nodiscard]] std::string_view to_text(Stage stage);
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);
[[nodiscard]] std::optional<Stage> parse_stage(std::string_view text);

/// One entry of a rule's `resources`.
struct GroupResources {
  std::string group;                   ///< empty: the core group
  std::vector<std::string> resources;  ///< empty: all of the group
  std::vector<std::string> names;
};

/// One entry of `rules`. What is empty restricts nothing.
struct PolicyRule {
  Level level = Level::kNone;
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::vector<std::string> verbs;
  std::vector<GroupResources> resources;
  std::vector<std::string> namespaces;
  std::vector<std::string> urls;
  Stages omitted = 0;  ///< the policy's own omitStages included, as kube-apiserver unites them
  bool omit_managed_fields = false;
  base::Location location;  ///< of the rule
  std::string line;         ///< of its file, for snippets
};

/// A policy of kube-apiserver (audit.k8s.io/v1). The first rule that fits a request decides; where
/// none does, nothing is recorded.
struct Policy {
  std::string file;
  std::vector<PolicyRule> rules;
  Stages omitted = 0;
  std::uint32_t omitted_line = 0;  ///< of the policy's omitStages; 0: it has none
  base::Location end;              ///< the last rule's place, where another could follow
};

/// Reads a policy as kube-apiserver does: what that would refuse is an error, what it would skip
/// over (an unknown key) a warning. Nothing where there are errors.
[[nodiscard]] std::optional<Policy> read_policy(const std::string& name, std::string content,
                                                base::Diagnostics& diagnostics);

/// One request, as kube-apiserver sees it.
struct Request {
  std::string_view user;
  std::vector<std::string_view> groups;
  std::string_view verb;
  bool is_resource = false;
  std::string_view group;
  std::string_view resource;
  std::string_view subresource;
  std::string_view space;  ///< the namespace
  /// As recorded: that of a created object, which kube-apiserver does not know yet when it decides
  /// and fills in later, is not looked at.
  std::string_view name;
  std::string_view path;
};

/// The rule that decides about a request; null where none does.
[[nodiscard]] const PolicyRule* decide(const Policy& policy, const Request& request);

/// Whether an entry of `resources` within the right group names this resource.
[[nodiscard]] bool names_resource(std::string_view entry, std::string_view resource,
                                  std::string_view subresource);
/// Whether an entry of `nonResourceURLs` fits this path.
[[nodiscard]] bool names_path(std::string_view entry, std::string_view path);

}  // namespace tiercel::analyse
