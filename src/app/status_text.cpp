#include "status_text.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "tiercel/api/cost_report.h"

#include "checked_json.h"
#include "counted.h"
#include "running_outputs.h"
#include "status_blind.h"
#include "time_text.h"

namespace tiercel::app {

namespace {

using Json = nlohmann::ordered_json;

std::uint64_t sum_of(const Json& counters, std::string_view prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : counters.items()) {
    sum += std::string_view(name).starts_with(prefix) ? number(counters, name.c_str()) : 0;
  }
  return sum;
}

std::string fed_line(const Json& status, const Json& counters) {
  std::string line =
      "no batch since the start: does kube-apiserver send here, or is file_source set?";
  if (member(status, "last_batch_seconds").is_number()) {
    const std::uint64_t batches = number(counters, "batches_total");
    line = "last batch " + time_text(number(status, "last_batch_seconds")) + " ago; " +
           counted(number(counters, "events_total"), "event") + " in " + api::count_text(batches) +
           (batches == 1 ? " batch" : " batches");
  }
  if (const std::uint64_t bad = sum_of(counters, "quarantined_"); bad != 0) {
    line += ", " + api::count_text(bad) + " quarantined";
  }
  if (const std::uint64_t refused = sum_of(counters, "rejected_"); refused != 0) {
    line += ", " + counted(refused, "request") + " refused";
  }
  return line;
}

std::string rules_line(const Json& status) {
  const Json& rules = member(status, "rules");
  std::string line = api::count_text(number(rules, "in_force")) + " in force of " +
                     api::count_text(number(rules, "loaded")) + " loaded, hash " +
                     text(rules, "hash");
  const std::uint64_t slow = number(rules, "slow");
  const std::uint64_t noisy = number(rules, "noisy");
  if (slow + noisy != 0) {
    line += "; " + std::to_string(slow) + " slow, " + std::to_string(noisy) +
            " noisy: tiercel rules --cost";
  }
  for (const Json& one : member(rules, "disabled")) {
    line += "; \"" + text(one, "rule") + "\" DISABLED until " + text(one, "until");
  }
  return line;
}

std::string reload_line(const Json& status) {
  const Json& reload = member(status, "reload");
  if (!member(reload, "last_seconds").is_number()) {
    return "none since the start";
  }
  const std::string error = text(reload, "error");
  return time_text(number(reload, "last_seconds")) + " ago" +
         (error.empty() ? ", taken" : ", REFUSED: " + error);
}

// Nothing where all is as their files have it.
std::string credentials_lines(const Json& status) {
  std::string lines;
  for (const Json& error : member(member(status, "credentials"), "errors")) {
    lines += "secrets  OLD ONE IN USE: " +
             (error.is_string() ? base::one_line(error.get_ref<const std::string&>()) : "") + "\n";
  }
  return lines;
}

std::string store_line(const Json& status) {
  const Json& store = member(status, "store");
  std::string line = counted(number(store, "alerts"), "alert") + " in " +
                     api::bytes_text(static_cast<double>(number(store, "bytes"))) + ", " +
                     counted(number(store, "segments"), "segment");
  const Json& took = member(store, "last_commit_took_seconds");
  if (number(store, "commits") != 0 && took.is_number()) {
    line += ", last commit took " + api::duration_text(took.get<double>() * 1e9);
  }
  line += is_true(store, "is_full") ? "; FULL: batches that alert are refused" : "";
  line +=
      is_true(store, "is_unwritable") ? "; CANNOT BE WRITTEN: batches that alert are refused" : "";
  return line;
}

std::string lost_line(const Json& counters) {
  const std::uint64_t lost = sum_of(counters, "drops_");
  const std::uint64_t letters = number(counters, "output_dead_lettered_total");
  std::string line = lost == 0 ? "nothing" : counted(lost, "alert") + " LOST for an output";
  if (letters != 0) {
    line += "; " + counted(letters, "dead letter") + ": tiercel outputs resend";
  }
  return line;
}

std::string outputs_lines(const Json& status) {
  const auto words = output_words(member(status, "outputs").dump());
  std::size_t width = 0;
  for (const auto& [name, said] : words) {
    width = std::max(width, name.size());
  }
  std::string lines;
  for (const auto& [name, said] : words) {
    lines.append("  ").append(name).append(width - name.size() + 2, ' ').append(said) += '\n';
  }
  return lines.empty() ? "  none\n" : lines;
}

}  // namespace

std::optional<std::string> status_text(std::string_view json) {
  const Json status = Json::parse(json, nullptr, false);
  const Json& counters = member(status, "counters");
  if (!counters.is_object()) {
    return std::nullopt;
  }
  const std::string reason = text(status, "not_ready_reason");
  std::string out = "tiercel " + text(status, "version") + ", up " +
                    time_text(number(status, "up_seconds")) +
                    (reason.empty() ? ", ready" : ", NOT READY: " + reason) + "\n";
  out += "fed      " + fed_line(status, counters) + "\n" + blind_lines(status);
  out += "rules    " + rules_line(status) + "\n";
  out += "reload   " + reload_line(status) + "\n" + credentials_lines(status);
  out += "alerts   " + counted(number(counters, "alerts_total"), "alert") + " of rules, " +
         api::count_text(number(counters, "internal_alerts_total")) + " of tiercel about itself\n";
  out += "store    " + store_line(status) + "\n";
  out += "lost     " + lost_line(counters) + "\n";
  return out + "outputs\n" + outputs_lines(status);
}

}  // namespace tiercel::app
