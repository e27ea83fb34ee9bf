#include "tiercel/config/codes.h"
#include "tiercel/config/print.h"

#include "falco_keys.h"
#include "sections.h"

namespace tiercel::config {

namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

Written by the program (`tiercel config --write-docs`): do not edit. Once installed this folder is
`/usr/share/tiercel/config`, and `tiercel.yaml` is `/etc/tiercel/tiercel.yaml`.

- `tiercel.yaml`: what a package installs
- `reference.yaml`: every option with its default
- `schema.json`: JSON Schema for editors
- `templates.md`: what templates can name, and the ready-made bodies
- `examples/`: routes and silences
- `kube-apiserver/`: samples for the other end

A `falco.yaml` can be used as it is: keys that mean something for audit events mean the same, the
others are named in one warning, and what cannot be honoured stops the start with a hint.

- Every value may hold `${NAME}`, an environment variable; `$${NAME}` is the text `${NAME}`.
- `config_files` merges further files. A section such as `webserver` is replaced whole.
- `-o KEY=VALUE` comes last: `-o webserver.listen_port=9765`, `-o 'rules[].disable.rule=*'`,
  `-o 'append_output[]={extra_output: "x"}'`; `\.` is a dot inside a name.
- `outputs` holds any number of outputs: `outputs: {pager: {type: pagerduty, …}}`. The sections
  `outputs.KIND` below list the options of each kind, whatever the entry's name; an entry of type
  stdout, file, syslog, program or http takes the options of Falco's section of that name.
- Unknown and duplicate keys are errors. Sizes: `16MiB`, `4096`. Durations: `250ms`, `30s`, `7d`.
)";

// A cell: bars would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string code_cell(const std::string& text) { return "`" + cell(text) + "`"; }

void append_run(std::string& out, const Schema& schema, const SectionRun& run, bool& in_table) {
  if (!run.path.empty()) {
    out += "\n## `" + run.path + "`\n\n" + schema.section_sentence(run.path) + "\n";
    in_table = false;
  } else if (!in_table) {
    out += "\n## Top level\n";
  }
  if (!in_table) {
    out += "\n| option | type | default | bounds | reload | meaning |\n|---|---|---|---|---|---|\n";
  }
  in_table = run.path.empty();
  for (const Option* const option : run.options) {
    out += "| `" + std::string(option->name()) + "` | " + cell(option->type_text()) + " | " +
           code_cell(option->value_text()) + " | " + cell(bounds_text(*option)) + " | " +
           (option->is_live() ? "yes" : "") + " | " + cell(option->sentence()) + " |\n";
  }
}

std::string_view treatment_text(Treatment treatment) {
  switch (treatment) {
    case Treatment::kNoEffect:
      return "no effect, named in a warning";
    case Treatment::kSilent:
      return "no effect";
    case Treatment::kRefused:
      return "error";
    case Treatment::kRefusedWhenSet:
      return "error where not empty";
    case Treatment::kRefusedReplay:
      return "error where `replay`";
    case Treatment::kNotYetWhenTrue:
      return "error where true";
    case Treatment::kNoEffectWhenTrue:
      return "warning where true";
  }
  return "";
}

}  // namespace

std::string markdown_tables(const Schema& schema) {
  std::string out;
  bool in_table = false;
  // The top level first, in one table, then a table for each section.
  for (const bool top : {true, false}) {
    for (const SectionRun& run : section_runs(schema)) {
      if (run.path.empty() == top) {
        append_run(out, schema, run, in_table);
      }
    }
  }
  return out;
}

std::string config_markdown(const SharedKinds& kinds) {
  Settings settings = settings_with_kinds(kinds, Shown::kEachOnce);
  std::string out(kIntroduction);
  out += markdown_tables(describe(settings));
  out += "\n## Keys of falco.yaml that are no options here\n\n| key | treatment | hint |\n";
  out += "|---|---|---|\n";
  for (const FalcoKey& key : falco_keys()) {
    out += "| `" + std::string(key.path) + "` | " + std::string(treatment_text(key.treatment)) +
           " | " + cell(std::string(key.hint)) + " |\n";
  }
  out += "\n## Codes of diagnostics\n\n| code | meaning |\n|---|---|\n";
  for (const CodeRow& row : kCodes) {
    out += "| `" + std::string(row.name) + "` | " + cell(std::string(row.doc)) + " |\n";
  }
  return out;
}

}  // namespace tiercel::config
