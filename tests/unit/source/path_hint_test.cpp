#include "path_hint.h"

#include <gtest/gtest.h>

namespace tiercel::source {
namespace {

std::string hint(const std::string& method, const std::string& path,
                 const std::string& host = "10.0.0.1:9765") {
  http::Request request;
  request.method = method;
  request.path = path;
  request.headers = {{"Host", host}};
  request.peer = "10.0.0.9";
  request.scheme = "http";
  return wrong_path_hint(request, {"/k8s_audit", "/k8s-audit"});
}

TEST(PathHint, ShowsTheLineToWrite) {
  EXPECT_EQ(hint("POST", "/"),
            "audit batches from 10.0.0.9 come to the path /, which is answered 404; write this in "
            "the webhook's kubeconfig: server: http://10.0.0.1:9765/k8s_audit");
  EXPECT_NE(hint("POST", "/", "").find("server: http://HOST:PORT/k8s_audit"), std::string::npos);
}

TEST(PathHint, SpeaksOfWhatLooksLikeAMistakeOnly) {
  struct Case {
    const char* method;
    const char* path;
    bool want;
  };
  for (const Case& c : {
           Case{"POST", "/k8s_audit/", true},
           Case{"POST", "/k8saudit", true},
           Case{"POST", "/K8S_AUDIT", true},
           Case{"POST", "/api/audit", true},
           Case{"POST", "/login.php", false},
           Case{"GET", "/", false},
           Case{"GET", "/k8s_audits", false},
       }) {
    EXPECT_EQ(!hint(c.method, c.path).empty(), c.want) << c.method << " " << c.path;
  }
}

TEST(PathHint, ShowsLittleOfALongPath) {
  EXPECT_LT(hint("POST", "/audit" + std::string(60'000, 'x')).size(), 500U);
  EXPECT_LT(hint("POST", "/", std::string(60'000, 'x')).size(), 500U);
}

}  // namespace
}  // namespace tiercel::source
