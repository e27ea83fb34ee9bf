#include "event_maker.h"

#include <array>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "tiercel/watch/batch_facts.h"

#include "pod_values.h"

namespace tiercel::selftest {

namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

// Fields that are one text at one place. Numbers are written as numbers.
struct Place {
  std::string_view field;
  const char* pointer;
};
constexpr std::array kPlaces{
    Place{"ka.auditid", "/auditID"},
    Place{"ka.stage", "/stage"},
    Place{"ka.level", "/level"},
    Place{"ka.verb", "/verb"},
    Place{"ka.time.stage", "/stageTimestamp"},
    Place{"ka.time.received", "/requestReceivedTimestamp"},
    Place{"ka.auth.decision", "/annotations/authorization.k8s.io~1decision"},
    Place{"ka.auth.reason", "/annotations/authorization.k8s.io~1reason"},
    Place{"ka.auth.openshift.decision", "/annotations/authentication.openshift.io~1decision"},
    Place{"ka.auth.openshift.username", "/annotations/authentication.openshift.io~1username"},
    Place{"ka.validations.admission.policy.failure",
          "/annotations/validation.policy.admission.k8s.io~1validation_failure"},
    Place{"ka.security.pod.violations",
          "/annotations/pod-security.kubernetes.io~1audit-violations"},
    Place{"ka.cluster.name", "/annotations/cluster_name"},
    Place{"ka.user.name", "/user/username"},
    Place{"ka.user.uid", "/user/uid"},
    Place{"ka.impuser.name", "/impersonatedUser/username"},
    Place{"ka.impuser.uid", "/impersonatedUser/uid"},
    Place{"ka.target.name", "/objectRef/name"},
    Place{"ka.req.configmap.name", "/objectRef/name"},
    Place{"ka.target.namespace", "/objectRef/namespace"},
    Place{"ka.target.resource", "/objectRef/resource"},
    Place{"ka.target.subresource", "/objectRef/subresource"},
    Place{"ka.target.apigroup", "/objectRef/apiGroup"},
    Place{"ka.target.apiversion", "/objectRef/apiVersion"},
    Place{"ka.target.uid", "/objectRef/uid"},
    Place{"ka.target.resourceversion", "/objectRef/resourceVersion"},
    Place{"ka.target.pod.name", "/responseObject/metadata/name"},
    Place{"ka.resp.name", "/responseObject/metadata/name"},
    Place{"ka.response.code", "/responseStatus/code"},
    Place{"ka.response.reason", "/responseStatus/reason"},
    Place{"ka.response.status", "/responseStatus/status"},
    Place{"ka.response.message", "/responseStatus/message"},
    Place{"ka.useragent", "/userAgent"},
    Place{"ka.sourceips.last", "/sourceIPs/0"},
    Place{"ka.uri", "/requestURI"},
    Place{"ka.req.service.type", "/requestObject/spec/type"},
    Place{"ka.req.binding.role", "/requestObject/roleRef/name"},
};

// Fields that are lists of texts.
constexpr std::array kLists{
    Place{"ka.user.groups", "/user/groups"},
    Place{"ka.impuser.groups", "/impersonatedUser/groups"},
    Place{"ka.req.role.rules.apiGroups", "/requestObject/rules/0/apiGroups"},
    Place{"ka.req.role.rules.nonResourceURLs", "/requestObject/rules/0/nonResourceURLs"},
    Place{"ka.req.role.rules.verbs", "/requestObject/rules/0/verbs"},
    Place{"ka.req.role.rules.resources", "/requestObject/rules/0/resources"},
};

template <std::size_t Count>
const char* pointer_of(const std::array<Place, Count>& places, std::string_view field) {
  for (const Place& place : places) {
    if (place.field == field) {
      return place.pointer;
    }
  }
  return nullptr;
}

json base_event(const EventBase& base) {
  json event = {
      {"kind", "Event"},
      {"apiVersion", "audit.k8s.io/v1"},
      {"level", "RequestResponse"},
      {"auditID", base.audit_id},
      {"stage", "ResponseComplete"},
      {"requestURI", "/api/v1/tiercel-selftest"},
      {"verb", "get"},
      {"user", {{"username", "tiercel-selftest"}, {"groups", json::array({"tiercel-selftest"})}}},
      {"sourceIPs", json::array({"192.0.2.1"})},
      {"userAgent", "tiercel-selftest"},
      {"objectRef",
       {{"resource", "tiercel-selftests"},
        {"namespace", "tiercel-selftest"},
        {"name", "tiercel-selftest"},
        {"apiVersion", "v1"}}},
      {"responseStatus", {{"metadata", json::object()}, {"code", 200}}},
      {"requestReceivedTimestamp", base.time},
      {"stageTimestamp", base.time},
      {"annotations",
       {{"authorization.k8s.io/decision", "allow"},
        {"authorization.k8s.io/reason", "tiercel selftest"}}}};
  event["annotations"][std::string(watch::kSelftestAnnotation)] = base.mark;
  return event;
}

std::string escaped_pointer_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return out;
}

