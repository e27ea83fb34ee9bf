#include "completion.h"

#include <vector>

#include <CLI/CLI.hpp>

namespace tiercel::app {

namespace {

struct Flag {
  std::string text;  // "-c", "--config"
  std::string help;
  bool takes_value = false;
};

// The options that help shows, each of their names.
void collect(const CLI::App& command, std::vector<Flag>& out) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty() || option->nonpositional() == false) {
      continue;
    }
    const bool takes_value = option->get_items_expected_max() > 0;
    for (const std::string& name : option->get_snames()) {
      out.push_back({"-" + name, option->get_description(), takes_value});
    }
    for (const std::string& name : option->get_lnames()) {
      out.push_back({"--" + name, option->get_description(), takes_value});
    }
  }
}

std::vector<Flag> flags_of(const CLI::App& command) {
  std::vector<Flag> out;
  collect(command, out);
  for (const CLI::App* group : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (group->get_name().empty()) {  // an option group
      collect(*group, out);
    }
  }
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& tree) {
  std::vector<const CLI::App*> out;
  for (const CLI::App* command : tree.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty() && !command->get_group().empty()) {
      out.push_back(command);
    }
  }
  return out;
}

// What stands in the place of the shells' single-quoted text.
std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

// In zsh's specifications colons and brackets mean something.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string bash_script(const CLI::App& tree) {
  std::string names;
  std::string cases;
  for (const CLI::App* command : commands_of(tree)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words=\"";
    std::string words;
    for (const Flag& flag : flags_of(*command)) {
      words += (words.empty() ? "" : " ") + flag.text;
    }
    cases += words + "\" ;;\n";
  }
  return "# bash completion of tiercel: source <(tiercel completion bash)\n"
         "_tiercel() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"" +
         names +
         " --help --version\" -- \"$current\")\n"
         "    return\n"
         "  fi\n"
         "  if [ \"${COMP_WORDS[1]}\" = completion ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"bash zsh fish\" -- \"$current\")\n"
         "    return\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  if [[ \"$current\" == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _tiercel tiercel\n";
}

std::string zsh_script(const CLI::App& tree) {
  std::string out =
      "#compdef tiercel\n"
      "# zsh completion of tiercel: tiercel completion zsh > \"${fpath[1]}/_tiercel\"\n"
      "_tiercel() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  std::string cases;
  for (const CLI::App* command : commands_of(tree)) {
    out += "    " + single_quoted(command->get_name() + ":" + command->get_description()) + "\n";
    cases += "    " + command->get_name() + ")\n      _arguments";
    for (const Flag& flag : flags_of(*command)) {
      cases += " \\\n        " + single_quoted("*" + flag.text + "[" + zsh_text(flag.help) + "]" +
                                               (flag.takes_value ? ":value:_files" : ""));
    }
    cases += command->get_name() == "completion" ? " \\\n        '1:shell:(bash zsh fish)'"
                                                 : " \\\n        '*:file:_files'";
    cases += "\n      ;;\n";
  }
  return out +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=${words[2]}\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _tiercel tiercel\n";
}

std::string fish_script(const CLI::App& tree) {
  std::string out =
      "# fish completion of tiercel: tiercel completion fish | source\n"
      "complete -c tiercel -n __fish_use_subcommand -f -l version -d 'Print the version.'\n";
  for (const CLI::App* command : commands_of(tree)) {
    out += "complete -c tiercel -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
           single_quoted(command->get_description()) + "\n";
    for (const Flag& flag : flags_of(*command)) {
      const bool is_long = flag.text.starts_with("--");
      out += "complete -c tiercel -n '__fish_seen_subcommand_from " + command->get_name() + "' " +
             (is_long ? "-l " + flag.text.substr(2) : "-s " + flag.text.substr(1)) +
             (flag.takes_value ? " -r" : "") + " -d " + single_quoted(flag.help) + "\n";
    }
  }
  return out +
         "complete -c tiercel -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
}

}  // namespace

std::string completion_script(const CLI::App& tree, std::string_view shell) {
  if (shell == "bash") {
    return bash_script(tree);
  }
  return shell == "zsh" ? zsh_script(tree) : fish_script(tree);
}

}  // namespace tiercel::app
