#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tiercel/audit/field.h"

namespace tiercel::audit {
namespace {

struct Row {
  const char* name;
  std::optional<std::string> argument;
  const char* want;  // the key, or the kind of the error
};

std::string resolve(const Row& row) {
  static const std::vector<std::string> kStaticNames = {"site"};
  const auto reference = resolve_field(row.name, row.argument, true, kStaticNames);
  if (reference) {
    return reference->key;
  }
  EXPECT_FALSE(reference.error().message.empty());
  return reference.error().kind == FieldError::Kind::kUnknown ? "unknown" : "argument";
}

TEST(ResolveField, JudgesArgumentsAsFalcoDoes) {
  const Row rows[] = {
      {"ka.verb", std::nullopt, "ka.verb"},
      {"ka.uri.param", std::nullopt, "argument"},
      {"jevt.value", std::nullopt, "argument"},
      {"ka.req.volume.hostpath", std::nullopt, "argument"},
      {"ka.annotation", std::nullopt, "argument"},
      {"ka.verb", "x", "argument"},
      {"ka.verb", "0", "argument"},
      {"ka.verb", "", "argument"},
      {"ka.user.groups", "0", "argument"},
      {"jevt.obj", "x", "argument"},
      {"json.rawtime", "0", "argument"},
      {"evt.num", "x", "unknown"},
      {"evt.time", "0", "unknown"},
      {"static.site", "x", "unknown"},
      {"ka.req.pod.containers.image", std::nullopt, "ka.req.pod.containers.image"},
      {"ka.req.pod.containers.image", "0", "ka.req.pod.containers.image[0]"},
      {"ka.req.pod.containers.image", "12", "ka.req.pod.containers.image[12]"},
      {"ka.req.pod.containers.image", "01", "argument"},
      {"ka.req.pod.containers.image", "-1", "argument"},
      {"ka.req.pod.containers.image", "+1", "argument"},
      {"ka.req.pod.containers.image", "1.0", "argument"},
      {"ka.req.pod.containers.image", "0x1", "argument"},
      {"ka.req.pod.containers.image", "a", "argument"},
      {"ka.req.pod.containers.image", "", "argument"},
      {"ka.req.pod.containers.image", "18446744073709551615",
       "ka.req.pod.containers.image[18446744073709551615]"},
      {"ka.req.pod.containers.image", "18446744073709551616", "argument"},
      {"ka.uri.param", "a,b", "ka.uri.param[a,b]"},
      {"ka.uri.param", "a=b", "ka.uri.param[\"a=b\"]"},
      {"ka.uri.param", "(x)", "ka.uri.param[(x)]"},
      {"ka.uri.param", "/a/*", "ka.uri.param[/a/*]"},
      {"ka.uri.param", "\xc3\xa9", "ka.uri.param[\xc3\xa9]"},
      {"ka.uri.param", "a[b", "ka.uri.param[a[b]"},
      {"ka.uri.param", "a'b", "ka.uri.param[\"a'b\"]"},
      {"ka.uri.param", "a\"b", "ka.uri.param[\"a\\\"b\"]"},
      {"ka.uri.param", "a\\b", "ka.uri.param[\"a\\\\b\"]"},
      {"ka.uri.param", "a\tb", "ka.uri.param[\"a\\tb\"]"},
      {"ka.uri.param", "", "ka.uri.param[\"\"]"},
      {"ka.uri.param", "a b", "argument"},
      {"ka.verb", "a b", "argument"},
      {"ka.uri.param", "a]b", "unknown"},
      {"ka.verb", "a]b", "unknown"},
      {"jevt.value", "/a/b", "jevt.value[/a/b]"},
      {"static.site", std::nullopt, "static.site"},
      {"static.nope", std::nullopt, "unknown"},
      {"static.", std::nullopt, "unknown"},
      {"ka.req.pod.ephemeralContainers.host_port", std::nullopt, "unknown"},
      {"KA.verb", std::nullopt, "unknown"},
      {"ka.verbs", std::nullopt, "unknown"},
      {"ka", std::nullopt, "unknown"},
      {"evt.type", std::nullopt, "unknown"},
      {"ka.req.container.image", "0", "argument"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(resolve(row), row.want) << row.name << '[' << row.argument.value_or("none") << ']';
  }
}

TEST(ResolveField, SaysWhatIsMeant) {
  const auto error = [](std::string_view name, std::optional<std::string> argument = std::nullopt) {
    const FieldError problem = resolve_field(name, argument, false).error();
    return problem.message + " | " + problem.nearest;
  };
  EXPECT_EQ(error("ka.user.nmae"), "no field 'ka.user.nmae' | ka.user.name");
  EXPECT_EQ(error("KA.Verb"), "no field 'KA.Verb' | ka.verb");
  EXPECT_EQ(error("jevt.time"),
            "'jevt.time' was a field up to Falco 0.31; it is evt.time now | evt.time");
  EXPECT_EQ(error("evt.type"), "'evt.type' exists for system calls only, not for audit events | ");
  EXPECT_EQ(error("proc.name"),
            "'proc.name' exists for system calls only, not for audit events | ");
  EXPECT_EQ(error("static.a"), "no field 'static.a': static_fields has no 'a' | ");
  EXPECT_EQ(error("ka.uri.param"), "'ka.uri.param' needs an argument: ka.uri.param[…] | ");
  EXPECT_EQ(error("ka.req.pod.containers.image", "x"),
            "'ka.req.pod.containers.image' takes an index, decimal digits without leading zero, "
            "not 'x' | ");
  EXPECT_EQ(error("evt.num", "1"), "'evt.num' takes no argument | evt.num");
}

TEST(ResolveField, PreparesTheArgument) {
  const FieldRef pointer = *resolve_field("jevt.value", "/a~1b/c~0d/", false);
  EXPECT_EQ(pointer.argument.path, (std::vector<std::string>{"a/b", "c~d", ""}));
  EXPECT_TRUE(pointer.argument.present);
  EXPECT_TRUE(resolve_field("jevt.value", "", true)->argument.path.empty());
  EXPECT_EQ(resolve_field("jevt.value", "/", true)->argument.path, std::vector<std::string>{""});
  EXPECT_EQ(resolve_field("ka.req.role.rules.verbs", "7", false)->argument.index, 7U);
  EXPECT_FALSE(resolve_field("ka.verb", std::nullopt, false)->argument.present);
  const std::vector<std::string> names = {"site"};
  EXPECT_EQ(resolve_field("static.site", std::nullopt, false, names)->static_name, "site");
}

}  // namespace
}  // namespace tiercel::audit
