#include "application.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tiercel/base/log.h"
#include "tiercel/config/schema.h"

#include "known_names.h"
#include "listening.h"

namespace tiercel::app {

namespace {

// What is kept of shutdown_timeout for the outputs when the servers took all the rest.
constexpr std::chrono::milliseconds kForOutputs{2000};
// For what a pipe or a socket has given already, which nobody can read again.
constexpr std::chrono::milliseconds kForSources{1000};
// For answers in hand on the admin port, and for idle connections to close.
constexpr std::chrono::milliseconds kForAdmin{500};
// And for the store's last commit, which carries the cursors.
constexpr std::chrono::milliseconds kForStore{1000};
// What a stop may take beyond shutdown_timeout: each of its parts has its least time.
constexpr std::chrono::milliseconds kStopMargin{10'000};

pipeline::PipelineOptions pipeline_options(const config::Settings& settings,
                                           watch::Apiservers* watch) {
  pipeline::PipelineOptions options;
  options.limits = decode_limits(settings);
  options.context = field_context(settings);
  options.append_timeout = settings.store.append_timeout;
  options.redact = settings.alerts.redact;
  options.watch = watch;
  return options;
}

store::StoreOptions store_options(const config::Settings& settings) {
  const config::StoreSettings& from = settings.store;
  store::StoreOptions options;
  options.path = from.path;
  options.durability = static_cast<store::Durability>(from.durability);
  options.commit_interval = from.commit_interval;
  options.max_size = from.max_size.bytes;
  options.max_age = from.max_age;
  options.segment_size = from.segment_size.bytes;
  options.min_free = from.min_free.bytes;
  options.min_free_percent = from.min_free_percent;
  return options;
}

pipeline::QuarantineOptions quarantine_options(const config::QuarantineSettings& settings) {
  pipeline::QuarantineOptions options;
  options.path = settings.path;
  options.max_bytes = settings.max_size.bytes;
  options.max_files = settings.max_files;
  options.max_age = std::chrono::duration_cast<std::chrono::seconds>(settings.max_age);
  return options;
}

std::string counted(std::uint64_t number, const char* one) {
  return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

}  // namespace

base::Result<std::unique_ptr<Application>> Application::create(
    const RunOptions& options, config::Loaded loaded, std::shared_ptr<const engine::RuleSet> rules,
    std::shared_ptr<const output::Routing> routing) {
  static const base::SystemClock clock;
  if (loaded.settings.store.durability == config::StoreSettings::Durability::kMemory) {
    base::log_warning(
        "'store.durability' is memory: alerts end with this process, delivered or not, and no "
        "command can read them; what " +
        loaded.settings.store.path + " holds from before is not delivered");
  }
  Opened opened;
  opened.metrics = std::make_unique<base::Metrics>();
  opened.events = std::make_unique<StoreEvents>();
  auto store = store::Store::open(
      store_options(loaded.settings), enabled_outputs(loaded.settings.outputs), clock,
      *opened.metrics,
      [events = opened.events.get()](const store::StoreEvent& event) { events->take(event); });
  if (!store) {
    return store.error();
  }
  opened.store = std::move(*store);
  return std::unique_ptr<Application>(new Application(options, std::move(loaded), std::move(rules),
                                                      std::move(routing), std::move(opened)));
}

Application::Application(const RunOptions& options, config::Loaded loaded,
                         std::shared_ptr<const engine::RuleSet> rules,
                         std::shared_ptr<const output::Routing> routing, Opened opened)
    : options_(options),
      settings_(std::move(loaded.settings)),
      metrics_(std::move(opened.metrics)),
      rules_(std::move(rules)),
      costs_(rules_, *metrics_, clock_),
      events_(std::move(opened.events)),
      store_(std::move(opened.store)),
      alerts_(*store_, stored_alert_options(options_.common, settings_.alerts), clock_, *metrics_),
      deliveries_(settings_, std::move(routing), *store_, alerts_, clock_, *metrics_),
      quarantine_(quarantine_options(settings_.quarantine), clock_, *metrics_),
      watching_(settings_, alerts_, clock_, *metrics_),
      pipeline_(pipeline_options(settings_, watching_.apiservers()), rules_, *store_, quarantine_,
                alerts_, *metrics_),
      webhook_(
          webhook_options(settings_, config::listeners(settings_),
                          [this](const std::string& peer, std::string_view reason) {
                            alerts_.raise("unauthorized", peer,
                                          "many clients within a minute were refused, the "
                                          "last because " +
                                              std::string(reason),
                                          {});
                          }),
          [this](source::Batch batch) { return pipeline_.process(std::move(batch)); },
          [this](const source::BadPiece& piece) { pipeline_.take_bad_piece(piece); }, clock_),
      admin_({rules_, costs_, *store_, clock_, *metrics_, [this] { return deliveries_.status(); },
              [this] { return open_connections(); }, [this] { return webhook_.bytes_in_flight(); },
              [this] { return watching_.apiserver_status(); },
              [this] { return watching_.reconcile_status(); }}),
      credentials_(webhook_, alerts_, *metrics_),
      sources_({settings_, pipeline_, alerts_, *store_, clock_, *metrics_}) {}

Application::~Application() = default;

base::Result<void> Application::start() {
  events_->connect(alerts_);
  if (auto opened = webhook_.open(); !opened) {
    return opened;
  }
  if (auto started = deliveries_.start(); !started) {
    return started;
  }
  (void)quarantine_.check();
  if (auto started = watching_.start(); !started) {
    return started;
  }
  if (const auto listener = config::admin_listener(settings_)) {
    if (auto opened = open_admin(*listener); !opened) {
      return opened;
    }
  }
  for (const config::Listener& listener : config::listeners(settings_)) {
    if (auto opened = open(listener); !opened) {
      return opened;
    }
  }
  admin_.set_started();
  // Not before: whoever reads these lines may ask whether the daemon is ready.
  tell_ports();
  return sources_.start();
}

base::Result<void> Application::open(const config::Listener& listener) {
  http::Router router;
  if (!listener.audit_paths.empty()) {
    webhook_.add_routes(router);
  }
  if (!listener.health_path.empty()) {
    admin_.add_health_routes(router, listener.health_path);
  }
  http::ServerOptions options =
      server_options(settings_, listener, std::thread::hardware_concurrency());
  options.on_refused_peer = [this](const std::string& peer, std::string_view reason) {
    webhook_.refuse(peer, reason);
  };
  base::FileWatch watch = Credentials::watch(listener);
  auto server = std::make_unique<http::Server>(std::move(options), std::move(router), *metrics_);
  if (auto started = server->start(); !started) {
    return started;
  }
  credentials_.add(listener, *server, std::move(watch));
  ports_.push_back({listener, std::move(server)});
  return {};
}

void Application::tell_ports() const {
  for (const auto& [listener, server] : ports_) {
    if (!listener.audit_paths.empty()) {
      base::log_info("listening for audit batches on " +
                     urls_of(listener, server->ports(), listener.audit_paths.front()));
    }
    if (!listener.health_path.empty()) {
      base::log_info("health checks on " +
                     urls_of(listener, server->ports(), listener.health_path));
    }
  }
}

// A taken port stops the start: without it nobody would learn how this daemon is, and it may be
// a second one's.
base::Result<void> Application::open_admin(const config::Listener& listener) {
  http::Router router;
  admin_.add_health_routes(router, listener.health_path);
  admin_.add_routes(router, host_rule(settings_.admin));
  auto server = std::make_unique<http::Server>(admin_server_options(settings_, listener),
                                               std::move(router), *metrics_);
  if (auto started = server->start(); !started) {
    return started;
  }
  base::log_info("metrics and API on " + (listener.socket.empty()
                                              ? urls_of(listener, server->ports(), "/")
                                              : "unix:" + listener.socket));
  admin_server_ = std::move(server);
  return {};
}

std::vector<std::pair<std::string, std::uint64_t>> Application::open_connections() const {
  std::uint64_t audit = 0;
  for (const Port& port : ports_) {
    audit += port.server->connections();
  }
  std::vector<std::pair<std::string, std::uint64_t>> open{{"audit", audit}};
  if (admin_server_ != nullptr) {
    open.emplace_back("admin", admin_server_->connections());
  }
  return open;
}

void Application::look() {
  deliveries_.look();
  watching_.look();
  credentials_.renew(source::Renew::kChanged);
  for (const std::string& warning : costs_.look()) {
    base::log_warning(warning);
  }
}

std::string Application::status() const {
  return counted(rules_.current()->rules().size(), "rule") + " in force";
}

void Application::reload() {
  base::log_info("SIGHUP: loading configuration and rules again");
  credentials_.renew(source::Renew::kAll);
  base::Diagnostics diagnostics;
  config::Loaded loaded = load_config(options_.common, config::Purpose::kRun, diagnostics);
  engine::LoadResult rules;
  if (!diagnostics.has_errors()) {
    rules = load_all(options_.common, loaded.settings, Bodies::kStored, diagnostics);
  }
  std::shared_ptr<const output::Routing> routing;
  if (!diagnostics.has_errors()) {
    warn_of_outputs(loaded.settings.outputs);
    warn_of_unknown_names(loaded.settings, rules.rule_set.get(), diagnostics);
    // Outputs change with a restart only, so the ones that run are what routes can name.
    routing = compile_routing(loaded.settings.routing, settings_.outputs, diagnostics);
  }
  if (rules.rule_set == nullptr || routing == nullptr) {
    tell_failed_reload(diagnostics);
    return;
  }
  log_diagnostics(diagnostics);
  publish(std::move(loaded.settings), std::move(rules.rule_set), std::move(routing));
}

void Application::tell_failed_reload(const base::Diagnostics& diagnostics) {
  metrics_->add(base::Metric::kRulesReloadFailed);
  log_diagnostics(diagnostics);
  const std::size_t errors = diagnostics.count(base::Severity::kError);
  base::log_error("not reloaded, the rules from before stay in force: " + counted(errors, "error"));
  const auto first =
      std::find_if(diagnostics.list().begin(), diagnostics.list().end(),
                   [](const auto& one) { return one.severity == base::Severity::kError; });
  pipeline::InternalAlerts::Fields fields{{"errors", std::to_string(errors)}};
  std::string message = "the rules could not be loaded again, those from before stay in force";
  if (first != diagnostics.list().end()) {
    message += ": " + first->message;
    fields.emplace_back("file", first->location.file);
    fields.emplace_back("line", std::to_string(first->location.line));
    fields.emplace_back("code", first->code);
  }
  admin_.set_reloaded(message);
  alerts_.raise("reload_failed", {}, std::move(message), std::move(fields));
}

void Application::publish(config::Settings settings, std::shared_ptr<const engine::RuleSet> rules,
                          std::shared_ptr<const output::Routing> routing) {
  warn_of_restart_options(settings);
  settings_.rules = std::move(settings.rules);
  settings_.alerts = std::move(settings.alerts);
  settings_.routing = std::move(settings.routing);
  alerts_.set_options(stored_alert_options(options_.common, settings_.alerts));
  deliveries_.publish(settings_, std::move(routing));
  pipeline_.set_static_fields(settings_.alerts.static_fields);
  const bool is_same = rules->hash() == rules_.current()->hash();
  const std::string text = counted(rules->rules().size(), "rule") + " in force of " +
                           std::to_string(rules->loaded().size()) + " loaded" +
                           (is_same ? ", nothing changed" : ", hash " + rules->hash());
  rules_.publish(std::move(rules));
  // Not before: whoever reads the line may rely on it.
  base::log_info("reloaded: " + text);
  metrics_->add(base::Metric::kRulesReloaded);
  admin_.set_reloaded({});
}

void Application::warn_of_restart_options(config::Settings& changed) {
  const config::Schema before = config::describe(settings_);
  const config::Schema after = config::describe(changed);
  for (const config::Option& option : before.options()) {
    const config::Option* const now = after.find(option.path());
    if (!option.is_live() && now != nullptr && now->value_json() != option.value_json()) {
      base::log_warning("'" + option.path() + "' has changed; that needs a restart");
    }
  }
}

// Of those that are in both the options tell.
void Application::warn_of_outputs(const config::OutputSettings& changed) const {
  const auto has = [](const config::OutputSettings& outputs, const std::string& name) {
    return std::any_of(outputs.list.begin(), outputs.list.end(),
                       [&name](const auto& one) { return one.name == name; });
  };
  for (const config::NamedOutput& output : changed.list) {
    if (output.enabled && !has(settings_.outputs, output.name)) {
      base::log_warning("output '" + output.name + "' is new; it starts with a restart (" +
                        output.location.file + ":" + std::to_string(output.location.line) +
                        "), and routes can name it then");
    }
  }
  for (const config::NamedOutput& output : settings_.outputs.list) {
    if (output.enabled && !has(changed, output.name)) {
      base::log_warning("output '" + output.name +
                        "' is not in the configuration any more; it goes on until a restart");
    }
  }
}

void Application::reopen_outputs() {
  base::log_info("SIGUSR1: reopening outputs");
  deliveries_.reopen();
}

std::chrono::milliseconds Application::longest_stop() const {
  return settings_.process.shutdown_timeout + kStopMargin;
}

bool Application::stop() {
  const auto until = std::chrono::steady_clock::now() + settings_.process.shutdown_timeout;
  const auto left = [until](std::chrono::milliseconds reserve) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now() - reserve);
    return std::max(rest, std::chrono::milliseconds{0});
  };
  // Audit ports first: health checks answer until the last batch is done.
  for (const bool is_audit : {true, false}) {
    for (const Port& port : ports_) {
      if (port.listener.audit_paths.empty() != is_audit &&
          !port.server->stop(left(std::min(kForOutputs, settings_.process.shutdown_timeout / 4)))) {
        base::log_warning(
            "requests were cut at the end of shutdown_timeout; they were not "
            "answered, so the apiserver sends them again");
      }
    }
  }
  watching_.stop();
  if (admin_server_ != nullptr) {
    (void)admin_server_->stop(std::min(left(kForOutputs), kForAdmin));
  }
  sources_.stop(std::max(left(kForOutputs), kForSources));
  // Alerts of our own are waited for by nobody; what is not committed no output can read.
  (void)store_->settle(left(kForOutputs));
  const std::vector<std::string> blocked =
      deliveries_.stop(std::max(left(kForStore), kForOutputs / 2));
  for (const std::string& name : blocked) {
    base::log_error("output '" + name + "' blocks; what it has not delivered stays in the store");
  }
  if (!store_->stop(std::max(left({}), kForStore))) {
    base::log_error(
        "the store could not be committed in time; what was not acknowledged comes "
        "again, outputs may repeat their last alerts");
    return false;
  }
  return blocked.empty();
}

std::string Application::summary() const {
  std::string text;
  for (const base::MetricRow& row : base::kMetrics) {
    if (const std::uint64_t value = metrics_->value(row.metric); value != 0) {
      text += " " + std::string(row.name) + "=" + std::to_string(value);
    }
  }
  return text.empty() ? " nothing was received" : text;
}

void log_diagnostics(const base::Diagnostics& diagnostics) {
  for (const base::Diagnostic& diagnostic : diagnostics.list()) {
    const std::string text = base::to_text(diagnostic);
    const base::LogLevel level =
        diagnostic.severity == base::Severity::kError     ? base::LogLevel::kError
        : diagnostic.severity == base::Severity::kWarning ? base::LogLevel::kWarning
                                                          : base::LogLevel::kInfo;
    base::log(level, std::string_view(text).substr(0, text.find('\n')));
  }
}

}  // namespace tiercel::app
