// More than a hundred credentials through every path of the daemon: none of them comes out
// anywhere, and with redaction off all of them do.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include "harness.h"
#include "peer_server.h"
#include "planted.h"

namespace tiercel::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
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

/// An event with one credential in it.
struct PlantedEvent {
  std::string name;
  std::string core;
  std::string json;
};

/// Every shape in every open place, every closed place once; tokens pasted for names.
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

// A rule that prints every field that can hold a credential.
constexpr const char* kRules =
    "- rule: Everything\n  desc: d\n  condition: ka.verb exists\n  priority: WARNING\n"
    "  source: k8s_audit\n  output: >\n"
    "    id=%ka.auditid %jevt.obj %evt.plugininfo %ka.uri %ka.uri.param[command]\n"
    "    %ka.uri.param[access_token] %ka.useragent %ka.response.message %ka.annotation[note]\n"
    "    %ka.annotation[example.com/api-key] %ka.req.configmap.obj %ka.auth.reason\n"
    "    %ka.req.pod.containers.args %ka.req.pod.containers.command[2]\n"
    "    %ka.workload.containers.args %ka.user.name %ka.user.groups %ka.target.name\n"
    "    %ka.target.namespace %jevt.value[/requestObject] %jevt.value[/responseObject]\n"
    "    %jevt.value[/requestObject/data] %jevt.value[/requestObject/data/who]\n"
    "    %jevt.value[/requestObject/0/value] %jevt.value[/requestObject/0/value/who]\n"
    "    %jevt.value[/responseObject/status/token] %jevt.value[/requestObject/data/conf]\n"
    "    %jevt.value[/requestObject/spec/containers/0/env/0/value]\n"
    "    %toupper(ka.uri) %b64(jevt.value[/requestObject/data/conf])\n"
    "    %basename(ka.uri) %concat(ka.useragent, ka.uri) %30ka.uri\n";

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

// The event as items that cannot be evaluated, or not as they are.
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

// Bodies that hold the event and cannot be evaluated at all.
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

/// A socket as syslog daemons have one; keeps what it is told.
class LocalSyslog {
 public:
  explicit LocalSyslog(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0) << path;
    const timeval wait{0, 100'000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    reader_ = std::thread([this] { read_on(); });
  }
  ~LocalSyslog() {
    stopping_ = true;
    reader_.join();
    ::close(socket_);
  }
  LocalSyslog(const LocalSyslog&) = delete;
  LocalSyslog& operator=(const LocalSyslog&) = delete;

  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void read_on() {
    std::string room(std::size_t{1} << 20U, '\0');
    while (!stopping_) {
      const ssize_t length = ::recv(socket_, room.data(), room.size(), 0);
      if (length > 0) {
        const std::lock_guard lock(mutex_);
        text_.append(room, 0, static_cast<std::size_t>(length));
        text_ += '\n';
      }
    }
  }

  int socket_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::string text_;
  std::thread reader_;
};

/// Everything that left the daemon, by where it was found.
using Traces = std::map<std::string, std::string>;

void add_files(const std::string& folder, Traces& traces) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code gone;
    if (entry.is_regular_file(gone)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string name = fs::relative(entry.path(), folder).string();
      traces[name.substr(0, name.find('/') == std::string::npos ? name.size() : name.find('/'))]
          .append(std::istreambuf_iterator<char>(file), {});
    }
  }
}

class Redaction : public testing::Test {
 protected:
  Redaction() {
    for (const PlantedEvent& event : events_) {
      finder_.add(event.name, event.core);
    }
  }

  // Runs the daemon with an output of each kind, gives it the events whole and broken, and
  // brings together every byte that came out.
  Traces traces_of(bool redact) {
    const support::TempDir folder;
    support::PeerServer peer;
    peer.answer_with([](const support::PeerRequest& request) {
      // What /letters refuses becomes dead letters.
      return support::PeerAnswer{.status = request.target == "/letters" ? 400 : 200};
    });
    Traces traces;
    {
      const LocalSyslog syslog(folder.path("log"));
      const auto file = [&](const char* name) { return folder.path(name); };
      AuditDaemon daemon(
          {folder.write("rules.yaml", kRules)},
          {"-o",
           redact ? "redact=true" : "redact=false",
           "-o",
           "log_level=debug",
           "-o",
           "limits.max_event=64KiB",
           "-o",
           "stdout_output.enabled=true",
           "-o",
           "stdout_output.format=text",
           "-o",
           "quarantine.max_files=100000",
           "-o",
           "outputs.text.type=file",
           "-o",
           "outputs.text.filename=" + file("text.log"),
           "-o",
           "outputs.text.format=text",
           "-o",
           "outputs.grouped.type=file",
           "-o",
           "outputs.grouped.filename=" + file("grouped.log"),
           "-o",
           "outputs.peer.type=http",
           "-o",
           "outputs.peer.url=" + peer.url("/peer"),
           "-o",
           "outputs.letters.type=http",
           "-o",
           "outputs.letters.url=" + peer.url("/letters"),
           "-o",
           "outputs.sys.type=syslog",
           "-o",
           "outputs.sys.socket=" + folder.path("log"),
           "-o",
           "outputs.sys.max_message=64KiB",
           "-o",
           "outputs.prog.type=program",
           "-o",
           "outputs.prog.keep_alive=true",
           "-o",
           "outputs.prog.program=cat >> " + file("program.log"),
           "-o",
           "routes={routes: [{outputs: [grouped], group_by: [rule], group_wait: 100ms, "
           "group_interval: 1s, template: 'group %output %ka.uri', continue: true}, "
           "{outputs: [file, stdout, text, peer, letters, sys, prog]}]}"});
      EXPECT_NE(daemon.port(), 0) << daemon.process().log();
      if (daemon.port() == 0) {
        return traces;
      }
      post_all(daemon);
      EXPECT_TRUE(daemon.has_delivered()) << daemon.process().log();
      // Segments and their write-ahead logs as they lie there while it runs.
      add_files(daemon.folder().path(), traces);
      const std::string store = daemon.folder().path("store");
      for (const char* const form : {"--json", "--count-by=user"}) {
        traces["alerts"] += support::run_program({"alerts", form, "--store", store}).out;
      }
      daemon.process().signal(SIGTERM);
      EXPECT_EQ(daemon.process().wait(), 0);
      add_files(daemon.folder().path(), traces);
      traces["stdout"] = daemon.process().out();
      traces["our log"] = daemon.process().log();
      EXPECT_TRUE(support::wait_until([&] { return syslog.text().size() > 1000; }));
      traces["syslog"] = syslog.text();
      letters_ = fs::exists(store + "/dead-letter");
    }
    for (const support::PeerRequest& request : peer.requests()) {
      traces[request.target] += request.body;
    }
    add_files(folder.path(), traces);
    traces.erase("rules.yaml");
    return traces;
  }

