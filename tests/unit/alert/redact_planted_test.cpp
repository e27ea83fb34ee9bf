// Credentials planted wherever an event can carry one, and none found in what is written.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/alert/redactor.h"

#include "alert_probe.h"
#include "encoding.h"

namespace tiercel::alert::tests {
namespace {

using nlohmann::ordered_json;
using Json = ordered_json;

/// A credential: `text` holds it where its form matters, `core` must not be found.
struct Planted {
  const char* name;
  std::string text;
  std::string core;
};

std::string percent(const std::string& text) { return support::to_percent(text, "+"); }

// Known by themselves, wherever they stand.
const std::vector<Planted>& shapes() {
  static const std::string kPem =
      "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx1Zq0PlantedKeyBody\n"
      "-----END RSA PRIVATE KEY-----\n";
  static const std::string kConfig =
      R"({"auths":{"r.example.com":{"username":"bob","auth":"Ym9iOlBsYW50ZWRBdXRoMQ=="}}})";
  static const std::string kKubeconfig =
      "apiVersion: v1\nusers:\n- name: bob\n  user:\n    client-key-data: "
      "UGxhbnRlZENsaWVudEtleQ==\n"
      "    token: Planted.kubeconfig.token\n";
  static const std::string kSecretYaml =
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  who: PlantedYamlWho\n";
  static const std::vector<Planted> kAll{
      {"aws", "AKIAPLANTED7EXAMPLE0", "AKIAPLANTED7EXAMPLE0"},
      {"aws session", "ASIAPLANTED7EXAMPLE0", "ASIAPLANTED7EXAMPLE0"},
      {"github", "ghp_Planted0123456789abcdefABCDEF012345", "Planted0123456789"},
      {"github fine", "github_pat_11PLANTED0abcdefghij_0123456789", "11PLANTED0abcdefghij"},
      {"gitlab", "glpat-PlantedGitlabToken01", "PlantedGitlabToken"},
      {"slack", "xoxb-123456789012-PlantedSlackTok", "PlantedSlackTok"},
      {"slack hook", "https://hooks.slack.com/services/T000/B000/PlantedHook", "PlantedHook"},
      {"google", "AIzaPlanted0123456789abcdefghijklmnopqr", "Planted0123456789"},
      {"stripe", "sk_live_Planted0123456789abcdef", "Planted0123456789"},
      {"vault", "hvs.PlantedVaultToken0123456789", "PlantedVaultToken"},
      {"jwt", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJQbGFudGVkIn0.UGxhbnRlZFNpZ25hdHVyZQ",
       "UGxhbnRlZFNpZ25hdHVyZQ"},
      {"pem", kPem, "x1Zq0PlantedKeyBody"},
      {"assignment", "DB_PASSWORD=PlantedAssign1", "PlantedAssign1"},
      {"connection", "Server=db;User Id=bob;Password=PlantedConn1;", "PlantedConn1"},
      {"account key", "AccountName=a;AccountKey=UGxhbnRlZEFjY291bnQ==;", "UGxhbnRlZEFjY291bnQ"},
      {"uri password", "postgres://bob:PlantedUriPw1@db:5432/app", "PlantedUriPw1"},
      {"bearer", "Authorization: Bearer PlantedBearer1", "PlantedBearer1"},
      {"basic", "Authorization: Basic Ym9iOlBsYW50ZWQx", "Ym9iOlBsYW50ZWQx"},
      {"flag", "login --token PlantedFlag1 --host db", "PlantedFlag1"},
      {"flag equals", "login --client-secret=PlantedFlag2", "PlantedFlag2"},
      {"short flag", "login -u bob -p PlantedFlag3", "PlantedFlag3"},
      {"mysql", "mysql -uroot -pPlantedMysql1 db", "PlantedMysql1"},
      {"sqlcmd", "sqlcmd -U sa -P PlantedSqlcmd1", "PlantedSqlcmd1"},
      {"sqlplus", "sqlplus -s sys/PlantedSqlplus1@db", "PlantedSqlplus1"},
      {"smbclient", "smbclient //h/s -U bob%PlantedSmb1", "PlantedSmb1"},
      {"lftp", "lftp -u bob,PlantedLftp1 h", "PlantedLftp1"},
      {"7z", "7z a -pPlantedSeven1 x.7z", "PlantedSeven1"},
      {"mysqladmin", "mysqladmin -u root password PlantedAdmin1", "PlantedAdmin1"},
      {"rabbitmqctl", "rabbitmqctl add_user bob PlantedRabbit1", "PlantedRabbit1"},
      {"curl user", "curl -u bob:PlantedCurl1 https://h", "PlantedCurl1"},
      {"shell", "sh -c 'export API_KEY=PlantedShell1; run'", "PlantedShell1"},
      {"yaml", "user: bob\npassword: PlantedYaml1\n", "PlantedYaml1"},
      {"json", R"({"user":"bob","password":"PlantedJson1"})", "PlantedJson1"},
      {"json twice", R"({"a":"{\"token\":\"PlantedJson2\"}"})", "PlantedJson2"},
      {"secret json", R"({"apiVersion":"v1","data":{"who":"PlantedWho1"},"kind":"Secret"})",
       "PlantedWho1"},
      {"secret yaml", kSecretYaml, "PlantedYamlWho"},
      {"echo secret",
       R"(echo '{"kind":"Secret","data":{"who":"PlantedWho2"}}' | kubectl apply -f -)",
       "PlantedWho2"},
      {"docker config", kConfig, "Ym9iOlBsYW50ZWRBdXRoMQ"},
      {"kubeconfig key", kKubeconfig, "UGxhbnRlZENsaWVudEtleQ"},
      {"kubeconfig token", kKubeconfig, "Planted.kubeconfig.token"},
      {"base64", support::to_base64("password=PlantedBase641\n"),
       support::to_base64("password=PlantedBase641\n")},
      {"base64 json", support::to_base64(R"({"token":"PlantedBase642"})"),
       support::to_base64(R"({"token":"PlantedBase642"})")},
  };
  return kAll;
}

/// A place of an event; `make` puts the text there.
struct Place {
  const char* name;
  std::function<Json(const std::string&)> make;
};

Json event(const char* resource, const char* verb = "create") {
  Json json = Json::parse(e0());
  json["objectRef"]["resource"] = resource;
  json["verb"] = verb;
  json.erase("requestObject");
  json.erase("responseObject");
  return json;
}

Json with_request(const char* resource, Json object) {
  Json json = event(resource);
  json["requestObject"] = std::move(object);
  return json;
}

Json pod(Json container) {
  container["name"] = "c";
  container["image"] = "nginx:1";
  return {{"kind", "Pod"}, {"spec", {{"containers", Json::array({std::move(container)})}}}};
}

std::string apply_annotation(const Json& object) {
  return Json{
      {"metadata",
       {{"annotations", {{"kubectl.kubernetes.io/last-applied-configuration", object.dump()}}}}}}
      .dump();
}

// Places where a text is masked for what it is.
const std::vector<Place>& open_places() {
  static const std::vector<Place> kAll{
      {"configmap data",
       [](const std::string& text) {
         return with_request("configmaps", {{"kind", "ConfigMap"}, {"data", {{"conf", text}}}});
       }},
      {"configmap binary",
       [](const std::string& text) {
         return with_request("configmaps", {{"kind", "ConfigMap"},
                                            {"binaryData", {{"conf", support::to_base64(text)}}}});
       }},
      {"pod args",
       [](const std::string& text) {
         return with_request("pods",
                             pod({{"args", {"run", text}}, {"command", {"sh", "-c", text}}}));
       }},
      {"pod env",
       [](const std::string& text) {
         return with_request("pods", pod({{"env", {{{"name", "CONF"}, {"value", text}}}}}));
       }},
      {"annotation",
       [](const std::string& text) {
         return with_request("pods", Json::parse(apply_annotation(pod({{"args", {"run", text}}}))));
       }},
      {"exec",
       [](const std::string& text) {
         Json json = event("pods");
         json["requestURI"] = "/api/v1/namespaces/default/pods/p/exec?command=" + percent(text) +
                              "&command=x&container=c";
         return json;
       }},
      {"patch as text",
       [](const std::string& text) {
         Json json = event("configmaps", "patch");
         json["requestObject"] = Json{{"data", {{"conf", text}}}}.dump();
         return json;
       }},
      {"user agent",
       [](const std::string& text) {
         Json json = event("pods");
         json["userAgent"] = "agent " + text;
         return json;
       }},
      {"response message",
       [](const std::string& text) {
         Json json = event("pods");
         json["responseStatus"]["message"] = text;
         return json;
       }},
      {"event annotation",
       [](const std::string& text) {
         Json json = event("pods");
         json["annotations"]["note"] = text;
         return json;
       }},
  };
  return kAll;
}

// Places whose values are masked whatever they look like.
const std::vector<Place>& closed_places() {
  static const std::vector<Place> kAll{
      {"secret data",
       [](const std::string& text) {
         return with_request("secrets", {{"kind", "Secret"}, {"data", {{"who", text}}}});
       }},
      {"secret stringData",
       [](const std::string& text) {
         return with_request("secrets", {{"kind", "Secret"}, {"stringData", {{"who", text}}}});
       }},
      {"secret response",
       [](const std::string& text) {
         Json json = event("secrets", "get");
         json["responseObject"] = {{"kind", "Secret"}, {"data", {{"who", text}}}};
         return json;
       }},
      {"secret list",
       [](const std::string& text) {
         Json json = event("secrets", "list");
         json["responseObject"] = {{"kind", "SecretList"},
                                   {"items", {{{"data", {{"who", text}}}}}}};
         return json;
       }},
      {"secret merge patch",
       [](const std::string& text) {
         return with_request("secrets", {{"data", {{"who", text}}}});
       }},
      {"secret json patch",
       [](const std::string& text) {
         return with_request("secrets", {{{"op", "add"}, {"path", "/data/who"}, {"value", text}}});
       }},
      {"secret patch as text",
       [](const std::string& text) {
         return with_request("secrets", Json{{"data", {{"who", text}}}}.dump());
       }},
      {"secret last applied",
       [](const std::string& text) {
         return with_request("secrets", Json::parse(apply_annotation({{"apiVersion", "v1"},
                                                                      {"data", {{"who", text}}},
                                                                      {"kind", "Secret"}})));
       }},
      {"secret last applied twice",
       [](const std::string& text) {
         return with_request(
             "pods",
             {{"data",
               {{"saved", apply_annotation({{"data", {{"who", text}}}, {"kind", "Secret"}})}}}});
       }},
      {"secret in a list",
       [](const std::string& text) {
         return with_request("pods",
                             {{"items", {{{"data", {{"who", text}}}, {"kind", "Secret"}}}}});
       }},
      {"token request",
       [](const std::string& text) {
         Json json = event("serviceaccounts");
         json["responseObject"] = {{"kind", "TokenRequest"}, {"status", {{"token", text}}}};
         return json;
       }},
      {"token review",
       [](const std::string& text) {
         return with_request("tokenreviews",
                             {{"kind", "TokenReview"}, {"spec", {{"token", text}}}});
       }},
      {"configmap key",
       [](const std::string& text) {
         return with_request("configmaps",
                             {{"kind", "ConfigMap"}, {"data", {{"db.password", text}}}});
       }},
      {"pod env name",
       [](const std::string& text) {
         return with_request("pods", pod({{"env", {{{"name", "A_TOKEN"}, {"value", text}}}}}));
       }},
      {"pod env value first",
       [](const std::string& text) {
         return with_request("pods", pod({{"env", {{{"value", text}, {"name", "A_TOKEN"}}}}}));
       }},
      {"pod argument after flag",
       [](const std::string& text) {
         return with_request("pods", pod({{"args", {"login", "--token", text, "x"}}}));
       }},
      {"exec flag and value",
       [](const std::string& text) {
         Json json = event("pods");
         json["requestURI"] =
             "/x/exec?command=login&command=--token&command=" + percent(text) + "&container=c";
         return json;
       }},
      {"exec flag equals",
       [](const std::string& text) {
         Json json = event("pods");
         json["requestURI"] = "/x/exec?command=--password%3D" + percent(text) + "&container=c";
         return json;
       }},
      {"uri parameter",
       [](const std::string& text) {
         Json json = event("pods");
         json["requestURI"] = "/x/proxy?a=b&access_token=" + percent(text) + "&command=c";
         return json;
       }},
      {"event annotation name",
       [](const std::string& text) {
         Json json = event("pods");
         json["annotations"]["example.com/api-key"] = text;
         return json;
       }},
  };
  return kAll;
}

const std::vector<Planted>& plain_words() {
  static const std::vector<Planted> kAll{
      {"word", "PlantedPlainWord1", "PlantedPlainWord1"},
      {"base64", "UGxhbnRlZFBsYWluV29yZDI=", "UGxhbnRlZFBsYWluV29yZDI"},
      {"marks", "Planted#3!x~y", "Planted#3!x~y"},
      {"unicode", "Planted\xC3\xA9\xE2\x82\xACx4yz", "\xC3\xA9\xE2\x82\xACx4yz"},
      {"hex", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
  };
  return kAll;
}

constexpr std::string_view kOutput =
    "%jevt.obj %evt.plugininfo %jevt.value[/requestObject] %jevt.value[/requestObject/data] "
    "%jevt.value[/requestObject/data/who] %jevt.value[/requestObject/data/conf] "
    "%jevt.value[/requestObject/data/db.password] %jevt.value[/requestObject/stringData/who] "
    "%jevt.value[/requestObject/spec/token] %jevt.value[/responseObject/status/token] "
    "%jevt.value[/responseObject] %jevt.value[/responseObject/data/who] "
    "%jevt.value[/responseObject/items/0] %jevt.value[/responseObject/items/0/data/who] "
    "%jevt.value[/requestObject/items/0/data/who] %jevt.value[/requestObject/0/value] "
    "%jevt.value[/requestObject/spec/containers/0/env/0/value] "
    "%jevt.value[/requestObject/spec/containers/0/args/1] "
    "%jevt.value[/requestObject/spec/containers/0/args/2] %json.value[/requestURI] %json.obj "
    "%jevt.value[/requestObject/metadata/annotations/"
    "kubectl.kubernetes.io~1last-applied-configuration] %jevt.value[/annotations] "
    "%ka.uri %ka.uri.param[command] %ka.uri.param[access_token] %ka.req.configmap.obj "
    "%ka.req.pod.containers.args %ka.req.pod.containers.command[0] %ka.workload.containers.args "
    "%ka.useragent %ka.response.message %ka.annotation[note] %ka.annotation[example.com/api-key] "
    "%toupper(ka.uri) %concat(ka.useragent, ka.uri) %b64(jevt.value[/requestObject/data/conf]) "
    "%40ka.uri %join(\" \", (ka.uri, ka.useragent))";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// A core shorter than this proves nothing.
void expect_hidden(const std::string& shown, const std::string& core, const std::string& where) {
  EXPECT_GE(core.size(), 8U);
  const std::string text = lower(shown);
  for (const std::string& form :
       {core, percent(core), support::to_base64(core).substr(0, core.size())}) {
    EXPECT_EQ(text.find(lower(form)), std::string::npos) << where << "\n" << shown;
  }
}

std::string shown(const std::string& text, bool json, bool redact) {
  Probe probe;
  probe.options.redact = redact;
  probe.options.json_output = json;
  probe.options.json_include_message_property = true;
  probe.options.append_output.resize(1);
  probe.options.append_output.front().extra_fields = {
      {"extra", "%ka.uri and %jevt.value[/requestObject]", false}, {"ka.uri", "", true}};
  const std::string line = probe.line(kOutput, text);
  if (json) {
    EXPECT_TRUE(parsed(line).contains("output_fields"));
  }
  return line;
}

void check(const Place& place, const Planted& planted) {
  const std::string where = std::string(place.name) + ", " + planted.name;
  const std::string text = place.make(planted.text).dump();
  bool was_there = false;
  for (const bool json : {true, false}) {
    const std::string raw = shown(text, json, false);
    const std::string masked = shown(text, json, true);
    was_there = was_there || raw != masked;
    expect_hidden(masked, planted.core, where);
    EXPECT_NE(masked.find("alice"), std::string::npos);
  }
  EXPECT_TRUE(was_there) << where;

  std::string bytes = text;
  mask_bytes(bytes);
  expect_hidden(bytes, planted.core, where + ", bytes");
  EXPECT_TRUE(Json::accept(bytes)) << bytes;
  for (std::size_t cut = text.size() * 9 / 10; cut < text.size(); cut += 3) {
    std::string part = text.substr(0, cut);
    mask_bytes(part);
    expect_hidden(part, planted.core, where + ", cut at " + std::to_string(cut));
  }
}

TEST(Planted, ShapesAreFoundNowhere) {
  for (const Place& place : open_places()) {
    for (const Planted& planted : shapes()) {
      check(place, planted);
      if (::testing::Test::HasFailure()) {
        return;
      }
    }
  }
}

TEST(Planted, ShapesAreFoundInNoClosedPlace) {
  for (const Place& place : closed_places()) {
    for (const Planted& planted : shapes()) {
      check(place, planted);
    }
  }
}

TEST(Planted, AnyValueIsFoundInNoClosedPlace) {
  for (const Place& place : closed_places()) {
    for (const Planted& planted : plain_words()) {
      check(place, planted);
    }
  }
}

// The value at the very end of what was cut, and every cut of it.
TEST(Planted, NoneIsFoundInBytesCutAnywhere) {
  std::vector<Place> places = closed_places();
  for (const Place& place : places) {
    const Planted& planted = plain_words().front();
    const std::string text = place.make(planted.text).dump();
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      std::string part = text.substr(0, cut);
      mask_bytes(part);
      // A part of it tells less, but is none of the reader's business either.
      EXPECT_EQ(part.find(planted.core.substr(0, 8)), std::string::npos)
          << place.name << ", cut at " << cut << "\n"
          << part;
    }
  }
}

TEST(Planted, NoPartOfAShapeIsFoundInBytesCutWithinIt) {
  const Place& place = open_places().front();
  for (const Planted& planted : shapes()) {
    const std::string text = place.make(planted.text).dump();
    const std::size_t begin = text.find(planted.core);
    // The first bytes of base64 tell a name only.
    const std::string part = planted.core.substr(0, 14);
    for (std::size_t cut = begin; cut <= text.size(); ++cut) {
      std::string bytes = text.substr(0, cut);
      mask_bytes(bytes);
      EXPECT_EQ(bytes.find(part), std::string::npos) << planted.name << ", cut at " << cut << "\n"
                                                     << bytes;
    }
  }
}

TEST(Planted, NoneIsFoundInInternalAlerts) {
  for (const Planted& planted : shapes()) {
    for (const bool json : {true, false}) {
      AlertOptions options;
      options.json_output = json;
      options.redact = true;
      InternalAlert alert;
      alert.code = "c";
      alert.message = "cannot deliver: " + planted.text;
      alert.fields = {{"why", planted.text}, {"api_key", planted.core}, {"path", "/var/lib/x"}};
      std::string out;
      render_internal(alert, options, out);
      expect_hidden(out, planted.core, planted.name);
      EXPECT_NE(out.find("/var/lib/x"), std::string::npos);
      options.redact = false;
      out.clear();
      render_internal(alert, options, out);
      EXPECT_NE(out.find(planted.core.substr(0, 8)), std::string::npos) << planted.name;
    }
  }
}

}  // namespace
}  // namespace tiercel::alert::tests
