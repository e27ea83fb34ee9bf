#include <algorithm>
#include <array>

#include "tiercel/config/yaml.h"

#include "families.h"
#include "open_params.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

constexpr std::string_view kPluginsSchema = R"({"type": "array", "items": {"type": "object",
  "properties": {"name": {"type": "string"}, "library_path": {"type": "string"},
    "init_config": {"type": ["object", "string", "null"]}, "open_params": {"type": "string"}},
  "required": ["name"], "additionalProperties": false}})";

// What is loaded but has nothing to do: we read JSON ourselves and know no containers.
constexpr std::array<std::string_view, 2> kNeedless{"json", "container"};

class PluginReader {
 public:
  PluginReader(Settings& settings, bool max_body_is_set, Reporter& reporter)
      : settings_(settings), max_body_is_set_(max_body_is_set), reporter_(reporter) {}

  void read(const Node& root) {
    const Node* const plugins = root.find("plugins");
    if (plugins != nullptr && plugins->is_sequence()) {
      for (const Node& entry : plugins->items) {
        if (reporter_.is_full()) {
          return;
        }
        read_entry(entry);
      }
    }
    if (const Node* const load = root.find("load_plugins")) {
      check_load(*load);
    }
  }

 private:
  [[nodiscard]] bool is_loaded(const std::string& name) const {
    const auto& load = settings_.plugins.load;
    return !load || std::find(load->begin(), load->end(), name) != load->end();
  }

  void read_entry(const Node& entry) {
    if (!check_members(entry, "an element of 'plugins'",
                       {"name", "library_path", "init_config", "open_params"}, reporter_)) {
      return;
    }
    const Node* const name = entry.find("name");
    if (name == nullptr || !name->is_scalar()) {
      reporter_.error(Code::kBadPlugin, entry.place, "an element of 'plugins' needs a name");
      return;
    }
    names_.push_back(name->text);
    if (!is_loaded(name->text)) {
      return;
    }
    if (name->text == "k8saudit") {
      read_receiver(entry);
    } else if (std::find(kNeedless.begin(), kNeedless.end(), name->text) != kNeedless.end()) {
      reporter_.ignore("plugins." + name->text, name->place, "");
    } else {
      reporter_.error(
          Code::kRefusedKey, name->place,
          "the plugin '" + name->text + "' cannot be loaded: its events would be missing",
          {"the sources here are k8saudit's webhook and nothing else; remove the entry "
           "or leave it out of load_plugins"});
    }
  }

  void read_receiver(const Node& entry) {
    if (settings_.plugin_receiver) {
      reporter_.error(Code::kBadPlugin, entry.place, "a second k8saudit entry is loaded");
      return;
    }
    const Node* const parameters = entry.find("open_params");
    if (parameters == nullptr || !parameters->is_scalar() || parameters->text.empty()) {
      reporter_.error(Code::kBadPlugin, entry.place, "the k8saudit entry needs open_params",
                      {"for example: open_params: http://127.0.0.1:9765/k8s-audit"});
      return;
    }
    OpenParameters opened = parse_open_parameters(parameters->text);
    if (!opened.problem.empty()) {
      reporter_.error(opened.is_refused ? Code::kRefusedKey : Code::kBadPlugin, parameters->place,
                      "open_params '" + parameters->text + "': " + opened.problem,
                      opened.hint.empty() ? Reporter::Notes{} : Reporter::Notes{opened.hint});
      return;
    }
    if (const Node* const init = entry.find("init_config")) {
      read_init(*init, opened.receiver);
    }
    settings_.plugin_receiver = std::move(opened.receiver);
  }

  // A map, or the same as JSON text.
  void read_init(const Node& init, PluginReceiver& receiver) {
    if (init.is_null() || (init.is_scalar() && init.text.empty())) {
      return;
    }
    if (init.is_map()) {
      read_init_members(init, receiver);
      return;
    }
    Node parsed;
    if (init.is_scalar()) {
      Sources sources;
      std::size_t nodes = 0;
      base::Diagnostics ignored;
      Reporter quiet(sources, ignored);
      const std::uint32_t source = sources.add({"init_config", init.text, true});
      parsed = parse_yaml(sources, {source, nullptr, &nodes}, quiet);
    }
    if (!parsed.is_map()) {
      reporter_.error(Code::kBadPlugin, init.place,
                      "'init_config' takes a map, or one as JSON text");
      return;
    }
    for (Member& member : parsed.members) {
      member.value.place = init.place;
    }
    read_init_members(parsed, receiver);
  }

