#include "alert_facts.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "tiercel/base/priority.h"
#include "tiercel/output/names.h"

namespace tiercel::output {

namespace {

constexpr std::array<std::pair<std::string_view, FactKind>, 10> kColumns{
    {{"rule", FactKind::kRule},
     {"tag", FactKind::kTag},
     {"tags", FactKind::kTag},
     {"priority", FactKind::kPriority},
     {"namespace", FactKind::kNamespace},
     {"user", FactKind::kUser},
     {"cluster", FactKind::kCluster},
     {"source", FactKind::kSource},
     {"apiserver", FactKind::kApiserver},
     {"rules_hash", FactKind::kRulesHash}}};

std::string element_text(const nlohmann::json& element) {
  if (element.is_string()) {
    return element.get<std::string>();
  }
  return element.is_null() ? std::string{}
                           : element.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A list gives its elements, everything else one text. AlertView bounds the depth.
std::vector<std::string> texts_of(std::string_view json) {
  if (json.starts_with('[')) {
    const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
    if (list.is_array()) {
      std::vector<std::string> texts;
      for (const nlohmann::json& element : list) {
        texts.push_back(element_text(element));
      }
      return texts;
    }
  }
  return {alert::json_value_text(json)};
}

}  // namespace

std::span<const std::string_view> column_names() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kColumns.size()> names{};
    for (std::size_t at = 0; at < names.size(); ++at) {
      names[at] = kColumns[at].first;
    }
    return names;
  }();
  return kNames;
}

Fact FieldNames::add(std::string_view name) {
  for (const auto& [column, kind] : kColumns) {
    if (column == name) {
      return {kind, 0};
    }
  }
  const std::size_t next = numbers_.size();
  return {FactKind::kField, numbers_.try_emplace(std::string(name), next).first->second};
}

std::optional<std::size_t> FieldNames::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional<std::size_t>(found->second);
}

const alert::AlertView* AlertFacts::view() {
  if (!is_parsed_) {
    is_parsed_ = true;
    view_ = alert::AlertView::parse(alert_.body);
  }
  return view_ ? &*view_ : nullptr;
}

std::string_view AlertFacts::column(FactKind kind) {
  switch (kind) {
    case FactKind::kRule:
      return alert_.rule;
    case FactKind::kPriority:
      return alert_.priority < base::kPriorityNames.size() ? base::kPriorityNames[alert_.priority]
                                                           : std::string_view{};
    case FactKind::kNamespace:
      return alert_.name_space;
    case FactKind::kUser:
      return alert_.user;
    case FactKind::kCluster:
      return alert_.cluster;
    case FactKind::kSource:
      if (source_.empty() && view() != nullptr) {
        source_ = alert::unescape_json(view_->source);
      }
      return source_;
    case FactKind::kApiserver:
      if (apiserver_.empty() && view() != nullptr) {
        apiserver_ = alert::unescape_json(view_->apiserver);
      }
      return apiserver_;
    case FactKind::kRulesHash:
      if (rules_hash_.empty() && view() != nullptr) {
        rules_hash_ = alert::unescape_json(view_->rules_hash);
      }
      return rules_hash_;
    case FactKind::kTag:
    case FactKind::kField:
      break;
  }
  return {};
}

const AlertFacts::Texts& AlertFacts::field(std::size_t number) {
  if (!has_fields_) {
    has_fields_ = true;
    fields_.resize(names_.size());
    if (view() != nullptr) {
      std::size_t missing = names_.size();
      view_->for_each_field([&](std::string_view name, std::string_view value) {
        const std::optional<std::size_t> wanted = names_.find(name);
        if (wanted && !fields_[*wanted] && value != "null") {
          fields_[*wanted] = texts_of(value);
          --missing;
        }
        return missing != 0;
      });
    }
  }
  return fields_[number];
}

std::optional<std::string> AlertFacts::text(Fact fact) {
  if (fact.kind == FactKind::kField) {
    const Texts& texts = field(fact.field);
    if (!texts) {
      return std::nullopt;
    }
    std::string out;
    for (std::size_t at = 0; at < texts->size(); ++at) {
      out += (at == 0 ? "" : ",") + (*texts)[at];
    }
    return out;
  }
  const std::string_view column_text =
      fact.kind == FactKind::kTag ? alert_.tags : column(fact.kind);
  return column_text.empty() ? std::nullopt : std::optional<std::string>(std::string(column_text));
}

}  // namespace tiercel::output
