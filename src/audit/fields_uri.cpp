#include "field_table.h"
#include "member_path.h"
#include "request_uri.h"

namespace tiercel::audit {

namespace {

base::Value uri_parameter(const FieldInput& input, base::Arena& arena) {
  const Json uri = input.event.member(Member::kRequestUri);
  if (!uri.exists()) {
    return base::Value::absent();
  }
  const auto query = uri_query(whole_text(uri, arena));
  if (!query) {
    return base::Value::absent();
  }
  const auto value = query_parameter(*query, input.argument.text, arena);
  return value ? base::Value::text(cut_at_nul(*value)) : base::Value::absent();
}

}  // namespace

void add_uri_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kRequestUri>>(
      "ka.uri", kText, "Falco 0.13", "The request URI as the client sent it, not decoded."));
  table.add(with_key(audit_field<uri_parameter>(
      "ka.uri.param", kText, "Falco 0.13",
      "The decoded value of the first query parameter of this name. Later ones of the same name, "
      "such as the words of a command, are in ka.uri only.")));
}

}  // namespace tiercel::audit
