#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "tiercel/alert/rule_output.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/nearest.h"
#include "tiercel/base/one_line.h"
#include "tiercel/output/kinds.h"

#include "deliveries.h"
#include "options.h"
#include "running_outputs.h"

namespace tiercel::app {

namespace {

const config::NamedOutput* find_output(const config::OutputSettings& outputs,
                                       const std::string& name) {
  for (const config::NamedOutput& output : outputs.list) {
    if (output.name == name && !output.kind.empty()) {
      return &output;
    }
  }
  return nullptr;
}

// One alert as the store would hold it, plainly marked as a test.
struct TestAlert {
  std::string body;
  std::string line;
  store::StoredAlert alert;

  TestAlert(const std::string& output, const alert::AlertOptions& options,
            const alert::LineFormat& format, const base::Clock& clock) {
    alert::InternalAlert internal;
    internal.code = "test";
    internal.priority = base::Priority::kInformational;
    internal.message = "this is a test of the output '" + output + "'; nothing happened";
    internal.fields = {{"output", output}, {"test", "true"}};
    internal.time = clock.now();
    internal.id = alert::make_alert_id(
        internal.time, false, audit::EventKey{{static_cast<std::uint64_t>(internal.time), 0}},
        "tiercel: test");
    alert::render_internal(internal, options, body);
    alert::append_line(line, body, format);
    alert.id = internal.id.bytes;
    alert.time = internal.time;
    alert.stored = internal.time;
    alert.priority = static_cast<std::uint8_t>(internal.priority);
    alert.rule = "tiercel: test";
    alert.body = body;
  }
};

int report(const std::string& name, const output::Delivery& delivery,
           std::chrono::milliseconds took) {
  if (delivery.error) {
    std::fprintf(stderr, "%s: not delivered after %lld ms: %s\n", name.c_str(),
                 static_cast<long long>(took.count()),
                 base::one_line(delivery.error->text()).c_str());
    return kError;
  }
  if (!delivery.rejected.empty()) {
    std::fprintf(stderr, "%s: refused after %lld ms: %s\n", name.c_str(),
                 static_cast<long long>(took.count()),
                 base::one_line(delivery.rejected.front().why).c_str());
    return kError;
  }
  return print(name + ": delivered in " + std::to_string(took.count()) +
               " ms: " + base::one_line(delivery.said) + "\n");
}

// What there is instead of an output that is not there.
int refuse_name(const OutputsOptions& options, const config::OutputSettings& outputs) {
  std::vector<std::string_view> known;
  std::string list;
  for (const config::NamedOutput& output : outputs.list) {
    if (!output.kind.empty()) {
      known.push_back(output.name);
      list += (list.empty() ? "" : ", ") + output.name;
    }
  }
  const std::string_view near = base::nearest_name(options.name, known);
  const std::string hint =
      near.empty() ? std::string() : "did you mean '" + std::string(near) + "'? ";
  std::fprintf(stderr, "Error: there is no output named '%s': %sthere are %s\n",
               options.name.c_str(), hint.c_str(), list.c_str());
  return kError;
}

int test_output(const OutputsOptions& options, const config::Loaded& loaded,
                const config::NamedOutput& output) {
  const base::SystemClock clock;
  base::Metrics metrics;
  const std::unique_ptr<output::Output> made = make_output(output, clock, metrics, false);
  if (const auto opened = made->open(); !opened) {
    std::fprintf(stderr, "%s: %s\n", options.name.c_str(), opened.error().text().c_str());
    return kError;
  }
  const TestAlert test(options.name, stored_alert_options(options.common, loaded.settings.alerts),
                       line_format(loaded.settings, output), clock);
  const output::Message message{&test.alert, test.line};
  const auto start = std::chrono::steady_clock::now();
  const output::Delivery delivery = made->deliver({&message, 1});
  return report(options.name, delivery,
                std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - start));
}

int list_outputs(const config::Loaded& loaded) {
  std::string text;
  const RunningOutputs running = running_outputs(loaded.settings);
  if (!running.problem.empty()) {
    std::fprintf(stderr, "%s; how its outputs are is not shown\n", running.problem.c_str());
  }
  for (const config::NamedOutput& output : loaded.settings.outputs.list) {
    if (!output.kind.empty()) {
      const auto words = running.words.find(output.name);
      text += output.name + "\t" + output.kind + "\t" + (output.enabled ? "enabled" : "off") +
              (words == running.words.end() ? "" : "\t" + words->second) + "\n";
    }
  }
  return print(text);
}

int list_kinds() {
  std::string text;
  for (const output::OutputType* const type : output::output_types()) {
    text += std::string(type->name) + "\t" + std::string(type->doc) + "\n";
  }
  return print(text);
}

}  // namespace

int outputs_command(const OutputsOptions& options) {
  if (options.kinds) {
    return list_kinds();
  }
  base::Diagnostics diagnostics;
  CommonOptions common = options.common;
  if (!common.config) {
    common.config = kDefaultConfig;
  }
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  // Notes are for those who ask: `tiercel check`.
  if (diagnostics.has_errors() || diagnostics.count(base::Severity::kWarning) != 0) {
    print_diagnostics(diagnostics);
  }
  if (diagnostics.has_errors()) {
    return kError;
  }
  if (options.name.empty()) {
    return list_outputs(loaded);
  }
  const config::NamedOutput* const output = find_output(loaded.settings.outputs, options.name);
  if (output == nullptr) {
    return refuse_name(options, loaded.settings.outputs);
  }
  return options.resend ? resend_command(options, loaded.settings, *output)
                        : test_output(options, loaded, *output);
}

}  // namespace tiercel::app
