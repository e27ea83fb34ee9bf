#include <algorithm>

#include "tiercel/base/nearest.h"

#include "families.h"

namespace tiercel::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMostOutputs = 100;

std::vector<NamedValue<base::Priority>> priorities() {
  std::vector<NamedValue<base::Priority>> values;
  static constexpr std::array<std::string_view, 8> kNames{
      "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"};
  for (std::size_t at = 0; at < kNames.size(); ++at) {
    values.push_back({kNames[at], static_cast<base::Priority>(at)});
  }
  values.push_back({"info", base::Priority::kInformational});
  return values;
}

void describe_retries(Section<DeliverySettings>& s) {
  s.option("retry_min", &DeliverySettings::retry_min,
           "Pause after the first failed delivery; each further one doubles it.")
      .between(milliseconds(10), hours(1));
  s.option("retry_max", &DeliverySettings::retry_max,
           "Longest pause between two tries, unless the peer asks for more.")
      .between(milliseconds(10), hours(24));
  s.option("breaker_failures", &DeliverySettings::breaker_failures,
           "After so many failures in a row one alert at a time is tried, breaker_pause apart, "
           "until one is taken; 0: never.")
      .between(0, 1000);
  s.option("breaker_pause", &DeliverySettings::breaker_pause,
           "Pause between tries while the circuit breaker is open.")
      .between(milliseconds(10), hours(1));
  s.option("max_age", &DeliverySettings::max_age,
           "An alert that could not be delivered for so long goes to the dead letters; 0s: it is "
           "tried as long as the store keeps it.")
      .between(seconds(0), hours(24 * 365));
}

// The options that every kind shares.
void describe_delivery(Schema& schema, NamedOutput& output) {
  Section<DeliverySettings> s(schema, output.section, output.delivery);
  using Format = DeliverySettings::Format;
  s.choice<Format>(
      "format", &DeliverySettings::format,
      {{"default", Format::kDefault}, {"json", Format::kJson}, {"text", Format::kText}},
      "What a line is: JSON, text, or by default what json_output says (outputs that "
      "exist beside Falco's: JSON).");
  s.choice_any_case<base::Priority>("minimum_priority", &DeliverySettings::minimum_priority,
                                    priorities(), "Alerts below this priority are left out here.");
  s.option("batch_alerts", &DeliverySettings::batch_alerts,
           "Most alerts of one delivery; a kind may take fewer.")
      .between(1, 10'000);
  s.option("batch_size", &DeliverySettings::batch_size, "Most bytes of one delivery.")
      .between(base::ByteSize{1024}, base::ByteSize{std::uint64_t{64} << 20U});
  s.option("batch_wait", &DeliverySettings::batch_wait,
           "How long to wait for further alerts before a delivery that is not full.")
      .between(seconds(0), minutes(10));
  describe_retries(s);
}

void describe_output(Schema& schema, const OutputKind& kind, NamedOutput& output) {
  Section<NamedOutput> s(schema, output.section, output, kind.doc);
  if (output.section == kind.falco_section) {
    Option& enabled = s.option("enabled", &NamedOutput::enabled, "Deliver alerts to this output.");
    if (kind.name == "stdout") {
      enabled.in_reference("true");
    }
  } else {
    // The kind has been read already: it decides what the other options are.
    Custom type;
    type.type = "text";
    type.json_schema = "{\"const\": \"" + kind.name + "\"}";
    type.read = [](const Node&, Reporter&) {};
    type.print = [name = kind.name] { return "\"" + name + "\""; };
    s.custom("type", std::move(type), "The kind of output.");
    // The reference can be loaded as it is and sends nothing anywhere.
    s.option("enabled", &NamedOutput::enabled, "Deliver alerts to this output.")
        .in_reference("false");
  }
  kind.describe(schema, output.section, output.options.get());
  describe_delivery(schema, output);
}

// An entry whose kind is not known: its options are taken without a word, the mistake has
// been reported.
void swallow(Schema& schema, const NamedOutput& output) {
  Custom all;
  all.type = "map";
  all.json_schema = "{}";
  all.read = [](const Node&, Reporter&) {};
  all.print = [] { return "null"; };
  schema.add(output.section, Target(std::move(all)), "An output of no known kind.");
}

std::string kind_names(const OutputKinds& kinds) {
  std::string names;
  for (const OutputKind& kind : kinds) {
    names += names.empty() ? kind.name : ", " + kind.name;
  }
  return names;
}

bool is_good_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

// The kind that an entry of `outputs` names, or null after a report.
const OutputKind* kind_of(const Member& entry, const OutputSettings& outputs, Reporter& reporter) {
  const Node* const type = entry.value.find("type");
  if (type == nullptr || !type->is_scalar()) {
    reporter.error(Code::kBadValue, type == nullptr ? entry.place : type->place,
                   "'outputs." + entry.key + "' does not say what kind of output it is",
                   {"write type: with one of " + kind_names(*outputs.kinds)});
    return nullptr;
  }
  const OutputKind* const kind = outputs.find_kind(type->text);
  if (kind == nullptr) {
    std::vector<std::string_view> known;
    for (const OutputKind& one : *outputs.kinds) {
      known.push_back(one.name);
    }
    const std::string_view near = base::nearest_name(type->text, known);
    reporter.error(Code::kBadValue, type->place, "there is no kind of output '" + type->text + "'",
                   {near.empty() ? "there are " + kind_names(*outputs.kinds)
                                 : "did you mean '" + std::string(near) + "'?"});
  }
  return kind;
}

bool is_taken(const OutputSettings& outputs, std::string_view name) {
  return std::any_of(outputs.list.begin(), outputs.list.end(),
                     [name](const NamedOutput& output) { return output.name == name; });
}

void find_named_output(const Member& entry, const Document& document, OutputSettings& outputs,
                       Reporter& reporter) {
  NamedOutput output;
  output.name = entry.key;
  output.section = "outputs." + entry.key;
  output.location = document.sources.locate(entry.place);
  if (!is_good_name(entry.key)) {
    reporter.error(Code::kBadValue, entry.place, "'" + entry.key + "' is no name for an output",
                   {"use lower-case letters, digits, '_' and '-', 64 at most"});
  } else if (is_taken(outputs, entry.key)) {
    reporter.error(Code::kConflict, entry.place,
                   "an output named '" + entry.key + "' exists already",
                   {"Falco's sections make outputs named after their kind; choose another name"});
  } else if (const OutputKind* const kind = kind_of(entry, outputs, reporter)) {
    output.kind = kind->name;
    output.enabled = true;
    output.options = kind->new_options();
  }
  outputs.list.push_back(std::move(output));
}

}  // namespace