  void post_all(AuditDaemon& daemon) const {
    Lines jsons;
    for (const PlantedEvent& event : events_) {
      jsons.push_back(event.json);
    }
    EXPECT_EQ(daemon.post(event_list(jsons)), 200);
    // Few bad items of one batch are kept, so that each batch has few.
    Lines bodies;
    for (std::size_t at = 0; at < events_.size(); at += kBrokenOf) {
      Lines items = broken_items(events_[at]);
      items.push_back(small_event("good"));
      bodies.push_back(event_list(items));
      const Lines broken = broken_bodies(events_[at]);
      bodies.insert(bodies.end(), broken.begin(), broken.end());
    }
    // Several connections, since each batch that alerts waits for its commit.
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads(8);
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        support::HttpClient client(daemon.port());
        client.set_timeout(support::kDeadline);
        for (std::size_t at = next++; at < bodies.size(); at = next++) {
          EXPECT_EQ(client.exchange(support::post("/k8s_audit", bodies[at])).status, 200) << at;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  /// Every third, which is each shape in some places.
  static constexpr std::size_t kBrokenOf = 3;

  const std::vector<PlantedEvent> events_ = planted_events();
  Finder finder_;
  bool letters_ = false;
};

TEST_F(Redaction, NoneOfHundredsOfCredentialsComesOut) {
  EXPECT_GT(events_.size(), 300U);
  const Traces traces = traces_of(true);
  for (const char* const place : {"alerts.log", "text.log", "grouped.log", "program.log", "stdout",
                                  "syslog", "store", "quarantine", "alerts", "/peer", "/letters"}) {
    ASSERT_TRUE(traces.contains(place)) << place;
    EXPECT_GT(traces.at(place).size(), 1000U) << place;
  }
  EXPECT_TRUE(letters_);
  for (const auto& [place, bytes] : traces) {
    const Lines found = finder_.found_in(bytes);
    EXPECT_TRUE(found.empty()) << place << ": " << found.size() << "\n  " << joined(found);
    // The events themselves did come out.
    EXPECT_TRUE(place == "our log" || place == "tiercel.yaml" ||
                bytes.find("kubernetes-admin") != std::string::npos)
        << place;
  }
}

TEST_F(Redaction, WithoutItAllOfThemDo) {
  const Traces traces = traces_of(false);
  for (const char* const place : {"alerts.log", "text.log", "program.log", "stdout", "store",
                                  "alerts", "/peer", "/letters"}) {
    ASSERT_TRUE(traces.contains(place)) << place;
    EXPECT_EQ(finder_.found_in(traces.at(place)).size(), finder_.size()) << place;
  }
  EXPECT_GE(finder_.found_in(traces.at("quarantine")).size(), finder_.size() / kBrokenOf);
  for (const char* const place : {"grouped.log", "syslog"}) {
    EXPECT_FALSE(finder_.found_in(traces.at(place)).empty()) << place;
  }
}

// `run` masks unless it is told not to, `replay` does when it is told to.
TEST_F(Redaction, IsOnInRunAndOffInReplay) {
  const support::TempDir folder;
  const std::string rules = folder.write("rules.yaml", kRules);
  Lines jsons;
  for (const PlantedEvent& event : events_) {
    jsons.push_back(event.json);
  }
  AuditDaemon daemon({rules});
  ASSERT_NE(daemon.port(), 0) << daemon.process().log();
  EXPECT_EQ(daemon.post(event_list(jsons)), 200);
  const Lines alerts = daemon.new_alerts();
  EXPECT_EQ(alerts.size(), events_.size());
  EXPECT_TRUE(finder_.found_in(joined(alerts)).empty());
  const auto replay = [&](const Lines& more) {
    Lines arguments{"replay", "-q", "--json", "-r", rules, "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return support::run_program(arguments, joined(jsons)).out;
  };
  EXPECT_EQ(finder_.found_in(replay({})).size(), finder_.size());
  const std::string redacted = replay({"--redact"});
  EXPECT_TRUE(finder_.found_in(redacted).empty());
  EXPECT_EQ(lines_of(redacted).size(), events_.size());
}

}  // namespace
}  // namespace tiercel::tests
