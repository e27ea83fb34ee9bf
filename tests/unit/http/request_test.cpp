#include "tiercel/http/request.h"

#include <gtest/gtest.h>

#include "tiercel/http/router.h"

namespace tiercel::http {
namespace {

Handler no_handler() {
  return
      [](const Request&, BodyReader&) -> boost::asio::awaitable<Response> { co_return Response{}; };
}

std::string print(const Router::Match& match) {
  return match.handler != nullptr ? "found"
                                  : std::to_string(match.status) + " [" + match.allow + "]";
}

TEST(Router, FindsMethodAndPathExactly) {
  Router router;
  router.add("POST", "/k8s_audit", no_handler());
  router.add("GET", "/healthz", no_handler());
  router.add("GET", "/both", no_handler());
  router.add("DELETE", "/both", no_handler());
  struct Case {
    const char* method;
    const char* path;
    const char* want;
  };
  for (const Case& c : {
           Case{"POST", "/k8s_audit", "found"},
           Case{"POST", "/k8s_audit/", "404 []"},
           Case{"POST", "/K8s_audit", "404 []"},
           Case{"POST", "/k8s%5faudit", "404 []"},
           Case{"POST", "/", "404 []"},
           Case{"POST", "", "404 []"},
           Case{"GET", "/k8s_audit", "405 [POST]"},
           Case{"HEAD", "/k8s_audit", "405 [POST]"},
           Case{"post", "/k8s_audit", "405 [POST]"},
           Case{"GET", "/healthz", "found"},
           Case{"HEAD", "/healthz", "found"},
           Case{"POST", "/healthz", "405 [GET, HEAD]"},
           Case{"PUT", "/both", "405 [GET, HEAD, DELETE]"},
       }) {
    EXPECT_EQ(print(router.find(c.method, c.path)), c.want) << c.method << " " << c.path;
  }
}

TEST(Router, FindsOneSegmentBelow) {
  Router router;
  const auto handler = [](const Request&, BodyReader&) -> boost::asio::awaitable<Response> {
    co_return Response{};
  };
  router.add("POST", "/k8s_audit", handler);
  router.add_below("POST", "/k8s_audit", handler);
  EXPECT_NE(router.find("POST", "/k8s_audit").handler, nullptr);
  EXPECT_NE(router.find("POST", "/k8s_audit/a").handler, nullptr);
  EXPECT_EQ(router.find("GET", "/k8s_audit/a").status, 405U);
  for (const char* const path : {"/k8s_audit/", "/k8s_audit//", "/k8s_audit/a/", "/k8s_audit/a/b",
                                 "/k8s_audita", "/k8s_audi", ""}) {
    EXPECT_EQ(router.find("POST", path).status, 404U) << path;
  }
}

TEST(Router, TellsOfUnknownPathsOnly) {
  Router router;
  router.add("POST", "/a", no_handler());
  std::string told;
  router.on_unknown_path([&](const Request& request) { told += request.path + ";"; });
  Request request;
  for (const char* path : {"/a", "/b"}) {
    for (const char* method : {"POST", "GET"}) {
      request.path = path;
      request.method = method;
      static_cast<void>(router.dispatch(request));
    }
  }
  EXPECT_EQ(told, "/b;/b;");
}

TEST(Request, FindsHeadersInAnyCase) {
  const std::vector<Header> headers{{"Content-Type", "a"}, {"content-type", "b"}, {"X", ""}};
  EXPECT_EQ(find_header(headers, "CONTENT-TYPE"), "a");
  EXPECT_EQ(find_header(headers, "x"), "");
  EXPECT_EQ(find_header(headers, "y"), "");
}

}  // namespace
}  // namespace tiercel::http
