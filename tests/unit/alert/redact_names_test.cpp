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
                                 "sig"}) {
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
                                 "max_tokens_n",
                                 "service-account-issuer"}) {
    EXPECT_FALSE(is_credential_name(name)) << name;
  }
}

TEST(CredentialName, OfAnyLengthAndBytes) {
  EXPECT_TRUE(is_credential_name(std::string(5000, 'x') + "_password"));
  EXPECT_FALSE(is_credential_name(std::string(5000, 'A')));
  EXPECT_FALSE(is_credential_name(std::string("\xff\0\xc3", 3)));
}

}  // namespace
}  // namespace tiercel::alert
