// The documented table of patterns, and what texts look like once they are masked.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/alert/redactor.h"

#include "read_file.h"
#include "redact_tokens.h"

namespace tiercel::alert {
namespace {

std::string text(std::string shown) {
  redact_text(shown);
  return shown;
}

std::string bytes(std::string raw) {
  mask_bytes(raw);
  return raw;
}

TEST(RedactionRows, AreMaskedAndDocumented) {
  for (const RedactionRow& row : redaction_rows()) {
    const std::string example(row.example);
    EXPECT_NE(text(example).find(kMask), std::string::npos) << row.name << ": " << text(example);
    EXPECT_NE(bytes(example).find(kMask), std::string::npos) << row.name;
    EXPECT_EQ(text(example).find("hunter2"), std::string::npos) << row.name;
    EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
  }
}

TEST(RedactionRows, AreInTheReference) {
  const std::string file =
      support::read_file(std::string(TIERCEL_SOURCE_DIR) + "/rules/redaction.md");
  EXPECT_TRUE(file == redaction_reference())
      << "rules/redaction.md is not what redaction_reference() says";
}

// Each row has its trigram in the prefilter too.
TEST(RedactText, MasksEachTokenOfTheTable) {
  for (const std::string_view prefix : token_prefixes()) {
    const std::string token = std::string(prefix) + "9QXJZVWB3QXJZVWB7QXJZVWB2QXJZVWB5QXJZVWB4";
    EXPECT_EQ(text("see " + token + " there"), "see [redacted] there") << prefix;
    EXPECT_EQ(text(token), kMask) << prefix;
    std::string name = "see." + token;
    redact_name(name);
    EXPECT_EQ(name, "see.[redacted]") << prefix;
  }
}

TEST(RedactText, MasksTheCredentialAlone) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"password=hunter2", "password=[redacted]"},
      {"a=1&password=hunter2&b=2", "a=1&password=[redacted]&b=2"},
      {"Server=db;User=bob;Password=hun ter2;Port=1",
       "Server=db;User=bob;Password=[redacted] ter2;Port=1"},
      {"Password=\"hun;ter2\";Port=1", "Password=\"[redacted]\";Port=1"},
      {"password = 'hunter2' # x", "password = '[redacted]' # x"},
      {"user: bob\npassword: correct horse\nport: 1", "user: bob\npassword: [redacted]\nport: 1"},
      {"db:\n  password: |\n    hunter2\n    hunter3\n  port: 1",
       "db:\n  password: |\n[redacted]\n  port: 1"},
      {"mysql -uroot -phunter2 db", "mysql -uroot -p[redacted] db"},
      {"mkdir -p /tmp/dir", "mkdir -p /tmp/dir"},
      {"ssh -p 2222 host", "ssh -p 2222 host"},
      {"docker run -p 8080:80 -u 1000:1000 x", "docker run -p 8080:80 -u 1000:1000 x"},
      {"login -u bob -p hunter2", "login -u bob -p [redacted]"},
      {"login --token hunter2 --host db", "login --token [redacted] --host db"},
      {"login --token --host db", "login --token --host db"},
      {"--token='hunter2 x' y", "--token='[redacted]' y"},
      {"curl -u bob:hunter2 http://h", "curl -u bob:[redacted] http://h"},
      {"https://bob:hunter2@host:80/x?y=1", "https://bob:[redacted]@host:80/x?y=1"},
      {"ssh://git@github.com/x", "ssh://git@github.com/x"},
      {"-H 'Authorization: Bearer hunter2' http://h", "-H 'Authorization: [redacted]' http://h"},
      {"sqlcmd -S db -U sa -P hunter2 -Q x", "sqlcmd -S db -U sa -P [redacted] -Q x"},
      {"ipmitool -H h -U admin -P hunter2 power", "ipmitool -H h -U admin -P [redacted] power"},
      {"mosquitto_pub -u bob -P hunter2 -t x", "mosquitto_pub -u bob -P [redacted] -t x"},
      {"zip -P hunter2 a.zip b", "zip -P [redacted] a.zip b"},
      {"scp -P 2222 a b; wget -P dir http://h", "scp -P 2222 a b; wget -P dir http://h"},
      {"sqlcmd -P 'hunter2 x'", "sqlcmd -P '[redacted]'"},
      {"smbclient //h/s -U bob%hunter2 -c ls", "smbclient //h/s -U bob%[redacted] -c ls"},
      {"smbclient --user=bob%hunter2 //h/s", "smbclient --user=bob%[redacted] //h/s"},
      {"echo root:hunter2 | chpasswd", "echo root:[redacted] | chpasswd"},
      {"sh -c \"echo 'root:hunter2' | /usr/sbin/chpasswd -e\"",
       "sh -c \"echo 'root:[redacted]' | /usr/sbin/chpasswd -e\""},
      {"echo 'root:P@ss;1|2' | chpasswd", "echo 'root:[redacted]' | chpasswd"},
      {"echo root:hun:ter2 | sudo chpasswd", "echo root:[redacted] | sudo chpasswd"},
      {"printf 'a:hunter1\\nb:hunter2\\n' | chpasswd",
       "printf 'a:[redacted]\\nb:[redacted]' | chpasswd"},
      {"echo a:hunter1 b:hunter2 | chpasswd", "echo a:[redacted] b:[redacted] | chpasswd"},
      {"chpasswd <<< root:hunter2", "chpasswd <<< root:[redacted]"},
      {"sqlplus -s sys/hunter2@db as sysdba", "sqlplus -s sys/[redacted]@db as sysdba"},
      {"/opt/bin/sqlplus bob/hunter2 @x.sql", "/opt/bin/sqlplus bob/[redacted] @x.sql"},
      {"sqlplus / as sysdba @dir/file.sql", "sqlplus / as sysdba @dir/file.sql"},
      {"lftp -u bob,hunter2 ftp.example.com", "lftp -u bob,[redacted] ftp.example.com"},
      {"7z a -phunter2 x.7z dir", "7z a -p[redacted] x.7z dir"},
      {"mysqladmin -u root password hunter2", "mysqladmin -u root password [redacted]"},
      {"rabbitmqctl add_user bob hunter2", "rabbitmqctl add_user bob [redacted]"},
      {"rabbitmqctl change_password bob 'hunter2'", "rabbitmqctl change_password bob '[redacted]'"},
      {"rabbitmqctl list_users bob x", "rabbitmqctl list_users bob x"},
      {R"({"command":["rabbitmqctl","add_user","bob","x"]})",
       R"({"command":["rabbitmqctl","add_user","bob","[redacted]"]})"},
      {R"({"command":["sqlplus","-s","sys/x@db"]})",
       R"({"command":["sqlplus","-s","sys/[redacted]@db"]})"},
      {R"({"command":["sqlcmd","-P","x"]})", R"({"command":["sqlcmd","-P","[redacted]"]})"},
      {R"({"command":["smbclient","-U","bob%x"]})",
       R"({"command":["smbclient","-U","bob%[redacted]"]})"},
      {R"({"command":["lftp","-u","bob,x","h"]})",
       R"({"command":["lftp","-u","bob,[redacted]","h"]})"},
      {R"({"command":["mysqladmin","password","x"]})",
       R"({"command":["mysqladmin","password","[redacted]"]})"},
      {R"({"command":["/usr/bin/7z","a","-px"]})",
       R"({"command":["/usr/bin/7z","a","-p[redacted]"]})"},
      {"redis-cli -a hunter2 ping", "redis-cli -a [redacted] ping"},
      {"--from-literal=who=hunter2 x", "--from-literal=who=[redacted] x"},
      {"echo cGFzc3dvcmQ9aHVudGVyMgo= | base64 -d", "echo [redacted] | base64 -d"},
      {R"({"password":"x","user":"bob","n":1})", R"({"password":"[redacted]","user":"bob","n":1})"},
      {R"({"password":1234})", R"({"password":"[redacted]"})"},
      {R"({"password":null,"token":true,"secret":""})",
       R"({"password":null,"token":true,"secret":""})"},
      {R"({"secret":{"secretName":"db"}})", R"({"secret":{"secretName":"db"}})"},
      {R"({"tokens":["a1","b2"]})", R"({"tokens":["[redacted]","[redacted]"]})"},
      {R"({"kind":"Secret","data":{"a":"b","c":["d",{"e":"f"}],"g":1}})",
       R"({"kind":"Secret","data":{"a":"[redacted]","c":["[redacted]",{"e":"[redacted]"}],"g":"[redacted]"}})"},
      {R"({"data":{"a":"b"},"kind":"Secret"})", R"({"data":{"a":"[redacted]"},"kind":"Secret"})"},
      {R"({"data":{"a":"b"},"kind":"ConfigMap"})", R"({"data":{"a":"b"},"kind":"ConfigMap"})"},
      {R"({"items":[{"data":{"a":"b"},"metadata":{"name":"n"}}],"kind":"SecretList"})",
       R"({"items":[{"data":{"a":"[redacted]"},"metadata":{"name":"n"}}],"kind":"SecretList"})"},
      {R"({"value":"x","name":"DB_PASSWORD"})", R"({"value":"[redacted]","name":"DB_PASSWORD"})"},
      {R"({"name":"LOG_LEVEL","value":"debug"})", R"({"name":"LOG_LEVEL","value":"debug"})"},
      {R"({"args":["login","--token","x","-v"]})",
       R"({"args":["login","--token","[redacted]","-v"]})"},
      {R"({"a":"{\"password\":\"x\\\"y\"}"})", R"({"a":"{\"password\":\"[redacted]\"}"})"},
      {R"({"\u0070assword":"x"})", R"({"\u0070assword":"[redacted]"})"},
      {R"({"password":{"value":"x","hint":"y"}})",
       R"({"password":{"value":"[redacted]","hint":"y"}})"},
      {R"({"name":"A_TOKEN","value":["x"]})", R"({"name":"A_TOKEN","value":["[redacted]"]})"},
      {R"({"path":"/spec/tokens/0","value":"x"})",
       R"({"path":"/spec/tokens/0","value":"[redacted]"})"},
      {R"({"path":"/c/0/env/1/value","value":"x"})",
       R"({"path":"/c/0/env/1/value","value":"[redacted]"})"},
      {R"({"value":["x"],"path":"/spec/token"})",
       R"({"value":["[redacted]"],"path":"/spec/token"})"},
      {R"({"kind":"Secret","value":{"a":"x"},"path":"/data"})",
       R"({"kind":"Secret","value":{"a":"[redacted]"},"path":"/data"})"},
      {"{kind: Secret, data: {who: x}}", "{kind: Secret, data: {who: \"[redacted]\"}}"},
      {"\"kind\": \"Secret\"\n\"data\":\n  who: x\n",
       "\"kind\": \"Secret\"\n\"data\":\n  who: [redacted]\n"},
      {"kind : !!str Secret\ndata :\n  who: x\n",
       "kind : !!str Secret\ndata :\n  who: [redacted]\n"},
      {"token = \"\"\"x\"\"\"", "token = \"\"\"[redacted]\"\"\""},
      {"root:x@tcp(db:3306)/app", "root:[redacted]@tcp(db:3306)/app"},
      {"jdbc:oracle:thin:bob/x@//db", "jdbc:oracle:thin:bob/[redacted]@//db"},
      {"amqp://bob:x/y#z@mq:1", "amqp://bob:[redacted]@mq:1"},
      {"http://host:80/path@x", "http://host:80/path@x"},
      {"curl -ubob:x --user=bob:y", "curl -ubob:[redacted] --user=bob:[redacted]"},
      {"docker run --user=1000:1000", "docker run --user=1000:1000"},
      {"-H X-Api-Key:x -H 'Authorization:token abcdef'",
       "-H X-Api-Key:[redacted] -H 'Authorization:[redacted]'"},
      {"redis-cli AUTH x", "redis-cli AUTH [redacted]"},
      {"ldapsearch -w x -b dc", "ldapsearch -w [redacted] -b dc"},
      {"aws configure set aws_secret_access_key x",
       "aws configure set aws_secret_access_key [redacted]"},
      {"aws_secret_access_key = x", "aws_secret_access_key = [redacted]"},
      {"CREATE USER 'bob'@'%' IDENTIFIED BY 'x'",
       "CREATE USER 'bob'@'%' IDENTIFIED BY '[redacted]'"},
      {"<password>x</password>", "<password>[redacted]</password>"},
      {"<add key=\"ApiKey\" value=\"x\"/>", "<add key=\"ApiKey\" value=\"[redacted]\"/>"},
      {"%7B%22password%22%3A%22x%22%7D", "%7B%22password%22:%22[redacted]%22%7D"},
      {"bob:$apr1$saltsalt$hashhashhashhash", "bob:[redacted]"},
      {"ghp_Aaaaaaaaaaaaaaaaaaaa\xff"
       "bbbb c",
       "[redacted] c"},
      {"ghp_\\ud800Aaaaaaaaaaaaaaaaaaaa c", "[redacted] c"},
  };
  for (const auto& [raw, want] : cases) {
    EXPECT_EQ(text(raw), want);
    EXPECT_EQ(text(text(raw)), text(raw)) << "again";
  }
}

