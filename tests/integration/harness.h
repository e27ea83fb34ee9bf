#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon.h"
#include "http_client.h"
#include "temp_dir.h"

namespace tiercel::tests {

using Lines = std::vector<std::string>;

/// The rules that are shipped.
[[nodiscard]] std::string shipped_rules();
/// Rules with one rule of this name that every audit event matches; its alert names the event
/// by the field ka.auditid.
[[nodiscard]] std::string every_event_rule(std::string_view name = "Every event");

/// Recorded events, one a line: a file under tests/data, plain or zstd.
[[nodiscard]] Lines recorded(const std::string& name);
/// Those of bulk.jsonl.zst, read once.
[[nodiscard]] const Lines& bulk();
[[nodiscard]] Lines lines_of(std::string_view text);
[[nodiscard]] Lines lines_of_file(const std::string& path);
[[nodiscard]] std::string joined(std::span<const std::string> lines);
/// A batch as kube-apiserver posts it.
[[nodiscard]] std::string event_list(std::span<const std::string> items);
/// A small event with this auditID that matches every_event_rule(); `more` goes into the object
/// as written, beginning with a comma.
[[nodiscard]] std::string small_event(std::string_view audit_id, std::string_view more = {});

/// How often each event, by its auditID, has an alert in these lines; half a line, as a kill
/// leaves one, counts for none.
[[nodiscard]] std::map<std::string, int> alerts_by_event(const Lines& alerts);
/// The number in this variable of the environment.
[[nodiscard]] unsigned from_environment(const char* name, unsigned otherwise);

/// The alerts, as JSON lines, that `tiercel replay` gives for these events.
[[nodiscard]] Lines replayed(const Lines& rules, std::span<const std::string> events,
                             const Lines& more_arguments = {});
/// The first alert of each id: of an event that comes twice the store keeps one.
[[nodiscard]] Lines distinct(const Lines& alerts);
/// The same of several batches: `ids` are those of the batches before.
[[nodiscard]] Lines distinct(const Lines& alerts, std::set<std::string>& ids);
/// Fails with the first differences unless both hold the same lines as often.
void expect_same_lines(Lines actual, Lines expected);
/// The value of a member of an alert's output_fields; empty when it is absent.
[[nodiscard]] std::string output_field(const std::string& alert, const std::string& name);
/// The rule an alert names.
[[nodiscard]] std::string rule_of(const std::string& alert);

/// A daemon in a folder of its own: alerts as JSON lines to alerts.log, quarantine beside it,
/// on a port that the system chooses.
class AuditDaemon {
 public:
  /// `more` are further arguments, as {"-o", "rule_matching=all"}; `program` is another one than
  /// ours that runs the daemon, and what it wants before the daemon's arguments.
  explicit AuditDaemon(Lines rules = {shipped_rules()}, const Lines& more = {},
                       const Lines& program = {});
  /// Fails where an alert of its own has a field that kInternalFields does not name.
  ~AuditDaemon();
  AuditDaemon(const AuditDaemon&) = delete;
  AuditDaemon& operator=(const AuditDaemon&) = delete;

  [[nodiscard]] support::Daemon& process() { return *process_; }
  [[nodiscard]] const support::TempDir& folder() const { return folder_; }
  [[nodiscard]] std::uint16_t port() { return process_->port(); }
  [[nodiscard]] std::uint16_t admin_port() { return process_->admin_port(); }
  [[nodiscard]] std::string alerts_path() const { return folder_.path("alerts.log"); }
  [[nodiscard]] std::string quarantine_path() const { return folder_.path("quarantine"); }

  /// Posts a batch over a connection of its own; the answer's status.
  int post(std::string_view body);
  /// What the admin port answers to GET `path`; empty where that is no 200.
  [[nodiscard]] std::string get(const std::string& path);
  /// True while /healthz is answered.
  [[nodiscard]] bool is_healthy();
  /// Waits until every output has delivered what is stored.
  [[nodiscard]] bool has_delivered();
  /// The alerts since the last call, without those of its own; waits until they are delivered.
  [[nodiscard]] Lines new_alerts();
  /// Its own alerts so far, those of rules "tiercel: …".
  [[nodiscard]] Lines own_alerts() const;
  /// How many files the quarantine holds, by code ("not_json").
  [[nodiscard]] std::map<std::string, int> quarantined() const;

 private:
  support::TempDir folder_;
  std::unique_ptr<support::Daemon> process_;
  std::size_t seen_ = 0;  ///< bytes of the alert file
};

}  // namespace tiercel::tests
