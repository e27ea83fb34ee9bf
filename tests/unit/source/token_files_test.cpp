#include "token_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "temp_dir.h"

namespace tiercel::source {
namespace {

class Tokens : public testing::Test {
 protected:
  static constexpr const char* kFirst = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  static constexpr const char* kSecond = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

  std::string error_of(const std::string& content) {
    TokenFiles tokens({{"one", folder_.write("token", content)}});
    const auto opened = tokens.open();
    return opened ? "" : opened.error().text();
  }
  // Two looks: a change, and that it has come to rest.
  static std::string looks(TokenFiles& tokens) {
    std::string text;
    for (int at = 0; at < 2; ++at) {
      const RenewedTokens renewed = tokens.renew(Renew::kChanged);
      for (const std::string& name : renewed.names) {
        text += "renewed " + name + ";";
      }
      for (const base::Error& error : renewed.errors) {
        text += error.code + ";";
      }
    }
    return text;
  }

  support::TempDir folder_;
};

TEST_F(Tokens, AreFoundByTheWholeText) {
  TokenFiles tokens({{"one", folder_.write("one", std::string(kFirst) + "\n")},
                     {"two", folder_.write("two", kSecond)}});
  ASSERT_TRUE(tokens.open());
  EXPECT_EQ(tokens.find(kFirst), "one");
  EXPECT_EQ(tokens.find(kSecond), "two");
  for (const std::string& wrong :
       {std::string(), std::string("a"), std::string(kFirst).substr(1), std::string(kFirst) + "a",
        std::string(kFirst) + kFirst, std::string(kFirst) + "\n"}) {
    EXPECT_EQ(tokens.find(wrong), std::nullopt) << wrong;
  }
}

TEST_F(Tokens, ThatCannotBeUsedAreExplained) {
  TokenFiles missing({{"one", folder_.path("missing")}});
  EXPECT_NE(missing.open().error().text().find("No such file"), std::string::npos);
  TokenFiles folder({{"one", folder_.path()}});
  EXPECT_NE(folder.open().error().text().find("it is no file"), std::string::npos);
  const std::string same = folder_.write("same", kFirst);
  TokenFiles twice({{"one", same}, {"two", same}});
  EXPECT_NE(twice.open().error().text().find("are the same"), std::string::npos);
  EXPECT_NE(error_of("").find("on one line"), std::string::npos);
  EXPECT_NE(error_of(std::string(kFirst) + "\n" + kSecond).find("on one line"), std::string::npos);
  EXPECT_NE(error_of("short").find("5 characters"), std::string::npos);
  EXPECT_NE(error_of("Bearer aaaaaaaaaaaaaaaaaaaaaaa").find("blanks"), std::string::npos);
  const std::string error = error_of("secret");
  EXPECT_EQ(error.find("secret"), std::string::npos) << "no token in a message";
}

TEST_F(Tokens, AreReadAgainWhenTheirFilesChange) {
  const std::string path = folder_.write("token", kFirst);
  TokenFiles tokens({{"one", path}});
  ASSERT_TRUE(tokens.open());
  EXPECT_EQ(looks(tokens), "");
  folder_.write("token", std::string(kSecond) + "\n");
  EXPECT_TRUE(tokens.renew(Renew::kChanged).names.empty()) << "it may be half written";
  EXPECT_EQ(tokens.find(kFirst), "one");
  EXPECT_EQ(tokens.renew(Renew::kChanged).names, std::vector<std::string>{"one"});
  EXPECT_EQ(tokens.find(kSecond), "one");
  EXPECT_EQ(tokens.find(kFirst), std::nullopt);
  EXPECT_EQ(looks(tokens), "");
  folder_.write("token", kFirst);
  EXPECT_EQ(tokens.renew(Renew::kAll).names, std::vector<std::string>{"one"}) << "at once";
  EXPECT_EQ(tokens.find(kFirst), "one");
}

TEST_F(Tokens, OfAFileThatIsBrokenStayValid) {
  const std::string path = folder_.write("token", kFirst);
  TokenFiles tokens({{"one", path}, {"two", folder_.write("two", kSecond)}});
  ASSERT_TRUE(tokens.open());
  folder_.write("token", "");
  EXPECT_EQ(looks(tokens), "token_file;") << "told once";
  EXPECT_EQ(looks(tokens), "");
  EXPECT_EQ(tokens.find(kFirst), "one");
  std::filesystem::remove(path);
  EXPECT_EQ(looks(tokens), "token_file;");
  EXPECT_EQ(tokens.find(kFirst), "one");
  folder_.write("token", kSecond);
  EXPECT_EQ(looks(tokens), "token_file;") << "that is the other's";
  EXPECT_EQ(tokens.find(kSecond), "two");
  folder_.write("token", "cccccccccccccccccccccccccccccccc");
  EXPECT_EQ(looks(tokens), "renewed one;");
  EXPECT_EQ(tokens.find(kFirst), std::nullopt);
}

// "previous" takes over what "current" had: whatever is seen first, both are right in the end.
TEST_F(Tokens, MoveOnFromOneFileToTheOther) {
  const std::string third = "cccccccccccccccccccccccccccccccc";
  TokenFiles tokens({{"previous", folder_.write("previous", kFirst)},
                     {"current", folder_.write("current", kSecond)}});
  ASSERT_TRUE(tokens.open());
  folder_.write("previous", kSecond);
  folder_.write("current", third);
  EXPECT_EQ(looks(tokens), "renewed previous;renewed current;") << "in one look";
  EXPECT_EQ(tokens.find(kSecond), "previous");
  EXPECT_EQ(tokens.find(third), "current");

  folder_.write("previous", third);
  EXPECT_EQ(looks(tokens), "token_file;") << "for a moment it is the other's";
  EXPECT_EQ(tokens.find(third), "current");
  folder_.write("current", kFirst);
  EXPECT_EQ(looks(tokens), "renewed previous;renewed current;");
  EXPECT_EQ(tokens.find(third), "previous");
  EXPECT_EQ(tokens.find(kFirst), "current");
  EXPECT_EQ(tokens.find(kSecond), std::nullopt);
}

TEST_F(Tokens, ThatCouldNotBeReadAreTriedAgain) {
  TokenFiles tokens({{"one", folder_.write("token", kFirst)}});
  ASSERT_TRUE(tokens.open());
  folder_.write("token", kSecond);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::string first = looks(tokens);
  const RenewedTokens again = tokens.renew(Renew::kFailed);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(first, "token_file;");
  EXPECT_TRUE(again.names.empty());
  EXPECT_TRUE(again.errors.empty()) << "told once";
  EXPECT_EQ(looks(tokens), "");
  EXPECT_EQ(tokens.renew(Renew::kFailed).names, std::vector<std::string>{"one"});
  EXPECT_EQ(tokens.find(kSecond), "one");
  EXPECT_TRUE(tokens.renew(Renew::kFailed).names.empty());
}

TEST_F(Tokens, ThatAreTooLongAreNotCompared) {
  EXPECT_EQ(error_of(std::string(TokenFiles::kLongest, 'a')), "");
  EXPECT_NE(error_of(std::string(TokenFiles::kLongest + 1, 'a')).find("4097 characters"),
            std::string::npos);
}

TEST_F(Tokens, ThatWereNeverReadAreNobodys) {
  const TokenFiles tokens({{"one", folder_.write("token", kFirst)}});
  EXPECT_EQ(tokens.find(""), std::nullopt);
  EXPECT_EQ(tokens.find(kFirst), std::nullopt);
}

}  // namespace
}  // namespace tiercel::source
