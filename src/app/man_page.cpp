#include "man_page.h"

#include <vector>

#include <CLI/CLI.hpp>

namespace tiercel::app {

namespace {

// Text as troff prints it: a hyphen that can be copied, no control line, no escape.
std::string troff(std::string_view text) {
  std::string out;
  bool starts_line = true;
  for (const char c : text) {
    if (starts_line && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    starts_line = c == '\n';
  }
  return out;
}

// What stands between backticks in help is a word to type: printed bold.
std::string prose(std::string_view text) {
  std::string out;
  bool bold = false;
  for (const char c : troff(text)) {
    if (c == '`') {
      bold = !bold;
      out += bold ? "\\fB" : "\\fR";
    } else {
      out += c;
    }
  }
  return out + (bold ? "\\fR" : "");
}

std::string title(std::string_view name, std::string_view section) {
  return ".\\\" Printed by tiercel config --write-docs.\n.TH " + std::string(name) + " " +
         std::string(section) + " \"\" \"tiercel " TIERCEL_VERSION "\" \"tiercel\"\n";
}

std::string names_of(const CLI::Option& option) {
  std::string out;
  const auto add = [&out](std::string_view dashes, const std::string& name) {
    out += (out.empty() ? "" : ", ") + ("\\fB" + troff(std::string(dashes) + name) + "\\fR");
  };
  for (const std::string& name : option.get_snames()) {
    add("-", name);
  }
  for (const std::string& name : option.get_lnames()) {
    add("--", name);
  }
  if (option.get_items_expected_max() > 0 && !option.get_type_name().empty()) {
    out += (out.empty() ? "\\fI" : " \\fI") + troff(option.get_type_name()) + "\\fR";
  }
  return out;
}

void add_options(const CLI::App& command, std::string& out) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_group().empty() && option != command.get_help_ptr()) {
      out += ".TP\n" + names_of(*option) + "\n" + prose(option->get_description()) + "\n";
    }
  }
}

std::vector<const CLI::App*> children_of(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}

// The command and those below it; depth two is all there is, so each names its parents.
void add_command(const CLI::App& command, const std::string& path, std::string& out) {
  out += ".SS \"" + troff(path) + "\"\n" + prose(command.get_description()) + "\n";
  add_options(command, out);
  for (const CLI::App* group : children_of(command)) {
    if (group->get_name().empty()) {
      add_options(*group, out);
    }
  }
}

void add_commands(const CLI::App& tree, std::string& out) {
  for (const CLI::App* command : children_of(tree)) {
    if (command->get_name().empty() || command->get_group().empty()) {
      continue;
    }
    const std::string path = tree.get_name() + " " + command->get_name();
    add_command(*command, path, out);
    for (const CLI::App* below : children_of(*command)) {
      if (!below->get_name().empty() && !below->get_group().empty()) {
        add_command(*below, path + " " + below->get_name(), out);
      }
    }
  }
}

constexpr std::string_view kFiles =
    ".SH FILES\n"
    ".TP\n\\fI/etc/tiercel/tiercel.yaml\\fR, \\fI/etc/tiercel/config.d\\fR\n"
    "The configuration, and files that are merged into it; see tiercel.yaml(5).\n"
    ".TP\n\\fI/etc/tiercel/k8s_audit_rules.yaml\\fR, \\fI/etc/tiercel/rules.d\\fR\n"
    "The shipped rules, then those of this host.\n"
    ".TP\n\\fI/var/lib/tiercel\\fR\n"
    "The alert store, rules that are disabled for a while, dead letters and the quarantine.\n"
    ".TP\n\\fI/var/log/tiercel/alerts.log\\fR\n"
    "Alerts, readable by group adm.\n"
    ".SH SIGNALS\n"
    ".TP\n\\fBSIGHUP\\fR\nLoads configuration and rules again: rules, routes, silences, outputs, "
    "the log's level. On a\nmistake all of these stay as they were. Certificates and tokens are "
    "read again first, and those\nthat can be used are renewed whatever the rest holds.\n"
    ".TP\n\\fBSIGUSR1\\fR\nCloses and reopens the alert files, and restarts programs.\n"
    ".TP\n\\fBSIGTERM\\fR, \\fBSIGINT\\fR\nFinishes what was accepted, then ends.\n"
    ".SH SEE ALSO\n"
    "tiercel.yaml(5), systemd.service(5), \\fI/usr/share/doc/tiercel/OPERATING.md\\fR\n";

}  // namespace

std::string man_page(const CLI::App& tree) {
  std::string out = title("TIERCEL", "8") +
                    ".SH NAME\ntiercel \\- detection on the Kubernetes audit stream\n"
                    ".SH SYNOPSIS\n\\fBtiercel\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
                    ".SH DESCRIPTION\n" +
                    prose(tree.get_description()) + "\n.SH OPTIONS\n";
  add_options(tree, out);
  out += ".SH COMMANDS\n";
  add_commands(tree, out);
  out += ".SH EXIT STATUS\n" + prose(tree.get_footer()) + "\n";
  return out + std::string(kFiles);
}

std::string config_man_page(std::string_view reference) {
  return title("TIERCEL.YAML", "5") +
         ".SH NAME\ntiercel.yaml \\- configuration of tiercel\n"
         ".SH DESCRIPTION\n"
         "Every option with its default. \\fBtiercel check\\fR tells every mistake of a file;\n"
         "\\fBtiercel config\\fR prints what is in force, and where it comes from.\n"
         ".PP\n.nf\n" +
         troff(reference) +
         ".fi\n.SH SEE ALSO\n"
         "tiercel(8)\n";
}

}  // namespace tiercel::app