TEST(RedactText, LeavesWhatAlertsNeed) {
  for (
      const char* const kept :
      {"system:serviceaccount:my-secret:default",
       "system:serviceaccount:token:password",
       "RBAC: allowed by ClusterRoleBinding \"secret-reader\" of ClusterRole \"token\" to User "
       "\"bob\"",
       "secrets \"db-password\" is forbidden: User \"mallory\" cannot get resource \"secrets\"",
       "nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
       "registry.k8s.io/pause:3.10",
       "/api/v1/namespaces/default/secrets/my-token-secret",
       "801a30b4-958e-4656-b85d-c0592c13b3ab",
       "kubectl/v1.32.5 (linux/amd64) kubernetes/9894294",
       "/api/v1/pods?labelSelector=app%3Dweb&limit=500&resourceVersion=0",
       "bearer token missing",
       "2026-11-23T11:35:58.305120Z",
       "fe80::1",
       "10.0.0.1:443",
       "my-token-secret",
       "Basic auth",
       "mkdir -p build/output && cp -p one two; ps -p x",
       "PWD=/home/bob",
       "--client-key=/etc/kubernetes/pki/client.key --use-service-account-credentials=true",
       "allowed by 'x', managed by \"kubectl\"",
       "nginx_sha256:$1$2",
       "invalid token: the key is missing",
       "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
       R"({"serviceAccountToken":{"path":"token","expirationSeconds":3607}})",
       R"({"env":[{"name":"A_TOKEN","valueFrom":{"secretKeyRef":{"name":"s","key":"password"}}}]})",
       R"({"automountServiceAccountToken":true,"imagePullSecrets":[{"name":"regcred"}]})",
       R"({"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"x"}})",
       R"({"involvedObject":{"kind":"Secret","name":"x"},"data":1})"}) {
    EXPECT_EQ(text(kept), kept);
  }
}

