#include "path_patterns.h"

#include <gtest/gtest.h>

namespace tiercel::condition {
namespace {

bool matches(std::vector<std::string> patterns, std::string_view path) {
  const auto made = PathPatterns::make(patterns);
  return made.has_value() && made->match(path);
}

TEST(PathPatterns, MatchWholeComponents) {
  struct Row {
    std::vector<std::string> patterns;
    std::string_view path;
    bool want;
  };
  const Row rows[] = {
      {{"/api"}, "/api/v1/pods", true},
      {{"/api/v"}, "/api/v1/pods", false},
      {{"/api/*/namespaces"}, "/api/v1/namespaces/x", true},
      {{"api"}, "/api/v1", true},
      {{"//api//v1//"}, "/api/v1", true},
      {{"/api/v1"}, "api//v1/", true},
      {{"/api/v1"}, "/api", false},
      {{"/"}, "/anything", true},
      {{""}, "", true},
      {{"/"}, "", true},
      {{"/a"}, "", false},
      {{}, "/api", false},
      {{"/etc", "/var"}, "/var/run", true},
      {{"/e[t-u]c/pass??"}, "/etc/passwd", true},
      {{"/etc/pass??"}, "/etc/passwords", false},
      {{"/a\\*"}, "/a*", true},
      {{"/a\\b"}, "/a\\b", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(matches(row.patterns, row.path), row.want)
        << (row.patterns.empty() ? "()" : row.patterns.front()) << " on " << row.path;
  }
}

TEST(PathPatterns, TryEveryGlobThatStandsBesideOthers) {
  const std::vector<std::string> patterns{"/a*/x", "/*b/y", "/?b/z", "/ab/w"};
  for (const std::string_view path : {"/ab/x", "/ab/y", "/ab/z", "/ab/w"}) {
    EXPECT_TRUE(matches(patterns, path)) << path;
  }
  EXPECT_FALSE(matches(patterns, "/ab/v"));
}

TEST(PathPatterns, RefuseAbsurdDepth) {
  std::string pattern;
  for (std::size_t count = 0; count < PathPatterns::kMostComponents; ++count) {
    pattern += "/*";
  }
  EXPECT_TRUE(matches({pattern}, pattern));
  EXPECT_FALSE(PathPatterns::make(std::vector<std::string>{pattern + "/*"}).has_value());
}

}  // namespace
}  // namespace tiercel::condition
