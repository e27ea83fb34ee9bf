#include "application.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tiercel/base/log.h"

#include "counted.h"
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

std::string disabled_rules_file(const config::StoreSettings& settings) {
  const bool is_kept = settings.durability != config::StoreSettings::Durability::kMemory;
  return is_kept ? settings.path + "/disabled-rules.json" : std::string();
}

// What the service manager holds counts, not the configuration.
void take_sockets(const std::vector<InheritedSockets::Socket>& sockets,
                  http::ServerOptions& options, config::Listener& listener) {
  if (sockets.empty()) {
    return;
  }
  listener.hosts.clear();
  listener.socket.clear();
  for (const InheritedSockets::Socket& socket : sockets) {
    options.inherited.push_back(socket.descriptor);
    (socket.port == 0 ? listener.socket : listener.hosts.emplace_back()) = socket.host;
  }
  base::log_info("the service manager holds the socket of " + options.name +
                 (sockets.front().port == 0 ? ", " + sockets.front().host
                                            : ", port " + std::to_string(sockets.front().port)) +
                 ": restarts refuse nobody");
}

}  // namespace

base::Result<std::unique_ptr<Application>> Application::create(const RunOptions& options,
                                                               Reading reading) {
  static const base::SystemClock kClock;
  if (reading.loaded.settings.store.durability == config::StoreSettings::Durability::kMemory) {
    base::log_warning(
        "'store.durability' is memory: alerts end with this process, delivered or not, and no "
        "command can read them; what " +
        reading.loaded.settings.store.path + " holds from before is not delivered");
  }
  Opened opened;
  opened.metrics = std::make_unique<base::Metrics>();
  opened.events = std::make_unique<StoreEvents>();
  auto store = store::Store::open(
      store_options(reading.loaded.settings), enabled_outputs(reading.loaded.settings.outputs),
      kClock, *opened.metrics,
      [events = opened.events.get()](const store::StoreEvent& event) { events->take(event); });
  if (!store) {
    return store.error();
  }
  opened.store = std::move(*store);
  return std::unique_ptr<Application>(
      new Application(options, std::move(reading), std::move(opened)));
}

Application::Application(const RunOptions& options, Reading reading, Opened opened)
    : options_(options),
      settings_(std::move(reading.loaded.settings)),
      metrics_(std::move(opened.metrics)),
      rules_(std::move(reading.rules.rule_set)),
      costs_(rules_, *metrics_, clock_),
      events_(std::move(opened.events)),
      store_(std::move(opened.store)),
      alerts_(*store_, internal_alert_options(options_.common, settings_.alerts, *rules_.current()),
              clock_, *metrics_),
      deliveries_(settings_, std::move(reading.routing), *store_, alerts_, clock_, *metrics_),
      quarantine_(quarantine_options(settings_.quarantine), clock_, *metrics_),
      watching_(settings_, alerts_, clock_, *metrics_),
      pipeline_(pipeline_options(settings_, watching_.apiservers()), rules_, *store_, quarantine_,
                alerts_, *metrics_),
      webhook_(
          webhook_options(settings_, config::listeners(settings_),
                          [this](const std::string& peer, std::string_view reason) {
                            alerts_.raise("unauthorized", peer,
                                          "clients that post audit batches are refused, many "
                                          "within a minute or for minutes on end, the last "
                                          "because " +
                                              std::string(reason),
                                          {});
                          }),
          [this](source::Batch batch) { return pipeline_.process(std::move(batch)); },
          [this](const source::BadPiece& piece) { pipeline_.take_bad_piece(piece); }, clock_),
      disabled_(disabled_rules_file(settings_.store), clock_),
      rule_files_(std::move(reading.files)),
      rule_settings_(settings_),
      admin_({rules_, costs_, *store_, clock_, *metrics_, [this] { return deliveries_.status(); },
              [this] { return open_connections(); }, [this] { return in_flight(); },
              [this] { return watching_.apiserver_status(); },
              [this] { return watching_.reconcile_status(); },
              [this] { return watching_.nothing_for(); }, [this] { return credentials_.stale(); },
              [this] { return disabled_.list(); },
              [this](const std::string& rule, std::chrono::seconds time) {
                return disable_rule(rule, time);
              },
              [this](const std::string& rule) { return enable_rule(rule); }}),
      credentials_(webhook_, settings_.webserver.tokens, alerts_, *metrics_, clock_),
      sources_({settings_, pipeline_, alerts_, *store_, clock_, *metrics_}),
      watch_(clock_),
      is_reload_due_(!reading.is_steady) {
  watch_.follow(std::move(reading.paths), std::move(reading.stamps));
}

Application::~Application() = default;

base::Result<void> Application::start(InheritedSockets sockets) {
  events_->connect(alerts_);
  if (auto opened = webhook_.open(); !opened) {
    return opened;
  }
  if (!disabled_.list().empty()) {
    const base::MutexLock lock(rules_mutex_);
    select_again("rules stay disabled after the restart");
  }
  if (auto started = deliveries_.start(); !started) {
    return started;
  }
  (void)quarantine_.check();
  if (auto started = watching_.start(); !started) {
    return started;
  }
  const std::vector<config::Listener> listeners = config::listeners(settings_);
  if (const auto listener = config::admin_listener(settings_)) {
    if (auto opened = open_admin(*listener, sockets.take_admin(*listener)); !opened) {
      return opened;
    }
  }
  for (const config::Listener& listener : listeners) {
    if (auto opened = open(listener, sockets.take_audit(listener, listeners)); !opened) {
      return opened;
    }
  }
  sockets.close_rest();
  admin_.set_started();
  // Not before: whoever reads these lines may ask whether the daemon is ready.
  tell_ports();
  return sources_.start();
}

