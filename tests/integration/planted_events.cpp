#include "planted_events.h"

#include <functional>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "planted.h"

namespace tiercel::tests {
namespace {

using nlohmann::ordered_json;

/// A place of an event that can hold a text.
struct Place {
  const char* name;
  std::function<void(ordered_json&, const std::string&)> put;
};

ordered_json object_of(const char* kind, ordered_json more) {
  ordered_json object{{"apiVersion", "v1"}, {"kind", kind}};
  object.update(more);
  return object;
}

ordered_json pod(ordered_json container) {
  container["name"] = "c";
  container["image"] = "nginx:1";
  return object_of("Pod", {{"spec", {{"containers", ordered_json::array({container})}}}});
}

ordered_json annotated(const ordered_json& object) {
  return {
      {"metadata",
       {{"annotations", {{"kubectl.kubernetes.io/last-applied-configuration", object.dump()}}}}}};
}

// Where a text is masked for what it is.
const std::vector<Place>& open_places() {
  static const std::vector<Place> kAll{
      {"configmap",
       [](ordered_json& event, const std::string& text) {
         event["objectRef"]["resource"] = "configmaps";
         event["requestObject"] = object_of("ConfigMap", {{"data", {{"conf", text}}}});
       }},
      {"arguments",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = pod({{"args", {"run", text}},
                                       {"command", {"sh", "-c", text}},
                                       {"env", {{{"name", "CONF"}, {"value", text}}}}});
       }},
      {"exec",
       [](ordered_json& event, const std::string& text) {
         event["objectRef"]["subresource"] = "exec";
         event["requestURI"] =
             "/api/v1/namespaces/d/pods/p/exec?command=" + to_percent(text) + "&container=c";
       }},
      {"last applied",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = annotated(pod({{"args", {"run", text}}}));
       }},
      {"patch as text",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = ordered_json{{"data", {{"conf", text}}}}.dump();
       }},
      {"told by others",
       [](ordered_json& event, const std::string& text) {
         event["userAgent"] = "agent " + text;
         event["responseStatus"]["message"] = text;
         event["annotations"]["note"] = text;
       }},
  };
  return kAll;
}

void put_secret(ordered_json& event, const char* member, ordered_json object) {
  event["objectRef"]["resource"] = "secrets";
  event[member] = std::move(object);
}

// Where any text is a credential.
const std::vector<Place>& closed_places() {
  static const std::vector<Place> kAll{
      {"secret data",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject", object_of("Secret", {{"data", {{"who", text}}}}));
       }},
      {"secret stringData",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject", object_of("Secret", {{"stringData", {{"who", text}}}}));
       }},
      {"secret answered",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "responseObject", object_of("Secret", {{"data", {{"who", text}}}}));
       }},
      {"secret list",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "responseObject",
                    object_of("SecretList", {{"items", {{{"data", {{"who", text}}}}}}}));
       }},
      {"merge patch",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject", {{"data", {{"who", text}}}});
       }},
      {"JSON patch",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject",
                    ordered_json::array({{{"op", "add"}, {"path", "/data/who"}, {"value", text}}}));
       }},
      {"JSON patch, value first",
       [](ordered_json& event, const std::string& text) {
         put_secret(
             event, "requestObject",
             ordered_json::array({{{"op", "add"}, {"value", {{"who", text}}}, {"path", "/data"}}}));
       }},
      {"applied YAML",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject",
                    "apiVersion: v1\nkind: Secret\ndata:\n  who: " + text + "\n");
       }},
      {"secret last applied",
       [](ordered_json& event, const std::string& text) {
         put_secret(event, "requestObject",
                    annotated(object_of("Secret", {{"data", {{"who", text}}}})));
       }},
      {"token request",
       [](ordered_json& event, const std::string& text) {
         event["responseObject"] = object_of("TokenRequest", {{"status", {{"token", text}}}});
       }},
      {"token review",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = object_of("TokenReview", {{"spec", {{"token", text}}}});
       }},
      {"configmap key",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = object_of("ConfigMap", {{"data", {{"db.password", text}}}});
       }},
      {"variable",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = pod({{"env", {{{"name", "A_TOKEN"}, {"value", text}}}}});
       }},
      {"argument behind a flag",
       [](ordered_json& event, const std::string& text) {
         event["requestObject"] = pod({{"args", {"login", "--token", text, "x"}}});
       }},
      {"exec behind a flag",
       [](ordered_json& event, const std::string& text) {
         event["requestURI"] = "/x/exec?command=login&command=--token&command=" + text;
       }},
      {"parameter",
       [](ordered_json& event, const std::string& text) {
         event["requestURI"] = "/x/proxy?access_token=" + text + "&command=c";
       }},
      {"annotation",
       [](ordered_json& event, const std::string& text) {
         event["annotations"]["example.com/api-key"] = text;
       }},
  };
  return kAll;
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1024, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string utf16(const std::string& text) {
  std::string out = "\xff\xfe";
  for (const char c : text) {
    out += c;
    out += '\0';
  }
  return out;
}

