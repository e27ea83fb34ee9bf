#include "append_output.h"

#include <algorithm>

namespace tiercel::alert {

namespace {

constexpr std::string_view kContainerInfo = "%container.info";

void append_word(std::string& text, const std::string& word) {
  if (!word.empty()) {
    text += ' ';
    text += word;
  }
}

// Fields that their plugin marks as suggested: none of ours, so the static ones alone.
void append_suggestions(std::string& text, const AlertOptions& options) {
  std::vector<std::string> names;
  names.reserve(options.static_fields.size());
  for (const auto& [name, value] : options.static_fields) {
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::string label = "static." + name;
    std::replace(label.begin(), label.end(), '.', '_');
    label += "=%static.";
    append_word(text, label += name);
  }
}

}  // namespace

bool applies(const AppendOutput& entry, const RuleMeta& meta) {
  if (entry.match_source && *entry.match_source != meta.source) {
    return false;
  }
  if (entry.match_rule && *entry.match_rule != meta.name) {
    return false;
  }
  return std::all_of(entry.match_tags.begin(), entry.match_tags.end(), [&](const std::string& tag) {
    return std::find(meta.tags.begin(), meta.tags.end(), tag) != meta.tags.end();
  });
}

std::size_t WholeTemplate::original_offset(std::size_t offset) const {
  const auto before = std::upper_bound(removed.begin(), removed.end(), offset) - removed.begin();
  return offset + static_cast<std::size_t>(before) * kContainerInfo.size();
}

WholeTemplate whole_template(const RuleMeta& meta, std::string_view output,
                             const AlertOptions& options, std::vector<TemplateProblem>& out) {
  std::string text(output);
  for (const AppendOutput& entry : options.append_output) {
    if (applies(entry, meta)) {
      append_word(text, entry.extra_output);
      if (entry.suggested_output) {
        append_suggestions(text, options);
      }
    }
  }
  append_word(text, options.print_format);

  WholeTemplate whole;
  std::size_t from = 0;
  for (std::size_t at = text.find(kContainerInfo); at != std::string::npos;
       at = text.find(kContainerInfo, from)) {
    if (from == 0) {
      out.push_back({TemplateProblem::Kind::kDeprecated,
                     "deprecated_token",
                     "%container.info prints nothing since Falco 0.41; it is removed",
                     {},
                     at,
                     at < output.size()});
    }
    whole.text += text.substr(from, at - from);
    whole.removed.push_back(whole.text.size());
    from = at + kContainerInfo.size();
  }
  whole.text += text.substr(from);
  return whole;
}

}  // namespace tiercel::alert
