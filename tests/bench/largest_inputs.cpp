#include "largest_inputs.h"

#include <array>
#include <string_view>
#include <vector>

#include "bench_support.h"

namespace tiercel::bench {

namespace {

constexpr std::string_view kHead =
    R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)";

std::string list_of(std::string_view event) {
  return std::string(kHead) + std::string(event) + "]}";
}

// The creation of an object by somebody whom no rule expects, so that it alerts.
std::string creation(std::string_view resource, std::string_view object) {
  return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"l-1",)"
         R"("stage":"ResponseComplete","requestURI":"/api/v1/namespaces/prod/)" +
         std::string(resource) +
         R"(","verb":"create","user":{"username":"mallory","groups":["system:authenticated"]},)"
         R"("sourceIPs":["192.0.2.7"],"userAgent":"curl/8","objectRef":{"resource":")" +
         std::string(resource) +
         R"(","namespace":"prod","name":"large","apiVersion":"v1"},"responseStatus":{"code":201},)"
         R"("requestObject":)" +
         std::string(object) +
         R"(,"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z",)"
         R"("stageTimestamp":"2026-01-02T03:04:05.100000Z"})";
}

std::string container(std::size_t number) {
  const std::string text = std::to_string(number);
  return R"({"name":"c)" + text + R"(","image":"registry.example.com/team/app-)" + text + ":v" +
         text + R"(","command":["/bin/app","--port",")" + text + R"("],"env":[{"name":"PASSWORD_)" +
         text + R"(","value":"s3cr3t-)" + text +
         R"("},{"name":"MODE","value":"prod"}],"ports":[{"hostPort":)" + text +
         R"(,"containerPort":80}],"volumeMounts":[{"name":"v","mountPath":"/var/run/)" + text +
         R"("}],"securityContext":{"privileged":)" + (number % 2 == 0 ? "true" : "false") + "}}";
}

std::string pod(std::string_view metadata, std::string_view containers) {
  return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"large","namespace":"prod")" +
         std::string(metadata) + R"(},"spec":{"hostNetwork":true,"containers":[)" +
         std::string(containers) + "]}}";
}

std::string containers(std::size_t count) {
  std::string text;
  for (std::size_t at = 0; at < count; ++at) {
    text += (at == 0 ? "" : ",") + container(at);
  }
  return list_of(creation("pods", pod("", text)));
}

// What kubectl keeps there: JSON of an object, every quote escaped.
std::string annotation(std::size_t bytes) {
  std::string text;
  for (std::size_t at = 0; text.size() < bytes; ++at) {
    for (const char c : container(at)) {
      text += c == '"' ? "\\\"" : std::string(1, c);
    }
    text += "\\n";
  }
  return list_of(creation(
      "pods",
      pod(R"(,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":")" + text + "\"}",
          container(1))));
}

// A ConfigMap of very many keys: what an aggregated apiserver's object may hold.
std::string one_event(std::size_t bytes) {
  std::string text =
      R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"large"},"data":{)";
  for (std::size_t at = 0; text.size() < bytes; ++at) {
    const std::string number = std::to_string(at);
    text += (at == 0 ? "\"key-" : ",\"key-") + number + R"(":"token: \u00e9\t)" + number +
            R"( password=hunter2 of line )" + number + "\\n\"";
  }
  return list_of(creation("configmaps", text + "}}"));
}

std::string items(std::size_t count) {
  std::string text(kHead);
  for (std::size_t at = 0; at < count; ++at) {
    text += at == 0 ? "" : ",";
    text += R"({"level":"Metadata","auditID":"i-)" + std::to_string(at) +
            R"(","stage":"ResponseComplete","requestURI":"/healthz","verb":"get",)"
            R"("user":{"username":"system:anonymous"},"responseStatus":{"code":200}})";
  }
  return text + "]}";
}

}  // namespace

std::string recorded_batch(std::size_t bytes) {
  constexpr std::string_view kKey = "\"auditID\":\"";
  static const std::vector<std::string> events = recorded_events();
  std::string text(kHead);
  text.reserve(bytes + (std::size_t{1} << 20U));
  for (std::size_t at = 0; text.size() < bytes; ++at) {
    const std::string& event = events[at % events.size()];
    const std::size_t id = event.find(kKey) + kKey.size();
    text += at == 0 ? "" : ",";
    text.append(event, 0, id);
    text += std::to_string(at) + "-";
    text.append(event, id);
  }
  return text + "]}";
}

std::span<const LargestInput> largest_inputs() {
  static constexpr std::array kInputs{
      LargestInput{"batch of 10 MB", 10'000'000, 1, recorded_batch},
      LargestInput{"batch of 400 MB", 400'000'000, 1, recorded_batch},
      LargestInput{"event of 15 MB", 15'000'000, 1, one_event},
      LargestInput{"annotation of 1.4 MB", 1'400'000, 1, annotation},
      LargestInput{"10,000 containers", 10'000, 350, containers},
      LargestInput{"100,000 items", 100'000, 180, items},
  };
  return kInputs;
}

}  // namespace tiercel::bench
