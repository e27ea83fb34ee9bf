#include "falco_keys.h"

#include <algorithm>
#include <array>

namespace tiercel::config {

namespace {

constexpr std::string_view kMetrics =
    "Metrics are served at /metrics of the admin port (admin.listen_port), not written as alerts "
    "or "
    "files.";
constexpr std::string_view kReplay = "To read events from a file use `tiercel replay`.";

using enum Treatment;

constexpr std::array kFalcoKeys{
    FalcoKey{"rule_files", kRefused, "Falco never reads this key either; write rules_files."},
    FalcoKey{"buffered_outputs", kNoEffect, ""},
    FalcoKey{"outputs_queue", kNoEffect, ""},
    FalcoKey{"outputs.rate", kNoEffect, ""},
    FalcoKey{"outputs.max_burst", kNoEffect, ""},
    FalcoKey{"buffer_format_base64", kNoEffect, ""},
    FalcoKey{"plugins_hostinfo", kNoEffect, ""},
    FalcoKey{"http_output.echo", kNoEffect, ""},
    FalcoKey{"http_output.max_consecutive_timeouts", kNoEffect,
             "deliveries are tried again until max_age"},
    FalcoKey{
        "grpc_output.enabled", kNotYetWhenTrue,
        "There is no gRPC output; http_output and the entries of outputs send alerts elsewhere."},
    FalcoKey{"grpc", kNoEffect, ""},
    FalcoKey{"webserver.threadiness", kNoEffect, "the number of threads is io_threads"},
    FalcoKey{"webserver.prometheus_metrics_enabled", kNoEffectWhenTrue, kMetrics},
    FalcoKey{"metrics.enabled", kNoEffectWhenTrue, kMetrics},
    FalcoKey{"metrics.interval", kSilent, ""},
    FalcoKey{"metrics.output_rule", kSilent, ""},
    FalcoKey{"metrics.output_file", kSilent, ""},
    FalcoKey{"metrics.rules_counters_enabled", kSilent, ""},
    FalcoKey{"metrics.resource_utilization_enabled", kSilent, ""},
    FalcoKey{"metrics.convert_memory_to_mb", kSilent, ""},
    FalcoKey{"metrics.include_empty_values", kSilent, ""},
    FalcoKey{"metrics.state_counters_enabled", kSilent, ""},
    FalcoKey{"metrics.kernel_event_counters_enabled", kSilent, ""},
    FalcoKey{"metrics.kernel_event_counters_per_cpu_enabled", kSilent, ""},
    FalcoKey{"metrics.kernel_iter_event_counters_enabled", kSilent, ""},
    FalcoKey{"metrics.libbpf_stats_enabled", kSilent, ""},
    FalcoKey{"metrics.plugins_metrics_enabled", kSilent, ""},
    FalcoKey{"metrics.jemalloc_stats_enabled", kSilent, ""},
    FalcoKey{"libs_logger", kNoEffect, ""},
    FalcoKey{"engine", kNoEffect, ""},
    FalcoKey{"engine.kind", kRefusedReplay, kReplay},
    FalcoKey{"engine.replay.capture_file", kRefusedWhenSet, kReplay},
    FalcoKey{"capture", kNoEffect, ""},
    FalcoKey{"syscall_event_timeouts", kNoEffect, ""},
    FalcoKey{"syscall_event_drops", kNoEffect, ""},
    FalcoKey{"base_syscalls", kNoEffect, ""},
    FalcoKey{"falco_libs", kNoEffect, ""},
    FalcoKey{"metadata_download", kNoEffect, ""},
    FalcoKey{"container_engines", kNoEffect, ""},
    FalcoKey{"syscall_buf_size_preset", kNoEffect, ""},
    FalcoKey{"syscall_drop_failed_exit", kNoEffect, ""},
    FalcoKey{"modern_bpf", kNoEffect, ""},
};

}  // namespace

std::span<const FalcoKey> falco_keys() { return kFalcoKeys; }

const FalcoKey* find_falco_key(std::string_view path) {
  const auto* const row = std::find_if(kFalcoKeys.begin(), kFalcoKeys.end(),
                                       [path](const FalcoKey& key) { return key.path == path; });
  return row == kFalcoKeys.end() ? nullptr : row;
}

bool is_above_falco_key(std::string_view path) {
  return std::any_of(kFalcoKeys.begin(), kFalcoKeys.end(), [path](const FalcoKey& key) {
    return key.path.size() > path.size() && key.path.starts_with(path) &&
           key.path[path.size()] == '.';
  });
}

}  // namespace tiercel::config