std::size_t place_of_core(const PlantedEvent& event) {
  const std::size_t core = event.json.find(event.core);
  return core == std::string::npos ? event.json.size() / 2 : core;
}

}  // namespace

std::vector<PlantedEvent> planted_events() {
  Planter planter;
  std::vector<PlantedEvent> all;
  const auto add = [&all](const PlantedCredential& credential, const Place& place) {
    ordered_json event =
        ordered_json::parse(small_event("e" + std::to_string(all.size()), R"(,"userAgent":"k")"));
    place.put(event, credential.text);
    all.push_back({credential.name + ", " + place.name, credential.core, event.dump()});
  };
  for (const Place& place : open_places()) {
    for (const PlantedCredential& credential : planter.shapes()) {
      add(credential, place);
    }
  }
  for (const Place& place : closed_places()) {
    const std::string word = planter.word();
    add({"word", word, word}, place);
  }
  const std::vector<Place> names{
      {"target", [](auto& event, const auto& text) { event["objectRef"]["name"] = text; }},
      {"namespace", [](auto& event, const auto& text) { event["objectRef"]["namespace"] = text; }},
      {"user", [](auto& event, const auto& text) { event["user"]["username"] = text; }},
      {"group",
       [](auto& event, const auto& text) {
         event["user"]["groups"] = {"a", text};
       }},
      {"reason",
       [](auto& event, const auto& text) {
         event["annotations"]["authorization.k8s.io/reason"] = text;
       }},
  };
  for (const Place& place : names) {
    const std::string word = planter.word();
    add({"token", "ghp_" + word, word}, place);
  }
  return all;
}

Lines broken_items(const PlantedEvent& event) {
  const std::size_t core = place_of_core(event);
  const auto with = [&](std::size_t where, std::string_view more) {
    std::string text = event.json;
    return text.insert(where, more);
  };
  return {
      with(event.json.size() - 1, ",\"n\":1e999x"),  // no JSON behind it
      with(core + 20, "\xff"),                       // a damaged byte within it
      with(core, "\\ud800"),                         // half a character before it
      with(1, "\"n\":\"\x01\xc3\","),                // and what is repaired
      with(event.json.size() - 1,                    // larger than an event may be
           R"(,"padding":")" + std::string(70'000, 'x') + "\""),
  };
}

Lines broken_bodies(const PlantedEvent& event) {
  const std::string whole = event_list(Lines{event.json});
  const std::size_t core = whole.find(event.json) + place_of_core(event);
  return {
      whole.substr(0, core + 11),                 // cut within it
      whole.substr(0, core + event.core.size()),  // and behind it
      whole.substr(0, whole.size() - 4),
      whole.substr(whole.find(event.json) + 30),  // the beginning is missing
      event.json + "}",
      utf16(event.json),
      gzipped(event.json.substr(0, event.json.size() - 1)),
  };
}

}  // namespace tiercel::tests
