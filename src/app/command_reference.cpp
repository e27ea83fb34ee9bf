#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "tiercel/audit/field_reference.h"

#include "options.h"
#include "reference_text.h"

namespace tiercel::app {

namespace {

using Rows = std::vector<condition::ReferenceRow>;

constexpr std::size_t kNameWidth = 16;

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? std::string() : std::string(between)) + text;
  }
  return out;
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return "`" + cell(text) + "`"; }

std::string plain_rows(const ReferencePart& part) {
  std::string out = std::string(part.title) + "\n\n";
  for (const condition::ReferenceRow& row : part.rows) {
    std::string name(row.name);
    name.resize(std::max(kNameWidth, name.size() + 1), ' ');
    out += name + std::string(row.doc) + "\n";
    for (const std::string& form : row.forms) {
      out += std::string(kNameWidth, ' ') + form + "\n";
    }
  }
  return out + "\n";
}

std::string markdown_rows(const ReferencePart& part) {
  const bool gives = std::any_of(part.rows.begin(), part.rows.end(),
                                 [](const auto& row) { return !row.gives.empty(); });
  std::string out = "## " + std::string(part.title) + "\n\n| Name | Written | Takes |";
  out += gives ? " Gives | Since | Meaning |\n|---|---|---|---|---|---|\n"
               : " Since | Meaning |\n|---|---|---|---|---|\n";
  for (const condition::ReferenceRow& row : part.rows) {
    std::vector<std::string> forms;
    for (const std::string& form : row.forms) {
      forms.push_back(code(form));
    }
    out += "| " + code(row.name) + " | " + joined(forms, "<br>") + " | " + cell(row.takes) + " | ";
    out += gives ? cell(row.gives) + " | " : std::string();
    out += cell(row.since) + " | " + cell(row.doc) + " |\n";
  }
  return out + "\n";
}

nlohmann::ordered_json json_rows(const Rows& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const condition::ReferenceRow& row : rows) {
    nlohmann::ordered_json one;
    one["name"] = row.name;
    one["forms"] = row.forms;
    one["takes"] = row.takes;
    if (!row.gives.empty()) {
      one["gives"] = row.gives;
    }
    one["since"] = row.since;
    one["doc"] = row.doc;
    out.push_back(std::move(one));
  }
  return out;
}

std::string names_of(const std::array<ReferencePart, 3>& parts) {
  std::string out;
  for (const ReferencePart& part : parts) {
    std::string_view last;
    for (const condition::ReferenceRow& row : part.rows) {
      out += row.name == last ? std::string() : std::string(row.name) + "\n";
      last = row.name;
    }
  }
  return out;
}

}  // namespace

std::array<ReferencePart, 3> language_reference() {
  return {ReferencePart{"Operators", "operators", condition::operator_reference()},
          ReferencePart{"Modifiers", "modifiers", condition::modifier_reference()},
          ReferencePart{"Transformers", "transformers", condition::transformer_reference()}};
}

std::string language_markdown() {
  std::string out;
  for (const ReferencePart& part : language_reference()) {
    out += markdown_rows(part);
  }
  return out;
}

int operators_command(const ReferenceCommandOptions& options) {
  const std::array<ReferencePart, 3> parts = language_reference();
  if (options.markdown) {
    return print(language_markdown());
  }
  if (options.json) {
    nlohmann::ordered_json out;
    for (const ReferencePart& part : parts) {
      out[std::string(part.key)] = json_rows(part.rows);
    }
    return print(out.dump(2) + "\n");
  }
  if (options.names_only) {
    return print(names_of(parts));
  }
  std::string text;
  for (const ReferencePart& part : parts) {
    text += plain_rows(part);
  }
  return print(text);
}

int fields_command(const ReferenceCommandOptions& options) {
  audit::ReferenceOptions reference;
  reference.names_only = options.names_only;
  reference.types = options.types;
  reference.source = options.source;
  if (options.json) {
    reference.form = audit::ReferenceForm::kJson;
  } else if (options.markdown) {
    reference.form = audit::ReferenceForm::kMarkdown;
    reference.since = true;
  }
  if (!options.source.empty() && !audit::is_known_source(options.source)) {
    std::fprintf(stderr, "Error: there is no event source '%s'; write k8s_audit\n",
                 options.source.c_str());
    return kError;
  }
  return print(audit::field_reference(reference));
}

}  // namespace tiercel::app
