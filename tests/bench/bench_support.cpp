#include "bench_support.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <span>

#include <zstd.h>

#include "tiercel/audit/decode.h"
#include "tiercel/pipeline/evaluate_batch.h"

namespace tiercel::bench {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string unpack(const std::string& packed) {
  ZSTD_DStream* const stream = ZSTD_createDStream();
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string text;
  std::vector<char> chunk(ZSTD_DStreamOutSize());
  while (in.pos < in.size) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    const std::size_t result = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(result) != 0U) {
      std::fprintf(stderr, "recorded events: %s\n", ZSTD_getErrorName(result));
      std::exit(1);
    }
    text.append(chunk.data(), out.pos);
  }
  ZSTD_freeDStream(stream);
  return text;
}

Body body_of(std::span<const std::string> events) {
  std::string text =
      R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)";
  for (std::size_t at = 0; at < events.size(); ++at) {
    if (at != 0) {
      text += ',';
    }
    text += events[at];
  }
  text += "]}\n";
  Body body;
  body.size = text.size();
  body.bytes.assign(text.begin(), text.end());
  body.bytes.resize(body.size + audit::kPadding);
  return body;
}

}  // namespace

std::vector<std::string> recorded_events() {
  const std::string text = unpack(read_file(std::string(TIERCEL_TEST_DATA) + "/bulk.jsonl.zst"));
  std::vector<std::string> events;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end != from) {
      events.push_back(text.substr(from, end - from));
    }
    from = end + 1;
  }
  return events;
}

std::vector<Body> bodies_of(const std::vector<std::string>& events, std::size_t events_per_body) {
  std::vector<Body> bodies;
  for (std::size_t from = 0; from < events.size(); from += events_per_body) {
    bodies.push_back(
        body_of(std::span(events).subspan(from, std::min(events_per_body, events.size() - from))));
  }
  return bodies;
}

std::vector<Body> recorded_bodies(std::size_t events_per_body) {
  return bodies_of(recorded_events(), events_per_body);
}

void number_ids(std::string& text, std::size_t number) {
  constexpr std::string_view kId = "\"auditID\":\"";
  constexpr std::size_t kDigits = 9;
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  for (std::size_t at = text.find(kId); at != std::string::npos; at = text.find(kId, at + 1)) {
    text.replace(at + kId.size(), digits.size(), digits);
  }
}

Sorted sorted_events() {
  EvaluateSink sink(shipped_rules(engine::Matching::kFirst));
  audit::BatchDecoder decoder;
  Sorted sorted;
  for (std::string& event : recorded_events()) {
    const std::vector<Body> body = bodies_of({event}, 1);
    const std::uint64_t before = sink.matches;
    decoder.decode(body.front().view(), audit::BatchForm::kBody, 0, sink);
    (sink.matches == before ? sorted.quiet : sorted.alerting).push_back(std::move(event));
  }
  if (sorted.alerting.empty()) {
    std::fputs("no rule matches any of the recorded events\n", stderr);
    std::exit(1);
  }
  return sorted;
}

std::vector<std::string> with_share(const Sorted& events, std::size_t percent) {
  std::vector<std::string> mixed = events.quiet;
  for (std::size_t at = 0; percent != 0 && at < mixed.size(); ++at) {
    if (at * percent % 100 < percent) {
      mixed[at] = events.alerting[at * percent / 100 % events.alerting.size()];
    }
  }
  return mixed;
}

std::string shipped_rules_text() {
  return read_file(std::string(TIERCEL_SOURCE_DIR) + "/rules/k8s_audit_rules.yaml");
}

std::shared_ptr<const engine::RuleSet> shipped_rules(engine::Matching matching) {
  engine::CompileOptions options;
  options.matching = matching;
  options.alerts.json_output = true;
  engine::LoadResult loaded =
      engine::load_rules({{"k8s_audit_rules.yaml", shipped_rules_text()}}, options);
  if (loaded.rule_set == nullptr) {
    std::fputs(base::to_text(loaded.diagnostics).c_str(), stderr);
    std::exit(1);
  }
  return loaded.rule_set;
}

Replayed replayed(const std::vector<Body>& bodies,
                  const std::shared_ptr<const engine::RuleSet>& rules) {
  pipeline::StreamState stream;
  pipeline::Scratch scratch({}, {}, stream, false);
  store::RecordBatch alerts;
  const pipeline::Scratch::OnBad on_bad = [](const audit::BadInput& bad) {
    std::fprintf(stderr, "a recorded body is refused: %s\n", bad.message.c_str());
    std::exit(1);
  };
  Replayed all;
  for (const Body& body : bodies) {
    alerts.bytes.clear();
    alerts.keys.clear();
    alerts.records.clear();
    (void)scratch.evaluate(body.view(), audit::BatchForm::kBody, 0, rules, alerts, on_bad);
    all.alerts += alerts.records.size();
    all.bytes += alerts.bytes.size();
  }
  return all;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values.empty()
             ? 0
             : values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string machine() {
  std::ifstream in("/proc/cpuinfo");
  std::string line;
  std::string name = "unknown processor";
  while (std::getline(in, line)) {
    if (line.starts_with("model name")) {
      name = line.substr(line.find(':') + 2);
      break;
    }
  }
  return name + ", " + TIERCEL_BUILD_TYPE + " build";
}

}  // namespace tiercel::bench
