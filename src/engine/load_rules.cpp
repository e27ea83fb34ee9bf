#include <array>
#include <set>
#include <tuple>
#include <unordered_set>
#include <utility>

#include <malloc.h>
#include <openssl/sha.h>

#include "tiercel/condition/parser.h"
#include "tiercel/engine/rule_set.h"

#include "builder.h"

namespace tiercel::engine {

namespace {

// Names a rule set: the first half of a SHA-256, which nobody can make two rule sets of.
class Fingerprint {
 public:
  void add(std::string_view text) {
    // The length before it, so that "ab","c" is not "a","bc".
    text_ += std::to_string(text.size());
    text_ += ' ';
    text_ += text;
  }
  [[nodiscard]] std::string text() const {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), digest.data());
    std::string out;
    for (std::size_t at = 0; at < digest.size() / 2; ++at) {
      out.push_back(kHex[digest[at] >> 4U]);
      out.push_back(kHex[digest[at] & 0xFU]);
    }
    return out;
  }

 private:
  std::string text_;
};

std::vector<std::string> static_names(const CompileOptions& options) {
  std::vector<std::string> names;
  for (const auto& [name, value] : options.alerts.static_fields) {
    names.push_back(name);
  }
  return names;
}

rules::FieldProblem check_term(std::string_view text, std::span<const std::string> names) {
  const condition::TermPrefix prefix = condition::parse_term_prefix(text);
  if (prefix.length != text.size()) {
    return {"'" + std::string(text) + "' is no field and no transformer call", {}};
  }
  audit::FieldSet fields;
  alert::TermProblem problem;
  if (!alert::BoundTerm::bind(prefix.term, fields, names, problem)) {
    return {problem.message, problem.nearest};
  }
  return {};
}

// Adds what is new: each file is followed by a check of everything so far, which
// finds the same mistakes again.
class UniqueDiagnostics {
 public:
  void take(base::Diagnostics& from, base::Diagnostics& to) {
    for (const base::Diagnostic& diagnostic : from.list()) {
      if (seen_
              .emplace(diagnostic.location.file, diagnostic.location.line,
                       diagnostic.location.column, diagnostic.code, diagnostic.message)
              .second) {
        to.add(diagnostic);
      }
    }
    from = {};
  }

 private:
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string, std::string>> seen_;
};

// Everything that decides what a check of this rule says.
std::string check_key(const rules::ResolvedRule& rule) {
  std::string key = rule.name;
  key += '\0';
  key += rule.output;
  key += '\0';
  for (const std::string& tag : rule.tags) {
    key += tag + '\0';
  }
  key += rule.skip_if_unknown_filter ? "skip" : "keep";
  key += rule.condition == nullptr ? std::string{} : condition::to_text(*rule.condition);
  return key;
}

// 0 under a sanitizer, whose heap is another.
std::uint64_t heap_in_use() {
  const struct mallinfo2 heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

LoadResult load(const std::vector<rules::RulesFile>& files, const CompileOptions& options) {
  LoadResult result;
  Fingerprint fingerprint;
  const std::vector<std::string> names = static_names(options);
  rules::LoaderOptions loader_options;
  loader_options.check_term = [&names](std::string_view term) { return check_term(term, names); };
  loader_options.is_field = [](std::string_view text) {
    return audit::find_field(text) != nullptr;
  };
  rules::Loader loader(std::move(loader_options));
  const auto diagnose = [&loader](condition::Place place) { return loader.diagnose(place); };

  UniqueDiagnostics unique;
  base::Diagnostics found;
  std::unordered_set<std::string> checked;
  std::unordered_set<std::string> skipped;
  for (const rules::RulesFile& file : files) {
    fingerprint.add(file.content);
    loader.add_file(file.path, file.content, found);
    // As Falco, check everything collected so far, disabled rules included: a later
    // file cannot mend a mistake of an earlier one.
    Builder checker(options, diagnose);
    for (const rules::ResolvedRule& rule : loader.rules()) {
      std::string key = check_key(rule);
      if (!checked.contains(key)) {
        if (checker.add(rule, found) == Builder::Outcome::kSkipped) {
          skipped.insert(key);
        }
        checked.insert(std::move(key));
      }
    }
    unique.take(found, result.diagnostics);
  }
  loader.finish(found);
  unique.take(found, result.diagnostics);
  result.definitions = loader.definitions();
  result.required_engine_version = loader.required_engine_version();
  result.diagnostics.sort_by_place();
  if (result.diagnostics.has_errors()) {
    return result;
  }

  std::vector<rules::ResolvedRule> selected = loader.rules();
  rules::apply_selection(options.selection, selected);
  std::vector<const rules::ResolvedRule*> enabled;
  for (const rules::ResolvedRule& rule : selected) {
    if (rule.enabled && !skipped.contains(check_key(rule))) {
      enabled.push_back(&rule);
      fingerprint.add(rule.name);
    }
  }
  fingerprint.add(options.matching == Matching::kAll ? "all" : "first");
  CompileOptions named = options;
  named.alerts.rules_hash = fingerprint.text();
  Builder builder(named, diagnose);
  base::Diagnostics again;  // everything was reported above
  for (const rules::ResolvedRule* const rule : enabled) {
    (void)builder.add(*rule, again);
  }
  result.rule_set = builder.finish(std::move(selected), named.alerts.rules_hash);
  return result;
}

}  // namespace

LoadResult load_rules(const std::vector<rules::RulesFile>& files, const CompileOptions& options) {
  const std::uint64_t before = heap_in_use();
  LoadResult result = load(files, options);
  const std::uint64_t after = heap_in_use();
  if (result.rule_set != nullptr && after > before) {
    Builder::set_memory(*result.rule_set, after - before);
  }
  return result;
}

}  // namespace tiercel::engine
