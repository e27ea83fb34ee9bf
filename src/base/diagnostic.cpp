#include "tiercel/base/diagnostic.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "tiercel/base/json_text.h"

namespace tiercel::base {

namespace {

constexpr std::array<std::string_view, 3> kSeverityNames{"note", "warning", "error"};
constexpr std::array<std::string_view, 3> kSeverityColours{"\x1b[36m", "\x1b[33m", "\x1b[31m"};
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kSnippetWidth = 160;

std::string_view severity_name(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

// The snippet cut to a window around the caret, with tabs as blanks so that the
// caret stands below its character.
void append_snippet(std::string& out, const Diagnostic& diagnostic) {
  if (diagnostic.snippet.empty()) {
    return;
  }
  std::string_view snippet = diagnostic.snippet;
  std::size_t caret = std::min<std::size_t>(diagnostic.caret, snippet.size());
  const std::size_t line_start = caret == 0 ? 0 : snippet.rfind('\n', caret - 1) + 1;
  const std::size_t line_end = std::min(snippet.find('\n', line_start), snippet.size());
  snippet = snippet.substr(line_start, line_end - line_start);
  caret -= line_start;
  bool cut_left = false;
  if (snippet.size() > kSnippetWidth && caret > kSnippetWidth / 2) {
    const std::size_t cut = caret - kSnippetWidth / 2;
    snippet.remove_prefix(cut);
    caret -= cut;
    cut_left = true;
  }
  const bool cut_right = snippet.size() > kSnippetWidth;
  snippet = snippet.substr(0, kSnippetWidth);
  out += cut_left ? "  …" : "  ";
  std::string clean = to_valid_utf8(snippet);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20) {
      c = ' ';
    }
  }
  out += clean;
  out += cut_right ? "…\n" : "\n";
  out.append(2 + (cut_left ? 1 : 0), ' ');
  // One blank a character, not a byte.
  for (std::size_t at = 0; at < caret && at < snippet.size(); ++at) {
    if ((static_cast<unsigned char>(snippet[at]) & 0xC0U) != 0x80U) {
      out.push_back(' ');
    }
  }
  out += "^\n";
}

void append_place(std::string& out, const Location& location) {
  if (location.file.empty()) {
    return;
  }
  out += location.file;
  if (location.line != 0) {
    out += ':';
    out += std::to_string(location.line);
    if (location.column != 0) {
      out += ':';
      out += std::to_string(location.column);
    }
  }
  out += ": ";
}

void append_counts(std::string& out, std::size_t count, std::string_view noun) {
  out += std::to_string(count);
  out += ' ';
  out += noun;
  if (count != 1) {
    out += 's';
  }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_json_list(std::string& out, std::string_view name,
                      const std::vector<std::string>& values) {
  append_json_string(out, name);
  out += ":[";
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (at != 0) {
      out += ',';
    }
    append_json_string(out, values[at]);
  }
  out += ']';
}

}  // namespace

void Diagnostics::append(Diagnostics other) {
  list_.insert(list_.end(), std::make_move_iterator(other.list_.begin()),
               std::make_move_iterator(other.list_.end()));
}

std::size_t Diagnostics::count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(list_.begin(), list_.end(),
                    [severity](const Diagnostic& d) { return d.severity == severity; }));
}

void Diagnostics::sort_by_place() {
  std::map<std::string, std::size_t> order;
  for (const Diagnostic& diagnostic : list_) {
    order.emplace(diagnostic.location.file, order.size());
  }
  std::stable_sort(list_.begin(), list_.end(), [&order](const Diagnostic& a, const Diagnostic& b) {
    return std::make_tuple(order.at(a.location.file), a.location.line, a.location.column) <
           std::make_tuple(order.at(b.location.file), b.location.line, b.location.column);
  });
}

std::string to_text(const Diagnostic& diagnostic, Colour colour) {
  const bool coloured = colour == Colour::kOn;
  std::string out;
  if (coloured) {
    out += kBold;
  }
  append_place(out, diagnostic.location);
  if (coloured) {
    out += kSeverityColours[static_cast<std::size_t>(diagnostic.severity)];
  }
  out += severity_name(diagnostic.severity);
  out += ": ";
  if (coloured) {
    out += kPlain;
  }
  out += diagnostic.message;
  out += " [";
  out += diagnostic.code;
  if (!diagnostic.falco_code.empty()) {
    out += ", ";
    out += diagnostic.falco_code;
  }
  out += "]\n";
  if (!diagnostic.within.empty()) {
    out += "  in ";
    for (std::size_t at = 0; at < diagnostic.within.size(); ++at) {
      out += at == 0 ? "" : ", ";
      out += diagnostic.within[at];
    }
    out += '\n';
  }
  append_snippet(out, diagnostic);
  for (const std::string& note : diagnostic.notes) {
    out += "  note: " + note + '\n';
  }
  return out;
}

std::string to_text(const Diagnostics& diagnostics, Colour colour) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    out += to_text(diagnostic, colour);
  }
  append_counts(out, diagnostics.count(Severity::kError), "error");
  out += ", ";
  append_counts(out, diagnostics.count(Severity::kWarning), "warning");
  out += '\n';
  return out;
}

std::string to_json(const Diagnostics& diagnostics) {
  std::string out = "[";
  bool first = true;
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    out += first ? "{" : ",{";
    first = false;
    append_member(out, "severity", severity_name(diagnostic.severity));
    out += ',';
    append_member(out, "code", diagnostic.code);
    out += ',';
    append_member(out, "falco_code", diagnostic.falco_code);
    out += ',';
    append_member(out, "file", diagnostic.location.file);
    out += ",\"line\":" + std::to_string(diagnostic.location.line);
    out += ",\"column\":" + std::to_string(diagnostic.location.column) + ',';
    append_member(out, "message", diagnostic.message);
    out += ',';
    append_json_list(out, "within", diagnostic.within);
    out += ',';
    append_json_list(out, "notes", diagnostic.notes);
    out += ',';
    append_member(out, "snippet", diagnostic.snippet);
    out += ",\"caret\":" + std::to_string(diagnostic.caret) + '}';
  }
  out += "]";
  return out;
}

}  // namespace tiercel::base