void OutputSettings::use_kinds(std::shared_ptr<const OutputKinds> given) {
  kinds = std::move(given);
  list.clear();
  for (const OutputKind& kind : *kinds) {
    if (!kind.falco_section.empty()) {
      NamedOutput output;
      output.name = kind.name;
      output.kind = kind.name;
      output.section = kind.falco_section;
      output.options = kind.new_options();
      list.push_back(std::move(output));
    }
  }
}

const OutputKind* OutputSettings::find_kind(std::string_view name) const {
  const auto kind = std::find_if(kinds->begin(), kinds->end(),
                                 [name](const OutputKind& one) { return one.name == name; });
  return kind == kinds->end() ? nullptr : &*kind;
}

void find_named_outputs(const Document& document, Settings& settings, Reporter& reporter) {
  const Node* const outputs = document.root.find("outputs");
  if (outputs == nullptr || !outputs->is_map()) {
    return;  // the reader says what is wrong with it
  }
  for (const Member& entry : outputs->members) {
    // Numbers stand there in a falco.yaml of old (outputs.rate).
    if (!entry.value.is_map()) {
      continue;
    }
    if (settings.outputs.list.size() >= kMostOutputs) {
      reporter.error(Code::kBadValue, entry.place, "there are more than 100 outputs");
      return;
    }
    find_named_output(entry, document, settings.outputs, reporter);
  }
}

void describe_outputs(Schema& schema, Settings& settings) {
  schema.set_live(true);
  for (NamedOutput& output : settings.outputs.list) {
    if (const OutputKind* const kind = settings.outputs.find_kind(output.kind)) {
      describe_output(schema, *kind, output);
    } else {
      swallow(schema, output);
    }
  }
  Section<OutputSettings> s(schema, "", settings.outputs);
  s.option("output_timeout", &OutputSettings::timeout,
           "An output that takes longer for a delivery is reported in the log; the delivery goes "
           "on.")
      .between(milliseconds(1), minutes(10))
      .bare_milliseconds();
  schema.set_live(false);
}

}  // namespace tiercel::config
