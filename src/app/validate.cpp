#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "options.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::ordered_json;

Json entry_of(const base::Diagnostic& diagnostic) {
  Json one;
  one["code"] = diagnostic.falco_code.empty() ? diagnostic.code : diagnostic.falco_code;
  one["codedesc"] = diagnostic.code;
  one["message"] = diagnostic.message;
  Json place;
  place["item_type"] = "rules content";
  place["item_name"] = diagnostic.within.empty() ? "" : diagnostic.within.back();
  // Falco counts lines and columns from zero.
  place["position"] = {
      {"name", diagnostic.location.file},
      {"line", diagnostic.location.line == 0 ? 0 : diagnostic.location.line - 1},
      {"column", diagnostic.location.column == 0 ? 0 : diagnostic.location.column - 1},
      {"offset", diagnostic.caret}};
  one["context"] = {{"locations", Json::array({std::move(place)})},
                    {"snippet", diagnostic.snippet}};
  return one;
}

// The mistakes of one file, and for the first file those of no file in particular.
std::vector<const base::Diagnostic*> of_file(const base::Diagnostics& diagnostics,
                                             const std::vector<std::string>& files,
                                             std::size_t number) {
  std::vector<const base::Diagnostic*> out;
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    const bool is_known =
        std::find(files.begin(), files.end(), diagnostic.location.file) != files.end();
    if (is_known ? diagnostic.location.file == files[number] : number == 0) {
      out.push_back(&diagnostic);
    }
  }
  return out;
}

bool has(const std::vector<const base::Diagnostic*>& list, base::Severity severity) {
  return std::any_of(list.begin(), list.end(),
                     [severity](const base::Diagnostic* one) { return one->severity == severity; });
}

std::string json_results(const base::Diagnostics& diagnostics,
                         const std::vector<std::string>& files) {
  Json results = Json::array();
  for (std::size_t at = 0; at < files.size(); ++at) {
    const auto list = of_file(diagnostics, files, at);
    Json one;
    one["name"] = files[at];
    one["successful"] = !has(list, base::Severity::kError);
    one["errors"] = Json::array();
    one["warnings"] = Json::array();
    for (const base::Diagnostic* diagnostic : list) {
      if (diagnostic->severity != base::Severity::kNote) {
        one[diagnostic->severity == base::Severity::kError ? "errors" : "warnings"].push_back(
            entry_of(*diagnostic));
      }
    }
    results.push_back(std::move(one));
  }
  Json out;
  out["falco_load_results"] = std::move(results);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int validate_files(const std::vector<std::string>& files, bool json) {
  base::Diagnostics diagnostics;
  std::vector<rules::RulesFile> contents;
  for (const std::string& file : files) {
    // DIFFERS FROM FALCO: a folder is read here too.
    auto read = rules::read_rules_files({file}, true, diagnostics);
    contents.insert(contents.end(), std::make_move_iterator(read.begin()),
                    std::make_move_iterator(read.end()));
  }
  if (!diagnostics.has_errors()) {
    diagnostics.append(engine::load_rules(contents, {}).diagnostics);
  }
  const int status = diagnostics.has_errors() ? kError : kSuccess;
  std::string text;
  if (json) {
    text = json_results(diagnostics, files);
  } else {
    for (std::size_t at = 0; at < files.size(); ++at) {
      const auto list = of_file(diagnostics, files, at);
      const char* const state = has(list, base::Severity::kError)     ? ": Invalid\n"
                                : has(list, base::Severity::kWarning) ? ": Ok, with warnings\n"
                                                                      : ": Ok\n";
      text += files[at] + state;
    }
    if (!diagnostics.empty()) {
      text += base::to_text(diagnostics, colour_of(STDOUT_FILENO));
    }
  }
  const int printed = print(text);
  return status == kSuccess ? printed : status;
}

}  // namespace tiercel::app
