#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tiercel/engine/rule_set.h"
#include "tiercel/source/batch.h"
#include "tiercel/store/alert_store.h"

namespace tiercel::pipeline {

/// A store that keeps what it is given and answers as it was told to.
class FakeStore final : public store::AlertStore {
 public:
  void append(store::RecordBatch batch, Completion completion) override {
    {
      const std::lock_guard lock(mutex_);
      for (const store::Record& record : batch.records) {
        lines_.emplace_back(batch.line(record));
        if (answer == store::AppendResult::kStored) {
          stored_.emplace_back(batch.line(record));
        }
      }
      positions_.insert(positions_.end(), batch.positions.begin(), batch.positions.end());
    }
    if (!is_silent) {
      completion(answer);
    }
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// Those of the lines that were answered with kStored.
  std::vector<std::string> stored() {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  std::vector<store::SourcePosition> positions() {
    const std::lock_guard lock(mutex_);
    return positions_;
  }

  store::AppendResult answer = store::AppendResult::kStored;
  bool is_silent = false;

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::vector<std::string> stored_;
  std::vector<store::SourcePosition> positions_;
};

inline std::shared_ptr<const engine::RuleSet> rules_of(const std::string& yaml,
                                                       engine::CompileOptions options = {}) {
  engine::LoadResult loaded = engine::load_rules({{"test.yaml", yaml}}, options);
  if (loaded.rule_set == nullptr) {
    throw std::runtime_error(base::to_text(loaded.diagnostics));
  }
  return loaded.rule_set;
}

/// Rules of a condition and an output each, named r1, r2, …
inline std::string yaml_of(const std::vector<std::pair<std::string, std::string>>& rules) {
  std::string out;
  int number = 0;
  for (const auto& [condition, output] : rules) {
    out += "- rule: r" + std::to_string(++number) + "\n  desc: d\n  priority: WARNING\n" +
           "  source: k8s_audit\n  condition: " + condition + "\n  output: \"" + output + "\"\n";
  }
  return out;
}

inline std::string event(const std::string& id, const std::string& verb) {
  return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":")" + id +
         R"(","stage":"ResponseComplete","verb":")" + verb +
         R"(","stageTimestamp":"2026-01-02T03:04:05.5Z","user":{"username":"alice"}})";
}

inline std::string list_of(const std::vector<std::string>& items) {
  std::string out = R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[)";
  for (std::size_t at = 0; at < items.size(); ++at) {
    out += (at == 0 ? "" : ",") + items[at];
  }
  return out + "]}";
}

inline source::Batch batch_of(const std::string& body) {
  source::Batch batch;
  batch.bytes.assign(body.begin(), body.end());
  batch.bytes.resize(body.size() + audit::kPadding);
  batch.size = body.size();
  batch.arrival = 1'767'323'099'000'000'000;
  batch.source = "webhook";
  batch.peer = "192.0.2.7";
  return batch;
}

}  // namespace tiercel::pipeline