base::Result<void> Application::open(config::Listener listener,
                                     const std::vector<InheritedSockets::Socket>& sockets) {
  if (auto checked = check_sockets(settings_, listener, sockets); !checked) {
    return checked;
  }
  http::Router router;
  if (!listener.audit_paths.empty()) {
    webhook_.add_routes(router);
  }
  if (!listener.health_path.empty()) {
    admin_.add_health_routes(router, listener.health_path);
  }
  http::ServerOptions options =
      server_options(settings_, listener, std::thread::hardware_concurrency());
  if (!listener.audit_paths.empty()) {
    options.on_refused_peer = [this](const std::string& peer, std::string_view reason) {
      webhook_.refuse(peer, reason);
    };
  }
  base::FileWatch watch = Credentials::watch(listener);
  take_sockets(sockets, options, listener);
  auto server = std::make_unique<http::Server>(std::move(options), std::move(router), *metrics_);
  if (auto started = server->start(); !started) {
    return started;
  }
  credentials_.add(listener, *server, std::move(watch));
  ports_.push_back({std::move(listener), std::move(server)});
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
base::Result<void> Application::open_admin(config::Listener listener,
                                           const std::vector<InheritedSockets::Socket>& sockets) {
  if (auto checked = check_sockets(settings_, listener, sockets); !checked) {
    return checked;
  }
  http::ServerOptions options = admin_server_options(settings_, listener);
  take_sockets(sockets, options, listener);
  http::Router router;
  admin_.add_health_routes(router, listener.health_path);
  admin_.add_routes(
      router, host_rule(settings_.admin, listener),
      settings_.admin.allow_changes ? api::Changes::kOverAll : api::Changes::kOverUnixSocket);
  auto server = std::make_unique<http::Server>(std::move(options), std::move(router), *metrics_);
  if (auto started = server->start(); !started) {
    return started;
  }
  if (!server->ports().empty()) {
    base::log_info("metrics and API on " + urls_of(listener, server->ports(), "/"));
  }
  if (!listener.socket.empty()) {
    base::log_info("metrics and API on unix:" + listener.socket);
  } else if (!settings_.admin.allow_changes) {
    base::log_info(
        "admin.socket is not set: `tiercel rules disable` and `enable` cannot work; set it (as "
        "/run/tiercel/admin.sock) and restart");
  }
  admin_server_ = std::move(server);
  return {};
}

api::InFlight Application::in_flight() const {
  return {webhook_.bytes_in_flight(), webhook_.most_bytes(), webhook_.requests_in_flight(),
          webhook_.most_requests()};
}

std::vector<api::PortConnections> Application::open_connections() const {
  // Each server has a table, and limits, of its own.
  const auto add = [](api::PortConnections& all, const http::Server& server) {
    all.open += server.connections();
    all.limit += server.limits().connections;
    all.most_of_one_peer = std::max<std::uint64_t>(all.most_of_one_peer, server.most_of_one_peer());
    all.limit_per_peer =
        std::max<std::uint64_t>(all.limit_per_peer, server.limits().connections_per_peer);
  };
  std::vector<api::PortConnections> open{{.port = "audit"}};
  for (const Port& port : ports_) {
    add(open.back(), *port.server);
  }
  if (admin_server_ != nullptr) {
    open.push_back({.port = "admin"});
    add(open.back(), *admin_server_);
  }
  return open;
}

std::string Application::stalled(std::chrono::milliseconds limit) {
  for (const Port& port : ports_) {
    if (port.server->stalled_for() > limit) {
      const std::vector<std::uint16_t>& numbers = port.server->ports();
      return "an io thread of port " + (numbers.empty() ? "?" : std::to_string(numbers.front()));
    }
  }
  return store_->stalled_for() > limit ? "the alert store's writer" : std::string();
}

void Application::look() {
  bring_back_rules();
  deliveries_.look();
  watching_.look();
  credentials_.look();
  alerts_.look();
  for (const std::string& warning : costs_.look()) {
    base::log_warning(warning);
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
  alerts_.flush();
  (void)store_->settle(left(kForOutputs));
  const std::vector<std::string> blocked =
      deliveries_.stop(std::max(left(kForStore), kForOutputs / 2));
  for (const std::string& name : blocked) {
    base::log_error("output '" + name + "' blocks; what it has not delivered stays in the store");
  }
  // What the outputs told in their last moments is delivered after the next start.
  alerts_.flush();
  (void)store_->settle(left(kForStore));
  const bool is_committed = store_->stop(std::max(left({}), kForStore));
  if (const std::size_t lost = alerts_.unsent(); lost != 0) {
    base::log_error(counted(lost, "alert") +
                    " about tiercel itself are lost: the alert store took no more before the end");
  }
  if (!is_committed) {
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

}  // namespace tiercel::app
