#include "completion.h"

#include <cstdio>
#include <vector>

#include "options.h"

namespace tiercel::app {

namespace {

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words += " --" + name;
    }
    for (const std::string& name : option->get_snames()) {
      words += " -" + name;
    }
  }
  return words.empty() ? words : words.substr(1);
}

// A double quote, a dollar sign or a backquote would end or change a quoted shell word.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '\'' ? "’" : std::string(1, c);
  }
  return out;
}

std::string bash(const std::vector<const CLI::App*>& commands) {
  std::string names;
  std::string cases;
  for (const CLI::App* const command : commands) {
    names += (names.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words='" + words_of(*command) + "' ;;\n";
  }
  return "_tiercel() {\n  local current=${COMP_WORDS[COMP_CWORD]} words\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases + "    *) words='" + names +
         " --help --version' ;;\n  esac\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='" +
         names +
         " --help --version'; fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
         "complete -o default -F _tiercel tiercel\n";
}

std::string zsh(const std::vector<const CLI::App*>& commands) {
  return "#compdef tiercel\nautoload -U +X bashcompinit && bashcompinit\n" + bash(commands);
}

std::string fish(const std::vector<const CLI::App*>& commands) {
  std::string out;
  for (const CLI::App* const command : commands) {
    const std::string& name = command->get_name();
    out += "complete -c tiercel -n __fish_use_subcommand -a " + name + " -d '" +
           quoted(command->get_description()) + "'\n";
    for (const CLI::Option* const option : command->get_options()) {
      out += "complete -c tiercel -n '__fish_seen_subcommand_from " + name + "'";
      for (const std::string& word : option->get_lnames()) {
        out += " -l " + word;
      }
      for (const std::string& word : option->get_snames()) {
        out += " -s " + word;
      }
      out += " -d '" + quoted(option->get_description()) + "'\n";
    }
  }
  return out;
}

}  // namespace

int print_completion(const CLI::App& app, const std::string& shell) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const std::string script = shell == "fish"  ? fish(commands)
                             : shell == "zsh" ? zsh(commands)
                                              : bash(commands);
  std::fputs(script.c_str(), stdout);
  return kSuccess;
}

}  // namespace tiercel::app
