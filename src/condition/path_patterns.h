#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/error.h"

#include "glob.h"

namespace tiercel::condition {

/// The patterns of a `pmatch` as a tree of path components: a path matches when its
/// first components lead from the root to a node where a pattern ends. Empty
/// components do not count, so slashes at the ends or doubled mean nothing.
///
/// A component with `* ? [` in it is a glob for that component.
/// DIFFERS FROM FALCO: where several globs stand side by side, all of them are
/// tried; Falco may stop at the first that fits and miss a match behind another.
///
/// Time: every node is visited at most once, whatever the path.
/// Immutable; any thread. Matching does not allocate.
class PathPatterns {
 public:
  /// Fails for a pattern with an absurd number of components.
  [[nodiscard]] static base::Result<PathPatterns> make(std::span<const std::string> patterns);
  [[nodiscard]] bool match(std::string_view path) const;

  static constexpr std::size_t kMostComponents = 256;

 private:
  struct Node {
    std::vector<std::pair<std::string, std::uint32_t>> literals;  // sorted by component
    std::vector<std::pair<std::string, std::uint32_t>> glob_texts;
    std::vector<Glob> globs;  // beside glob_texts
    bool is_end = false;
  };
  PathPatterns() = default;
  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::string_view component);
  [[nodiscard]] bool match_from(const Node& node, std::string_view rest) const;

  std::vector<Node> nodes_;  // the root first; none when there are no patterns
};

/// Takes the next component off `path`; empty when there is none.
[[nodiscard]] std::string_view take_component(std::string_view& path);

}  // namespace tiercel::condition