TEST(RedactText, BeginsWhereItIsTold) {
  std::string line = "password=a password=b";
  redact_text(line, 11);
  EXPECT_EQ(line, "password=a password=[redacted]");
  redact_text(line, 5000);
  EXPECT_EQ(line, "password=a password=[redacted]");
}

TEST(MaskBytes, TakesWhatIsBroken) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"kind":"Secret","data":{"a":"hunter2)", R"({"kind":"Secret","data":{"a":"[redacted])"},
      {R"({"data":{"a":"hunter2"},"metadata":{)", R"({"data":{"a":"[redacted]"},"metadata":{)"},
      {R"({"value":"hunter2","na)", R"({"value":"[redacted]","na)"},
      {R"({"a":"b,"password":"hunter2"})", R"({"a":"b,"password":"[redacted]"})"},
      {R"({"a":b","stringData":{"x":"hunter2"}})", R"({"a":b","stringData":{"x":"[redacted]"}})"},
      {"password=hunter2\xff\xfe z", "password=[redacted] z"},
      {"\xff{\"token\":\"hunter2\\u00", "\xff{\"token\":\"[redacted]"},
      {R"(}}]]{"password":"hunter2"}}})", R"(}}]]{"password":"[redacted]"}}})"},
      {R"(\"password\":\"hunter2\",\"user\":\"bob\")",
       R"(\"password\":\"[redacted]\",\"user\":\"bob\")"},
      {R"({"objectRef":{"resource":"secrets"},"requestObject":{"data":{"a":"hunter2"}}})",
       R"({"objectRef":{"resource":"secrets"},"requestObject":{"data":{"a":"[redacted]"}}})"},
      {R"({"requestObject":{"data":{"a":"hunter2"}},"objectRef":{"resource":"secrets"}})",
       R"({"requestObject":{"data":{"a":"[redacted]"}},"objectRef":{"resource":"secrets"}})"},
  };
  for (const auto& [raw, want] : cases) {
    EXPECT_EQ(bytes(raw), want);
  }
  const std::string nul("{\"password\":\"hun\0ter2\"}", 23);
  EXPECT_EQ(bytes(nul), "{\"password\":\"[redacted]\"}");
}

