#pragma once

#include <cstddef>
#include <string>

namespace tiercel::tests {

/// What the rules of many_rules() are about.
enum class Subject {
  kAll,    ///< users, namespaces, names, verbs, groups and images of many teams
  kPods,   ///< created pods only, told apart by image, namespace and user
  kParts,  ///< parts of users, user agents and URIs: `contains`
};

/// A rules file of `count` rules as a large organisation writes them: one or more for each of
/// its teams, names made from the team's number. One rule in fifty is about users, namespaces
/// and images that the recorded traffic has, so that some do match. Always the same file.
[[nodiscard]] std::string many_rules(std::size_t count, Subject subject);

}  // namespace tiercel::tests
