#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::output {

/// What matchers, `group_by` and templates can name beside output fields.
[[nodiscard]] std::span<const std::string_view> column_names();
/// What a route's `template` can name beside columns and output fields.
[[nodiscard]] std::span<const std::string_view> template_members();
/// What the template of a request's body can name beside output fields; columns are among them.
[[nodiscard]] std::span<const std::string_view> body_members();

/// The names that a route's `template` asks for, each with its argument in brackets.
[[nodiscard]] std::vector<std::string> names_in_template(std::string_view message_template);

/// All of that and the ready-made bodies, as Markdown.
[[nodiscard]] std::string template_reference();

}  // namespace tiercel::output
