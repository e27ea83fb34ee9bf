#include "weave_exceptions.h"

#include <string_view>

#include "comparison.h"

namespace tiercel::rules {

namespace {

// Writes one exception at the end of a condition.
class Weaver {
 public:
  Weaver(const ExceptionDefinition& exception, std::uint32_t scope, TracedText& out)
      : exception_(exception), scope_(scope), out_(out) {}

  void weave() {
    add(" and not ", exception_.origin);
    if (!exception_.is_list) {
      write_field(0);
      write_sequence(exception_.values, exception_.origin);
      return;
    }
    add("(", exception_.origin);
    for (std::size_t at = 0; at < exception_.values.size(); ++at) {
      if (at > 0) {
        add(" or ", exception_.values[at]->origin);
      }
      write_tuple(*exception_.values[at]);
    }
    add(")", exception_.origin);
  }

 private:
  void add(std::string_view text, Origin origin) {
    out_.append(text, {origin, scope_}, TracedText::Along::kAdded);
  }
  void write(std::string_view text, Origin origin) {
    out_.append(text, {origin, scope_}, TracedText::Along::kWritten);
  }

  void write_field(std::size_t at) {
    write(exception_.fields[at].text, exception_.fields[at].origin);
    add(" ", exception_.fields[at].origin);
    write(exception_.comparisons[at].text, exception_.comparisons[at].origin);
    add(" ", exception_.comparisons[at].origin);
  }

  void write_tuple(const Node& tuple) {
    add("(", tuple.origin);
    for (std::size_t at = 0; at < exception_.fields.size(); ++at) {
      if (at > 0) {
        add(" and ", tuple.items[at]->origin);
      }
      write_field(at);
      write_value(*tuple.items[at], exception_.comparisons[at].text);
    }
    add(")", tuple.origin);
  }

  void write_value(const Node& value, std::string_view comparison) {
    if (value.is_sequence()) {
      write_sequence(value.items, value.origin);
      return;
    }
    const auto parsed = parse_comparison(comparison);
    if (!parsed || !parsed->takes_list) {
      write_scalar(value);
    } else if (value.text.starts_with('(')) {
      write(value.text, value.origin);
    } else {
      add("(", value.origin);
      write(value.text, value.origin);
      add(")", value.origin);
    }
  }

  void write_sequence(const std::vector<NodePtr>& items, Origin origin) {
    add("(", origin);
    for (std::size_t at = 0; at < items.size(); ++at) {
      if (at > 0) {
        add(", ", items[at]->origin);
      }
      write_scalar(*items[at]);
    }
    add(")", origin);
  }

  void write_scalar(const Node& value) {
    const bool quote = value.text.find(' ') != std::string::npos && !value.text.starts_with('"') &&
                       !value.text.starts_with('\'');
    if (quote) {
      add("\"", value.origin);
    }
    write(value.text, value.origin);
    if (quote) {
      add("\"", value.origin);
    }
  }

  const ExceptionDefinition& exception_;
  std::uint32_t scope_;
  TracedText& out_;
};

}  // namespace

TracedText weave_exceptions(const RuleDefinition& rule, Scopes& scopes) {
  const TracedText condition = rule.condition.trimmed();
  TracedText out;
  for (const ExceptionDefinition& exception : rule.exceptions) {
    if (exception.values.empty()) {
      continue;
    }
    if (out.empty()) {
      out.append("(", condition.spot(0), TracedText::Along::kAdded);
      out.append(condition);
      out.append(")", condition.spot(condition.size()), TracedText::Along::kAdded);
    }
    const std::uint32_t scope =
        scopes.intern({labelled("exception", exception.name), 0, exception.origin});
    Weaver(exception, scope, out).weave();
  }
  return out.empty() ? condition : out;
}

}  // namespace tiercel::rules
