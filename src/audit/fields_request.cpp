#include "field_table.h"
#include "member_path.h"

// ka.req.configmap.* and ka.req.service.*.

namespace tiercel::audit {

namespace {

// One element, the whole array: there is no array on the way for an index to select from.
base::Value service_ports(const FieldInput& input, base::Arena& arena) {
  static constexpr std::string_view kPath[] = {"spec", "ports"};
  return walk_list(input.event.member(Member::kRequestObject), kPath, input.argument.index,
                   Gaps::kSkip, arena, [&](Json ports) { return ports.text(arena); });
}

}  // namespace

void add_request_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kObjectRef, "name">>(
      "ka.req.configmap.name", kText, "Falco 0.13",
      "The same as ka.target.name, for any resource."));
  table.add(reads(
      FieldPart::kRequestObject,
      audit_field<text_at<Member::kRequestObject, "data">>(
          "ka.req.configmap.obj", kText, "Falco 0.13",
          "The member data of the request object as JSON, for any resource, Secrets included. The "
          "characters &, < and > appear as the API server writes them, escaped.")));
  table.add(
      reads(FieldPart::kRequestObject,
            audit_field<text_at<Member::kRequestObject, "spec", "type">>(
                "ka.req.service.type", kText, "Falco 0.13", "The type of a requested service.")));
  table.add(reads(FieldPart::kRequestObject, with_index(audit_field<service_ports>(
                                                 "ka.req.service.ports", kTextList, "Falco 0.13",
                                                 "The ports of a requested service: one element, "
                                                 "the whole array as JSON. An index changes "
                                                 "nothing."))));
}

}  // namespace tiercel::audit
