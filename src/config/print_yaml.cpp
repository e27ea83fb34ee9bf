#include <algorithm>
#include <sstream>

#include "tiercel/config/print.h"

#include "sections.h"

namespace tiercel::config {

namespace {

constexpr std::size_t kWidth = 98;

// The text as comment lines, broken between words.
void append_comment(std::string& out, const std::string& text, std::string_view indent) {
  std::istringstream words(text);
  std::string word;
  std::string line = std::string(indent) + "#";
  while (words >> word) {
    if (line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = std::string(indent) + "#";
    }
    line += " " + word;
  }
  out += line + "\n";
}

void append_option(std::string& out, const Option& option, std::string_view indent) {
  append_comment(out, option.sentence(), indent);
  std::string facts = "Type: " + option.type_text() + ".";
  if (const std::string bounds = bounds_text(option); !bounds.empty()) {
    facts += " " + bounds + ".";
  }
  facts += option.is_live() ? " Taken up at a reload." : " Needs a restart.";
  if (option.stability() == Stability::kExperimental) {
    facts += " Experimental.";
  }
  append_comment(out, facts, indent);
  if (!option.example().empty()) {
    append_comment(out, "Example: " + option.example(), indent);
  }
  if (!option.in_reference().empty()) {
    append_comment(out, "Default: " + option.value_text() + ".", indent);
  }
  out += std::string(indent) + std::string(option.name()) + ": " +
         (option.in_reference().empty() ? option.value_text() : option.in_reference()) + "\n";
}

// Ends a URL, in a list and in quotes too.
bool ends_word(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>';
}

// "https://user:password@host/path?key=…" without what only its peer should know.
std::string mask_word(std::string_view word) {
  const std::size_t scheme = word.find("://");
  const std::size_t query = std::min(word.find('?', std::min(scheme, word.size())), word.size());
  const std::size_t at = word.rfind('@', query);
  const std::size_t user = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t colon = word.find(':', user);
  const bool has_user = at != std::string_view::npos && at >= user &&
                        (user != 0 || (colon != std::string_view::npos && colon < at));
  std::string out(word.substr(0, has_user ? user : 0));
  out += has_user ? "***" : "";
  out += word.substr(has_user ? at : 0, query - (has_user ? at : 0));
  return out + (query == word.size() ? "" : "?***");
}

std::string mask_urls(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    while (at < text.size() && !ends_word(text[at])) {
      ++at;
    }
    out += mask_word(text.substr(begin, at - begin));
    if (at < text.size()) {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace

std::string indent_of(std::string_view path) {
  return path.empty()
             ? ""
             : std::string(
                   2 * (1 + static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'))),
                   ' ');
}

std::string section_head(std::string_view path, std::string_view before) {
  std::string out;
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    const std::string_view above = path.substr(0, dot);
    const bool is_open = before == above || (before.starts_with(above) && before[dot] == '.');
    if (!is_open) {
      const std::string indent = indent_of(path.substr(0, from == 0 ? 0 : from - 1));
      out += indent + std::string(path.substr(from, dot - from)) + ":\n";
    }
    from = dot + 1;
  }
  return out;
}

std::vector<SectionRun> section_runs(const Schema& schema) {
  std::vector<SectionRun> runs;
  for (const Option& option : schema.options()) {
    if (option.stability() == Stability::kDeprecated) {
      continue;
    }
    const bool goes_on = !runs.empty() && runs.back().path == option.section();
    if (!goes_on) {
      runs.push_back({std::string(option.section()), {}});
    }
    runs.back().options.push_back(&option);
  }
  return runs;
}

std::string bounds_text(const Option& option) {
  if (!option.low() || !option.high()) {
    return {};
  }
  return "From " + option.bound_text(*option.low()) + " to " + option.bound_text(*option.high());
}

std::string reference_yaml(const Schema& schema) {
  std::string out =
      "# Every option of tiercel with its default. Written by the program: do not edit.\n"
      "# ${NAME} in a value is replaced by the environment variable NAME, $${NAME} is the text "
      "${NAME}.\n"
      "# Sizes are written 16MiB or 4096, durations 250ms, 30s, 1h30m or 7d.\n";
  std::string_view before;
  for (const SectionRun& run : section_runs(schema)) {
    if (!run.path.empty()) {
      out += "\n";
      append_comment(out, schema.section_sentence(run.path), "");
      out += section_head(run.path, before);
    }
    before = run.path;
    bool is_first = true;
    for (const Option* const option : run.options) {
      out += run.path.empty() || !is_first ? "\n" : "";
      is_first = false;
      append_option(out, *option, indent_of(run.path));
    }
  }
  return out;
}

std::string effective_yaml(const Schema& schema, const Origins& origins) {
  constexpr std::size_t kColumn = 48;
  std::string out;
  std::string before;
  for (const SectionRun& run : section_runs(schema)) {
    out += section_head(run.path, before);
    before = run.path;
    for (const Option* const option : run.options) {
      std::string line = indent_of(run.path);
      line += std::string(option->name()) + ": ";
      line += option->is_secret() ? "\"***\"" : mask_urls(option->value_text());
      line.resize(std::max(line.size(), kColumn), ' ');
      const auto origin = origins.find(option->path());
      line += "  # " + (origin == origins.end() ? "default" : origin->second.text());
      std::replace(line.begin(), line.end(), '\n', ' ');  // of an -o word
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace tiercel::config
