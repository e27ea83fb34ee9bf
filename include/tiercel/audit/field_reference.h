#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tiercel::audit {

/// How the reference of fields is printed: the three forms of `--list`.
enum class ReferenceForm : std::uint8_t { kText, kMarkdown, kJson };

struct ReferenceOptions {
  ReferenceForm form = ReferenceForm::kText;
  bool names_only = false;  ///< -N
  bool types = false;       ///< -v: the type of each field too, in the text form
  /// Markdown only: a column that says since which release the field is there, and
  /// which are ours.
  bool since = false;
  std::string source;  ///< only the classes that events of this source have; empty: all
};

/// The reference made from the table of fields; ends with a newline. Empty for an
/// unknown source.
[[nodiscard]] std::string field_reference(const ReferenceOptions& options);

/// Whether `--list=SOURCE` has something to list.
[[nodiscard]] bool is_known_source(std::string_view source);

}  // namespace tiercel::audit