TEST(MaskBytes, TakesWhatIsWrittenInAnotherWay) {
  const std::string wide = std::string("\xff\xfe") + R"({"password":"hunter2"})";
  std::string utf16;
  for (const char c : wide) {
    utf16 += c;
    utf16 += c == '\xff' || c == '\xfe' ? "" : std::string(1, '\0');
  }
  EXPECT_EQ(bytes(utf16).find("hunter2"), std::string::npos);
  EXPECT_EQ(bytes("\x1f\x8b\x08hunter2"), kMask);
  EXPECT_EQ(bytes("\x28\xb5\x2f\xfdhunter2"), kMask);
  EXPECT_EQ(bytes(std::string("k8s\0hunter2", 11)), kMask);
}

// The file of which the daemon reads the second half of a line.
TEST(MaskBytes, TakesWhatLacksItsBeginning) {
  EXPECT_EQ(bytes(R"(nter2","b":"hunter3"},"kind":"Secret","metadata":{"name":"n"}})"),
            R"([redacted]","b":"[redacted]"},"kind":"Secret","metadata":{"name":"n"}})");
  EXPECT_EQ(bytes(R"("a":"hunter2"}})"), R"("a":"[redacted]"}})");
}

// What the word would have been cannot be told.
TEST(MaskBytes, TakesTheWordThatIsCut) {
  EXPECT_EQ(bytes(R"({"a":"x npm_Abcdefgh)"), R"({"a":"x [redacted])");
  EXPECT_EQ(bytes(R"({"a":"root:hunter2hu)"), R"({"a":"root:[redacted])");
}

// Each would take minutes if any step were quadratic.
TEST(MaskBytes, IsLinearOnHostileBytes) {
  constexpr std::size_t kSize = std::size_t{1} << 18U;
  for (const char* const piece : {"{",
                                  "[",
                                  "\"",
                                  "\\",
                                  "{\"",
                                  "{\\\"",
                                  "a=",
                                  "token=",
                                  "token:",
                                  "-p ",
                                  "-",
                                  "://",
                                  "eyJ.",
                                  "eyJa-",
                                  "-----BEGIN PRIVATE KEY",
                                  "?a=&",
                                  "\\u0026",
                                  "%3D",
                                  "AAAA",
                                  "data:\n",
                                  "{ ",
                                  ": ",
                                  "kind: Secret\ndata:\n",
                                  "{\"data\":{\"a\":\"b\",",
                                  "\"value\":\"x\",",
                                  "\\\"{\\\"",
                                  "mysql -pX ",
                                  ">",
                                  "<a>",
                                  "<password>",
                                  "@",
                                  "a:b@(",
                                  "$1$",
                                  "://a:b",
                                  "password '",
                                  "%22%3A ",
                                  "{a:",
                                  "{\"value\":{",
                                  "kind : ",
                                  "\\ud800",
                                  "mkdir -p "}) {
    std::string raw;
    while (raw.size() < kSize) {
      raw += piece;
    }
    const std::size_t before = raw.size();
    std::string shown = raw;
    mask_bytes(raw);
    redact_text(shown);
    EXPECT_LE(raw.size(), before * 8) << piece;
  }
}

}  // namespace
}  // namespace tiercel::alert