  void read_init_members(const Node& init, PluginReceiver& receiver) {
    if (const Node* const certificate = init.find("sslCertificate")) {
      if (const std::string* const text = take_text(*certificate, "'sslCertificate'", reporter_)) {
        receiver.certificate = *text;
      }
    }
    if (const Node* const size = init.find("webhookMaxBatchSize")) {
      read_max_batch(*size);
    }
    for (const std::string_view key : {"maxEventSize", "useAsync"}) {
      if (const Node* const node = init.find(key)) {
        reporter_.ignore("plugins.k8saudit.init_config." + std::string(key), node->place,
                         key == "maxEventSize" ? "the limit here is limits.max_event" : "");
      }
    }
  }

  void read_max_batch(const Node& node) {
    const Integer size = node.is_scalar() ? parse_integer(node.text) : Integer{};
    if (size.kind != Integer::Kind::kFits || size.value == 0) {
      reporter_.error(Code::kWrongType, node.place,
                      "'webhookMaxBatchSize' takes a whole number of bytes, more than 0");
      return;
    }
    if (!max_body_is_set_) {
      settings_.limits.max_body.bytes = size.value;
      settings_.limits.whole_body.bytes = std::min(settings_.limits.whole_body.bytes, size.value);
    }
  }

  // A name without an entry; packages ship `load_plugins: [container]` alone.
  void check_load(const Node& node) {
    if (!settings_.plugins.load) {
      return;
    }
    for (const std::string& name : *settings_.plugins.load) {
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
        continue;
      }
      if (std::find(kNeedless.begin(), kNeedless.end(), name) != kNeedless.end()) {
        reporter_.ignore("load_plugins." + name, node.place, "");
      } else {
        reporter_.error(Code::kBadPlugin, node.place,
                        "'load_plugins' names '" + name + "', which has no entry in 'plugins'");
      }
    }
  }

  Settings& settings_;
  const bool max_body_is_set_;
  Reporter& reporter_;
  std::vector<std::string> names_;
};

void read_load(const Node& node, PluginSettings& plugins, Reporter& reporter) {
  std::vector<std::string> names;
  if (node.is_scalar()) {
    names.push_back(node.text);
  }
  for (const Node& item : node.items) {
    if (const std::string* const text = take_text(item, "an element of 'load_plugins'", reporter)) {
      names.push_back(*text);
    }
  }
  if (node.is_map()) {
    reporter.error(Code::kWrongType, node.place, "'load_plugins' is a list of names, not a map");
  }
  plugins.load = std::move(names);
}

std::string print_load(const PluginSettings& plugins) {
  if (!plugins.load) {
    return "null";
  }
  std::string out;
  for (const std::string& name : *plugins.load) {
    out += (out.empty() ? "" : ", ") + json_text(name);
  }
  return "[" + out + "]";
}

std::string print_receiver(const std::optional<PluginReceiver>& receiver) {
  if (!receiver) {
    return "[]";
  }
  const bool is_v6 = receiver->host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + receiver->host + "]" : receiver->host;
  const std::string url = std::string(receiver->tls ? "https://" : "http://") + host + ":" +
                          std::to_string(receiver->port) + receiver->path;
  return "[{\"name\": \"k8saudit\", \"open_params\": " + json_text(url) +
         ", \"init_config\": {\"sslCertificate\": " + json_text(receiver->certificate) + "}}]";
}

}  // namespace

void resolve_plugins(const Node& root, Settings& settings, bool max_body_is_set,
                     Reporter& reporter) {
  PluginReader(settings, max_body_is_set, reporter).read(root);
}

void describe_plugins(Schema& schema, Settings& settings) {
  Section<Settings> s(schema, "", settings);
  Custom load;
  load.type = "list of names";
  load.json_schema = R"({"type": ["array", "string", "null"], "items": {"type": "string"}})";
  load.read = [&settings](const Node& node, Reporter& reporter) {
    read_load(node, settings.plugins, reporter);
  };
  load.print = [&settings] { return print_load(settings.plugins); };
  s.custom("load_plugins", std::move(load),
           "Falco's choice among the entries of plugins; without it all of them count.");
  Custom plugins;
  plugins.type = "list of {name, open_params, init_config, library_path}";
  plugins.json_schema = kPluginsSchema;
  plugins.read = [](const Node& node, Reporter& reporter) {
    if (!node.is_sequence()) {
      reporter.error(Code::kWrongType, node.place,
                     "'plugins' is a list, not " + std::string(kind_text(node)));
    }
  };
  plugins.print = [&settings] { return print_receiver(settings.plugin_receiver); };
  s.custom("plugins", std::move(plugins),
           "Falco's entry for k8saudit says where to receive audit batches instead of webserver, "
           "which then answers health checks only; json and container have no effect.")
      .example("[{name: k8saudit, open_params: \"http://127.0.0.1:9765/k8s-audit\"}]");
}

}  // namespace tiercel::config