class Maker {
 public:
  explicit Maker(const EventBase& base) : event_(base_event(base)) {}

  void fulfil(const Needs& needs) {
    // What the places of others depend on comes first.
    for (const std::string_view first : {"ka.target.resource", "ka.verb", "ka.workload.kind"}) {
      const auto found = needs.find({std::string(first), ""});
      if (found != needs.end()) {
        fulfil(found->first, found->second);
      }
    }
    for (const auto& [key, need] : needs) {
      fulfil(key, need);
    }
    for (const auto& [key, need] : needs) {
      if (need.must_be_absent) {
        remove(key);
      }
    }
  }

  // The mark is put in last, so that no need can remove it.
  [[nodiscard]] std::string text(const std::string& mark) {
    event_["annotations"][std::string(watch::kSelftestAnnotation)] = mark;
    return event_.dump(-1, ' ', false, json::error_handler_t::replace);
  }

 private:
  void fulfil(const FieldKey& key, const Need& need) {
    const std::optional<std::string> text = need.text();
    if (need.must_be_absent || (!text && !need.must_exist)) {
      return;
    }
    const std::string value = text.value_or("tiercel-selftest");
    if (const char* const place = pointer_of(kPlaces, key.name)) {
      if (text || !event_.contains(Pointer(place))) {
        set(Pointer(place), key.name == "ka.response.code" ? number_or_text(value) : json(value));
      }
    } else if (const char* const list = pointer_of(kLists, key.name)) {
      set(Pointer(list), need.equals.empty() ? json::array({value}) : json(need.equals));
    } else if (key.name == "jevt.value" || key.name == "json.value") {
      fulfil_pointer(key.argument, text);
    } else if (key.name == "ka.uri.param") {
      add_parameter(key.argument, value);
    } else if (key.name == "ka.annotation") {
      set(Pointer("/annotations/" + escaped_pointer_key(key.argument)), value);
    } else if (key.name == "ka.user.extra" || key.name == "ka.impuser.extra") {
      set(Pointer((key.name == "ka.user.extra" ? "/user/extra/" : "/impersonatedUser/extra/") +
                  escaped_pointer_key(key.argument)),
          json::array({value}));
    } else if (!fulfil_object(key.name, value, need) && !set_pod_value(event_, key, need)) {
      return;  // evt.* and others that no event decides
    }
  }

  // Fields that are made of whole objects.
  bool fulfil_object(const std::string& name, const std::string& value, const Need& need) {
    if (name == "ka.req.configmap.obj") {
      set(Pointer("/requestObject/data/selftest"), value);
    } else if (name == "ka.req.service.ports") {
      set(Pointer("/requestObject/spec/ports"), json::array({{{"port", 80}}}));
    } else if (name == "ka.req.binding.subjects.serviceaccount_names" ||
               name == "ka.req.binding.subjects.serviceaccount_ns_names") {
      const std::size_t colon = value.find(':');
      const bool has_space = name.ends_with("ns_names") && colon != std::string::npos;
      add_subject("ServiceAccount", has_space ? value.substr(colon + 1) : value,
                  has_space ? value.substr(0, colon) : "tiercel-selftest");
    } else if (name.starts_with("ka.req.binding.subjects")) {
      add_subject(name.ends_with("group_names") ? "Group" : "User", value, {});
    } else if (name == "ka.req.role.rules" && !event_.contains(Pointer("/requestObject/rules"))) {
      set(Pointer("/requestObject/rules/0"), {{"apiGroups", json::array({""})},
                                              {"resources", json::array({"tiercel-selftests"})},
                                              {"verbs", json::array({"get"})}});
    } else {
      return name == "ka.req.role.rules";
    }
    (void)need;
    return true;
  }

