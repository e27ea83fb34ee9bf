#include "many_rules.h"

#include <array>
#include <string_view>

namespace tiercel::tests {

namespace {

constexpr std::array<std::string_view, 10> kResources{
    "pods",  "secrets", "configmaps",      "deployments", "services",
    "roles", "events",  "serviceaccounts", "replicasets", "jobs"};
constexpr std::array<std::string_view, 4> kVerbs{"create", "update", "patch", "delete"};

std::string text(std::string_view prefix, std::size_t number, std::string_view suffix = "") {
  return std::string(prefix) + std::to_string(number) + std::string(suffix);
}

// A rule about what the recorded traffic has.
std::string seen(std::size_t number) {
  switch (number % 9) {
    case 0:
      return "ka.user.name = alice and ka.target.name = " + text("d", number % 9);
    case 1:
      return "ka.target.namespace in (bulk-a, other) and ka.verb = delete";
    case 2:
      return "ka.verb = create and ka.target.resource = pods and "
             "ka.req.pod.containers.image intersects (\"redis:7\", \"redis:6\")";
    case 3:
      return "ka.user.name startswith \"system:serviceaccount:kube-system:deployment\" and "
             "ka.verb = update";
    case 4:
      return "ka.user.groups intersects (\"system:nodes\") and ka.verb = patch";
    case 5:
      return "ka.user.groups intersects (\"system:masters\", other) and "
             "ka.user.groups intersects (\"system:authenticated\")";
    case 6:
      return "ka.user.uid in ()";
    case 7:
      return "ka.user.uid = a and ka.user.uid = b";
    default:
      return "ka.user.groups in (\"system:masters\", \"system:authenticated\", x) and "
             "ka.user.groups intersects (\"system:masters\")";
  }
}

std::string about_all(std::size_t number) {
  const std::string team = text("team-", number / 2);
  const std::string_view resource = kResources[number % kResources.size()];
  const std::string_view verb = kVerbs[number / 7 % kVerbs.size()];
  switch (number % 6) {
    case 0:
      return "ka.verb in (create, update) and ka.target.resource = " + std::string(resource) +
             " and ka.target.namespace = " + team + " and ka.target.name = " + text("app-", number);
    case 1:
      return "ka.user.name = \"system:serviceaccount:" + team +
             ":deployer\" and ka.verb = " + std::string(verb);
    case 2:
      return "ka.user.name startswith \"" + text("ci-", number, "-") +
             "\" and ka.target.resource in (secrets, configmaps)";
    case 3:
      return "ka.verb = create and ka.target.resource = pods and ka.req.pod.containers.image "
             "intersects (\"" +
             text("registry.example.com/app-", number, ":1") + "\", \"" +
             text("registry.example.com/app-", number, ":2") + "\")";
    case 4:
      return "ka.user.groups intersects (" + team + "-admins) and ka.verb = " + std::string(verb) +
             " and not ka.target.namespace = " + team;
    default:
      return "ka.target.namespace in (" + team + ", " + team +
             "-dev) and ka.target.resource = " + std::string(resource) +
             " and ka.verb = " + std::string(verb);
  }
}

std::string about_pods(std::size_t number) {
  const std::string team = text("team-", number / 3);
  std::string condition =
      "ka.stage = ResponseComplete and ka.verb = create and ka.target.resource = pods and ";
  switch (number % 3) {
    case 0:
      return condition + "ka.req.pod.containers.image intersects (\"" +
             text("registry.example.com/", number, "/api:v2") + "\")";
    case 1:
      return condition + "ka.target.namespace = " + team;
    default:
      return condition + "ka.user.name in (\"system:serviceaccount:" + team + ":bot\", " +
             text("user-", number) + ")";
  }
}

std::string about_parts(std::size_t number) {
  switch (number % 4) {
    case 0:
      return "ka.useragent contains " + text("scanner-", number, "/");
    case 1:
      return "ka.user.name contains " + text("team-", number, ":") + " and ka.verb = delete";
    case 2:
      return "ka.uri contains " + text("/namespaces/team-", number, "/") + " or ka.uri contains " +
             text("/namespaces/old-", number, "/");
    default:
      return number % 100 == 3 ? "ka.useragent contains system:serviceaccount:kube-system:"
                               : "ka.target.name contains " + text("backup-", number, "-");
  }
}

std::string_view name_of(Subject subject) {
  switch (subject) {
    case Subject::kPods:
      return "Pod rule ";
    case Subject::kParts:
      return "Part rule ";
    case Subject::kAll:
      break;
  }
  return "Rule ";
}

}  // namespace

std::string many_rules(std::size_t count, Subject subject) {
  std::string yaml;
  for (std::size_t number = 0; number < count; ++number) {
    const std::string condition = subject == Subject::kPods    ? about_pods(number)
                                  : subject == Subject::kParts ? about_parts(number)
                                  : number % 50 == 49          ? seen(number / 50)
                                                               : about_all(number);
    yaml += "- rule: " + text(name_of(subject), number) +
            "\n  desc: one of many\n  condition: >\n    " + condition + "\n  output: rule " +
            std::to_string(number) +
            " (user=%ka.user.name verb=%ka.verb)\n  priority: WARNING\n  source: k8s_audit\n";
  }
  return yaml;
}

}  // namespace tiercel::tests
