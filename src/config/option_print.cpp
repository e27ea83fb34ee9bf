#include "tiercel/config/schema.h"

#include "scalar.h"

namespace tiercel::config {

namespace {

using Write = std::string (*)(std::string_view);

std::string list_text(const std::vector<std::string>& texts, Write write) {
  std::string out = "[";
  for (std::size_t at = 0; at < texts.size(); ++at) {
    out += at == 0 ? "" : ", ";
    out += write(texts[at]);
  }
  return out + "]";
}

std::string pairs_text(const TextPairs& pairs, Write write) {
  std::string out = "{";
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    out += at == 0 ? "" : ", ";
    out += write(pairs[at].first) + ": " + write(pairs[at].second);
  }
  return out + "}";
}

// Writes the target's value; texts with `write`.
class ValueWriter {
 public:
  ValueWriter(Write write, bool bare_milliseconds, bool mostly_one)
      : write_(write), bare_milliseconds_(bare_milliseconds), mostly_one_(mostly_one) {}

  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::uint32_t* value) const { return std::to_string(*value); }
  std::string operator()(const std::string* value) const { return write_(*value); }
  std::string operator()(const base::ByteSize* value) const { return unit(base::to_text(*value)); }
  std::string operator()(const std::chrono::milliseconds* value) const {
    return bare_milliseconds_ ? std::to_string(value->count()) : unit(base::to_text(*value));
  }
  std::string operator()(const std::vector<std::string>* value) const {
    return mostly_one_ && value->size() == 1 ? write_(value->front()) : list_text(*value, write_);
  }
  std::string operator()(const TextPairs* value) const { return pairs_text(*value, write_); }
  std::string operator()(const Choice& choice) const { return write_(choice.names[choice.get()]); }
  std::string operator()(const Custom& custom) const { return custom.print(); }

 private:
  // "16MiB" needs no quotes in YAML, and has them in JSON.
  [[nodiscard]] std::string unit(const std::string& text) const {
    return write_ == &json_text ? json_text(text) : text;
  }

  Write write_;
  bool bare_milliseconds_;
  bool mostly_one_;
};

struct TypeNamer {
  std::string operator()(const bool* /*value*/) const { return "boolean"; }
  std::string operator()(const std::uint32_t* /*value*/) const { return "integer"; }
  std::string operator()(const std::string* /*value*/) const { return "text"; }
  std::string operator()(const base::ByteSize* /*value*/) const { return "size"; }
  std::string operator()(const std::chrono::milliseconds* /*value*/) const { return "duration"; }
  std::string operator()(const std::vector<std::string>* /*value*/) const {
    return "text or list of texts";
  }
  std::string operator()(const TextPairs* /*value*/) const { return "map of texts"; }
  std::string operator()(const Choice& choice) const {
    std::string out = "one of";
    for (std::size_t at = 0; at < choice.names.size(); ++at) {
      out += at == 0 ? " " : ", ";
      out += choice.names[at];
    }
    return out;
  }
  std::string operator()(const Custom& custom) const { return custom.type; }
};

}  // namespace

std::string Option::value_text() const {
  return std::visit(ValueWriter(&yaml_text, bare_milliseconds_, mostly_one_), target_);
}

std::string Option::value_json() const {
  return std::visit(ValueWriter(&json_text, bare_milliseconds_, mostly_one_), target_);
}

std::string Option::type_text() const {
  return bare_milliseconds_ ? "milliseconds, or a duration" : std::visit(TypeNamer{}, target_);
}

std::string Option::bound_text(std::uint64_t bound) const {
  if (std::holds_alternative<base::ByteSize*>(target_)) {
    return base::to_text(base::ByteSize{bound});
  }
  if (std::holds_alternative<std::chrono::milliseconds*>(target_)) {
    return base::to_text(std::chrono::milliseconds(bound));
  }
  return std::to_string(bound);
}

}  // namespace tiercel::config
