#include <array>
#include <string>
#include <string_view>

#include "command_line.h"

namespace tiercel::app {

namespace {

// A flag of Falco's that is refused, with what to do instead.
struct Refused {
  const char* names;
  const char* hint;
};

constexpr const char* kSyscalls =
    "is about system calls; tiercel reads the Kubernetes audit stream";

constexpr std::array<Refused, 22> kRefused{{
    {"-e", "is gone: tiercel replay EVENTS"},
    {"-i", kSyscalls},
    {"--list-events", kSyscalls},
    {"--list-syscall-events", kSyscalls},
    {"--page-size", kSyscalls},
    {"--nodriver", kSyscalls},
    {"--modern-bpf", kSyscalls},
    {"--gvisor-config", kSyscalls},
    {"--gvisor-root", kSyscalls},
    {"--gvisor-generate-config", kSyscalls},
    {"--cri", kSyscalls},
    {"--disable-cri-async", kSyscalls},
    {"-S", kSyscalls},
    {"-A", "is gone: it chose which system calls to read"},
    {"-b", "is gone: it was about buffers of system calls"},
    {"-k,--k8s-api", "is gone: the audit stream needs no API server"},
    {"-K,--k8s-api-cert", "is gone: the audit stream needs no API server"},
    {"--k8s-node", "is gone: the audit stream needs no API server"},
    {"-m", "is gone: it was about Mesos"},
    {"-d", "is gone: daemons are the service manager's trade"},
    {"-s,--stats-interval", "is gone: figures of system calls"},
    {"--rule-schema", "is not offered: tiercel check tells what is wrong with a rules file"},
}};

CLI::Option* add_texts(CLI::App& command, const char* name, std::vector<std::string>& target,
                       const char* help, const char* type) {
  return command.add_option(name, target, help)->allow_extra_args(false)->type_name(type);
}

// Falco's deprecated names for additions to every output: nothing, here as there.
std::string print_format(const std::string& text) {
  for (const std::string_view word : {"c", "container", "k", "kubernetes"}) {
    if (text == word) {
      return {};
    }
  }
  return text;
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("-c,--config", options.config, "Configuration file.")->type_name("PATH");
  add_texts(command, "-r,--rules", options.rules,
            "Rules file or folder, instead of rules_files; may be repeated.", "PATH");
  add_texts(command, "-o,--option", options.overrides,
            "Set an option of the configuration; may be repeated.", "KEY=VALUE");
  add_texts(command, "-D", options.disable_substrings,
            "Disable rules whose name holds this text; may be repeated.", "TEXT");
  add_texts(command, "-T", options.disable_tags, "Disable rules with this tag; may be repeated.",
            "TAG");
  add_texts(command, "-t", options.only_tags, "Only rules with one of these tags; may be repeated.",
            "TAG");
  command
      .add_option_function<std::string>(
          "-p,--print",
          [&options](const std::string& text) { options.print_format = print_format(text); },
          "Append this to every output.")
      ->type_name("FORMAT");
}

void add_informational_options(CLI::App& command, InformationalOptions& options) {
  const auto add_flag = [&command](const char* name, bool& target, const char* help) {
    return command.add_flag(name, target, help)->group("Print and end, as in Falco");
  };
  add_flag("--version", options.version, "The version.");
  add_flag("--config-schema", options.config_schema, "The JSON schema of the configuration.");
  add_texts(command, "-V,--validate", options.validate,
            "Check only this rules file; may be repeated, the base first.", "FILE")
      ->group("Print and end, as in Falco");
  add_flag("-L", options.list_rules, "Every loaded rule with its description.");
  command.add_option("-l", options.describe_rule, "One rule with its description.")
      ->type_name("RULE")
      ->group("Print and end, as in Falco");
  command
      .add_option_function<std::string>(
          "--list",
          [&options](const std::string& source) {
            options.list_fields = true;
            options.list_source = source;
          },
          "The fields, of one source only with --list=SOURCE.")
      ->expected(0, 1)
      ->trigger_on_parse()
      ->type_name("[SOURCE]")
      ->group("Print and end, as in Falco");
  add_flag("-N", options.names_only, "With --list: names only.");
  CLI::Option* const markdown =
      add_flag("--markdown", options.markdown, "With --list: Markdown (deprecated).");
  command.add_option("--format", options.format, "With --list: text, markdown or json.")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->excludes(markdown)
      ->group("Print and end, as in Falco");
  add_flag("-v", options.verbose, "With --list: types too.");
  add_flag("--list-plugins", options.list_plugins, "What stands in for Falco's plugins.");
  command.add_option("--plugin-info", options.plugin_info, "One of them.")
      ->type_name("NAME")
      ->group("Print and end, as in Falco");
  add_flag("--support", options.support, "What a report about a problem needs, as JSON.");
}

void add_foreign_options(CLI::App& command) {
  command.add_flag("-U,--unbuffered")
      ->description("Without effect: nothing is buffered.")
      ->group("");
  for (const char* const name : {"--enable-source", "--disable-source"}) {
    const bool enables = std::string_view(name) == "--enable-source";
    command
        .add_option_function<std::vector<std::string>>(
            name,
            [name, enables](const std::vector<std::string>& sources) {
              for (const std::string& source : sources) {
                if (source != (enables ? "k8s_audit" : "syscall")) {
                  throw CLI::ValidationError(
                      name, "k8s_audit is the only source there is, and always enabled");
                }
              }
            },
            "Without effect: k8s_audit is the only source.")
        ->allow_extra_args(false)
        ->group("");
  }
  for (const Refused& flag : kRefused) {
    command
        .add_option_function<std::string>(
            flag.names,
            [&flag](const std::string&) { throw CLI::ValidationError(flag.names, flag.hint); },
            flag.hint)
        ->expected(0, 1)
        ->trigger_on_parse()
        ->group("");
  }
}

}  // namespace tiercel::app
