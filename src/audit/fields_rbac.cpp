#include <algorithm>

#include "field_table.h"
#include "member_path.h"

// ka.req.binding.* and ka.req.role.*: who is given which rights.

namespace tiercel::audit {

namespace {

// Falco means to look for the name among the subjects and always says true.
base::Value subject_has_name(const FieldInput& /*input*/, base::Arena& /*arena*/) {
  return base::Value::text("true");
}

// namespace:name; nothing for a subject without the key namespace.
std::string_view qualified_name(Json subject, base::Arena& arena) {
  const std::string_view space = whole_text(subject.member("namespace"), arena);
  const std::string_view name = whole_text(subject.member("name"), arena);
  char* const text = arena.allocate_text(space.size() + 1 + name.size());
  std::copy(space.begin(), space.end(), text);
  text[space.size()] = ':';
  std::copy(name.begin(), name.end(), text + space.size() + 1);
  return cut_at_nul({text, space.size() + 1 + name.size()});
}

enum class SubjectName : std::uint8_t { kPlain, kQualified };

template <Name kind, SubjectName form>
base::Value subject_names(const FieldInput& input, base::Arena& arena) {
  const Json subjects = value_at<Member::kRequestObject, "subjects">(input);
  if (!subjects.is_array()) {
    return base::Value::absent();
  }
  ArenaList list(arena);
  subjects.for_each_element([&](Json subject) {
    const Json name = subject.member("name");
    if (!name.exists() || !is_text(subject.member("kind"), kind.view())) {
      return;
    }
    if constexpr (form == SubjectName::kPlain) {
      list.add(name.text(arena));
    } else if (subject.member("namespace").exists()) {
      list.add(qualified_name(subject, arena));
    }
  });
  return list.value();
}

// All elements of the arrays of this name in the rules; the index selects the rule.
template <Name name>
base::Value rule_words(const FieldInput& input, base::Arena& arena) {
  static constexpr std::string_view kPath[] = {"rules", name.view()};
  ArenaList list(arena);
  walk(
      input.event.member(Member::kRequestObject), kPath, input.argument.index,
      [&](Json words) {
        if (words.is_array()) {
          words.for_each_element([&](Json word) { list.add(word.text(arena)); });
        }
      },
      [] {});
  return list.value();
}

void add_binding_fields(FieldTable& table) {
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<texts_at<Member::kRequestObject, "subjects">>(
                      "ka.req.binding.subjects", kTextList, "Falco 0.13",
                      "The subjects of a requested role binding, each as JSON.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<subject_names<"User", SubjectName::kPlain>>(
                      "ka.req.binding.subjects.user_names", kTextList, "k8saudit 0.12",
                      "The names of the users among the subjects of a requested role binding.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<subject_names<"Group", SubjectName::kPlain>>(
                      "ka.req.binding.subjects.group_names", kTextList, "k8saudit 0.12",
                      "The names of the groups among the subjects of a requested role binding.")));
  table.add(reads(
      FieldPart::kRequestObject,
      audit_field<subject_names<"ServiceAccount", SubjectName::kPlain>>(
          "ka.req.binding.subjects.serviceaccount_names", kTextList, "k8saudit 0.12",
          "The names of the service accounts among the subjects of a requested role binding.")));
  table.add(reads(
      FieldPart::kRequestObject,
      audit_field<subject_names<"ServiceAccount", SubjectName::kQualified>>(
          "ka.req.binding.subjects.serviceaccount_ns_names", kTextList, "k8saudit 0.12",
          "The service accounts among the subjects of a requested role binding, as namespace:name. "
          "Those without a namespace are left out.")));
  table.add(reads(FieldPart::kRequestObject,
                  audit_field<text_at<Member::kRequestObject, "roleRef", "name">>(
                      "ka.req.binding.role", kText, "Falco 0.13",
                      "The name of the role that a requested role binding gives.")));
  table.add(with_key(audit_field<subject_has_name>(
      "ka.req.binding.subject.has_name", kText, "Falco 0.13",
      "Always true, as in Falco; deprecated. ka.req.binding.subjects.user_names and its siblings "
      "say who is bound.")));
}

void add_role_fields(FieldTable& table) {
  table.add(reads(FieldPart::kRequestObject, audit_field<texts_at<Member::kRequestObject, "rules">>(
                                                 "ka.req.role.rules", kTextList, "Falco 0.13",
                                                 "The rules of a requested role, each as JSON.")));
  table.add(
      reads(FieldPart::kRequestObject, with_index(audit_field<rule_words<"apiGroups">>(
                                           "ka.req.role.rules.apiGroups", kTextList, "Falco 0.13",
                                           "The API groups in the rules of a requested role; the "
                                           "core group is the empty text. An index "
                                           "selects the rule."))));
  table.add(reads(
      FieldPart::kRequestObject,
      with_index(audit_field<rule_words<"nonResourceURLs">>(
          "ka.req.role.rules.nonResourceURLs", kTextList, "Falco 0.13",
          "The URLs outside of resources in the rules of a requested role. An index selects the "
          "rule."))));
  table.add(reads(FieldPart::kRequestObject,
                  with_index(audit_field<rule_words<"verbs">>(
                      "ka.req.role.rules.verbs", kTextList, "Falco 0.13",
                      "The verbs in the rules of a requested role. An index selects the rule."))));
  table.add(
      reads(FieldPart::kRequestObject,
            with_index(audit_field<rule_words<"resources">>(
                "ka.req.role.rules.resources", kTextList, "Falco 0.13",
                "The resources in the rules of a requested role. An index selects the rule."))));
}

}  // namespace

void add_rbac_fields(FieldTable& table) {
  add_binding_fields(table);
  add_role_fields(table);
}

}  // namespace tiercel::audit
