#include "field_table.h"
#include "member_path.h"

// ka.* fields of the event itself: who asked for what, and what was answered.

namespace tiercel::audit {

namespace {

// Only where the request was about the pod itself, not its exec, attach or log.
base::Value target_pod_name(const FieldInput& input, base::Arena& arena) {
  const Json object = input.event.member(Member::kObjectRef);
  if (!is_text(object.member("resource"), "pods")) {
    return base::Value::absent();
  }
  const Json subresource = object.member("subresource");
  if (subresource.is_string() && !subresource.raw_string().empty()) {
    return base::Value::absent();
  }
  return text_at<Member::kResponseObject, "metadata", "name">(input, arena);
}

// Falco looks for the addresses among the rules of a role, where they never are.
base::Value source_ips(const FieldInput& input, base::Arena& arena) {
  static constexpr std::string_view kPath[] = {"rules", "sourceIPs"};
  ArenaList list(arena);
  walk(
      input.event.member(Member::kRequestObject), kPath, input.argument.index,
      [&](Json result) {
        if (result.is_array()) {
          result.for_each_element([&](Json element) { list.add(element.text(arena)); });
        }
      },
      [] {});
  return list.value();
}

base::Value last_source_ip(const FieldInput& input, base::Arena& arena) {
  const Json addresses = input.event.member(Member::kSourceIps);
  Json last;
  if (addresses.is_array()) {
    addresses.for_each_element([&](Json element) { last = element; });
  }
  return last.value(arena);
}

void add_basic_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kAuditId>>(
      "ka.auditid", kText, "Falco 0.13",
      "The audit id of the request. A client may choose it, and each stage of a request has the "
      "same."));
  table.add(audit_field<text_at<Member::kStage>>(
      "ka.stage", kText, "Falco 0.13",
      "The stage at which the event was made: RequestReceived, ResponseStarted, ResponseComplete "
      "or Panic."));
  table.add(audit_field<text_at<Member::kLevel>>(
      "ka.level", kText, kSinceOurs,
      "The audit level of the event: Metadata, Request or RequestResponse. It tells which bodies "
      "can be read."));
  table.add(audit_field<text_at<Member::kVerb>>(
      "ka.verb", kText, "Falco 0.13",
      "The verb of the request, such as get, create, patch or delete. It can be the empty text."));
  table.add(audit_field<text_at<Member::kStageTimestamp>>(
      "ka.time.stage", kText, kSinceOurs,
      "The time at which this stage was reached, as the API server wrote it."));
  table.add(audit_field<text_at<Member::kRequestReceivedTimestamp>>(
      "ka.time.received", kText, kSinceOurs,
      "The time at which the request reached the API server, as it wrote it."));
}

// DIFFERS FROM FALCO: there an event has no cluster but the one in its annotation, which whoever
// posts can write.
base::Value cluster_name(const FieldInput& input, base::Arena& arena) {
  const bool is_known = !input.context.cluster.empty();
  if (is_known && input.context.cluster_is_proved) {
    return base::Value::text(input.context.cluster);
  }
  const base::Value annotated = text_at<Member::kAnnotations, "cluster_name">(input, arena);
  return annotated.is_absent() && is_known ? base::Value::text(input.context.cluster) : annotated;
}

void add_annotation_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kAnnotations, "authorization.k8s.io/decision">>(
      "ka.auth.decision", kText, "Falco 0.13",
      "The authorization decision, allow or forbid, from the event's annotations."));
  table.add(audit_field<text_at<Member::kAnnotations, "authorization.k8s.io/reason">>(
      "ka.auth.reason", kText, "Falco 0.13",
      "The reason for the authorization decision. It is often the empty text."));
  table.add(audit_field<text_at<Member::kAnnotations, "authentication.openshift.io/decision">>(
      "ka.auth.openshift.decision", kText, "k8saudit 0.10",
      "The authentication decision that OpenShift annotates."));
  table.add(audit_field<text_at<Member::kAnnotations, "authentication.openshift.io/username">>(
      "ka.auth.openshift.username", kText, "k8saudit 0.10",
      "The user name of a login that OpenShift annotates."));
  table.add(audit_field<
            text_at<Member::kAnnotations, "validation.policy.admission.k8s.io/validation_failure">>(
      "ka.validations.admission.policy.failure", kText, "k8saudit 0.13",
      "The failures of validating admission policies, a JSON text."));
  table.add(
      audit_field<text_at<Member::kAnnotations, "pod-security.kubernetes.io/audit-violations">>(
          "ka.security.pod.violations", kText, "k8saudit 0.14",
          "What in the pod violates the audited pod security standard."));
  table.add(audit_field<cluster_name>(
      "ka.cluster.name", kText, "k8saudit 0.10",
      "The name of the token or certificate that the event came with; else the annotation "
      "cluster_name, which some forwarders add and the API server never writes; else the name "
      "behind the path."));
  table.add(with_key(audit_field<keyed_text_at<Member::kAnnotations>>(
      "ka.annotation", kText, kSinceOurs, "The annotation of the event that has this key.")));
}

