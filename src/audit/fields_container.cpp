#include "field_table.h"
#include "image_name.h"
#include "member_path.h"

// ka.req.container.* and ka.req.volume.*: deprecated in Falco since 0.18, but there.

namespace tiercel::audit {

namespace {

constexpr std::string_view kImagePath[] = {"spec", "containers", "image"};
constexpr std::string_view kPrivilegedPath[] = {"spec", "containers", "securityContext",
                                                "privileged"};
constexpr std::string_view kHostPath[] = {"spec", "volumes", "hostPath", "path"};

// Of the first container only.
base::Value first_image(const FieldInput& input, base::Arena& arena) {
  base::Value image;
  walk(
      input.event.member(Member::kRequestObject), kImagePath, 0,
      [&](Json result) { image = result.value(arena); }, [] {});
  return image;
}

base::Value first_repository(const FieldInput& input, base::Arena& arena) {
  const base::Value image = first_image(input, arena);
  return image.is_absent() ? image : base::Value::text(image_repository(image.as_text()));
}

base::Value any_privileged(const FieldInput& input, base::Arena& /*arena*/) {
  bool any = false;
  const bool reached = walk(
      input.event.member(Member::kRequestObject), kPrivilegedPath, std::nullopt,
      [&](Json flag) { any = any || flag.kind() == Json::Kind::kTrue; }, [] {});
  return reached ? base::Value::text(any ? "true" : "false") : base::Value::absent();
}

// DIFFERS FROM FALCO: an empty argument crashes Falco when there are volumes; here it
// equals no path, so the answer is false.
base::Value mounts_host_path(const FieldInput& input, base::Arena& arena) {
  const std::string_view wanted = input.argument.text;
  const bool prefix = wanted.ends_with('*');
  const std::string_view start = prefix ? wanted.substr(0, wanted.size() - 1) : wanted;
  bool any = false;
  const bool reached = walk(
      input.event.member(Member::kRequestObject), kHostPath, std::nullopt,
      [&](Json result) {
        const std::string_view path = whole_text(result, arena);
        any = any || (!wanted.empty() && (path == wanted || (prefix && path.starts_with(start))));
      },
      [] {});
  return reached ? base::Value::text(any ? "true" : "false") : base::Value::absent();
}

}  // namespace

void add_container_fields(FieldTable& table) {
  table.add(reads(
      FieldPart::kRequestObject,
      audit_field<first_image>(
          "ka.req.container.image", kText, "Falco 0.13",
          "The image of the first container; deprecated. ka.req.pod.containers.image has all.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<first_repository>(
                      "ka.req.container.image.repository", kText, "Falco 0.13",
                      "The repository of the image of the first container; deprecated.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<any_privileged>(
                      "ka.req.container.privileged", kText, "Falco 0.13",
                      "The text true if any container is privileged, else false; deprecated.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<text_at<Member::kRequestObject, "spec", "hostNetwork">>(
                      "ka.req.container.host_network", kText, "Falco 0.13",
                      "The same as ka.req.pod.host_network; deprecated.")));
  table.add(reads(FieldPart::kRequestObject, with_key(audit_field<mounts_host_path>(
                                                 "ka.req.volume.hostpath", kText, "Falco 0.13",
                                                 "The text true if a volume mounts this path of "
                                                 "the host, or with a final asterisk a path that "
                                                 "begins so, else false; deprecated."))));
}

}  // namespace tiercel::audit
