// Which names say that their value is a credential.
#include "redact_names.h"

#include <gtest/gtest.h>

namespace tiercel::alert {
namespace {

TEST(CredentialName, CountsWordsHoweverJoined) {
  for (const char* const name : {"password",
                                 "PASSWORD",
                                 "DB_PASSWORD",
                                 "dbPassword",
                                 "mysql-root-pwd",
                                 "rootpw",
                                 "passwd",
                                 "client_secret",
                                 "clientSecret",
                                 "token",
                                 "accessToken",
                                 "X-Auth-Token",
                                 "apiKey",
                                 "API_KEY",
                                 "apikey",
                                 "private_key",
                                 "client-key-data",
                                 "tls.key",
                                 "AccountKey",
                                 "SharedAccessKey",
                                 "authorization",
                                 "Proxy-Authorization",
                                 "Cookie",
                                 "credentials",
                                 "AWS_SECRET_ACCESS_KEY",
                                 "password2",
                                 "PASSWORD_PROD",
                                 "spring.datasource.password",
                                 "auth",
                                 "registryAuth",
                                 ".dockerconfigjson",
                                 "passphrase",
                                 "sessionToken",
                                 "REDIS_AUTH",
                                 "secret",
                                 "encryption-key",
                                 "PGPASSWORD",
                                 "MYSQL_PWD",
                                 "X-Amz-Signature",
                                 "sig",
                                 "dbpass",
                                 "SMTPPASS",
                                 "MYSQL_PASS_PROD",
                                 "client_secrets",
                                 "FERNET_KEY",
                                 "privkey",
                                 "masterauth",
                                 "Passwort"}) {
    EXPECT_TRUE(is_credential_name(name)) << name;
  }
}

TEST(CredentialName, LeavesWhatOnlyTellsAboutOne) {
  for (const char* const name : {"name",
                                 "user",
                                 "username",
                                 "secretName",
                                 "secretKeyRef",
                                 "secrets",
                                 "imagePullSecrets",
                                 "tokenExpirationSeconds",
                                 "token_ttl",
                                 "PASSWORD_FILE",
                                 "passwordPolicy",
                                 "tokenreviews",
                                 "key",
                                 "data",
                                 "authorization.k8s.io/decision",
                                 "authorization.k8s.io/reason",
                                 "keyboard",
                                 "authentication.kubernetes.io/credential-id",
                                 "AWS_ACCESS_KEY_ID",
                                 "serviceAccountName",
                                 "namespace",
                                 "command",
                                 "tokenizer",
                                 "secretary",
                                 "certificate-authority-data",
                                 "client-certificate-data",
                                 "labelSelector",
                                 "monkey",
                                 "passing",
                                 "compass",
                                 "author",
                                 "x",
                                 "",
                                 "-",
                                 "bypass",
                                 "image-pull-secrets",
                                 "max_tokens_n",
                                 "service-account-issuer"}) {
    EXPECT_FALSE(is_credential_name(name)) << name;
  }
}

TEST(CredentialPath, LooksBehindIndicesAndValues) {
  for (const char* const path :
       {"/spec/password", "/spec/tokens/0", "/spec/tokens/-", "/data/db~1password",
        "/spec/password/value", "/spec/containers/0/env/3/value"}) {
    EXPECT_TRUE(is_credential_path(path)) << path;
  }
  for (const char* const path : {"", "/", "/0", "/-/0", "/spec/replicas", "/spec/env/0",
                                 "/spec/value", "/spec/secrets/0/name", "value"}) {
    EXPECT_FALSE(is_credential_path(path)) << path;
  }
}

TEST(WorthMasking, LeavesPathsOfFiles) {
  EXPECT_TRUE(is_worth_masking("x"));
  EXPECT_TRUE(is_worth_masking("/wJalrXUtnFEMI"));
  EXPECT_TRUE(is_worth_masking("/etc/x;password=y"));
  EXPECT_FALSE(is_worth_masking("/etc/kubernetes/pki/sa.key"));
  EXPECT_FALSE(is_worth_masking("true"));
  EXPECT_FALSE(is_worth_masking(""));
}

TEST(CredentialName, OfAnyLengthAndBytes) {
  EXPECT_TRUE(is_credential_name(std::string(5000, 'x') + "_password"));
  EXPECT_FALSE(is_credential_name(std::string(5000, 'A')));
  EXPECT_FALSE(is_credential_name(std::string("\xff\0\xc3", 3)));
}

}  // namespace
}  // namespace tiercel::alert
