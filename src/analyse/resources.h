#pragma once

#include <span>
#include <string_view>

namespace tiercel::analyse {

/// A resource that Kubernetes itself serves. Rules name resources without their group
/// (`ka.target.resource = deployments`): the table knows where each one lives.
struct BuiltIn {
  std::string_view group;
  std::string_view resource;
  bool is_namespaced = true;
  std::string_view subresources;  ///< with a blank between, in alphabetical order
};

[[nodiscard]] std::span<const BuiltIn> built_in_resources();
/// Null where Kubernetes has none of this name; the first group where several have.
[[nodiscard]] const BuiltIn* find_built_in(std::string_view resource);
[[nodiscard]] bool is_built_in(std::string_view group, std::string_view resource);
[[nodiscard]] bool is_built_in_group(std::string_view group);

}  // namespace tiercel::analyse