  void add_subject(const char* kind, const std::string& name, const std::string& name_space) {
    json subject = {{"kind", kind}, {"name", name}};
    if (!name_space.empty()) {
      subject["namespace"] = name_space;
    }
    const Pointer place("/requestObject/subjects");
    json subjects = event_.contains(place) ? event_[place] : json::array();
    if (!subjects.is_array()) {
      subjects = json::array();
    }
    subjects.push_back(std::move(subject));
    set(place, std::move(subjects));
  }

  // A text wanted inside of something larger: a member of it. JSON is wanted as JSON.
  void fulfil_pointer(const std::string& argument, const std::optional<std::string>& text) {
    const Pointer pointer = pointer_to(argument);
    const bool is_there = !argument.empty() && event_.contains(pointer);
    if (!text) {
      if (!is_there) {
        set(pointer, "tiercel-selftest");
      }
      return;
    }
    const json wanted = json::parse(*text, nullptr, false);
    if (is_there && event_[pointer].is_object()) {
      event_[pointer]["selftest"] = *text;
    } else if (argument == "/requestObject" || argument == "/responseObject") {
      set(pointer, {{"selftest", *text}});
    } else if (argument.ends_with("/rules")) {
      set(pointer, rules_with(*text));
    } else {
      set(pointer, wanted.is_number() || wanted.is_boolean() ? wanted : json(*text));
    }
  }

  // Rules of a role, in whose JSON the text occurs: a list `"verbs":["*"` or a quoted word.
  static json rules_with(const std::string& text) {
    const std::size_t colon = text.find("\":[\"");
    if (text.starts_with('"') && colon != std::string::npos) {
      const std::string word = text.substr(colon + 4, text.find('"', colon + 4) - colon - 4);
      return json::array({{{text.substr(1, colon - 1), json::array({word})}}});
    }
    const std::size_t begin = text.find('"');
    const std::size_t end = begin == std::string::npos ? begin : text.find('"', begin + 1);
    const std::string word =
        end == std::string::npos ? text : text.substr(begin + 1, end - begin - 1);
    return json::array({{{"verbs", json::array({word})}, {"resources", json::array({word})}}});
  }

  void add_parameter(const std::string& name, const std::string& value) {
    const json& said = event_["requestURI"];
    std::string uri = said.is_string() ? said.get<std::string>() : "/";
    uri += uri.find('?') == std::string::npos ? '?' : '&';
    uri += percent(name) + "=" + percent(value);
    event_["requestURI"] = uri;
  }

  static std::string percent(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte | 0x20U) - unsigned{'a'} < 26U || byte - unsigned{'0'} < 10U || c == '-' ||
          c == '.' || c == '_') {
        out += c;
      } else {
        out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
      }
    }
    return out;
  }

  static json number_or_text(const std::string& text) {
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? json(number)
                                                                           : json(text);
  }

  static Pointer pointer_to(const std::string& argument) {
    try {
      return Pointer(argument);
    } catch (const json::exception&) {
      return Pointer("/tiercel-selftest");
    }
  }

  void set(const Pointer& pointer, json value) {
    try {
      event_[pointer] = std::move(value);
    } catch (const json::exception&) {
      // Through something that is no object: this way has needs that exclude each other.
    }
  }

  void remove(const FieldKey& key) {
    const char* place = pointer_of(kPlaces, key.name);
    place = place == nullptr ? pointer_of(kLists, key.name) : place;
    Pointer pointer;
    if (place != nullptr) {
      pointer = Pointer(place);
    } else if (key.name == "jevt.value" || key.name == "json.value") {
      pointer = pointer_to(key.argument);
    }
    if (!pointer.empty() && event_.contains(pointer)) {
      json& parent = event_[pointer.parent_pointer()];
      if (parent.is_object()) {
        parent.erase(pointer.back());
      }
    }
  }

  json event_;
};

}  // namespace

std::string make_event(const Needs& needs, const EventBase& base) {
  try {
    Maker maker(base);
    maker.fulfil(needs);
    return maker.text(base.mark);
  } catch (const json::exception&) {
    return {};  // needs that exclude each other
  }
}

}  // namespace tiercel::selftest
