#include "tiercel/base/metrics.h"

namespace tiercel::base {

const std::array<MetricRow, static_cast<std::size_t>(Metric::kCount)> kMetrics{{
    {Metric::kBatches, "batches_total", "Batches evaluated."},
    {Metric::kBytes, "bytes_total", "Bytes of batches evaluated."},
    {Metric::kEvents, "events_total", "Audit events evaluated."},
    {Metric::kAlerts, "alerts_total", "Alerts made by rules."},
    {Metric::kQuarantinedBodies, "quarantined_bodies_total",
     "Whole bodies that could not be taken."},
    {Metric::kQuarantinedItems, "quarantined_items_total",
     "Single events that could not be taken."},
    {Metric::kRepairedItems, "repaired_items_total", "Events mended before they were evaluated."},
    {Metric::kEventsWithoutTime, "events_without_time_total",
     "Events whose stageTimestamp could not be read; they carry the time of arrival."},
    {Metric::kQuarantineEvictedFiles, "quarantine_evicted_files_total",
     "Quarantined files removed to keep the folder within its limits."},
    {Metric::kQuarantineWriteErrors, "quarantine_write_errors_total",
     "Bad input that could not be written to the quarantine folder."},
    {Metric::kRejectedPath, "rejected_path_total", "Requests answered 404."},
    {Metric::kRejectedMethod, "rejected_method_total", "Requests answered 405."},
    {Metric::kRejectedType, "rejected_type_total", "Requests answered 415."},
    {Metric::kRejectedSize, "rejected_size_total", "Requests answered 413."},
    {Metric::kRejectedHeader, "rejected_header_total", "Requests answered 400 or 431."},
    {Metric::kRejectedBusy, "rejected_busy_total", "Requests answered 429 or 503."},
    {Metric::kRejectedTimeout, "rejected_timeout_total",
     "Requests answered 408 or cut for slowness."},
    {Metric::kRejectedConnections, "rejected_connections_total",
     "Connections closed to make room for new ones."},
    {Metric::kConnections, "connections_total", "Connections accepted."},
    {Metric::kOutputWriteErrors, "output_write_errors_total", "Writes to an output that failed."},
    {Metric::kDropsAlertOutput, "drops_alert_output_total",
     "Alerts that an output did not take and whose batch was answered 503."},
    {Metric::kDropsAlertStop, "drops_alert_stop_total",
     "Alerts whose batch was refused because the daemon was stopping."},
    {Metric::kRulesReloaded, "rules_reloaded_total", "Successful reloads of the rules."},
    {Metric::kRulesReloadFailed, "rules_reload_failed_total",
     "Reloads refused because of mistakes; the old rules stayed."},
    {Metric::kInternalAlerts, "internal_alerts_total", "Alerts of tiercel about itself."},
}};

}  // namespace tiercel::base
