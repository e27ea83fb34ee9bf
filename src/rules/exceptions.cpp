#include "exceptions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "comparison.h"

namespace tiercel::rules {

namespace {

constexpr std::array<std::string_view, 4> kKeys{"name", "fields", "comps", "values"};

std::vector<PlacedText> texts_of(const Node& node) {
  std::vector<PlacedText> texts;
  if (node.is_scalar()) {
    texts.push_back({node.text, node.origin});
  }
  for (const NodePtr& item : node.items) {
    texts.push_back({item->text, item->origin});
  }
  return texts;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

void ExceptionReader::report(Code code, Origin origin, std::string message, Reporter::Texts notes) {
  Reporter::Texts within = item_.within();
  if (!label_.empty()) {
    within.push_back(label_);
  }
  Item entry(nullptr, reporter_, std::move(within));
  entry.report(code, origin, std::move(message), std::move(notes));
  if (entry.failed()) {
    item_.fail();
  }
}

bool ExceptionReader::check_texts(const Member* member) {
  if (member == nullptr) {
    return true;
  }
  const auto check = [&](const Node& node) {
    if (node.is_scalar() && !node.text.empty()) {
      return true;
    }
    const bool nothing = node.is_null() || node.is_scalar();
    report(nothing ? Code::kEmptyValue : Code::kWrongShape,
           node.is_null() ? member->key_origin : node.origin,
           "'" + member->key + "' must be a text or a sequence of texts that are not empty");
    return false;
  };
  if (!member->value->is_sequence()) {
    return check(*member->value);
  }
  bool good = true;
  for (const NodePtr& item : member->value->items) {
    good = check(*item) && good;
  }
  return good;
}

// NOLINTNEXTLINE(misc-no-recursion): three levels.
bool ExceptionReader::check_value(const Node& value, int depth) {
  if (value.is_sequence() && depth < 2) {
    bool good = true;
    for (const NodePtr& item : value.items) {
      good = check_value(*item, depth + 1) && good;
    }
    return good;
  }
  if (value.is_scalar() && !value.text.empty()) {
    return true;
  }
  const bool nothing = value.is_null() || value.is_scalar();
  report(
      nothing ? Code::kEmptyValue : Code::kWrongShape, value.origin,
      nothing
          ? "a value must not be empty"
          : "a value must be a text or a sequence of texts, not " + std::string(kind_name(value)),
      nothing ? Reporter::Texts{"to compare with the empty text write '\"\"'"} : Reporter::Texts{});
  return false;
}

bool ExceptionReader::check_values(const Member* member, NodePtr& values) {
  if (member == nullptr) {
    return true;
  }
  if (!member->value->is_sequence()) {
    report(member->value->is_null() ? Code::kEmptyValue : Code::kWrongShape,
           member->value->is_null() ? member->key_origin : member->value->origin,
           "'values' must be a sequence");
    return false;
  }
  values = member->value;
  bool good = true;
  for (const NodePtr& value : values->items) {
    good = check_value(*value, 0) && good;
  }
  return good;
}

bool ExceptionReader::read_entry(const NodePtr& node, Entry& entry) {
  label_.clear();
  if (!node->is_map()) {
    report(Code::kWrongShape, node->origin,
           "an exception must be a map with name and fields, not " + std::string(kind_name(*node)));
    return false;
  }
  Item map(node, reporter_, item_.within());
  map.require({"name"});
  const NodePtr name = map.text("name");
  if (name != nullptr) {
    entry.name = name->text;
    entry.origin = name->origin;
    label_ = labelled("exception", entry.name);
  }
  for (const Member& member : node->members) {
    if (std::find(kKeys.begin(), kKeys.end(), member.key) == kKeys.end()) {
      report(Code::kUnknownExceptionKey, member.key_origin,
             "unknown key '" + member.key + "'; it is ignored",
             suggestion(member.key, {kKeys.begin(), kKeys.end()}));
    }
  }
  entry.fields = node->find("fields");
  entry.comparisons = node->find("comps");
  bool good = check_texts(entry.fields);
  good = check_texts(entry.comparisons) && good;
  good = check_values(node->find("values"), entry.values) && good;
  if (map.failed()) {
    item_.fail();
  }
  return good && name != nullptr;
}

void ExceptionReader::check_fields(const ExceptionDefinition& exception) {
  if (!check_fields_ || options_.check_term == nullptr) {
    return;
  }
  for (const PlacedText& field : exception.fields) {
    const FieldProblem problem = options_.check_term(field.text);
    if (!problem.message.empty()) {
      Reporter::Texts notes;
      if (!problem.nearest.empty()) {
        notes.push_back("did you mean " + problem.nearest + "?");
      }
      report(Code::kExceptionUnknownField, field.origin, problem.message, std::move(notes));
    }
  }
}

void ExceptionReader::check_comparison(const PlacedText& comparison, bool is_list) {
  const std::optional<Comparison> parsed = parse_comparison(comparison.text);
  if (!parsed) {
    report(Code::kExceptionComparison, comparison.origin,
           "'" + comparison.text + "' is no operator that compares with values",
           suggest_operator(comparison.text));
  } else if (!is_list && !parsed->takes_list) {
    report(Code::kExceptionComparison, comparison.origin,
           "where 'fields' is a single field, 'comps' must be in, intersects, pmatch or an "
           "operator with a modifier, such as 'startswith oneof'",
           {"or write 'fields' and 'comps' as sequences and each value as a sequence"});
  }
}

void ExceptionReader::set_comparisons(const Entry& entry, ExceptionDefinition& exception) {
  if (entry.comparisons == nullptr) {
    const char* const standard = exception.is_list ? "=" : "in";
    for (const PlacedText& field : exception.fields) {
      exception.comparisons.push_back({standard, field.origin});
    }
    return;
  }
  const Node& comparisons = *entry.comparisons->value;
  exception.comparisons = texts_of(comparisons);
  if (comparisons.is_sequence() != exception.is_list) {
    report(Code::kExceptionComparison, comparisons.origin,
           exception.is_list ? "'fields' is a sequence, so 'comps' must be one too"
                             : "'fields' is a single field, so 'comps' must be a single operator");
    return;
  }
  if (exception.comparisons.size() != exception.fields.size()) {
    report(Code::kExceptionComparison, comparisons.origin,
           count_of(exception.fields.size(), "field") + " and " +
               count_of(exception.comparisons.size(), "comparison") +
               ": there must be one for each field");
  }
  for (PlacedText& comparison : exception.comparisons) {
    comparison.text = trim(comparison.text);
    check_comparison(comparison, exception.is_list);
  }
}

void ExceptionReader::check_tuples(const ExceptionDefinition& exception, const Node& values) {
  for (const NodePtr& value : values.items) {
    if (!exception.is_list) {
      if (value->is_sequence()) {
        report(Code::kExceptionValues, value->origin,
               "'fields' is a single field, so each value must be a single text");
      }
    } else if (!value->is_sequence()) {
      report(Code::kExceptionValues, value->origin,
             "'fields' is a sequence, so each value must be a sequence with one entry a field",
             {"write '- [" + value->text + "]'"});
    } else if (value->items.size() != exception.fields.size()) {
      report(Code::kExceptionValues, value->origin,
             count_of(exception.fields.size(), "field") + ", but this has " +
                 count_of(value->items.size(), "value"));
    }
  }
}

ExceptionDefinition ExceptionReader::make(const Entry& entry) {
  ExceptionDefinition exception;
  exception.name = entry.name;
  exception.origin = entry.origin;
  exception.is_list = entry.fields->value->is_sequence();
  exception.fields = texts_of(*entry.fields->value);
  if (exception.fields.empty()) {
    report(Code::kExceptionFields, entry.fields->value->origin, "'fields' must not be empty");
    return exception;
  }
  check_fields(exception);
  set_comparisons(entry, exception);
  if (entry.values != nullptr) {
    check_tuples(exception, *entry.values);
    exception.values = entry.values->items;
  }
  return exception;
}

std::vector<ExceptionDefinition> ExceptionReader::read_all(const Node& sequence) {
  std::vector<ExceptionDefinition> exceptions;
  std::unordered_set<std::string> names;
  for (const NodePtr& node : sequence.items) {
    Entry entry;
    const bool good = read_entry(node, entry);
    if (node->is_map() && entry.fields == nullptr) {
      report(Code::kMissingKey, node->origin, "missing: 'fields'");
      continue;
    }
    if (!good) {
      continue;
    }
    if (!names.insert(entry.name).second) {
      report(Code::kExceptionNameTwice, entry.origin,
             "another exception of the rule has this name; both apply");
    }
    exceptions.push_back(make(entry));
  }
  return exceptions;
}

void ExceptionReader::append_to(std::vector<ExceptionDefinition>& exceptions,
                                const Node& sequence) {
  for (const NodePtr& node : sequence.items) {
    Entry entry;
    if (!read_entry(node, entry)) {
      continue;
    }
    const bool has_values = entry.values != nullptr && !entry.values->items.empty();
    const auto known =
        std::find_if(exceptions.begin(), exceptions.end(),
                     [&](const ExceptionDefinition& other) { return other.name == entry.name; });
    if (known == exceptions.end()) {
      if (entry.fields == nullptr || entry.values == nullptr) {
        report(Code::kExceptionFields, node->origin,
               "the rule has no exception of this name, and a new one needs 'fields' and 'values'");
      } else {
        exceptions.push_back(make(entry));
      }
      continue;
    }
    for (const Member* member : {entry.fields, entry.comparisons}) {
      if (member != nullptr) {
        report(Code::kExceptionRedefined, member->key_origin,
               "the rule has this exception already; only 'values' can be added to it",
               {"remove '" + member->key + "', or choose another name"});
      }
    }
    if (!has_values) {
      report(Code::kExceptionWithoutValues, entry.origin,
             "no values to add; the exception is left as it is");
      continue;
    }
    check_tuples(*known, *entry.values);
    known->values.insert(known->values.end(), entry.values->items.begin(),
                         entry.values->items.end());
  }
}

}  // namespace tiercel::rules
