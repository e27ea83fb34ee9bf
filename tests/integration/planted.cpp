#include "planted.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace tiercel::tests {

namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kAlnum =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct Shape {
  const char* name;
  const char* text;  // {}: the credential
};

// With forty letters and digits.
constexpr Shape kShapes[] = {
    {"github", "ghp_{}"},
    {"github app", "ghs_{}"},
    {"github fine", "github_pat_{}"},
    {"gitlab", "glpat-{}"},
    {"gitlab runner", "glrt-{}"},
    {"slack", "xoxb-{}"},
    {"slack hook", "https://hooks.slack.com/services/T0/B0/{}"},
    {"discord hook", "https://discord.com/api/webhooks/1/{}"},
    {"telegram", "https://api.telegram.org/bot1234:{}/getMe"},
    {"google", "AIza{}"},
    {"google oauth", "GOCSPX-{}"},
    {"stripe", "sk_live_{}"},
    {"sendgrid", "SG.{}"},
    {"vault", "hvs.{}"},
    {"npm", "npm_{}"},
    {"pypi", "pypi-{}"},
    {"docker", "dckr_pat_{}"},
    {"digitalocean", "dop_v1_{}"},
    {"grafana", "glsa_{}"},
    {"shopify", "shpat_{}"},
    {"sentry", "sntrys_{}"},
    {"tailscale", "tskey-auth-{}"},
    {"age", "AGE-SECRET-KEY-1{}"},
    {"private key", "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n"},
    {"open private key", "-----BEGIN PRIVATE KEY-----\n{}"},
    {"assignment", "DB_PASSWORD={}"},
    {"lower assignment", "dbpass={}"},
    {"owner's secrets", "client_secrets={}"},
    {"connection", "Server=db;User Id=bob;Password={};"},
    {"azure", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};"},
    {"sas", "https://a.blob.example.com/c?sv=2020&sig={}&se=2027"},
    {"uri", "postgres://bob:{}@db:5432/app"},
    {"uri with marks", "amqp://bob:x/y#{}@mq:5672"},
    {"uri token", "https://{}@git.example.com/x.git"},
    {"go dsn", "root:{}@tcp(mysql:3306)/app"},
    {"bearer", "Authorization: Bearer {}"},
    {"basic header", "Authorization: Basic {}"},
    {"header", "curl -H X-Api-Key:{} https://h"},
    {"flag", "login --token {} --host db"},
    {"flag equals", "login --client-secret={} --host db"},
    {"-p", "login -u bob -p {} db"},
    {"mysql", "mysql -uroot -p{} db"},
    {"sqlcmd", "sqlcmd -U sa -P {}"},
    {"sqlplus", "sqlplus -s sys/{}@db"},
    {"smbclient", "smbclient //h/s -U bob%{}"},
    {"lftp", "lftp -u bob,{} h"},
    {"7z", "7z a -p{} x.7z"},
    {"mysqladmin", "mysqladmin -u root password {}"},
    {"rabbitmqctl", "rabbitmqctl add_user bob {}"},
    {"-u", "curl -u bob:{} https://h"},
    {"-u glued", "curl -ubob:{} https://h"},
    {"redis", "redis-cli -a {} ping"},
    {"requirepass", "requirepass {}"},
    {"aws configure", "aws configure set aws_secret_access_key {}"},
    {"sql", "ALTER USER bob WITH PASSWORD '{}';"},
    {"shell", "sh -c 'export API_KEY={}; run'"},
    {"from literal", "kubectl create secret generic x --from-literal=who={}"},
    {"yaml", "user: bob\npassword: {}\n"},
    {"yaml block", "db:\n  password: |\n    {}\n  port: 1\n"},
    {"toml", "token = \"{}\"\n"},
    {"xml", "<property name=\"db.password\">{}</property>"},
    {"json", R"({"user":"bob","password":"{}"})"},
    {"json twice", R"({"a":"{\"token\":\"{}\"}"})"},
    {"json inside value", R"({"password":{"value":"{}"}})"},
    {"secret json", R"({"apiVersion":"v1","data":{"who":"{}"},"kind":"Secret"})"},
    {"secret yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  who: {}\n"},
    {"secret quoted yaml", "\"kind\": \"Secret\"\n\"data\":\n  \"who\": \"{}\"\n"},
    {"env patch", R"([{"op":"replace","path":"/spec/containers/0/env/0/value","value":"{}"}])"},
    {"list patch", R"([{"op":"add","path":"/spec/tokens/-","value":"{}"}])"},
    {"hash", "bob:$2y$05${}"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::size_t first_three(std::string_view text) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  return std::size_t{at(0)} << 16U | std::size_t{at(1)} << 8U | at(2);
}

std::string filled(std::string text, const std::string& core) {
  return text.replace(text.find("{}"), 2, core);
}

}  // namespace

std::string Planter::of(std::string_view alphabet, std::size_t length) {
  std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
  std::string text;
  while (text.size() < length) {
    text += alphabet[pick(random_)];
  }
  return text;
}

std::string Planter::word(std::size_t length) { return of(kLetters, 1) + of(kAlnum, length - 1); }

std::vector<PlantedCredential> Planter::shapes() {
  std::vector<PlantedCredential> all;
  for (const Shape& shape : kShapes) {
    const std::string core = word();
    all.push_back({shape.name, filled(shape.text, core), core});
  }
  const std::string aws = of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
  all.push_back({"aws", "AKIA" + aws, aws});
  const std::string databricks = of("0123456789abcdef", 32);
  all.push_back({"databricks", "dapi" + databricks, databricks});
  const std::string signature = word();
  all.push_back({"jwt",
                 to_base64(R"({"alg":"RS256"})") + "." +
                     to_base64(R"({"sub":"bob"})").substr(0, 18) + "." + signature,
                 signature});
  const std::string inner = word();
  all.push_back({"base64", to_base64("password=" + inner + "\n"), inner});
  const std::string config = word();
  all.push_back({"docker config",
                 R"({"auths":{"r.example.com":{"auth":")" + to_base64("bob:" + config) + R"("}}})",
                 config});
  return all;
}

void Finder::add(const std::string& name, std::string_view core) {
  ++count_;
  add_parts(name, std::string(core));
  // What stands before it moves the bits of base64 by none, two or four.
  for (const char* const before : {"", "x", "xx"}) {
    const std::string encoded = to_base64(before + std::string(core));
    add_parts(name, encoded.substr(4, encoded.size() - 8));
  }
}

void Finder::add_parts(const std::string& name, std::string text) {
  text = lower(text);
  for (std::size_t at = 0; at + kPart <= text.size(); ++at) {
    parts_.emplace(text.substr(at, kPart), name);
    first_[first_three(std::string_view(text).substr(at))] = true;
  }
}

std::vector<std::string> Finder::found_in(std::string_view bytes) const {
  const std::string text = lower(bytes);
  std::set<std::string> names;
  for (std::size_t at = 0; at + kPart <= text.size(); ++at) {
    if (!first_[first_three(std::string_view(text).substr(at))]) {
      continue;
    }
    const auto found = parts_.find(text.substr(at, kPart));
    if (found != parts_.end()) {
      names.insert(found->second);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace tiercel::tests
