// The largest legal inputs: what a byte costs at an eighth, a quarter, half and all of each. A
// cost that grows with the size is a defect. Decoded, evaluated and rendered as the daemon does,
// a large body by windows, with the shipped rules and one more that prints whole objects, all
// that match, credentials masked; then batches posted to the daemon itself over loopback.
//
//   bench_largest [--most MB] [--max-growth R] [--no-daemon] [--rounds N] [--only NAME]
// --only takes the inputs whose name holds NAME; --most cuts the inputs down; --max-growth fails
// where a byte of the whole costs more than R times what one of an eighth does. The daemon is not
// judged: it has the disk and the network too.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/pipeline/evaluate_batch.h"

#include "bench_arguments.h"
#include "bench_setup.h"
#include "bench_support.h"
#include "http_client.h"
#include "largest_inputs.h"
#include "read_file.h"
#include "temp_dir.h"
#include "window_cutter.h"

namespace {

using namespace tiercel;

constexpr std::array<std::size_t, 4> kParts{8, 4, 2, 1};  // one by
constexpr std::size_t kWholeBody = std::size_t{8} << 20U;
constexpr std::size_t kWindow = std::size_t{4} << 20U;
constexpr std::size_t kPiece = std::size_t{64} << 10U;
constexpr const char* kRules = TIERCEL_SOURCE_DIR "/rules/k8s_audit_rules.yaml";
constexpr const char* kPrintingRule =
    "- rule: Whole object\n  desc: d\n  condition: ka.verb = create and ka.user.name = mallory\n"
    "  output: created %jevt.value[/requestObject] (images=%ka.req.pod.containers.image)\n"
    "  priority: WARNING\n  source: k8s_audit\n";

struct Arguments {
  std::size_t most = 1000;  // MB
  double max_growth = 0;
  bool no_daemon = false;
  std::size_t rounds = 5;
  std::string only{};
};

class Evaluation {
 public:
  Evaluation() {
    engine::CompileOptions options;
    options.matching = engine::Matching::kAll;
    options.alerts.json_output = true;
    options.alerts.redact = true;
    engine::LoadResult loaded = engine::load_rules(
        {{kRules, support::read_file(kRules)}, {"printing.yaml", kPrintingRule}}, options);
    if (loaded.rule_set == nullptr) {
      std::fputs(base::to_text(loaded.diagnostics).c_str(), stderr);
      std::exit(1);
    }
    rules_ = loaded.rule_set;
  }

  /// Seconds of the processor for one body.
  double run(const bench::Body& body) {
    alerts_ = 0;
    const double start = bench::thread_seconds();
    if (body.size <= kWholeBody) {
      take(body.view(), audit::BatchForm::kBody);
    } else {
      by_windows(body.view());
    }
    return bench::thread_seconds() - start;
  }
  [[nodiscard]] std::size_t alerts() const { return alerts_; }

 private:
  void by_windows(std::string_view bytes) {
    source::WindowCutter cutter(std::uint64_t{16} << 20U, [this](std::string_view, std::uint64_t) {
      give_up("an item is too long");
    });
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      bytes.remove_prefix(piece.size());
      if (!cutter.feed(piece)) {
        give_up("no list");
      }
      if (cutter.size() >= kWindow || (bytes.empty() && cutter.size() != 0)) {
        const source::Batch batch = cutter.take();
        take(batch.view(), batch.form);
      }
    }
  }
  void take(std::string_view bytes, audit::BatchForm form) {
    out_.bytes.clear();
    out_.keys.clear();
    out_.records.clear();
    (void)scratch_.evaluate(bytes, form, 0, rules_, out_, on_bad_);
    alerts_ += out_.records.size();
  }
  static void give_up(const char* why) {
    std::fprintf(stderr, "a body is not taken: %s\n", why);
    std::exit(1);
  }

  std::shared_ptr<const engine::RuleSet> rules_;
  pipeline::StreamState stream_;
  pipeline::Scratch scratch_{{}, {}, stream_, true};
  pipeline::Scratch::OnBad on_bad_ = [](const audit::BadInput& bad) {
    give_up(bad.message.c_str());
  };
  store::RecordBatch out_;
  std::size_t alerts_ = 0;
};

