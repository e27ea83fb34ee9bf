#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/rule_output.h"

namespace tiercel::alert {

/// Whether an entry of append_output is for this rule: all conditions given must hold.
[[nodiscard]] bool applies(const AppendOutput& entry, const RuleMeta& meta);

/// A rule's template with what the configuration appends to it.
struct WholeTemplate {
  std::string text;
  std::vector<std::size_t> removed;  ///< places in `text` where %container.info stood

  /// Where a byte of `text` was before anything was removed.
  [[nodiscard]] std::size_t original_offset(std::size_t offset) const;
};

/// Reports %container.info, which prints nothing any more.
[[nodiscard]] WholeTemplate whole_template(const RuleMeta& meta, std::string_view output,
                                           const AlertOptions& options,
                                           std::vector<TemplateProblem>& out);

}  // namespace tiercel::alert