void add_user_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kUser, "username">>(
      "ka.user.name", kText, "Falco 0.13", "The name of the user who sent the request."));
  table.add(audit_field<texts_at<Member::kUser, "groups">>(
      "ka.user.groups", kTextList, "Falco 0.13", "The groups of the user."));
  table.add(audit_field<text_at<Member::kUser, "uid">>("ka.user.uid", kText, kSinceOurs,
                                                       "The unique id of the user."));
  table.add(with_key(audit_field<keyed_texts_at<Member::kUser, "extra">>(
      "ka.user.extra", kTextList, kSinceOurs,
      "The values that the authenticator attached to the user under this key.")));
  table.add(audit_field<text_at<Member::kImpersonatedUser, "username">>(
      "ka.impuser.name", kText, "Falco 0.13", "The name of the user who is impersonated."));
  table.add(audit_field<texts_at<Member::kImpersonatedUser, "groups">>(
      "ka.impuser.groups", kTextList, kSinceOurs, "The groups of the impersonated user."));
  table.add(audit_field<text_at<Member::kImpersonatedUser, "uid">>(
      "ka.impuser.uid", kText, kSinceOurs, "The unique id of the impersonated user."));
  table.add(with_key(audit_field<keyed_texts_at<Member::kImpersonatedUser, "extra">>(
      "ka.impuser.extra", kTextList, kSinceOurs,
      "The values that the impersonated user has under this key.")));
}

void add_target_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kObjectRef, "name">>(
      "ka.target.name", kText, "Falco 0.13",
      "The name of the object asked for. Absent where the request names none: lists, watches, "
      "creates by generateName."));
  table.add(audit_field<text_at<Member::kObjectRef, "namespace">>(
      "ka.target.namespace", kText, "Falco 0.13", "The namespace of the object asked for."));
  table.add(audit_field<text_at<Member::kObjectRef, "resource">>(
      "ka.target.resource", kText, "Falco 0.13",
      "The resource asked for, in the plural, such as pods."));
  table.add(audit_field<text_at<Member::kObjectRef, "subresource">>(
      "ka.target.subresource", kText, "Falco 0.13",
      "The subresource asked for, such as exec, log or status."));
  table.add(audit_field<text_at<Member::kObjectRef, "apiGroup">>(
      "ka.target.apigroup", kText, kSinceOurs,
      "The API group of the resource. Absent for the core group."));
  table.add(audit_field<text_at<Member::kObjectRef, "apiVersion">>(
      "ka.target.apiversion", kText, kSinceOurs, "The API version of the resource, such as v1."));
  table.add(audit_field<text_at<Member::kObjectRef, "uid">>(
      "ka.target.uid", kText, kSinceOurs, "The unique id of the object asked for."));
  table.add(audit_field<text_at<Member::kObjectRef, "resourceVersion">>(
      "ka.target.resourceversion", kText, kSinceOurs,
      "The resource version that the request names."));
  table.add(
      reads(FieldPart::kResponseObject,
            audit_field<target_pod_name>(
                "ka.target.pod.name", kText, "k8saudit 0.10",
                "The name of the pod in the response to a request about the pod itself. Absent for "
                "exec and "
                "attach, and where the policy logs no response; ka.target.name has it there.")));
}

void add_response_fields(FieldTable& table) {
  table.add(
      reads(FieldPart::kResponseObject,
            audit_field<text_at<Member::kResponseObject, "metadata", "name">>(
                "ka.resp.name", kText, "Falco 0.13", "The name of the object in the response.")));
  table.add(audit_field<text_at<Member::kResponseStatus, "code">>(
      "ka.response.code", kText, "Falco 0.13", "The HTTP status code of the response, as text."));
  table.add(audit_field<text_at<Member::kResponseStatus, "reason">>(
      "ka.response.reason", kText, "Falco 0.13",
      "The reason of the response's status, such as Forbidden."));
  table.add(audit_field<text_at<Member::kResponseStatus, "status">>(
      "ka.response.status", kText, kSinceOurs, "The status of the response, Success or Failure."));
  table.add(audit_field<text_at<Member::kResponseStatus, "message">>(
      "ka.response.message", kText, kSinceOurs, "The message of the response's status."));
}

void add_client_fields(FieldTable& table) {
  table.add(audit_field<text_at<Member::kUserAgent>>(
      "ka.useragent", kText, "Falco 0.16",
      "What the client says it is. Any client can say anything."));
  table.add(reads(
      FieldPart::kRequestObject,
      with_index(audit_field<source_ips>(
          "ka.sourceips", kTextList, "k8saudit 0.4",
          "Absent on every real event, since Falco looks for the addresses in the wrong place. "
          "ka.sourceips.last and jevt.value[/sourceIPs/0] work."))));
  table.add(audit_field<last_source_ip>(
      "ka.sourceips.last", kText, kSinceOurs,
      "The last source address: the peer that the API server saw, the only one that the client "
      "cannot choose."));
}

}  // namespace

void add_event_fields(FieldTable& table) {
  add_basic_fields(table);
  add_annotation_fields(table);
  add_user_fields(table);
  add_target_fields(table);
  add_response_fields(table);
  add_client_fields(table);
}

}  // namespace tiercel::audit