bench::Body body_of(const std::string& text) {
  bench::Body body;
  body.size = text.size();
  body.bytes.reserve(text.size() + audit::kPadding);
  body.bytes.assign(text.begin(), text.end());
  body.bytes.resize(text.size() + audit::kPadding);
  return body;
}

// One row of the table; how much more a byte of the whole costs than one of the smallest part.
double measure(Evaluation& evaluation, const bench::LargestInput& input,
               const Arguments& arguments) {
  const std::size_t most = arguments.most * std::size_t{1'000'000} / input.weight;
  const std::size_t full = std::min(input.full, most);
  std::array<double, kParts.size()> costs{};
  std::size_t size = 0;
  for (std::size_t at = 0; at < kParts.size(); ++at) {
    const bench::Body body = body_of(input.make(full / kParts[at]));
    size = body.size;
    double best = evaluation.run(body);
    // The first pass lets memory grow; a body that takes long shows it little.
    for (std::size_t round = 1; round < arguments.rounds && best * double(round) < 2; ++round) {
      best = std::min(best, evaluation.run(body));
    }
    costs[at] = best / static_cast<double>(size) * 1e9;
  }
  const double growth = costs.back() / costs.front();
  std::printf("%-22s %8.2f MB %8zu alerts %8.2f %7.2f %7.2f %7.2f ns/byte   %.2f times\n",
              input.name, static_cast<double>(size) / 1e6, evaluation.alerts(), costs[0], costs[1],
              costs[2], costs[3], growth);
  return growth;
}

// A daemon of its own for each body, so that none of its alerts is known already.
void post_to_daemon(std::size_t full) {
  std::array<double, kParts.size()> costs{};
  double peak = 0;
  for (std::size_t at = 0; at < kParts.size(); ++at) {
    const support::TempDir folder;
    bench::Setup setup(folder.path(), {.alerting_rule = false});
    const std::string request =
        support::post("/k8s_audit", bench::recorded_batch(full / kParts[at]));
    support::HttpClient client(setup.port());
    client.set_timeout(std::chrono::minutes(5));
    const double start = bench::now();
    const int status = client.exchange(request).status;
    costs[at] = (bench::now() - start) / static_cast<double>(request.size()) * 1e9;
    if (status != 200) {
      std::fprintf(stderr, "a batch was answered %d\n%s", status, setup.daemon().log().c_str());
      std::exit(1);
    }
    peak = static_cast<double>(setup.daemon().peak_memory()) / 1e6;
  }
  std::printf("%-22s %8.2f MB %5.0f MB held    %8.2f %7.2f %7.2f %7.2f ns/byte   %.2f times\n",
              "daemon, one POST of", static_cast<double>(full) / 1e6, peak, costs[0], costs[1],
              costs[2], costs[3], costs.back() / costs.front());
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bench::read_arguments(argc, argv,
                        {{"--most", &arguments.most},
                         {"--max-growth", &arguments.max_growth},
                         {"--no-daemon", &arguments.no_daemon},
                         {"--rounds", &arguments.rounds},
                         {"--only", &arguments.only}});
  std::printf("machine    %s\n%-22s %11s %15s %8s %7s %7s %7s\n", bench::machine().c_str(), "", "",
              "", "1/8", "1/4", "1/2", "1");
  Evaluation evaluation;
  int status = 0;
  for (const bench::LargestInput& input : bench::largest_inputs()) {
    if (std::string_view(input.name).find(arguments.only) == std::string_view::npos) {
      continue;
    }
    const double growth = measure(evaluation, input, arguments);
    if (arguments.max_growth > 0 && growth > arguments.max_growth) {
      std::fprintf(stderr, "%s: a byte of the whole costs %.2f times what one of an eighth does\n",
                   input.name, growth);
      status = 1;
    }
  }
  if (!arguments.no_daemon) {
    for (const std::size_t full : {std::size_t{10'000'000}, std::size_t{400'000'000}}) {
      post_to_daemon(std::min(full, arguments.most * std::size_t{1'000'000}));
    }
  }
  return status;
}
